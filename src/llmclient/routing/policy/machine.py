"""The policy: one call, from its first try to its verdict, as a generator of actions that is fed with outcomes.

No I/O happens here. The generator chooses who is asked next from its candidates, the shared state and the clock handed
in; what to do about a failure stands in the decision table. Whatever way it ends, also by `close()`, it gives back
what it holds: reservations, its place in line, its share of the counts.

The rules, in the order in which they bind: nobody is asked after the deadline or past the budget of tries; a healthy
candidate is asked at once, in the order of lists and strategy; only when none is healthy time passes, never longer than
the deadline allows; when nobody is left, the call fails with what everybody said.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from llmclient.errors import ProviderError
from llmclient.routing.policy.actions import (
    Action,
    Deliver,
    Done,
    Drop,
    Dropped,
    Failed,
    GiveUp,
    Late,
    Listen,
    Marker,
    Outcome,
    Spoke,
    Succeeded,
    Try,
    Verdict,
    Wait,
)
from llmclient.routing.policy.admission import Gate
from llmclient.routing.policy.candidates import Candidate, Flight, Later, Stages
from llmclient.routing.policy.decisions import decide
from llmclient.routing.policy.failures import call_error, interrupted, out_of_time
from llmclient.routing.policy.health import MOMENT
from llmclient.routing.policy.ledger import Ledger
from llmclient.types.policy import Timeouts

if TYPE_CHECKING:
    from llmclient.protocols import Clock
    from llmclient.routing.core import Endpoint
    from llmclient.routing.policy.line import Place
    from llmclient.routing.policy.plan import Plan
    from llmclient.routing.policy.shared import Shared
    from llmclient.types.policy import Decision

LOOK_AGAIN = 0.25
"""Seconds after which a place in a store that processes share is looked for again."""

Steps: TypeAlias = Generator[Action, Outcome, Verdict]
Part: TypeAlias = Generator[Action, Outcome, Verdict | None]


class Policy:
    """One call. `run()` is the generator; everything else is its memory."""

    def __init__(self, plan: Plan, shared: Shared, clock: Clock) -> None:
        self._plan = plan
        self._shared = shared
        self._clock = clock
        self._deadline = None if plan.timeouts.total is None else clock.monotonic() + plan.timeouts.total
        self._stages = Stages(plan.stages, self._arranged)
        self._gate = Gate(plan, shared, clock)
        self._ledger = Ledger(plan, shared, clock)
        self._flights: dict[int, Flight] = {}
        self._place: Place | None = None
        self._tries = 0
        self._hedged = False
        self._stopped = False
        self._marker: Marker | None = None
        self._broken: Exception | None = None

    def run(self) -> Steps:
        """Route the call."""
        if self._plan.hedge is not None:
            self._shared.earn_hedge(self._plan.hedge)
        result = "cancelled"
        try:
            verdict = yield from self._route()
            result = "success" if isinstance(verdict, Done) else "failure"
            return verdict
        finally:
            for flight in self._flights.values():
                self._ledger.cancelled(flight, reason="the call was cancelled")
            if self._place is not None:
                self._shared.line.leave(self._place)
            self._shared.end(result)

    def _route(self) -> Steps:
        while True:
            pick = self._choose()
            if isinstance(pick, Candidate):
                verdict = yield from self._ask(pick)
                if verdict is not None:
                    return verdict
            else:
                wait = None if pick is None else self._wait(pick)
                if wait is None:
                    return GiveUp(self._error(pick))
                began = self._clock.monotonic()
                yield wait
                self._ledger.waited += self._clock.monotonic() - began

    # --- choosing ---

    def _choose(self) -> Candidate | Later | None:
        """Who is asked now, or when to look again; None when nobody is left."""
        now = self._clock.monotonic()
        budget = self._plan.retry.budget
        if self._stopped or self._is_over(now) or (budget is not None and self._tries >= budget):
            return None
        later = Later()
        for stage in self._stages:
            for candidate in stage:
                if candidate.out or candidate.flying:
                    continue
                rest = candidate.rest(now)
                if rest:
                    wait = self._gate.awaits(candidate, later, rest)
                    if candidate.insisting and wait is not None and wait <= self._plan.retry.patience:
                        return later
                elif self._gate.admit(candidate, later, self._place):
                    self._take_place()
                    self._ledger.pass_over(later.passed)
                    return candidate
            if later.full and self._plan.wait_when_full:
                break
        self._ledger.pass_over([entry for entry in later.passed if entry[0].out])
        return later if later.any else None

    def _is_over(self, now: float) -> bool:
        return self._deadline is not None and now >= self._deadline - MOMENT

    def _take_place(self) -> None:
        if self._place is not None:
            place, self._place = self._place, None
            self._shared.line.leave(place)

    def _wait(self, later: Later) -> Wait | None:
        """How to wait for `later`; None where the deadline comes first."""
        limit = None if self._deadline is None else self._deadline - self._clock.monotonic()
        if limit is not None and later.delay is not None and later.delay >= limit - MOMENT:
            return None
        if not later.keys:
            self._take_place()
            return Wait(later.delay)
        if self._place is None:
            self._place = self._shared.line.join(later.keys)
        elif self._place.keys.symmetric_difference(later.keys):
            self._shared.line.move(self._place, later.keys)
        delay = later.delay
        if later.called and self._shared.store.shared:  # what another process gives back calls up nobody here
            delay = LOOK_AGAIN if delay is None else min(delay, LOOK_AGAIN)
        return Wait(delay, self._place, limit)

    def _arranged(self, endpoints: Sequence[Endpoint]) -> Sequence[Endpoint]:
        """The members of a list in the order that the strategy gives."""
        standings = self._gate.standings(endpoints)
        by_deployment = {id(standing): endpoint for standing, endpoint in zip(standings, endpoints, strict=True)}
        return tuple(by_deployment[id(standing)] for standing in self._plan.strategy(standings, self._shared.rng))

    # --- asking ---

    def _ask(self, candidate: Candidate) -> Part:
        """Ask one candidate, and a second one where the first is late; a verdict, or None to choose again."""
        outcome = yield self._try(candidate)
        while True:
            if isinstance(outcome, Late):
                outcome = yield self._hedge()
            elif isinstance(outcome, Spoke):
                flight = self._flights[outcome.attempt]
                flight.first_token, flight.delivering = outcome.after, True
                yield from self._drop_others(flight)
                outcome = yield Deliver(flight.serial)
            elif isinstance(outcome, Succeeded):
                flight = self._flights[outcome.attempt]
                yield from self._drop_others(flight)
                del self._flights[flight.serial]
                self._ledger.succeeded(flight, outcome)
                return Done(flight.serial, flight.candidate.endpoint, tuple(self._ledger.attempts))
            elif isinstance(outcome, Failed):
                verdict = self._failed(outcome)
                if verdict is not None or not self._flights:
                    return verdict
                outcome = yield Listen()
            else:  # pragma: no cover - a driver that does not keep to the protocol
                raise TypeError(f"a driver sent {outcome!r} where it had to say what came of a try")

    def _try(self, candidate: Candidate, *, hedging: bool = False) -> Try:
        kind: Literal["first", "retry", "fallback", "hedge"] = "retry" if candidate.tries else "fallback"
        if hedging:
            kind = "hedge"
        elif not self._tries:
            kind = "first"
        self._tries += 1
        flight = self._ledger.begin(candidate, serial=self._tries, kind=kind)
        self._flights[flight.serial] = flight
        hedge = self._plan.hedge
        may_hedge = hedge is not None and not self._hedged and self._marker is None
        return Try(
            flight.serial,
            candidate.endpoint,
            self._timeouts(candidate.endpoint, flight.began),
            hedge.after if hedge is not None and may_hedge else None,
            self._marker,
        )

    def _timeouts(self, endpoint: Endpoint, now: float) -> Timeouts:
        limits = endpoint.deployment.timeouts or self._plan.timeouts
        total = limits.total if endpoint.deployment.timeouts is not None else None
        if self._deadline is not None:
            left = self._deadline - now
            total = left if total is None else min(total, left)
        return Timeouts(total=total, connect=limits.connect, first_token=limits.first_token, idle=limits.idle)

    def _hedge(self) -> Try | Listen:
        """Answer a late first try: ask a second deployment, if there is a healthy one and the bucket has a hedge."""
        self._hedged = True
        hedge = self._plan.hedge
        if hedge is None or not self._shared.take_hedge(hedge):
            return Listen()
        pick = self._choose()
        return self._try(pick, hedging=True) if isinstance(pick, Candidate) else Listen()

    def _drop_others(self, winner: Flight) -> Generator[Action, Outcome, None]:
        for flight in [flight for flight in self._flights.values() if flight is not winner]:
            outcome = yield Drop(flight.serial)
            del self._flights[flight.serial]
            usage = outcome.usage if isinstance(outcome, Dropped) else None
            self._ledger.cancelled(flight, reason="another deployment spoke first", usage=usage)

    # --- failing ---

    def _failed(self, outcome: Failed) -> GiveUp | None:
        """Write a failure down, and decide what it means for the candidates; a verdict where it ends the call."""
        flight = self._flights.pop(outcome.attempt)
        candidate, error = flight.candidate, outcome.error
        candidate.error = error
        if not isinstance(error, ProviderError):  # a request or a setup that was never sent
            candidate.out = True
            self._ledger.unsent(flight, error)
            return self._interruption(candidate, outcome) if flight.delivering else None
        row = decide(error.category, self._plan.retry)
        retry = row.retry if error.should_retry is None else error.should_retry
        candidate.failed_at = self._clock.monotonic()
        candidate.delay = self._delay(row, error, candidate.tries)
        candidate.insisting = candidate.delay <= self._plan.retry.patience
        asked = error.retry_after
        cooldown = asked if retry and asked is not None else max(row.cooldown, asked or 0.0)
        self._ledger.failed(flight, outcome, error, cooldown=cooldown, counts=row.counts, waits=retry)
        if not retry or candidate.tries >= (row.attempts or self._plan.retry.attempts):
            candidate.out = True
        self._redirect(candidate, row)
        return self._interruption(candidate, outcome) if flight.delivering else None

    def _delay(self, row: Decision, error: ProviderError, tries: int) -> float:
        """Seconds until the deployment may be asked again: what the vendor said, else backoff with full jitter."""
        if error.retry_after is not None:
            return error.retry_after
        retry = self._plan.retry
        ceiling = min(retry.cap, retry.base * 2.0 ** (tries - 1))
        return row.cooldown + (ceiling * self._shared.rng.random() if retry.jitter else ceiling)

    def _redirect(self, candidate: Candidate, row: Decision) -> None:
        """Follow the row to the list that goes on."""
        if row.fallback is None:
            for other in self._stages.known():
                other.out = other.out or other is not candidate
            self._stages.end()
            return
        if row.fallback == "general":
            return
        special = self._plan.context_window if row.fallback == "context_window" else self._plan.content_policy
        self._stages.put_first(special)
        if row.fallback == "context_window":  # the same model elsewhere has the same window
            model = candidate.endpoint.deployment.model
            for other in self._stages.known():
                other.out = other.out or other.endpoint.deployment.model == model

    def _interruption(self, candidate: Candidate, outcome: Failed) -> GiveUp | None:
        """What becomes of a stream that broke after its first content reached the caller."""
        candidate.error = self._broken = interrupted(outcome.error, outcome.partial)
        mode = self._plan.on_interrupted
        final = mode == "raise" or not isinstance(outcome.error, ProviderError)
        if final or (mode == "continue" and outcome.text is None):
            return GiveUp(self._error(None))
        self._marker = "continue" if mode == "continue" and outcome.text else "restart"
        return None

    def _error(self, later: Later | None) -> Exception:
        """What the call raises."""
        if later is not None:
            self._ledger.pass_over(later.passed)
        attempts = tuple(self._ledger.attempts)
        errors = [candidate.error for candidate in self._stages.known() if candidate.error is not None]
        if self._broken is not None:
            return call_error((), attempts, alone=True, primary=self._broken)
        if self._gate.refused is not None and not self._tries:
            return call_error((), attempts, alone=True, primary=self._gate.refused)
        if not errors:
            first = next(iter(self._plan.stages[0]))
            errors = [out_of_time(first, self._plan.timeouts.total or 0.0)]
        return call_error(errors, attempts, alone=self._plan.alone, primary=errors[0])
