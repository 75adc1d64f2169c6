"""Middleware and hooks around a call and around each of its attempts: what both drivers go through, once.

A `Passage` is one such thing on its way: its stack of middlewares, and the events to tell of. The two functions and
the two streams below differ in `await` only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from llmclient.middleware.base import Around, Middleware, MiddlewareFunction
from llmclient.middleware.events import EventName, Hooks, RouterEvent
from llmclient.middleware.stack import Stack

if TYPE_CHECKING:
    from llmclient.protocols import ChunkStream, SyncChunkStream
    from llmclient.routing.calls import Call
    from llmclient.routing.core import Endpoint, RouterCore
    from llmclient.routing.policy.actions import Try
    from llmclient.types.request import ChatRequest, Request
    from llmclient.types.response import ModelResponse
    from llmclient.types.stream import StreamChunk

Q = TypeVar("Q", bound="Request")
R = TypeVar("R")


def functions_at(given: Sequence[Middleware | MiddlewareFunction], level: str) -> tuple[MiddlewareFunction, ...]:
    """The middlewares that stand at a level; a bare generator function stands around calls."""
    return tuple(
        function for function in given if (function.level if isinstance(function, Middleware) else "call") == level
    )


class Passage(Generic[Q]):
    """One call, or one attempt, with what stands around it."""

    def __init__(
        self,
        functions: Sequence[MiddlewareFunction],
        around: Around,
        *,
        model: str,
        begins: Sequence[RouterEvent] = (),
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        self._stack = Stack(functions, around)
        self._around = around
        self._model = model
        self._events = list(begins)
        self._failed = failed
        self._began = around.clock.monotonic()

    @property
    def request(self) -> Q:
        """The request, as the middlewares left it."""
        return cast("Q", self._around.request)

    def events(self) -> list[RouterEvent]:
        """What is to be told since the last time."""
        events, self._events = self._events, []
        return events

    def begin(self) -> object | None:
        """Start the middlewares; returns an answer where one of them has it."""
        return self._stack.begin()

    def succeed(self, reply: R) -> R:
        """The answer, as the middlewares leave it."""
        try:
            answer = self._stack.succeed(reply)
        except Exception as error:
            self._end(None, error)
            raise
        self._end(answer, None)
        return cast("R", answer)

    def fail(self, error: Exception) -> object:
        """An answer in place of the error, where a middleware has one; else the error is raised."""
        try:
            answer = self._stack.fail(error)
        except Exception as raised:
            self._end(None, raised)
            raise
        self._end(answer, None)
        return answer

    def chunk(self, chunk: StreamChunk | None) -> list[StreamChunk]:
        """What is handed on in place of a chunk."""
        return self._stack.chunk(chunk)

    def close(self) -> None:
        """Nobody waits for the answer any more."""
        self._stack.close()

    def _end(self, response: object, error: Exception | None) -> None:
        around = self._around
        if error is not None and self._failed is not None:
            self._failed(error)
        attempt = around.level == "attempt"
        name: EventName = "attempt_finished" if attempt else "response" if error is None else "error"
        self._events.append(
            RouterEvent(
                name=name,
                capability=around.capability,
                model=self._model,
                request=around.request,
                attempt=around.number,
                response=response,
                error=error,
                duration=around.clock.monotonic() - self._began,
            )
        )


class Attempts:
    """The passages of the attempts of one call."""

    def __init__(self, core: RouterCore, call: Call[Request], *, stream: bool) -> None:
        self._core = core
        self._call = call
        self._stream = stream
        self._tried: list[Endpoint] = []
        self._error: Exception | None = None

    def passage(self, action: Try, request: Q) -> Passage[Q]:
        """What stands around one attempt."""
        endpoint = action.endpoint
        number = len(self._tried) + 1
        around = Around(
            level="attempt",
            capability=self._call.capability,
            request=request,
            provider=endpoint.provider_name,
            stream=self._stream,
            number=number,
            tags=tuple(self._call.tags),
            clock=self._core.clock,
            shared=self._call.shared,
        )
        again: list[EventName] = []
        if endpoint in self._tried:
            again.append("retry")
        elif self._error is not None:
            again.append("fallback")
        again.append("attempt_started")
        self._tried.append(endpoint)
        model = f"{endpoint.provider_name}/{endpoint.model}"
        begins = [
            RouterEvent(
                name=name,
                capability=around.capability,
                model=model,
                request=request,
                attempt=number,
                error=self._error if name != "attempt_started" else None,
            )
            for name in again
        ]
        return Passage(self._core.attempt_middleware, around, model=model, begins=begins, failed=self._note)

    def _note(self, error: Exception) -> None:
        self._error = error


def call_passage(core: RouterCore, call: Call[Q], *, stream: bool) -> Passage[Q]:
    """What stands around a whole call."""
    model = call.model or core.primary_model(call.capability)
    around = Around(
        level="call",
        capability=call.capability,
        request=call.request_for(model, call.timeouts or core.setup.timeouts, core.clock),
        stream=stream,
        tags=tuple(call.tags),
        clock=core.clock,
        shared=call.shared,
    )
    return Passage(core.call_middleware, around, model=model)


# --- plain ----------------------------------------------------------------------------------------------------------


async def passed(passage: Passage[Q], hooks: Hooks, ask: Callable[[Q], Awaitable[R]]) -> R:
    """Ask, with what stands around it."""
    try:
        await hooks.tell(passage.events())
        answer = passage.begin()
        answer = await ask(passage.request) if answer is None else answer
    except Exception as error:  # noqa: BLE001 - told to the middlewares, and raised again
        try:
            answer = passage.fail(error)
        finally:
            await hooks.tell(passage.events())
        return cast("R", answer)
    except BaseException:
        passage.close()
        raise
    try:
        return cast("R", passage.succeed(answer))
    finally:
        await hooks.tell(passage.events())


def passed_sync(passage: Passage[Q], core: RouterCore, ask: Callable[[Q], R]) -> R:
    """Ask, with what stands around it."""
    try:
        core.tell(passage.events())
        answer = passage.begin()
        answer = ask(passage.request) if answer is None else answer
    except Exception as error:  # noqa: BLE001 - told to the middlewares, and raised again
        try:
            answer = passage.fail(error)
        finally:
            core.tell(passage.events())
        return cast("R", answer)
    except BaseException:
        passage.close()
        raise
    try:
        return cast("R", passage.succeed(answer))
    finally:
        core.tell(passage.events())


# --- streamed -------------------------------------------------------------------------------------------------------


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
        self._ready.extend(self._passage.chunk(None))
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
        await self._source.aclose()
        if not self._over:
            if self._complete:
                await self._end()
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
        self._source.close()
        if not self._over:
            if self._complete:
                self._end()
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
