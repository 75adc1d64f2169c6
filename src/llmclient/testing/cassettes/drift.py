"""Drift: what a live API answers today, by its shape, against what was recorded.

Texts differ in every answer; what matters is which fields there are and of which kind. A shape is the set of field
paths with their kinds; the events of a stream are taken together by type. Fields that come and go (those absent in
some of the recorded items) are no drift.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import TypeAlias, cast
from urllib.parse import urlsplit

from llmclient.errors import MissingAPIKeyError
from llmclient.testing.cassettes.keys import key_variable
from llmclient.testing.cassettes.layout import Interaction
from llmclient.testing.cassettes.matching import body_bytes
from llmclient.testing.cassettes.recording import as_fields, decode_recording, header_list
from llmclient.testing.cassettes.scrub import PLACEHOLDER
from llmclient.testing.cassettes.store import to_request

Shape: TypeAlias = dict[str, frozenset[str]]
Send: TypeAlias = Callable[[Interaction], tuple[int, bytes]]

TIMEOUT = 120.0
"""Seconds that a live answer may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A difference of shape: a field that came, went, or changed its kind, or another status."""

    recording: int
    change: str


def shape_of(body: bytes) -> Shape:
    """The field paths of a body and the kinds of their values; of a stream, those of all events of a type together."""
    text = body.decode("utf-8", "replace")
    events = [line[5:].strip() for line in text.splitlines() if line.startswith("data:")]
    shape: dict[str, set[str]] = {}
    for event in events or [text]:
        try:
            document: object = json.loads(event)
        except ValueError:
            shape.setdefault("", set()).add("end mark" if event == "[DONE]" else "text")
            continue
        kind = (as_fields(document) or {}).get("type") if events else None
        _walk(document, f"<{kind}>" if isinstance(kind, str) else "", shape)
    return {path: frozenset(kinds) for path, kinds in shape.items()}


_KINDS = ((bool, "boolean"), (int, "number"), (float, "number"), (str, "string"), (type(None), "null"))


def _walk(value: object, path: str, shape: dict[str, set[str]]) -> None:
    fields = as_fields(value)
    if fields is not None:
        shape.setdefault(path, set()).add("object")
        for name, item in fields.items():
            _walk(item, f"{path}.{name}" if path else name, shape)
    elif isinstance(value, list):
        shape.setdefault(path, set()).add("array")
        for item in cast("list[object]", value):
            _walk(item, f"{path}[]", shape)
    else:
        kind = next(name for cls, name in _KINDS if isinstance(value, cls))
        shape.setdefault(path, set()).add(kind)


def compare_shapes(recorded: Shape, live: Shape) -> list[str]:
    """Lines about fields that came (+), went (-), or changed their kind (~). Null agrees with every kind."""
    lines = [f"- {path}: {_kinds(recorded[path])}" for path in sorted(recorded) if path not in live]
    lines += [f"+ {path}: {_kinds(live[path])}" for path in sorted(live) if path not in recorded]
    for path in sorted(recorded.keys() & live.keys()):
        old, new = recorded[path] - {"null"}, live[path] - {"null"}
        if old and new and not old & new:
            lines.append(f"~ {path}: {_kinds(old)} -> {_kinds(new)}")
    return lines


def _kinds(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds))


def verify(interactions: list[Interaction], send: Send) -> list[Drift]:
    """Send every recorded request again and report how the shapes of the answers differ."""
    found: list[Drift] = []
    for number, interaction in enumerate(interactions, 1):
        recorded = decode_recording(interaction["response"])
        status, body = send(interaction)
        if status != recorded.status:
            found.append(Drift(recording=number, change=f"~ status: {recorded.status} -> {status}"))
            continue
        changes = compare_shapes(shape_of(recorded.body), shape_of(body))
        found += [Drift(recording=number, change=change) for change in changes]
    return found


def send_live(interaction: Interaction) -> tuple[int, bytes]:
    """Send a recorded request to where it went, with the key of the environment; returns status and body.

    Raises:
        MissingAPIKeyError: the variable of the host's key is not set.
        OSError: there is no connection.
    """
    request = to_request(interaction)
    url = urlsplit(request.uri)
    variable = key_variable(request.uri)
    key = os.environ.get(variable, "")
    if not key or key == PLACEHOLDER:
        raise MissingAPIKeyError(url.hostname or request.uri, variable)
    recorded = {name.lower(): value for name, value in header_list(dict(request.headers))}
    headers = {name: value for name, value in recorded.items() if name in _SENT} | _credentials(recorded, url.path, key)
    connect = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connection = connect(url.netloc, timeout=TIMEOUT)
    try:
        path = f"{url.path}?{url.query}" if url.query else url.path
        connection.request(request.method, path, body=body_bytes(request), headers=headers)
        response: HTTPResponse = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


_SENT = frozenset({"accept", "content-type", "anthropic-version", "anthropic-beta", "openai-beta"})


def _credentials(recorded: Mapping[str, str], path: str, key: str) -> dict[str, str]:
    if path.endswith("/messages") or "anthropic-version" in recorded:
        return {"x-api-key": key, "anthropic-version": recorded.get("anthropic-version", "2023-06-01")}
    return {"authorization": f"Bearer {key}"}
