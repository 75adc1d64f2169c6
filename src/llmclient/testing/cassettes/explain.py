"""The words of a miss: what was asked, which recording comes nearest, how they differ, and what records it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from llmclient.testing.cassettes.matching import Index, KeyMaker, body_document, body_text, reduce_document
from llmclient.testing.cassettes.recording import as_fields, as_items
from llmclient.testing.cassettes.scrub import scrub_text

if TYPE_CHECKING:
    from llmclient.testing.cassettes._vcr import VCRRequest

_MOST_COMPARED = 500
_MOST_SHOWN = 12
_LONGEST = 160
_MISSING = object()


def counted(number: int, noun: str) -> str:
    """A number and its noun, in the plural where it needs one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def summary(request: VCRRequest) -> str:
    """A request in one line: method, address, model, and the last thing the user said."""
    document = body_document(request)
    facts = [f"{request.method} {request.uri}"]
    if isinstance(document, dict):
        body = cast("Mapping[str, object]", document)
        if isinstance(body.get("model"), str):
            facts.append(f"model {body['model']!r}")
        said = last_words(body)
        if said:
            facts.append(f"last message {_short(said)}")
        if body.get("stream") is True:
            facts.append("streamed")
    return scrub_text(", ".join(facts))


def last_words(body: Mapping[str, object]) -> str:
    """The text of the last message of a request body, in any of the APIs' shapes; empty where there is none."""
    messages = body.get("messages", body.get("input", body.get("prompt")))
    if isinstance(messages, list) and messages:
        messages = cast("list[object]", messages)[-1]
    if isinstance(messages, Mapping):
        messages = cast("Mapping[str, object]", messages).get("content")
    if isinstance(messages, list):
        parts = cast("object", messages)
        texts = [(as_fields(part) or {}).get("text") for part in as_items(parts)]
        messages = " ".join(text for text in texts if isinstance(text, str))
    return messages if isinstance(messages, str) else ""


def explain_miss(
    request: VCRRequest,
    recorded: Sequence[VCRRequest],
    used: Collection[int],
    *,
    maker: KeyMaker,
    index: Index,
    place: tuple[str, str, bool],
    how_to_record: str,
) -> tuple[str, int | None, list[str]]:
    """The message of a miss, the position of the nearest recording counted from 1, and the differences to it."""
    path, mode, existed = place
    lines = [f"no recording for this request: {summary(request)}"]
    state = f"{counted(len(recorded), 'recording')}, {len(used)} used" if existed else "the file does not exist"
    lines.append(f"cassette: {path} ({state}; record mode {mode!r}; matched on {', '.join(maker.names)})")
    nearest, differences = None, list[str]()
    same = index.matching(request)
    if same:
        nearest = same[-1] + 1
        times = "once" if len(same) == 1 else f"{len(same)} times"
        lines.append(f"the same request is recorded {times}, and has been played as often (recording {nearest})")
    elif recorded:
        position, differences = _nearest(request, recorded)
        nearest = position + 1
        used_up = ", already used" if position in used else ""
        lines.append(f"nearest: recording {nearest}{used_up}; - recorded, + asked:")
        lines += [f"  {difference}" for difference in differences[:_MOST_SHOWN]]
        if len(differences) > _MOST_SHOWN:
            lines.append(f"  … and {len(differences) - _MOST_SHOWN} more differences")
    lines.append(f"to record it: {how_to_record}")
    return "\n".join(lines), nearest, differences


def _nearest(request: VCRRequest, recorded: Sequence[VCRRequest]) -> tuple[int, list[str]]:
    best: tuple[float, int, list[str]] | None = None
    asked = _facts(request)
    for position, candidate in enumerate(recorded[-_MOST_COMPARED:], max(0, len(recorded) - _MOST_COMPARED)):
        differences = list(_differences(_facts(candidate), asked))
        weight = sum(10.0 if line.startswith(("method", "address")) else 1.0 for line, _, _ in differences)
        if best is None or weight < best[0]:
            best = (weight, position, [text for line in differences for text in _shown(*line)])
    return (best[1], best[2]) if best is not None else (0, [])


def _facts(request: VCRRequest) -> dict[str, object]:
    document = body_document(request)
    body: object = body_text(request) if document is None else reduce_document(document, ())
    parts = urlsplit(request.uri)
    address = f"{parts.hostname}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    return {"method": request.method, "address": address, "body": body}


def _differences(left: object, right: object, place: str = "") -> Iterator[tuple[str, object, object]]:
    old, new = as_fields(left), as_fields(right)
    if old is not None and new is not None:
        for name in dict.fromkeys((*old, *new)):
            below = f"{place}.{name}" if place else name
            yield from _differences(old.get(name, _MISSING), new.get(name, _MISSING), below)
    elif isinstance(left, list) and isinstance(right, list):
        ones, others = cast("list[object]", left), cast("list[object]", right)
        for number in range(max(len(ones), len(others))):
            one = ones[number] if number < len(ones) else _MISSING
            other = others[number] if number < len(others) else _MISSING
            yield from _differences(one, other, f"{place}[{number}]")
    elif left != right:
        yield place.removeprefix("body."), left, right


def _shown(place: str, left: object, right: object) -> Iterator[str]:
    if left is not _MISSING:
        yield f"- {place}: {_short(left, right)}"
    if right is not _MISSING:
        yield f"+ {place}: {_short(right, left)}"


def _short(value: object, other: object = None) -> str:
    """A value, cut around the place where it differs from the other."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= _LONGEST:
        return text
    start = 0
    if isinstance(value, str) and isinstance(other, str):
        common = next((at for at, pair in enumerate(zip(value, other, strict=False)) if pair[0] != pair[1]), 0)
        start = max(0, common - _LONGEST // 2)
    cut = text[start : start + _LONGEST]
    return f"{'…' if start else ''}{cut}{'…' if start + _LONGEST < len(text) else ''}"
