"""Writes down what one call did: its attempts, and through them the shared records, budgets, counts and the log."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from llmclient.routing.policy.candidates import Candidate, Flight
from llmclient.routing.policy.health import UNSENT, Report
from llmclient.routing.policy.logs import log_attempt
from llmclient.routing.policy.pricing import cost_of_try
from llmclient.routing.policy.shared import ROUTER
from llmclient.types.policy import Attempt

if TYPE_CHECKING:
    from llmclient.errors import ProviderError
    from llmclient.protocols import Clock
    from llmclient.routing.policy.actions import Failed, Succeeded
    from llmclient.routing.policy.plan import Plan
    from llmclient.routing.policy.shared import Shared
    from llmclient.types.cost import Cost
    from llmclient.types.response import Usage

_SUCCESS = Report("success")


class Ledger:
    """The attempts of one call, oldest first. `waited` is the time waited since the last one."""

    __slots__ = ("_clock", "_plan", "_shared", "attempts", "waited")

    def __init__(self, plan: Plan, shared: Shared, clock: Clock) -> None:
        self._plan = plan
        self._shared = shared
        self._clock = clock
        self.attempts: list[Attempt] = []
        self.waited: float = 0.0

    def begin(
        self, candidate: Candidate, *, serial: int, kind: Literal["first", "retry", "fallback", "hedge"]
    ) -> Flight:
        """A try starts."""
        candidate.tries += 1
        candidate.flying = True
        self._shared.begin(candidate.endpoint.key, kind=kind)
        waited, self.waited = self.waited, 0.0
        return Flight(
            serial=serial,
            candidate=candidate,
            lease=candidate.lease,
            kept=candidate.kept,
            started=self._clock.now(),
            began=self._clock.monotonic(),
            waited=waited,
        )

    def succeeded(self, flight: Flight, outcome: Succeeded) -> None:
        """A try gave the answer."""
        usage = outcome.usage
        report = _SUCCESS
        if flight.candidate.endpoint.rules.limited or self._plan.rules.limited:
            report = Report("success", tokens=None if usage is None else usage.total_tokens)
        self._close(
            flight,
            report,
            Attempt(
                deployment=flight.candidate.endpoint.deployment,
                started=flight.started,
                duration=self._clock.monotonic() - flight.began,
                waited=flight.waited,
                first_token=flight.first_token,
                status_code=200,
                request_id=outcome.request_id,
                usage=usage,
                price=_price(flight, usage, outcome.model, outcome.tier),
            ),
        )

    def failed(
        self, flight: Flight, outcome: Failed, error: ProviderError, *, cooldown: float, counts: bool, waits: bool
    ) -> None:
        """A try came to an error of the provider's; `waits`: whether another try may wait for the cooldown's end."""
        usage = outcome.usage
        rejected = 0 if error.status_code is not None else None
        report = Report(
            "failure" if counts else "alive",
            category=error.category,
            cooldown=cooldown,
            waits=waits,
            tokens=rejected if usage is None else usage.total_tokens,
        )
        self._close(
            flight,
            report,
            Attempt(
                deployment=flight.candidate.endpoint.deployment,
                started=flight.started,
                duration=self._clock.monotonic() - flight.began,
                waited=flight.waited,
                first_token=outcome.first_token if flight.first_token is None else flight.first_token,
                outcome="failed",
                error=error,
                category=error.category,
                status_code=error.status_code,
                request_id=error.request_id,
                usage=usage,
                price=_price(flight, usage),
            ),
        )

    def unsent(self, flight: Flight, error: Exception) -> None:
        """A provider could not take the request, or was not set up: nothing was sent."""
        self._close(flight, UNSENT, self._aside(flight, "skipped", str(error), error))

    def cancelled(self, flight: Flight, *, reason: str, usage: Usage | None = None) -> None:
        """A try was given up before it came to anything."""
        report = Report("none", tokens=None if usage is None else usage.total_tokens)
        self._close(flight, report, self._aside(flight, "cancelled", reason, None, usage))

    def pass_over(self, passed: Sequence[tuple[Candidate, str, Exception]]) -> None:
        """Candidates were not asked, for the reasons given; each is written down once."""
        for candidate, reason, error in passed:
            if candidate.error is None:
                candidate.error = error
            if not candidate.noted:
                candidate.noted = True
                waited, self.waited = self.waited, 0.0
                attempt = Attempt(
                    deployment=candidate.endpoint.deployment,
                    started=self._clock.now(),
                    waited=waited,
                    outcome="skipped",
                    reason=reason,
                )
                self._write(candidate.endpoint.key, attempt, begun=False)

    def _aside(
        self,
        flight: Flight,
        outcome: Literal["skipped", "cancelled"],
        reason: str,
        error: Exception | None,
        usage: Usage | None = None,
    ) -> Attempt:
        return Attempt(
            deployment=flight.candidate.endpoint.deployment,
            started=flight.started,
            duration=self._clock.monotonic() - flight.began,
            waited=flight.waited,
            first_token=flight.first_token,
            outcome=outcome,
            error=error,
            reason=reason,
            usage=usage,
            price=_price(flight, usage),
        )

    def _close(self, flight: Flight, report: Report, attempt: Attempt) -> None:
        """Give back what the try held, and write it down."""
        shared, endpoint = self._shared, flight.candidate.endpoint
        flight.candidate.flying = False
        now = shared.time(self._clock)
        shared.settle(endpoint.key, endpoint.rules, report, now=now, lease=flight.lease)
        if self._plan.rules.limited:
            spent = Report("none", tokens=report.tokens, sent=report.sent)  # what failed is no fault of the router
            shared.settle(ROUTER, self._plan.rules, spent, now=now, lease=flight.lease)
        if flight.kept:
            self._settle_budgets(flight, report, attempt)
        self._write(endpoint.key, attempt, begun=True)

    def _settle_budgets(self, flight: Flight, report: Report, attempt: Attempt) -> None:
        cost = attempt.cost
        usd = None if cost is None else float(cost.total)
        tokens = report.tokens if attempt.usage is None else attempt.usage.total_tokens
        if tokens == 0 and usd is None:
            usd = 0.0
        self._shared.settle_budgets(flight.kept, lease=flight.lease, usd=usd, tokens=tokens)

    def _write(self, key: str, attempt: Attempt, *, begun: bool) -> None:
        self.attempts.append(attempt)
        self._shared.finish(key, attempt, begun=begun)
        log_attempt(attempt)


def _price(
    flight: Flight, usage: Usage | None, model: str = "", tier: str | None = None
) -> partial[Cost | None] | None:
    if usage is None:
        return None
    return partial(cost_of_try, flight.candidate.endpoint.deployment, usage, model, tier)
