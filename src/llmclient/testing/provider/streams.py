"""A reply as a stream of our chunks: pieces in order, delays on the virtual clock, and the fault where it strikes.

One `_Play` holds every decision and does no waiting; the async and the sync stream sleep as it says. The response of a
stream is put together from the pieces that were given, so that a duplicated or missing one shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from llmclient.errors import ProviderError
from llmclient.testing.answer import Answer
from llmclient.testing.dialects.errors import Family, family_of
from llmclient.testing.faults.base import StreamFault
from llmclient.testing.faults.stream import (
    BrokenGzip,
    Disconnect,
    DisconnectAfterBytes,
    ErrorEvent,
    MalformedFrame,
    MissingEnd,
)
from llmclient.testing.pieces import COMMENT_EVERY, Piece, plan
from llmclient.testing.provider.errors import UNFINISHED, interrupted, malformed, reported_error, too_late
from llmclient.testing.provider.responses import (
    ID_FORMS,
    annotation,
    detail,
    respond,
    thinking,
    usage_of,
    usage_so_far,
)
from llmclient.testing.reply import Reply, ScriptedToolCall
from llmclient.types.messages import JSONObject
from llmclient.types.response import Usage
from llmclient.types.stream import ChunkChoice, Delta, FunctionCallDelta, StreamChunk, ToolCallDelta

if TYPE_CHECKING:
    from llmclient.types.policy import Timeouts
    from llmclient.types.response import ModelResponse

BYTES_A_CHUNK = 100
"""What `DisconnectAfterBytes` counts a chunk as, at a door without bytes."""

CUT_WORDS = (
    "RemoteProtocolError: peer closed connection without sending complete message body (incomplete chunked read)"
)


class _Play:
    """What both flavours share."""

    def __init__(self, answer: Answer, reply: Reply, timeouts: Timeouts | None) -> None:
        self.answer = answer
        self.reply = reply
        self._timeouts = timeouts
        planned = plan(_in_chunks(reply))
        self._pieces = planned.pieces
        self._strike: StreamFault | None = reply.fault if planned.strike is not None else None
        self._next = 0
        self.given: list[Piece] = []
        self.over: bool = False
        self._chunks = _Chunks(answer, reply)
        self._commented = family_of(answer.call.provider) == "openrouter"

    def due(self) -> tuple[float, str | None]:
        """Seconds until the next piece, and the phase of the limit that ends the wait first, None for none."""
        if self._next >= len(self._pieces):
            return 0.0, None
        delay = self._pieces[self._next].delay
        limits = self._timeouts
        if not delay or limits is None:
            return delay, None
        phase, wait = ("idle", limits.idle) if self.given else ("first_token", limits.first_token or limits.idle)
        limit = min((seconds for seconds in (wait, limits.total) if seconds is not None), default=None)
        if limit is not None and delay > limit:
            return (_noticed(limit, delay) if self._commented else limit), phase
        return delay, None

    def step(self, waited: float, phase: str | None) -> StreamChunk | None:
        """The next chunk; None at the end.

        Raises:
            ProviderError: the fault strikes, or the wait took too long.
        """
        if phase is not None:
            raise self._failed(too_late(self.answer, phase, waited))
        if self._next < len(self._pieces):
            piece = self._pieces[self._next]
            self._next += 1
            self.given.append(piece)
            return self._chunks.chunk(piece)
        if self._strike is not None:
            raise self._failed(self._struck(self._strike))
        self.finish(None)
        return None

    def finish(self, error: BaseException | None) -> None:
        if not self.over:
            self.over = True
            self.answer.finish(error)

    @property
    def response(self) -> ModelResponse:
        ended = bool(self.given) and self.given[-1].kind == "finish"
        return respond(self.answer, gathered(self.given, self.reply), finish=self.given[-1].text if ended else None)

    def _struck(self, strike: StreamFault) -> ProviderError:
        if isinstance(strike, ErrorEvent):
            return reported_error(self.answer, strike.fault)
        if isinstance(strike, MalformedFrame):
            return malformed(self.answer, UNFINISHED)
        if isinstance(strike, BrokenGzip):
            return malformed(self.answer, "damaged", "Error -3 while decompressing data")
        arrived = sum(len(piece.text) for piece in self.given if piece.kind == "text")
        ended = isinstance(strike, MissingEnd)
        what = "the stream ended before its end" if ended else f"the connection broke ({CUT_WORDS})"
        return interrupted(self.answer, what, arrived)

    def _failed(self, error: ProviderError) -> ProviderError:
        partial = self.response if self.given else None
        setattr(error, "partial", partial)  # noqa: B010 - real providers set it on every error of a stream
        self.finish(error)
        return error


def _noticed(limit: float, delay: float) -> float:
    """When a limit is found to have passed, where comments keep the socket busy: at the first comment after it."""
    return min((limit // COMMENT_EVERY + 1) * COMMENT_EVERY, delay)


def _in_chunks(reply: Reply) -> Reply:
    """Faults about bytes, restated in chunks."""
    fault = reply.fault
    if isinstance(fault, DisconnectAfterBytes):
        return replace(reply, fault=Disconnect(after_chunks=fault.count // BYTES_A_CHUNK))
    return replace(reply, fault=Disconnect(after_chunks=1)) if isinstance(fault, BrokenGzip) else reply


def gathered(pieces: Sequence[Piece], reply: Reply) -> Reply:
    """The reply as far as these pieces give it."""
    texts: dict[str, list[str]] = {"text": [], "refusal": []}
    thoughts: dict[int, list[str]] = {}
    calls: dict[int, ScriptedToolCall] = {}
    citations = tuple(piece.citation for piece in pieces if piece.citation is not None)
    for piece in pieces:
        if piece.kind in texts:
            texts[piece.kind].append(piece.text)
        elif piece.kind in ("reasoning", "redacted"):
            thoughts.setdefault(piece.index, []).append(piece.text)
        elif piece.call is not None:
            calls[piece.index] = replace(piece.call, arguments="")
        elif piece.kind == "arguments" and piece.index in calls:
            begun = calls[piece.index]
            calls[piece.index] = replace(begun, arguments=begun.arguments + piece.text)
    return replace(
        reply,
        text="".join(texts["text"]) if texts["text"] or (reply.text == "" and pieces) else None,
        refusal="".join(texts["refusal"]) or None,
        reasoning=tuple(replace(reply.reasoning[index], text="".join(parts)) for index, parts in thoughts.items()),
        tool_calls=tuple(calls.values()),
        citations=citations,
    )


class _Chunks:
    """Pieces as chunks in OpenAI's delta shape."""

    def __init__(self, answer: Answer, reply: Reply) -> None:
        self._answer = answer
        self._reply = reply
        self._family: Family = family_of(answer.call.provider)
        prefix, self._tool_prefix = ID_FORMS[self._family]
        self._id = f"{prefix}{answer.token('id', 29)}"
        self._created = 0 if self._family == "anthropic" else answer.created

    def chunk(self, piece: Piece) -> StreamChunk:
        finish = piece.text if piece.kind == "finish" else None
        chunk = StreamChunk(
            id=self._id,
            created=self._created,
            model=self._reply.model or self._answer.call.model,
            provider=self._answer.call.provider,
            choices=[ChunkChoice(delta=self._delta(piece), finish_reason=finish)],
        )
        if finish is not None:
            chunk.usage = usage_of(self._answer, self._family)
        elif piece.kind == "start":
            told = usage_so_far(self._answer, self._family)
            chunk.usage = Usage.model_validate(told) if told else None
        return chunk

    def _delta(self, piece: Piece) -> Delta:
        make = _DELTAS.get(piece.kind)
        return make(self, piece) if make is not None else Delta()

    def start(self, _piece: Piece) -> Delta:
        return Delta(role="assistant")

    def text(self, piece: Piece) -> Delta:
        return Delta(content=piece.text)

    def refusal(self, piece: Piece) -> Delta:
        return Delta(content=piece.text) if self._family == "anthropic" else Delta(refusal=piece.text)

    def reasoning(self, piece: Piece) -> Delta:
        delta = Delta(reasoning_content=piece.text)
        if self._family == "anthropic":
            delta.thinking_blocks = [{"index": piece.index, "type": "thinking", "thinking": piece.text}]
        elif self._family == "openrouter":
            delta.reasoning_details = [{"index": piece.index, "type": "reasoning.text", "text": piece.text}]
        return delta

    def block(self, piece: Piece) -> Delta:
        """A redacted block, whole, or the signature that ends one."""
        if piece.block is None or self._family == "openai":
            return Delta()
        whole: JSONObject
        if self._family == "anthropic":
            whole = {**thinking(self._answer, piece.index, piece.block), "index": piece.index}
            whole.pop("thinking", None)
            return Delta(thinking_blocks=[whole])
        whole = detail(self._answer, piece.index, piece.block)
        whole.pop("text", None)
        return Delta(reasoning_details=[whole])

    def citation(self, piece: Piece) -> Delta:
        cited = piece.citation
        return Delta(annotations=[annotation(cited, self._reply.text or "")]) if cited is not None else Delta()

    def tool(self, piece: Piece) -> Delta:
        call = piece.call or ScriptedToolCall("")
        identity = call.id or f"{self._tool_prefix}{self._answer.token(f'tool{piece.index}')}"
        begun = FunctionCallDelta(name=call.name, arguments="")
        return Delta(tool_calls=[ToolCallDelta(index=piece.index, id=identity, type="function", function=begun)])

    def arguments(self, piece: Piece) -> Delta:
        fragment = FunctionCallDelta(arguments=piece.text)
        return Delta(tool_calls=[ToolCallDelta(index=piece.index, function=fragment)])


_DELTAS: dict[str, Callable[[_Chunks, Piece], Delta]] = {
    "start": _Chunks.start,
    "text": _Chunks.text,
    "refusal": _Chunks.refusal,
    "reasoning": _Chunks.reasoning,
    "signature": _Chunks.block,
    "redacted": _Chunks.block,
    "citation": _Chunks.citation,
    "tool": _Chunks.tool,
    "arguments": _Chunks.arguments,
}


class FakeStream:
    """An open async stream."""

    def __init__(self, play: _Play) -> None:
        self._play = play

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StreamChunk:
        play = self._play
        if play.over:
            raise StopAsyncIteration
        delay, phase = play.due()
        if delay:
            await play.answer.clock.async_sleep(delay)
        chunk = play.step(delay, phase)
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        """End it; harmless when called again."""
        self._play.finish(None)

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived."""
        return self._play.response


class SyncFakeStream:
    """An open sync stream."""

    def __init__(self, play: _Play) -> None:
        self._play = play

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> StreamChunk:
        play = self._play
        if play.over:
            raise StopIteration
        delay, phase = play.due()
        if delay:
            play.answer.clock.sleep(delay)
        chunk = play.step(delay, phase)
        if chunk is None:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """End it; harmless when called again."""
        self._play.finish(None)

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived."""
        return self._play.response


def open_stream(answer: Answer, reply: Reply, timeouts: Timeouts | None) -> FakeStream:
    """The async stream of a reply."""
    return FakeStream(_Play(answer, reply, timeouts))


def open_sync_stream(answer: Answer, reply: Reply, timeouts: Timeouts | None) -> SyncFakeStream:
    """The sync stream of a reply."""
    return SyncFakeStream(_Play(answer, reply, timeouts))
