"""The sync driver: carries out what the policy says, with the providers' sync calls and the clock's sleep.

A try runs in the caller's own thread, and keeps its time limits itself: its provider gets them with the request. Where
tries may race, the async driver takes the call, on the router's own event loop: a thread that waits for a socket cannot
be called off, a task can.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from llmclient.routing.around import Attempts, call_passage, passed_sync
from llmclient.routing.outcomes import OUTCOMES
from llmclient.routing.policy.actions import Deliver, Done, GiveUp, Try, Wait, Waited
from llmclient.routing.policy.machine import Policy
from llmclient.routing.tries import failed, resume, succeeded
from llmclient.types.request import Request

if TYPE_CHECKING:
    from llmclient.protocols import Clock, Provider
    from llmclient.routing.calls import Call, ChangeableCall
    from llmclient.routing.core import RouterCore
    from llmclient.routing.operations import Operation
    from llmclient.routing.policy.actions import Action, Outcome, Verdict

Q = TypeVar("Q", bound=Request)
R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")

_ENDS = (Done, GiveUp, Deliver)


class SyncDriver:
    """One call: the policy's actions, carried out. `attempt` makes one try and says what came of it."""

    def __init__(self, core: RouterCore, call: Call[object], attempt: Callable[[Try], Outcome]) -> None:
        self.clock: Clock = core.clock
        self._attempt = attempt
        self._steps = Policy(core.plan(call), core.shared(), self.clock).run()

    def advance(self, outcome: Outcome | None) -> Deliver | Verdict:
        """Tell the policy `outcome` (None to begin) and do as it says, until it delivers a stream or ends the call."""
        action = resume(self._steps, outcome)
        while not isinstance(action, _ENDS):
            action = resume(self._steps, self._carry_out(action))
        return action

    def close(self) -> None:
        """End the call, whatever state it is in."""
        self._steps.close()

    def _carry_out(self, action: Action) -> Outcome:
        if isinstance(action, Try):
            return self._attempt(action)
        assert isinstance(action, Wait)  # noqa: S101 - the others are of races
        self._wait(action)
        return Waited()

    def _wait(self, wait: Wait) -> None:
        place = wait.place
        if place is None:
            self.clock.sleep(wait.seconds or 0.0)
            return
        called = threading.Event()
        place.wake = called.set
        seconds = wait.seconds if wait.seconds is not None else wait.limit
        try:
            if not place.called:
                self.clock.wait(called, seconds)
        finally:
            place.wake, place.called = None, False


class SyncAsking(Generic[Q, R, S]):
    """Makes tries of one operation that give their whole answer at once; `answers` has each by its number."""

    def __init__(self, core: RouterCore, operation: Operation[Q, R, S], call: Call[Q]) -> None:
        self._core = core
        self._operation = operation
        self._call = call
        self._clock = core.clock
        self._attempts = Attempts(core, call, stream=False)
        self.answers: dict[int, R | S] = {}

    def attempt(self, action: Try) -> Outcome:
        """Make one try."""
        try:
            provider = action.endpoint.lease.provider
            if not self._operation.flavours(provider)[1]:
                return self._attempt_on_loop(action)
            request = self._call.request_for(action.endpoint.model, action.timeouts, self._clock)
            answer = self._ask_through(action, provider, request)
        except OUTCOMES as error:
            return failed(action.attempt, error)
        self.answers[action.attempt] = answer
        return succeeded(action.attempt, answer)

    def _ask_through(self, action: Try, provider: Provider, request: Q) -> R | S:
        if not self._core.watched:
            return self.ask(provider, request)
        passage = self._attempts.passage(action, request)
        return passed_sync(passage, self._core, partial(self.ask, provider))

    def ask(self, provider: Provider, request: Q) -> R | S:
        """Ask the provider: the one place where a try meets it."""
        return self._operation.on_sync(provider)(request)

    def _attempt_on_loop(self, action: Try) -> Outcome:
        """Make one try at a provider that has the async flavour only, within its time."""
        from llmclient.routing.drive_async import AsyncAsking

        asking = AsyncAsking(self._core, self._operation, self._call)
        trying = asking.attempt(action)
        outcome = self._core.loop.run(trying)
        self.answers.update(asking.answers)
        return outcome


def run_sync(
    core: RouterCore, operation: Operation[Q, R, S], call: ChangeableCall[Q], finish: Callable[[R | S, Done], T]
) -> T:
    """Route one call whose answer comes at once, and give it to `finish` with what is known of its tries.

    Raises:
        LLMClientError: the call failed; `attempts` has every try.
    """
    if not core.watched:
        return finish(*_routed(core, operation, call))

    def ask(request: Q) -> T:
        return finish(*_routed(core, operation, call.with_request(request)))

    return passed_sync(call_passage(core, call, stream=False), core, ask)


def _routed(core: RouterCore, operation: Operation[Q, R, S], call: Call[Q]) -> tuple[R | S, Done]:
    if core.setup.hedge is not None:
        from llmclient.routing.drive_async import routed

        racing = routed(core, operation, call)
        return core.loop.run(racing)
    asking = SyncAsking(core, operation, call)
    driver = SyncDriver(core, call, asking.attempt)
    try:
        verdict = driver.advance(None)
    finally:
        driver.close()
    if isinstance(verdict, GiveUp):
        raise verdict.error
    if isinstance(verdict, Deliver):  # pragma: no cover - only a stream speaks before it succeeds
        raise TypeError("a plain call has no stream to deliver")
    return asking.answers[verdict.attempt], verdict
