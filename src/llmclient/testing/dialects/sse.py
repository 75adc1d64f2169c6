"""Event streams as lists of frames, and what faults do to their bytes.

A vendor's dialect turns the pieces of a reply into frames. Which pieces are sent is decided where all doors can see
it (`pieces.plan`); what is left for here concerns bytes, and is the same for every vendor: the end of a cut stream,
half a frame, an error in the vendor's form, marks and line ends, compression, a promised length.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from llmclient.testing.dialects.wire import SSE_TYPE, Cut, Send, Step, Wait, WireResponse, dump
from llmclient.testing.faults import stream as faults
from llmclient.testing.pieces import COMMENT_EVERY, Piece, cut, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from llmclient.testing.answer import Answer
    from llmclient.testing.faults.base import StatusFault, StreamFault
    from llmclient.testing.reply import Reply

FrameKind: TypeAlias = Literal["content", "other", "end"]
"""`content` brings something of the answer; `end` is the vendor's own mark of the end."""

_BOM = b"\xef\xbb\xbf"
_HALF_CHARACTER = "€".encode()[:2]
_BROKEN_JSON = b'data: {"id": "chatcmpl-\n\n'
_LONGEST_OBFUSCATION = 15


@dataclass(frozen=True, slots=True)
class Frame:
    """One event, framed: `raw` ends with the blank line. `wait` is the seconds before it."""

    raw: bytes
    kind: FrameKind = "other"
    wait: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamForm:
    """How one vendor streams one reply.

    Attributes:
        frames: renders pieces, and after the last of them the end.
        error: renders an error inside a stream.
        comment: what is sent while nothing happens, empty for nothing.
        content_type: of the stream.
    """

    frames: Callable[[Sequence[Piece]], list[Frame]]
    error: Callable[[StatusFault], bytes]
    comment: bytes = b""
    content_type: str = SSE_TYPE


DONE = Frame(b"data: [DONE]\n\n", "end")


def obfuscation(answer: Answer, label: str) -> str:
    """The letters by which OpenAI hides the length of a chunk; the same for the same label."""
    length = 1 + sum(map(ord, label)) % _LONGEST_OBFUSCATION
    return answer.token(f"padding:{label}", length)


def data_frame(value: object, kind: FrameKind = "other", wait: float = 0.0) -> Frame:
    """`data: {json}`."""
    return Frame(b"data: " + dump(value) + b"\n\n", kind, wait)


def event_frame(event: str, value: object, kind: FrameKind = "other", wait: float = 0.0, *, padding: int = 0) -> Frame:
    """`event: x` and `data: {json}`, with spaces before the closing brace as Anthropic pads."""
    data = dump(value)
    if padding:
        data = data[:-1] + b" " * padding + b"}"
    return Frame(b"event: " + event.encode() + b"\ndata: " + data + b"\n\n", kind, wait)


def render_stream(reply: Reply, form: StreamForm, headers: Iterable[tuple[str, str]]) -> WireResponse:
    """The event stream of a reply, with what its fault does to it."""
    lines = [("content-type", form.content_type), *headers]
    planned = plan(reply)
    frames = form.frames(planned.pieces)
    if planned.strike is not None:
        following = form.frames(cut(reply))[len(frames) :]
        rest = _STRIKES[type(planned.strike)](planned.strike, following, form)
        return WireResponse(headers=lines, steps=(*_steps(frames, form), *rest))
    damage = _DAMAGE.get(type(reply.fault))
    if damage is not None:
        return damage(reply.fault, frames, form, lines)
    return WireResponse(headers=lines, steps=_steps(frames, form))


def _steps(frames: Iterable[Frame], form: StreamForm) -> tuple[Step, ...]:
    steps: list[Step] = []
    for frame in frames:
        wait = frame.wait
        while form.comment and wait > COMMENT_EVERY:
            steps += [Wait(COMMENT_EVERY), Send(form.comment)]
            wait -= COMMENT_EVERY
        if wait > 0:
            steps.append(Wait(wait))
        steps.append(Send(frame.raw))
    return tuple(steps)


# --- instead of the rest ----------------------------------------------------------------------------------------------


def _next_content(following: Sequence[Frame]) -> bytes:
    bringing = [frame for frame in following if frame.kind == "content"]
    return (bringing or list(following[:1]) or [Frame(_BROKEN_JSON)])[0].raw


def _disconnect(_: faults.Disconnect, following: Sequence[Frame], form: StreamForm) -> Sequence[Step]:
    del following, form
    return (Cut(),)


def _in_frame(_: faults.DisconnectInFrame, following: Sequence[Frame], form: StreamForm) -> Sequence[Step]:
    del form
    raw = _next_content(following)
    return Send(raw[: len(raw) // 2]), Cut()


def _in_character(_: faults.DisconnectInCharacter, following: Sequence[Frame], form: StreamForm) -> Sequence[Step]:
    del form
    raw = _next_content(following)
    return Send(raw[: len(raw) // 2] + _HALF_CHARACTER), Cut()


def _error_event(fault: faults.ErrorEvent, following: Sequence[Frame], form: StreamForm) -> Sequence[Step]:
    del following
    return (Send(form.error(fault.fault)),)


def _malformed(_: faults.MalformedFrame, following: Sequence[Frame], form: StreamForm) -> Sequence[Step]:
    del form
    name = _next_content(following).partition(b"data:")[0]
    return (Send(name + _BROKEN_JSON),)


def _nothing(_: faults.MissingEnd, following: Sequence[Frame], form: StreamForm) -> Sequence[Step]:
    del following, form
    return ()


_STRIKES: dict[type[StreamFault], Callable[..., Sequence[Step]]] = {
    faults.Disconnect: _disconnect,
    faults.DisconnectInFrame: _in_frame,
    faults.DisconnectInCharacter: _in_character,
    faults.ErrorEvent: _error_event,
    faults.MalformedFrame: _malformed,
    faults.MissingEnd: _nothing,
}


# --- over the whole stream --------------------------------------------------------------------------------------------

_Headers: TypeAlias = list[tuple[str, str]]


def _after_bytes(
    fault: faults.DisconnectAfterBytes, frames: list[Frame], form: StreamForm, headers: _Headers
) -> WireResponse:
    steps: list[Step] = []
    left = fault.count
    for step in _steps(frames, form):
        steps.append(Send(step.data[:left]) if isinstance(step, Send) else step)
        left -= len(step.data) if isinstance(step, Send) else 0
        if left <= 0:
            break
    return WireResponse(headers=headers, steps=(*steps, Cut()))


def _byte_order_mark(_: faults.ByteOrderMark, frames: list[Frame], form: StreamForm, headers: _Headers) -> WireResponse:
    return WireResponse(headers=headers, steps=(Send(_BOM), *_steps(frames, form)))


def _carriage_returns(_: faults.CRLF, frames: list[Frame], form: StreamForm, headers: _Headers) -> WireResponse:
    ended = [replace(frame, raw=frame.raw.replace(b"\n", b"\r\n")) for frame in frames]
    return WireResponse(headers=headers, steps=_steps(ended, form))


def _without_marker(
    _: faults.MissingEndMarker, frames: list[Frame], form: StreamForm, headers: _Headers
) -> WireResponse:
    kept = [frame for frame in frames if frame.kind != "end"]
    return WireResponse(headers=headers, steps=_steps(kept, form))


def _wrong_length(
    _: faults.WrongContentLength, frames: list[Frame], form: StreamForm, headers: _Headers
) -> WireResponse:
    steps = _steps(frames, form)
    promised = sum(len(step.data) for step in steps if isinstance(step, Send)) + 100
    return WireResponse(headers=[*headers, ("content-length", str(promised))], steps=steps)


def _broken_gzip(_: faults.BrokenGzip, frames: list[Frame], form: StreamForm, headers: _Headers) -> WireResponse:
    """Compressed frame by frame, so that what stands before the damage arrives: all up to the first chunk."""
    packer = zlib.compressobj(wbits=31)
    contents = [position for position, frame in enumerate(frames) if frame.kind == "content"]
    intact = frames[: contents[0] + 1] if contents else frames
    steps = [
        Send(packer.compress(step.data) + packer.flush(zlib.Z_SYNC_FLUSH)) if isinstance(step, Send) else step
        for step in _steps(intact, form)
    ]
    return WireResponse(headers=[*headers, ("content-encoding", "gzip")], steps=(*steps, Send(b"\xff" * 64)))


_DAMAGE: dict[type[object], Callable[..., WireResponse]] = {
    faults.DisconnectAfterBytes: _after_bytes,
    faults.ByteOrderMark: _byte_order_mark,
    faults.CRLF: _carriage_returns,
    faults.MissingEndMarker: _without_marker,
    faults.WrongContentLength: _wrong_length,
    faults.BrokenGzip: _broken_gzip,
}
