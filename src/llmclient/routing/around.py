"""Middleware and hooks around a call and around each of its attempts: what both drivers go through, once.

A `Passage` is one such thing on its way: its stack of middlewares, and the events to tell of. The two functions at the
end differ in `await` only. Streams have `around_streams`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from llmclient.middleware.base import Around, Middleware, MiddlewareFunction
from llmclient.middleware.events import EventName, Hooks, RouterEvent
from llmclient.middleware.stack import Stack

if TYPE_CHECKING:
    from llmclient.routing.calls import Call
    from llmclient.routing.core import Endpoint, RouterCore
    from llmclient.routing.policy.actions import Try
    from llmclient.types.request import Request
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
