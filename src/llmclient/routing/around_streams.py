"""Middleware and hooks around a stream: its chunks pass the middlewares on their way to the caller.

Where a middleware answers itself, the whole answer is replayed as a stream. The two flavours of the stream, and of the
function that opens it, differ in `await` only. What is around a call that is answered at once stands in `around`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from llmclient.middleware.events import Hooks
    from llmclient.protocols import ChunkStream, SyncChunkStream
    from llmclient.routing.around import Passage
    from llmclient.routing.core import RouterCore
    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse
    from llmclient.types.stream import StreamChunk


class Replay:
    """A whole answer, as a stream of either flavour."""

    def __init__(self, response: ModelResponse) -> None:
        from llmclient.types.replay import pieces_of

        self.response = response
        self._chunks = iter(pieces_of(response))

    def __iter__(self) -> Iterator[StreamChunk]:
        return self

    def __next__(self) -> StreamChunk:
        return next(self._chunks)

    def __aiter__(self) -> AsyncIterator[StreamChunk]:
        return self

    async def __anext__(self) -> StreamChunk:
        chunk = next(self._chunks, None)
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    def close(self) -> None:
        """Nothing is open."""

    async def aclose(self) -> None:
        """Nothing is open."""


class _Pump:
    """What both flavours of a stream with something around it share."""

    def __init__(self, passage: Passage[ChatRequest]) -> None:
        self._passage = passage
        self._ready: deque[StreamChunk] = deque()
        self._over = False
        self._complete = False
        self._response: ModelResponse | None = None

    def _take(self, chunk: StreamChunk) -> None:
        self._complete = self._complete or bool(chunk.finish_reason)
        self._ready.extend(self._passage.chunk(chunk))

    def _finish(self, response: ModelResponse) -> None:
        self._over = True
        try:
            self._ready.extend(self._passage.chunk(None))
        except Exception as error:  # noqa: BLE001 - told to the middlewares, and raised again
            self._fail(error)
            return
        self._response = self._passage.succeed(response)

    def _fail(self, error: Exception) -> None:
        """Raises the error, unless a middleware has an answer: then the stream ends with it."""
        self._over = True
        self._response = cast("ModelResponse", self._passage.fail(error))


class PassedStream(_Pump):
    """An async stream with what stands around it."""

    def __init__(self, passage: Passage[ChatRequest], source: ChunkStream, hooks: Hooks) -> None:
        super().__init__(passage)
        self._source = source
        self._hooks = hooks

    def __aiter__(self) -> AsyncIterator[StreamChunk]:
        return self

    async def __anext__(self) -> StreamChunk:
        while not self._ready:
            if self._over:
                raise StopAsyncIteration
            try:
                self._take(await anext(self._source))
            except StopAsyncIteration:
                await self._end()
            except Exception as error:  # noqa: BLE001 - told to the middlewares, and raised again
                try:
                    self._fail(error)
                finally:
                    await self._hooks.tell(self._passage.events())
        return self._ready.popleft()

    async def _end(self) -> None:
        try:
            self._finish(self._source.response)
        finally:
            await self._hooks.tell(self._passage.events())

    async def aclose(self) -> None:
        """Close the connection; a stream left after its last chunk counts as read."""
        try:
            await self._source.aclose()
            if self._complete and not self._over:
                await self._end()
        finally:
            self._over = True
            self._passage.close()

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived."""
        return self._source.response if self._response is None else self._response


class SyncPassedStream(_Pump):
    """A sync stream with what stands around it."""

    def __init__(self, passage: Passage[ChatRequest], source: SyncChunkStream, core: RouterCore) -> None:
        super().__init__(passage)
        self._source = source
        self._core = core

    def __iter__(self) -> Iterator[StreamChunk]:
        return self

    def __next__(self) -> StreamChunk:
        while not self._ready:
            if self._over:
                raise StopIteration
            try:
                self._take(next(self._source))
            except StopIteration:
                self._end()
            except Exception as error:  # noqa: BLE001 - told to the middlewares, and raised again
                try:
                    self._fail(error)
                finally:
                    self._core.tell(self._passage.events())
        return self._ready.popleft()

    def _end(self) -> None:
        try:
            self._finish(self._source.response)
        finally:
            self._core.tell(self._passage.events())

    def close(self) -> None:
        """Close the connection; a stream left after its last chunk counts as read."""
        try:
            self._source.close()
            if self._complete and not self._over:
                self._end()
        finally:
            self._over = True
            self._passage.close()

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived."""
        return self._source.response if self._response is None else self._response


async def stream_passed(
    passage: Passage[ChatRequest], hooks: Hooks, ask: Callable[[ChatRequest], Awaitable[ChunkStream]]
) -> ChunkStream:
    """Open a stream, with what stands around it."""
    try:
        await hooks.tell(passage.events())
        answer = passage.begin()
        source = Replay(cast("ModelResponse", answer)) if answer is not None else await ask(passage.request)
    except Exception as error:  # noqa: BLE001 - told to the middlewares, and raised again
        try:
            source = Replay(cast("ModelResponse", passage.fail(error)))
        finally:
            await hooks.tell(passage.events())
    except BaseException:
        passage.close()
        raise
    return PassedStream(passage, source, hooks)


def stream_passed_sync(
    passage: Passage[ChatRequest], core: RouterCore, ask: Callable[[ChatRequest], SyncChunkStream]
) -> SyncChunkStream:
    """Open a stream, with what stands around it."""
    try:
        core.tell(passage.events())
        answer = passage.begin()
        source = Replay(cast("ModelResponse", answer)) if answer is not None else ask(passage.request)
    except Exception as error:  # noqa: BLE001 - told to the middlewares, and raised again
        try:
            source = Replay(cast("ModelResponse", passage.fail(error)))
        finally:
            core.tell(passage.events())
    except BaseException:
        passage.close()
        raise
    return SyncPassedStream(passage, source, core)
