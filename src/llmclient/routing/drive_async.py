"""The async driver: carries out what the policy says, with the providers' async calls and the clock's async sleep.

A plain try runs in the caller's own task. Only a hedged one gets a task of its own, so that two can race. Whatever way
a call ends, nothing of it is left running: tasks are cancelled and awaited, streams closed, the policy closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from llmclient.routing.around import Attempts, call_passage, passed
from llmclient.routing.bridge import call_in_thread
from llmclient.routing.outcomes import OUTCOMES
from llmclient.routing.policy.actions import Deliver, Done, Drop, Dropped, GiveUp, Late, Try, Wait, Waited
from llmclient.routing.policy.machine import Policy
from llmclient.routing.tries import failed, late, resume, succeeded
from llmclient.routing.watch import Watch
from llmclient.types.request import Request

if TYPE_CHECKING:
    from llmclient.protocols import Clock, Provider
    from llmclient.routing.calls import Call, ChangeableCall
    from llmclient.routing.core import RouterCore
    from llmclient.routing.operations import Operation
    from llmclient.routing.policy.actions import Action, Outcome, Verdict
    from llmclient.types.response import Usage

Q = TypeVar("Q", bound=Request)
R = TypeVar("R")
S = TypeVar("S")

_ENDS = (Done, GiveUp, Deliver)
T = TypeVar("T")


class AsyncDriver:
    """One call: the policy's actions, carried out. `attempt` makes one try and says what came of it."""

    def __init__(self, core: RouterCore, call: Call[object], attempt: Callable[[Try], Awaitable[Outcome]]) -> None:
        shared = core.shared()
        self.clock: Clock = core.clock
        self._blocking = shared.store.shared
        self._attempt = attempt
        self._steps = Policy(core.plan(call), shared, self.clock).run()
        self._tasks: dict[int, asyncio.Task[Outcome]] = {}
        self._late: asyncio.Future[None] | None = None
        self.drop: Callable[[int], Awaitable[Usage | None]] | None = None

    async def advance(self, outcome: Outcome | None) -> Deliver | Verdict:
        """Tell the policy `outcome` (None to begin) and do as it says, until it delivers a stream or ends the call."""
        blocking, steps = self._blocking, self._steps
        while True:
            action = await self._resume_in_thread(outcome) if blocking else resume(steps, outcome)
            if isinstance(action, _ENDS):
                return action
            outcome = await self._carry_out(action)

    async def close(self) -> None:
        """End the call, whatever state it is in."""
        if self._tasks:
            await self._cancel(list(self._tasks))
        if self._blocking:
            await asyncio.shield(asyncio.to_thread(self._steps.close))
        else:
            self._steps.close()

    async def _resume_in_thread(self, outcome: Outcome | None) -> Action | Verdict:
        step = asyncio.ensure_future(asyncio.to_thread(resume, self._steps, outcome))
        try:
            return await asyncio.shield(step)
        except asyncio.CancelledError:
            await asyncio.wait({step})  # a running generator cannot be closed
            raise

    async def _carry_out(self, action: Action) -> Outcome:
        if isinstance(action, Try):
            if action.hedge_after is None and not self._tasks:
                return await self._attempt(action)
            return await self._race(action)
        if isinstance(action, Wait):
            await self._wait(action)
            return Waited()
        if isinstance(action, Drop):
            return Dropped(action.attempt, await self._drop(action.attempt))
        return await self._next_outcome()

    async def _wait(self, wait: Wait) -> None:
        if wait.place is None:
            await self.clock.async_sleep(wait.seconds or 0.0)
            return
        place, loop = wait.place, asyncio.get_running_loop()
        called: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            loop.call_soon_threadsafe(_set, called)

        place.wake = wake
        guard = None if wait.limit is None else self.clock.call_later(wait.limit, wake)
        sleep = None if wait.seconds is None else asyncio.ensure_future(self.clock.async_sleep(wait.seconds))
        try:
            if not place.called:
                await asyncio.wait({called} if sleep is None else {called, sleep}, return_when="FIRST_COMPLETED")
        finally:
            place.wake, place.called = None, False
            if guard is not None:
                guard.cancel()
            if sleep is not None:
                sleep.cancel()
                await asyncio.gather(sleep, return_exceptions=True)

    # --- racing ---

    async def _race(self, action: Try) -> Outcome:
        self._tasks[action.attempt] = asyncio.ensure_future(self._as_task(action))
        if action.hedge_after is not None:
            due: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            timer = self.clock.call_later(action.hedge_after, lambda: _set(due))
            due.add_done_callback(lambda _: timer.cancel())
            self._late = due
        return await self._next_outcome()

    async def _as_task(self, action: Try) -> Outcome:
        return await self._attempt(action)

    async def _next_outcome(self) -> Outcome:
        late = () if self._late is None else (self._late,)
        await asyncio.wait((*self._tasks.values(), *late), return_when="FIRST_COMPLETED")
        for attempt, task in self._tasks.items():
            if task.done():
                del self._tasks[attempt]
                self._forget_hedge()
                return task.result()
        self._late = None
        return Late()

    def _forget_hedge(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    async def _drop(self, attempt: int) -> Usage | None:
        if attempt in self._tasks:
            await self._cancel([attempt])
        return None if self.drop is None else await self.drop(attempt)

    async def _cancel(self, attempts: list[int]) -> None:
        self._forget_hedge()
        tasks = [self._tasks.pop(attempt) for attempt in attempts]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class AsyncAsking(Generic[Q, R, S]):
    """Makes tries of one operation that give their whole answer at once; `answers` has each by its number."""

    def __init__(self, core: RouterCore, operation: Operation[Q, R, S], call: Call[Q]) -> None:
        self._core = core
        self._operation = operation
        self._call = call
        self._clock = core.clock
        self._attempts = Attempts(core, call, stream=False)
        self.answers: dict[int, R | S] = {}

    async def attempt(self, action: Try) -> Outcome:
        """Make one try."""
        total = action.timeouts.total
        watch = Watch(self._core, self._clock)
        try:
            provider = action.endpoint.lease.provider
            request = self._call.request_for(action.endpoint.model, action.timeouts, self._clock)
            if total is not None:
                watch.enter(self._clock.monotonic() + total, "total")
            answer = await self._ask_through(action, provider, request)
        except OUTCOMES as error:
            return failed(action.attempt, error)
        except asyncio.CancelledError:
            if watch.leave():
                return failed(action.attempt, late(action, "total"))
            raise
        finally:
            watch.leave()
        self.answers[action.attempt] = answer
        return succeeded(action.attempt, answer)

    def _ask_through(self, action: Try, provider: Provider, request: Q) -> Awaitable[R | S]:
        if not self._core.watched:
            return self.ask(provider, request)
        passage = self._attempts.passage(action, request)
        return passed(passage, self._core.hooks, partial(self.ask, provider))

    def ask(self, provider: Provider, request: Q) -> Awaitable[R | S]:
        """Ask the provider, in whichever flavour it has: the one place where a try meets it."""
        if self._operation.flavours(provider)[0]:
            return self._operation.on(provider)(request)
        return call_in_thread(self._operation.on_sync(provider), request)


async def run(
    core: RouterCore, operation: Operation[Q, R, S], call: ChangeableCall[Q], finish: Callable[[R | S, Done], T]
) -> T:
    """Route one call whose answer comes at once, and give it to `finish` with what is known of its tries.

    Raises:
        LLMClientError: the call failed; `attempts` has every try.
    """
    if not core.watched:
        return finish(*await routed(core, operation, call))

    async def ask(request: Q) -> T:
        return finish(*await routed(core, operation, call.with_request(request)))

    return await passed(call_passage(core, call, stream=False), core.hooks, ask)


async def routed(core: RouterCore, operation: Operation[Q, R, S], call: Call[Q]) -> tuple[R | S, Done]:
    """Route one call, without what stands around it."""
    asking = AsyncAsking(core, operation, call)
    driver = AsyncDriver(core, call, asking.attempt)
    try:
        verdict = await driver.advance(None)
    finally:
        await driver.close()
    if isinstance(verdict, GiveUp):
        raise verdict.error
    if isinstance(verdict, Deliver):  # pragma: no cover - only a stream speaks before it succeeds
        raise TypeError("a plain call has no stream to deliver")
    return asking.answers[verdict.attempt], verdict
