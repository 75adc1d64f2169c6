"""What a recording tells about itself: when it was made, which model, how many tokens, at what cost."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from llmclient.testing.cassettes.errors import StaleCassetteError
from llmclient.testing.cassettes.recording import (
    as_fields,
    block,
    decode_recording,
    header_list,
    header_value,
)


def recorded_on(response: Mapping[str, object]) -> date | None:
    """The day a response was recorded: from our block, else from the server's `date` header, else unknown."""
    stamp = block(response).get("recorded")
    if isinstance(stamp, date):
        return stamp
    try:
        if isinstance(stamp, str):
            return date.fromisoformat(stamp[:10])
        sent = header_value(header_list(response.get("headers")), "date")
        return parsedate_to_datetime(sent).date() if sent else None
    except ValueError:
        return None


def age_in_days(responses: Iterable[Mapping[str, object]]) -> int | None:
    """Age of the oldest response in days; None where no date is known."""
    days = [day for response in responses if (day := recorded_on(response)) is not None]
    return (datetime.now(tz=UTC).date() - min(days)).days if days else None


def check_age(path: str, responses: Iterable[Mapping[str, object]], limit_days: int, *, fail: bool) -> None:
    """Complain about a cassette that is older than the limit.

    Raises:
        StaleCassetteError: it is, and `fail` is set; else it is a warning.
    """
    age = age_in_days(responses)
    if age is not None and age > limit_days:
        error = StaleCassetteError(path, age_days=age, limit_days=limit_days)
        if fail:
            raise error
        warnings.warn(str(error), UserWarning, stacklevel=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a response says it used; `cost` is US dollars, None where the provider does not tell."""

    prompt: int = 0
    completion: int = 0
    cost: float | None = None


def documents(response: Mapping[str, object]) -> list[Mapping[str, object]]:
    """The JSON documents of a body: one of a plain answer, one for each event of a stream."""
    body = decode_recording(response).body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return []
    texts = [line[5:] for line in text.splitlines() if line.startswith("data:")] or [text]
    found: list[Mapping[str, object]] = []
    for each in texts:
        try:
            fields = as_fields(json.loads(each))
        except ValueError:
            continue
        if fields is not None:
            found.append(fields)
    return found


def tokens(response: Mapping[str, object]) -> Tokens:
    """Tokens and cost, in any of the APIs' shapes; in a stream the last word on each counts."""
    prompt = completion = 0
    cost: float | None = None
    for document in documents(response):
        inner = as_fields(document.get("message")) or as_fields(document.get("response")) or {}
        for usage in (as_fields(inner.get("usage")), as_fields(document.get("usage"))):
            if usage is None:
                continue
            prompt = _count(usage, "prompt_tokens", "input_tokens") or prompt
            completion = _count(usage, "completion_tokens", "output_tokens") or completion
            stated = usage.get("cost")
            cost = float(stated) if isinstance(stated, (int, float)) else cost
    return Tokens(prompt=prompt, completion=completion, cost=cost)


def _count(usage: Mapping[str, object], *names: str) -> int:
    return next((value for name in names if isinstance(value := usage.get(name), int)), 0)
