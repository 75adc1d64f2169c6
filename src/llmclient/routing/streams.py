"""The async stream a router hands out: context manager, iterator, and the whole response at the end.

Until the first content has reached the caller, a try that fails is replaced unseen: chunks that carry nothing, such as
a bare role, are held back for that. Afterwards the policy decides, and a marker chunk tells the caller.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from llmclient.protocols import ReadyChunks
from llmclient.routing.around import Attempts, call_passage
from llmclient.routing.around_streams import stream_passed
from llmclient.routing.bridge import ThreadedStream, open_in_thread
from llmclient.routing.drive_async import AsyncDriver
from llmclient.routing.operations import STREAM
from llmclient.routing.outcomes import OUTCOMES
from llmclient.routing.policy.actions import Deliver, Done, GiveUp, Spoke
from llmclient.routing.policy.health import MOMENT
from llmclient.routing.policy.pricing import finished
from llmclient.routing.tries import broken, failed, joined, late, marker_chunk, speaks, succeeded
from llmclient.routing.watch import Watch

if TYPE_CHECKING:
    from llmclient.protocols import ChunkStream, Provider
    from llmclient.routing.calls import ChatCall
    from llmclient.routing.core import RouterCore
    from llmclient.routing.policy.actions import Outcome, Try, Verdict
    from llmclient.routing.watch import Phase
    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse, Usage
    from llmclient.types.stream import StreamChunk


@dataclass(slots=True, eq=False)
class _Opened:
    """A try's stream, with the chunks that were read before it had spoken."""

    action: Try
    source: ChunkStream
    watch: Watch
    due: float | None
    held: deque[StreamChunk] = field(default_factory=deque["StreamChunk"])
    ended: bool = False
    ready: deque[StreamChunk] = field(init=False)

    def __post_init__(self) -> None:
        self.ready = self.source.ready if isinstance(self.source, ReadyChunks) else deque()


class ModelStream:
    """An async stream of chunks. Entering it, or asking for the first chunk, sends the request."""

    def __init__(self, core: RouterCore, call: ChatCall) -> None:
        self._core = core
        self._call = call
        self._attempts = Attempts(core, call, stream=True)
        self._driver: AsyncDriver | None = None
        self._opened: dict[int, _Opened] = {}
        self._lost: dict[int, Usage | None] = {}
        self._current: _Opened | None = None
        self._before: ModelResponse | None = None
        self._reply: ModelResponse | None = None
        self._over = False
        self._last: StreamChunk | None = None

    async def __aenter__(self) -> Self:
        if self._driver is None:
            await self._begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[StreamChunk]:
        return self

    async def __anext__(self) -> StreamChunk:
        if self._driver is None:
            await self._begin()
        while True:
            current = self._current
            if self._over or current is None:
                raise StopAsyncIteration
            if current.held:
                chunk = current.held.popleft()
            elif current.ready:  # it is there already: nothing to wait for, nothing to time
                chunk = current.ready.popleft()
            else:
                read = None if current.ended else await self._read(current)
                if read is None:
                    if current.ended:
                        await self._advance(succeeded(current.action.attempt, current.source.response))
                    continue
                chunk = read
            self._last = chunk
            return chunk

    async def aclose(self) -> None:
        """Close the connection; harmless when called again. A stream left after its last chunk counts as read."""
        if self._over or self._driver is None:
            self._over = True
            return
        current, last = self._current, self._last
        if current is not None and not current.held and last is not None and last.finish_reason:
            await self._advance(succeeded(current.action.attempt, current.source.response))
        await self._end()

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived; the whole one, with its attempts and cost, once the stream has ended."""
        if self._reply is not None:
            return self._reply
        if self._current is None and self._before is not None:
            return self._before
        if self._current is None:
            raise RuntimeError("the stream is not open; enter it with 'async with' first")
        return joined(self._before, self._current.source.response)

    # --- driving ---

    async def _begin(self) -> None:
        self._driver = AsyncDriver(self._core, self._call, self._attempt)
        self._driver.drop = self._drop
        await self._advance(None)

    async def _advance(self, outcome: Outcome | None) -> None:
        """Let the policy go on until there is a stream to read from, or the call is over."""
        driver = self._driver
        assert driver is not None  # noqa: S101 - made by `_begin`
        try:
            step: Deliver | Verdict = await driver.advance(outcome)
        except BaseException:
            await self._end()
            raise
        if isinstance(step, Deliver):
            self._current = self._opened[step.attempt]
            return
        if isinstance(step, Done):
            self._reply = finished(step.endpoint.deployment, self.response, step.attempts)
        await self._end()
        if isinstance(step, GiveUp):
            raise step.error

    async def _end(self) -> None:
        self._over = True
        for opened in self._opened.values():
            await opened.source.aclose()
        if self._driver is not None:
            await self._driver.close()

    # --- tries ---

    async def _attempt(self, action: Try) -> Outcome:
        """Open a stream and read until it has spoken."""
        from asyncio import CancelledError

        clock, limits = self._core.clock, action.timeouts
        began = clock.monotonic()
        watch = Watch(self._core, clock)
        due = None if limits.total is None else began + limits.total
        opened: _Opened | None = None
        after: float | None = None
        try:
            provider = action.endpoint.lease.provider
            request = self._request(action)
            watch.enter(*_sooner(due, began, limits.first_token or limits.idle, "first_token"))
            opened = _Opened(action, await self._ask_through(action, provider, request), watch, due)
            async for chunk in opened.source:
                now = clock.monotonic()
                after = now - began if after is None else after
                opened.held.append(chunk)
                if speaks(chunk):
                    break
                watch.leave()
                watch.enter(*_sooner(due, now, limits.idle, "idle"))
            else:
                opened.ended = True
        except OUTCOMES as error:
            await _close(opened)
            return failed(action.attempt, error, first_token=after)
        except BaseException as error:
            timed_out = watch.leave()
            if opened is not None:
                self._lost[action.attempt] = opened.source.response.usage
            await _close(opened)
            if timed_out and isinstance(error, CancelledError):
                return failed(action.attempt, late(action, watch.phase), first_token=after)
            raise
        finally:
            watch.leave()
        if action.marker is not None:
            opened.held.appendleft(marker_chunk(action.marker, action))
        self._opened[action.attempt] = opened
        return Spoke(action.attempt, clock.monotonic() - began if after is None else after)

    def _request(self, action: Try) -> ChatRequest:
        call = self._call
        if action.marker == "continue" and self._before is not None:
            call = call.going_on_from(self._before.text)
        elif action.marker == "restart":
            self._before = None
        return call.request_for(action.endpoint.model, action.timeouts, self._core.clock)

    async def _ask_through(self, action: Try, provider: Provider, request: ChatRequest) -> ChunkStream:
        if not self._core.watched:
            return await self.ask(provider, request)
        passage = self._attempts.passage(action, request)
        return await stream_passed(passage, self._core.hooks, partial(self.ask, provider))

    async def ask(self, provider: Provider, request: ChatRequest) -> ChunkStream:
        """Open the provider's stream, in whichever flavour it has: the one place where a try meets it."""
        if STREAM.flavours(provider)[0]:
            return await STREAM.on(provider)(request)
        return ThreadedStream(await open_in_thread(STREAM.on_sync(provider), request))

    async def _read(self, opened: _Opened) -> StreamChunk | None:
        """Read a chunk for the caller; None where the stream ended or the policy went on elsewhere."""
        from asyncio import CancelledError

        watch = opened.watch
        try:
            watch.enter(*_sooner(opened.due, self._core.clock.monotonic(), opened.action.timeouts.idle, "idle"))
            chunk = await opened.source.__anext__()
        except StopAsyncIteration:
            watch.leave()
            opened.ended = True
            return None
        except OUTCOMES as error:
            watch.leave()
            await self._broke(opened, error)
            return None
        except BaseException as error:
            if watch.leave() and isinstance(error, CancelledError):
                await self._broke(opened, late(opened.action, watch.phase))
                return None
            await self._end()
            raise
        watch.leave()
        return chunk

    async def _broke(self, opened: _Opened, error: Exception) -> None:
        await _close(opened)
        del self._opened[opened.action.attempt]
        self._before, self._current = self.response, None
        own = opened.source.response.usage
        await self._advance(broken(opened.action.attempt, error, self._before, own_usage=own))

    async def _drop(self, attempt: int) -> Usage | None:
        opened = self._opened.pop(attempt, None)
        if opened is None:
            return self._lost.pop(attempt, None)
        await _close(opened)
        return opened.source.response.usage


async def _close(opened: _Opened | None) -> None:
    if opened is not None:
        await opened.source.aclose()


def _sooner(due: float | None, now: float, seconds: float | None, phase: Phase) -> tuple[float | None, Phase]:
    """When to stop waiting for the next chunk, and which limit that is; the narrower one where both end together."""
    if seconds is None or (due is not None and due < now + seconds - MOMENT):
        return due, "total"
    return now + seconds, phase


class WatchedStream(ModelStream):
    """A stream with middleware or hooks around the whole call."""

    def __init__(self, core: RouterCore, call: ChatCall) -> None:
        super().__init__(core, call)
        self._passed: ChunkStream | None = None

    async def __aenter__(self) -> Self:
        if self._passed is None:
            await self._open()
        return self

    async def __anext__(self) -> StreamChunk:
        return await anext(self._passed or await self._open())

    async def aclose(self) -> None:
        """Close the connection; harmless when called again."""
        if self._passed is not None:
            await self._passed.aclose()

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived, as the middlewares leave it."""
        return super().response if self._passed is None else self._passed.response

    async def _open(self) -> ChunkStream:
        core, call = self._core, self._call

        async def ask(request: ChatRequest) -> ChunkStream:
            return await ModelStream(core, call.with_request(request)).__aenter__()

        self._passed = await stream_passed(call_passage(core, call, stream=True), core.hooks, ask)
        return self._passed


def stream_of(core: RouterCore, call: ChatCall) -> ModelStream:
    """A stream with what stands around it, where anything does."""
    return (WatchedStream if core.watched else ModelStream)(core, call)
