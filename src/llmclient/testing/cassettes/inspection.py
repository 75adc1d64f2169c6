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
    as_items,
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


def answer_text(response: Mapping[str, object]) -> str:
    """What the model said, put together from a plain answer or a stream; tool calls as `name(arguments)`."""
    parts: list[str] = []
    for document in documents(response):
        error = as_fields(document.get("error"))
        if error is not None:
            parts.append(f"[error: {error.get('message')}]")
        for choice in as_items(document.get("choices")):
            fields = as_fields(choice) or {}
            parts += _message_parts(as_fields(fields.get("message")) or as_fields(fields.get("delta")) or {})
        parts += _anthropic_parts(document)
        if document.get("type") == "response.output_text.delta":
            parts.append(str(document.get("delta", "")))
        for item in as_items(document.get("output")):
            parts += _message_parts(as_fields(item) or {})
    return "".join(parts)


def _message_parts(message: Mapping[str, object]) -> list[str]:
    parts: list[str] = []
    content = message.get("content")
    if isinstance(content, str):
        parts.append(content)
    parts += [str(fields["text"]) for part in as_items(content) if (fields := as_fields(part)) and "text" in fields]
    for call in as_items(message.get("tool_calls")):
        function = as_fields((as_fields(call) or {}).get("function")) or {}
        parts.append(_call(function.get("name"), function.get("arguments")))
    if message.get("type") == "function_call":
        parts.append(_call(message.get("name"), message.get("arguments")))
    return parts


def _call(name: object, arguments: object) -> str:
    return f"\n→ {name}({arguments or ''}" if name else str(arguments or "")


def _anthropic_parts(document: Mapping[str, object]) -> list[str]:
    parts: list[str] = []
    for block_ in as_items(document.get("content")):
        fields = as_fields(block_) or {}
        if fields.get("type") == "tool_use":
            parts.append(_call(fields.get("name"), json.dumps(fields.get("input"), ensure_ascii=False)))
        elif isinstance(fields.get("text"), str):
            parts.append(str(fields["text"]))
    started = as_fields(document.get("content_block")) or {}
    if started.get("type") == "tool_use":
        parts.append(_call(started.get("name"), ""))
    delta = as_fields(document.get("delta")) or {}
    parts += [str(delta[name]) for name in ("text", "partial_json") if isinstance(delta.get(name), str)]
    return parts
