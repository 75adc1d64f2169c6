"""Answers that go wrong while they are given, a class each.

What the SDKs make of each was measured on openai 2.54 and 3.54, anthropic 0.125 and 2.12.

"Interrupted" below means a `StreamInterruptedError` whose `.partial` has what arrived. Where the answer is asked for
plain, each class says what happens; one that only concerns frames leaves a plain answer as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from llmclient import errors
from llmclient.testing.faults.base import StatusFault, StreamFault
from llmclient.testing.faults.status import Overloaded


@dataclass(frozen=True)
class LateFirstToken(StreamFault):
    """The headers come at once and the first chunk after `seconds`; OpenRouter sends comments meanwhile.

    Past the call's `first_token` limit (else its idle limit) it is a `RequestTimeoutError` of that phase. A plain
    answer comes after `seconds`.

    Source: OpenRouter "Streaming", comments; OpenAI "Latency optimization", time to first token.
    """

    seconds: float = 60.0
    error: ClassVar[type[errors.ProviderError]] = errors.RequestTimeoutError


@dataclass(frozen=True)
class Stall(StreamFault):
    """Nothing for `seconds` after chunk `after`; then it goes on.

    Past the call's idle limit it is a `RequestTimeoutError` of phase "idle". A plain answer comes after `seconds`.

    Source: Anthropic "Errors", long requests: networks drop connections on which nothing comes.
    """

    after: int = 1
    seconds: float = 600.0
    error: ClassVar[type[errors.ProviderError]] = errors.RequestTimeoutError


@dataclass(frozen=True)
class Disconnect(StreamFault):
    """The connection is cut between two frames, after chunk `after_chunks` (0: after the headers). Interrupted.

    The SDKs see a chunked body without its last chunk (RFC 9112 8: an incomplete message): `RemoteProtocolError`. A
    plain answer is cut in the middle: `APIConnectionError`.
    """

    after_chunks: int = 1
    error: ClassVar[type[errors.ProviderError]] = errors.StreamInterruptedError


@dataclass(frozen=True)
class DisconnectAfterBytes(StreamFault):
    """The connection is cut after `count` bytes of the body, wherever that falls. Interrupted, as `Disconnect`.

    Source: RFC 9112 8, incomplete messages.
    """

    count: int = 200
    error: ClassVar[type[errors.ProviderError]] = errors.StreamInterruptedError


@dataclass(frozen=True)
class DisconnectInFrame(StreamFault):
    """The connection is cut in the middle of the frame after chunk `after_chunks`. Interrupted; the half is lost.

    Source: HTML standard 9.2.6: an event that is not ended by an empty line is dropped.
    """

    after_chunks: int = 1
    error: ClassVar[type[errors.ProviderError]] = errors.StreamInterruptedError


@dataclass(frozen=True)
class DisconnectInCharacter(StreamFault):
    """The frame after chunk `after_chunks` holds a character of several bytes, and the cut falls inside it.

    Interrupted; nothing of that frame arrives, and no replacement character either. A plain answer is cut there, too.

    Source: RFC 3629 3: a character has up to four bytes; RFC 9112 8, incomplete messages.
    """

    after_chunks: int = 1
    error: ClassVar[type[errors.ProviderError]] = errors.StreamInterruptedError


@dataclass(frozen=True)
class ErrorEvent(StreamFault):
    """An error instead of the frame after chunk `after_chunks`, in the vendor's form, then the end.

    OpenAI: `data: {"error": {…}}`; Anthropic: `event: error`; OpenRouter: a chunk with a top-level `error` and finish
    reason "error". It surfaces as the error of `fault`, of which the status is what its type stands
    for. A plain answer is a 200 with the error as its body.

    Source: Anthropic "Streaming messages", error events; OpenRouter "Errors and debugging", errors in a stream;
    openai/_streaming.py.

    Args:
        fault: which error. Default `Overloaded()`.
        after_chunks: chunks that arrive before it. Default 1.
    """

    fault: StatusFault = field(default_factory=Overloaded)
    after_chunks: int = 1
    error: ClassVar[type[errors.ProviderError]] = errors.ProviderError


@dataclass(frozen=True)
class DuplicateFrame(StreamFault):
    """Chunk `at` comes twice. Nothing tells it from two equal chunks: its text stands twice in the answer.

    A plain answer is left as it is.

    Source: no vendor tells of it; HTTP keeps bytes in order, so only a faulty proxy repeats them.
    """

    at: int = 1


@dataclass(frozen=True)
class ReorderedFrames(StreamFault):
    """Chunk `at` and the one after it change places, and so do their texts. A plain answer is left as it is.

    Source: no vendor tells of it; HTTP keeps bytes in order, so only a faulty proxy turns them round.
    """

    at: int = 1


@dataclass(frozen=True)
class MalformedFrame(StreamFault):
    """The frame after chunk `after_chunks` is no JSON: `data: {"id": "chatcmpl-`.

    The SDKs raise a bare `json.JSONDecodeError`; we a `MalformedResponseError` with `.frame` and `.partial`.
    A plain answer breaks off in the same way.

    Source: openai/_streaming.py and anthropic/_streaming.py, which parse each frame as it stands.
    """

    after_chunks: int = 1
    error: ClassVar[type[errors.ProviderError]] = errors.MalformedResponseError


@dataclass(frozen=True)
class ByteOrderMark(StreamFault):
    """A UTF-8 byte order mark before the first frame; to be ignored (HTML standard 9.2.5). No effect on the answer."""


@dataclass(frozen=True)
class CRLF(StreamFault):
    """Lines end in CR LF; allowed (HTML standard 9.2.5). No effect on the answer."""


@dataclass(frozen=True)
class MissingEnd(StreamFault):
    """The stream ends in order, without its end: no finish reason, and no `[DONE]` or `message_stop`. Interrupted.

    The SDKs take it for a complete answer. A plain answer is left as it is.

    Source: OpenAI API reference, streaming: ends with `[DONE]`; Anthropic "Streaming messages": with `message_stop`.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.StreamInterruptedError


@dataclass(frozen=True)
class MissingEndMarker(StreamFault):
    """The finish reason arrives, and `[DONE]` or `message_stop` does not; then the body ends in order.

    Some gateways never send `[DONE]`, and the answer is whole: no effect on it.

    Source: openai/_streaming.py, which stops at `[DONE]` or at the end of the body.
    """


@dataclass(frozen=True)
class WrongContentLength(StreamFault):
    """`content-length` promises more bytes than come (RFC 9112 8). Everything arrives, then the connection breaks.

    A stream had its end by then, and is left as it is; a plain answer is an `APIConnectionError`.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.APIConnectionError


@dataclass(frozen=True)
class BrokenGzip(StreamFault):
    """`content-encoding: gzip`, and the data is damaged from its middle on (RFC 1952): httpx's `DecodingError`.

    A stream ends with it after its first chunk, and a plain answer is none.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.MalformedResponseError


STREAM_FAULTS: tuple[type[StreamFault], ...] = (
    LateFirstToken,
    Stall,
    Disconnect,
    DisconnectAfterBytes,
    DisconnectInFrame,
    DisconnectInCharacter,
    ErrorEvent,
    DuplicateFrame,
    ReorderedFrames,
    MalformedFrame,
    ByteOrderMark,
    CRLF,
    MissingEnd,
    MissingEndMarker,
    WrongContentLength,
    BrokenGzip,
)
