"""The sync driver: carries out what the policy says, with the providers' sync calls and the clock's sleep.

A plain try runs in the caller's own thread, and keeps its time limits itself: its provider gets them with the request.
Only a hedged one gets a thread of its own, so that two can race; what a thread finds after its
try was dropped, it closes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from llmclient.routing.around import Attempts, call_passage, passed_sync
from llmclient.routing.bridge import call_blocking
from llmclient.routing.outcomes import OUTCOMES
from llmclient.routing.policy.actions import Deliver, Done, Drop, Dropped, GiveUp, Late, Try, Wait, Waited
from llmclient.routing.policy.machine import Policy
from llmclient.routing.tries import failed, resume, succeeded
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
T = TypeVar("T")

_ENDS = (Done, GiveUp, Deliver)


class SyncDriver:
    """One call: the policy's actions, carried out. `attempt` makes one try and says what came of it."""

    def __init__(self, core: RouterCore, call: Call[object], attempt: Callable[[Try], Outcome]) -> None:
        self.clock: Clock = core.clock
        self._attempt = attempt
        self._steps = Policy(core.plan(call), core.shared(), self.clock).run()
        self._race: _Race | None = None
        self.drop: Callable[[int], Usage | None] | None = None

    def advance(self, outcome: Outcome | None) -> Deliver | Verdict:
        """Tell the policy `outcome` (None to begin) and do as it says, until it delivers a stream or ends the call."""
        action = resume(self._steps, outcome)
        while not isinstance(action, _ENDS):
            action = resume(self._steps, self._carry_out(action))
        return action

    def close(self) -> None:
        """End the call, whatever state it is in."""
        if self._race is not None:
            for attempt in self._race.drop_all():
                self._dropped(attempt)
        self._steps.close()

    def _carry_out(self, action: Action) -> Outcome:
        if isinstance(action, Try):
            if action.hedge_after is None and self._race is None:
                return self._attempt(action)
            if self._race is None:
                self._race = _Race(self.clock, self._attempt, self._dropped)
            self._race.start(action)
            return self._race.next_outcome(action.hedge_after)
        if isinstance(action, Wait):
            self._wait(action)
            return Waited()
        if isinstance(action, Drop):
            if self._race is not None and not self._race.drop(action.attempt):
                return Dropped(action.attempt)
            return Dropped(action.attempt, self._dropped(action.attempt))
        assert self._race is not None  # noqa: S101 - only a race is listened to
        return self._race.next_outcome(None)

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

    def _dropped(self, attempt: int) -> Usage | None:
        return None if self.drop is None else self.drop(attempt)


class _Race:
    """Tries in threads of their own. A dropped one is not waited for: its thread gives away what it finds."""

    def __init__(self, clock: Clock, attempt: Callable[[Try], Outcome], give_away: Callable[[int], object]) -> None:
        self._clock = clock
        self._attempt = attempt
        self._give_away = give_away
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._outcomes: dict[int, Outcome | BaseException] = {}
        self._running: list[int] = []
        self._dropped: set[int] = set()

    def start(self, action: Try) -> None:
        """Begin a try."""
        self._running.append(action.attempt)
        thread = threading.Thread(target=self._run, args=(action,), name="llmclient-try", daemon=True)
        thread.start()

    def next_outcome(self, hedge_after: float | None) -> Outcome:
        """Wait for the first try that comes to something; `Late` where none does in `hedge_after` seconds."""
        if not self._clock.wait(self._news, hedge_after):
            return Late()
        with self._lock:
            attempt = next(serial for serial in self._running if serial in self._outcomes)
            outcome = self._outcomes.pop(attempt)
            self._running.remove(attempt)
            if not self._outcomes:
                self._news.clear()
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def drop(self, attempt: int) -> bool:
        """Give a try up; returns whether it had come to something already, which is now the caller's to close."""
        with self._lock:
            if attempt in self._running:
                self._running.remove(attempt)
            if attempt in self._outcomes:
                del self._outcomes[attempt]
                if not self._outcomes:
                    self._news.clear()
                return True
            self._dropped.add(attempt)
            return False

    def drop_all(self) -> list[int]:
        """Give every try up; returns those that are the caller's to close."""
        return [attempt for attempt in list(self._running) if self.drop(attempt)]

    def _run(self, action: Try) -> None:
        try:
            outcome: Outcome | BaseException = self._attempt(action)
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            outcome = error
        with self._lock:
            if action.attempt not in self._dropped:
                self._outcomes[action.attempt] = outcome
                self._news.set()
                return
        self._give_away(action.attempt)


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
        """Ask the provider, in whichever flavour it has: the one place where a try meets it."""
        if self._operation.flavours(provider)[1]:
            return self._operation.on_sync(provider)(request)
        return call_blocking(self._core.loop, self._operation.on(provider), request)


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
