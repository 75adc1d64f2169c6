"""Whether a candidate may be asked now: does the request fit, may it be paid for, has anybody room for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmclient.errors import BudgetExceededError
from llmclient.routing.policy.failures import reason_of, unavailable
from llmclient.routing.policy.fit import misfit
from llmclient.routing.policy.health import Admission, Report
from llmclient.routing.policy.pricing import estimate
from llmclient.routing.policy.shared import ROUTER
from llmclient.routing.policy.strategies import STRATEGIES, lowest_cost

if TYPE_CHECKING:
    from llmclient.protocols import Clock
    from llmclient.routing.core import Endpoint
    from llmclient.routing.policy.candidates import Candidate, Later
    from llmclient.routing.policy.health import Rules
    from llmclient.routing.policy.line import Place
    from llmclient.routing.policy.plan import Plan
    from llmclient.routing.policy.shared import Shared
    from llmclient.routing.policy.strategies import Standing

_LIMITS = ("rpm", "tpm", "parallel")

_BEHIND = Admission(granted=False, why="line", waits=True)


class Gate:
    """Lets candidates of one call through, with everything reserved, or keeps them out and says why."""

    __slots__ = ("_clock", "_plan", "_shared", "refused")

    def __init__(self, plan: Plan, shared: Shared, clock: Clock) -> None:
        self._plan = plan
        self._shared = shared
        self._clock = clock
        self.refused: BudgetExceededError | None = None

    def admit(self, candidate: Candidate, later: Later, place: Place | None) -> bool:
        """Reserve a try at `candidate`; if that cannot be, `later` has the reason, and `candidate.out` may be set."""
        endpoint, plan = candidate.endpoint, self._plan
        if not candidate.fits:
            error = None if plan.alone or plan.needs is None else misfit(endpoint, plan.needs)
            if error is not None:
                candidate.out = True
                later.passed.append((candidate, str(error), error))
                return False
            candidate.fits = True
        now = self._shared.time(self._clock)
        lease = self._shared.lease()
        kept = plan.budgets_of(endpoint) if plan.budgets else ()
        if kept and not self._pay(candidate, later, now=now, lease=lease):
            return False
        denied = self._reserve(endpoint, later, place, now=now, lease=lease)
        if denied is None:
            candidate.lease, candidate.kept = lease, kept
            return True
        if kept:
            self._shared.settle_budgets(kept, lease=lease, usd=0.0, tokens=0)
        if not denied.waits:
            candidate.out = True
        candidate.error = candidate.error or unavailable(endpoint, denied, now)
        later.passed.append((candidate, reason_of(denied, now), candidate.error))
        if denied.waits and denied.why == "cooldown":
            later.add(None if denied.until is None else denied.until - now)
        return False

    def standings(self, endpoints: Sequence[Endpoint]) -> Sequence[Standing]:
        """How the members of a list stand, for the strategy."""
        now = self._shared.time(self._clock)
        needs = self._plan.needs
        strategy = self._plan.strategy
        priced = strategy is lowest_cost or strategy not in STRATEGIES.values()
        return [
            self._shared.standing(
                endpoint, estimate(endpoint.deployment, needs) if needs is not None and priced else None, now=now
            )
            for endpoint in endpoints
        ]

    def _pay(self, candidate: Candidate, later: Later, *, now: float, lease: str) -> bool:
        plan = self._plan
        endpoint = candidate.endpoint
        usd = (estimate(endpoint.deployment, plan.needs) or 0.0) if plan.needs is not None else 0.0
        tokens = plan.needs.tokens if plan.needs is not None else 0
        kept = plan.budgets_of(endpoint)
        refused = self._shared.reserve_budgets(kept, now=now, lease=lease, usd=usd, tokens=tokens)
        if refused is None:
            return True
        budget, spent = refused
        limit = f"${budget.usd:.6g}" if budget.usd is not None else f"{budget.tokens} tokens"
        self.refused = BudgetExceededError(budget.scope, limit=limit, spent=spent)
        candidate.out = True
        candidate.error = candidate.error or self.refused
        later.passed.append((candidate, str(self.refused), self.refused))
        return False

    def _reserve(
        self, endpoint: Endpoint, later: Later, place: Place | None, *, now: float, lease: str
    ) -> Admission | None:
        """Reserve at the router and at the deployment, or at neither; None where it is done."""
        plan, shared = self._plan, self._shared
        tokens = plan.needs.tokens if plan.needs is not None and endpoint.counts_tokens(plan.rules) else 0
        if plan.rules.limited:
            denied = self._reserve_at(ROUTER, plan.rules, later, place, now=now, lease=lease, tokens=tokens)
            if denied is not None:
                return denied
        denied = self._reserve_at(endpoint.key, endpoint.rules, later, place, now=now, lease=lease, tokens=tokens)
        if denied is not None and plan.rules.limited:
            shared.settle(ROUTER, plan.rules, Report("none", sent=False), now=now, lease=lease)
        return denied

    def _reserve_at(
        self, key: str, rules: Rules, later: Later, place: Place | None, *, now: float, lease: str, tokens: int
    ) -> Admission | None:
        shared = self._shared
        if rules.limited and not shared.line.may_pass(key, place):
            later.add(None, key)
            return _BEHIND
        admission = shared.admit(key, rules, now=now, lease=lease, tokens=tokens)
        if admission.granted:
            return None
        if admission.why in _LIMITS:
            later.add(None if admission.until is None else admission.until - now, key)
        return admission
