"""The sync stream a router hands out: `streams.py` without `await`.

The provider's own reader keeps the limits for the first token and between events; this keeps the one for the whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from llmclient.routing.around import Attempts, call_passage
from llmclient.routing.around_streams import stream_passed_sync
from llmclient.routing.bridge import BlockingStream, call_blocking
from llmclient.routing.drive_sync import SyncDriver
from llmclient.routing.operations import STREAM
from llmclient.routing.outcomes import OUTCOMES
from llmclient.routing.policy.actions import Deliver, Done, GiveUp, Spoke
from llmclient.routing.policy.health import MOMENT
from llmclient.routing.policy.pricing import finished
from llmclient.routing.tries import broken, failed, joined, late, marker_chunk, speaks, succeeded

if TYPE_CHECKING:
    from llmclient.protocols import Provider, SyncChunkStream
    from llmclient.routing.calls import ChatCall
    from llmclient.routing.core import RouterCore
    from llmclient.routing.policy.actions import Outcome, Try, Verdict
    from llmclient.routing.streams import ModelStream
    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse
    from llmclient.types.stream import StreamChunk


@dataclass(slots=True, eq=False)
class _Opened:
    """A try's stream, with the chunks that were read before it had spoken."""

    action: Try
    source: SyncChunkStream
    due: float | None
    held: deque[StreamChunk] = field(default_factory=deque["StreamChunk"])
    ended: bool = False

    def check(self, now: float) -> None:
        """Raise where the time for the whole answer is over."""
        if self.due is not None and now > self.due + MOMENT:
            raise late(self.action, "total")


class SyncModelStream:
    """A stream of chunks. Entering it, or asking for the first chunk, sends the request."""

    def __init__(self, core: RouterCore, call: ChatCall) -> None:
        self._core = core
        self._call = call
        self._attempts = Attempts(core, call, stream=True)
        self._driver: SyncDriver | None = None
        self._opened: dict[int, _Opened] = {}
        self._current: _Opened | None = None
        self._before: ModelResponse | None = None
        self._reply: ModelResponse | None = None
        self._over = False
        self._last: StreamChunk | None = None

    def __enter__(self) -> Self:
        if self._driver is None:
            self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[StreamChunk]:
        return self

    def __next__(self) -> StreamChunk:
        if self._driver is None:
            self._begin()
        while True:
            current = self._current
            if self._over or current is None:
                raise StopIteration
            if current.held:
                chunk = current.held.popleft()
            else:
                read = None if current.ended else self._read(current)
                if read is None:
                    if current.ended:
                        self._advance(succeeded(current.action.attempt, current.source.response))
                    continue
                chunk = read
            self._last = chunk
            return chunk

    def close(self) -> None:
        """Close the connection; harmless when called again. A stream left after its last chunk counts as read."""
        if self._over or self._driver is None:
            self._over = True
            return
        current, last = self._current, self._last
        if current is not None and not current.held and last is not None and last.finish_reason:
            self._advance(succeeded(current.action.attempt, current.source.response))
        self._end()

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived; the whole one, with its attempts and cost, once the stream has ended."""
        if self._reply is not None:
            return self._reply
        if self._current is None and self._before is not None:
            return self._before
        if self._current is None:
            raise RuntimeError("the stream is not open; enter it with 'with' first")
        return joined(self._before, self._current.source.response)

    # --- driving ---

    def _begin(self) -> None:
        self._driver = SyncDriver(self._core, self._call, self._attempt)
        self._advance(None)

    def _advance(self, outcome: Outcome | None) -> None:
        """Let the policy go on until there is a stream to read from, or the call is over."""
        driver = self._driver
        assert driver is not None  # noqa: S101 - made by `_begin`
        try:
            step: Deliver | Verdict = driver.advance(outcome)
        except BaseException:
            self._end()
            raise
        if isinstance(step, Deliver):
            self._current = self._opened[step.attempt]
            return
        if isinstance(step, Done):
            self._reply = finished(step.endpoint.deployment, self.response, step.attempts)
        self._end()
        if isinstance(step, GiveUp):
            raise step.error

    def _end(self) -> None:
        self._over = True
        for opened in list(self._opened.values()):
            opened.source.close()
        if self._driver is not None:
            self._driver.close()

    # --- tries ---

    def _attempt(self, action: Try) -> Outcome:
        """Open a stream and read until it has spoken."""
        clock, limits = self._core.clock, action.timeouts
        began = clock.monotonic()
        opened: _Opened | None = None
        after: float | None = None
        try:
            provider = action.endpoint.lease.provider
            source = self._ask_through(action, provider, self._request(action))
            opened = _Opened(action, source, None if limits.total is None else began + limits.total)
            for chunk in source:
                now = clock.monotonic()
                opened.check(now)
                after = now - began if after is None else after
                opened.held.append(chunk)
                if speaks(chunk):
                    break
            else:
                opened.ended = True
        except OUTCOMES as error:
            _close(opened)
            return failed(action.attempt, error, first_token=after)
        except BaseException:
            _close(opened)
            raise
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

    def _ask_through(self, action: Try, provider: Provider, request: ChatRequest) -> SyncChunkStream:
        if not self._core.watched:
            return self.ask(provider, request)
        passage = self._attempts.passage(action, request)
        return stream_passed_sync(passage, self._core, partial(self.ask, provider))

    def ask(self, provider: Provider, request: ChatRequest) -> SyncChunkStream:
        """Open the provider's stream, in whichever flavour it has: the one place where a try meets it."""
        if STREAM.flavours(provider)[1]:
            return STREAM.on_sync(provider)(request)
        loop = self._core.loop
        return BlockingStream(loop, call_blocking(loop, STREAM.on(provider), request))

    def _read(self, opened: _Opened) -> StreamChunk | None:
        """Read a chunk for the caller; None where the stream ended or the policy went on elsewhere."""
        try:
            chunk = next(opened.source)
            opened.check(self._core.clock.monotonic())
        except StopIteration:
            opened.ended = True
            return None
        except OUTCOMES as error:
            self._broke(opened, error)
            return None
        except BaseException:
            self._end()
            raise
        return chunk

    def _broke(self, opened: _Opened, error: Exception) -> None:
        _close(opened)
        del self._opened[opened.action.attempt]
        self._before, self._current = self.response, None
        own = opened.source.response.usage
        self._advance(broken(opened.action.attempt, error, self._before, own_usage=own))


def _close(opened: _Opened | None) -> None:
    if opened is not None:
        opened.source.close()


class SyncRacingStream(SyncModelStream):
    """A stream whose tries may race: the async one, on the router's own event loop, as `drive_sync` says why."""

    def __init__(self, core: RouterCore, stream: ModelStream, call: ChatCall) -> None:
        super().__init__(core, call)
        self._stream = stream
        self._read_on_loop = BlockingStream(core.loop, stream)

    def __enter__(self) -> Self:
        self._core.loop.run(self._stream.__aenter__())
        return self

    def __next__(self) -> StreamChunk:
        return next(self._read_on_loop)

    def close(self) -> None:
        """Close the connection; harmless when called again."""
        self._read_on_loop.close()

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived."""
        return self._stream.response


class SyncWatchedStream(SyncModelStream):
    """A stream with middleware or hooks around the whole call."""

    def __init__(self, core: RouterCore, call: ChatCall) -> None:
        super().__init__(core, call)
        self._passed: SyncChunkStream | None = None

    def __enter__(self) -> Self:
        if self._passed is None:
            self._open()
        return self

    def __next__(self) -> StreamChunk:
        return next(self._passed or self._open())

    def close(self) -> None:
        """Close the connection; harmless when called again."""
        if self._passed is not None:
            self._passed.close()

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived, as the middlewares leave it."""
        return super().response if self._passed is None else self._passed.response

    def _open(self) -> SyncChunkStream:
        core, call = self._core, self._call

        def ask(request: ChatRequest) -> SyncChunkStream:
            return SyncModelStream(core, call.with_request(request)).__enter__()

        self._passed = stream_passed_sync(call_passage(core, call, stream=True), core, ask)
        return self._passed
