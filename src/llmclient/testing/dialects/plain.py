"""Answers in one piece, and what faults do to them: what each class promises for a plain answer, a row each."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from llmclient.testing.dialects.wire import JSON_TYPE, Cut, Send, Step, WireResponse, dump, whole
from llmclient.testing.faults import stream as faults
from llmclient.testing.faults.base import StatusFault, StreamFault
from llmclient.testing.pieces import duration

if TYPE_CHECKING:
    from llmclient.testing.reply import Reply

_BROKEN_JSON = b'{"id": "chatcmpl-'
_HALF_CHARACTER = "€".encode()[:2]

_Headers: TypeAlias = tuple[tuple[str, str], ...]
_ErrorBody: TypeAlias = Callable[[StatusFault], Mapping[str, object]]


def render_plain(
    reply: Reply,
    body: bytes,
    headers: Iterable[tuple[str, str]],
    error_body: _ErrorBody,
    *,
    content_type: str = JSON_TYPE,
) -> WireResponse:
    """`body` as the answer, with what the reply's fault does to it, after the time the whole reply takes."""
    lines = (("content-type", content_type), *headers)
    damage = _DAMAGE.get(type(reply.fault))
    if damage is not None:
        return damage(reply.fault, body, lines, error_body)
    return whole(body, headers=headers, content_type=content_type, wait=duration(reply))


def _sized(body: bytes, headers: _Headers, *steps: Step, length: int | None = None) -> WireResponse:
    declared = ("content-length", str(len(body) if length is None else length))
    return WireResponse(headers=(*headers, declared), steps=steps)


def _cut_short(_: StreamFault, body: bytes, headers: _Headers, error_body: _ErrorBody) -> WireResponse:
    del error_body
    return _sized(body, headers, Send(body[: len(body) // 2]), Cut())


def _cut_after_bytes(fault: faults.DisconnectAfterBytes, body: bytes, headers: _Headers, _: _ErrorBody) -> WireResponse:
    kept = body[: min(fault.count, len(body) - 1)]
    return _sized(body, headers, *([Send(kept)] if kept else []), Cut())


def _cut_in_character(_: StreamFault, body: bytes, headers: _Headers, error_body: _ErrorBody) -> WireResponse:
    del error_body
    return _sized(body, headers, Send(body[: len(body) // 2] + _HALF_CHARACTER), Cut())


def _error(fault: faults.ErrorEvent, body: bytes, headers: _Headers, error_body: _ErrorBody) -> WireResponse:
    body = dump(error_body(fault.fault))
    return _sized(body, headers, Send(body))


def _breaks_off(_: StreamFault, body: bytes, headers: _Headers, error_body: _ErrorBody) -> WireResponse:
    del body, error_body
    return _sized(_BROKEN_JSON, headers, Send(_BROKEN_JSON))


def _too_short(_: StreamFault, body: bytes, headers: _Headers, error_body: _ErrorBody) -> WireResponse:
    del error_body
    return _sized(body, headers, Send(body), length=len(body) + 100)


def _broken_gzip(_: StreamFault, body: bytes, headers: _Headers, error_body: _ErrorBody) -> WireResponse:
    """Half of it compressed as it should be, then bytes that begin no block."""
    del error_body
    packer = zlib.compressobj(wbits=31)
    damaged = packer.compress(body[: len(body) // 2]) + packer.flush(zlib.Z_SYNC_FLUSH) + b"\xff" * 64
    return _sized(damaged, (*headers, ("content-encoding", "gzip")), Send(damaged))


_DAMAGE: dict[type[object], Callable[..., WireResponse]] = {
    faults.Disconnect: _cut_short,
    faults.DisconnectInFrame: _cut_short,
    faults.DisconnectAfterBytes: _cut_after_bytes,
    faults.DisconnectInCharacter: _cut_in_character,
    faults.ErrorEvent: _error,
    faults.MalformedFrame: _breaks_off,
    faults.WrongContentLength: _too_short,
    faults.BrokenGzip: _broken_gzip,
}
"""The others concern the frames of a stream, and leave a plain answer as it is."""
