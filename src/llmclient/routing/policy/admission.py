"""Whether a candidate may be asked now: does the request fit, may it be paid for, has anybody room for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from llmclient.errors import BudgetExceededError
from llmclient.routing.policy.failures import reason_of, unavailable
from llmclient.routing.policy.fit import misfit
from llmclient.routing.policy.health import GRANTED, UNSENT, Admission
from llmclient.routing.policy.pricing import estimate
from llmclient.routing.policy.shared import ROUTER
from llmclient.routing.policy.strategies import STRATEGIES, lowest_cost

if TYPE_CHECKING:
    from llmclient.protocols import Clock
    from llmclient.routing.core import Endpoint
    from llmclient.routing.policy.candidates import Candidate, Kept, Later
    from llmclient.routing.policy.health import Rules
    from llmclient.routing.policy.line import Place
    from llmclient.routing.policy.plan import Plan
    from llmclient.routing.policy.settings import Budget
    from llmclient.routing.policy.shared import Shared
    from llmclient.routing.policy.strategies import Standing

_BEHIND = Admission(granted=False, why="line", waits=True)
_NOBODY = ("", GRANTED)

_Refused: TypeAlias = tuple[str, Admission]
"""The key of the record that has no room, and what it says."""


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
        if kept and not self._pay(candidate, later, kept, now=now, lease=lease):
            return False
        denied = self._reserve(endpoint, place, now=now, lease=lease)
        if denied is None:
            candidate.lease, candidate.kept = lease, kept
            return True
        if kept:
            self._shared.settle_budgets(kept, lease=lease, usd=0.0, tokens=0)
        key, admission = denied
        if admission.waits:
            delay = None if admission.until is None else admission.until - now
            later.add(delay, None if admission.why == "cooldown" else key)
        self._refuse(candidate, later, denied, now)
        return False

    def awaits(self, candidate: Candidate, later: Later, rest: float) -> float | None:
        """Add in how many seconds a candidate that rests may be asked; None where it is known that it will not be."""
        endpoint, plan = candidate.endpoint, self._plan
        now = self._shared.time(self._clock)
        if plan.budgets:
            usd, tokens = self._estimates(endpoint)
            kept = plan.budgets_of(endpoint)
            refused = self._shared.look_at_budgets(kept, now=now + rest, usd=usd, tokens=tokens)
            if refused is not None:
                self._refuse_money(candidate, later, refused)
                return None
        found = self._look(endpoint, None, now=now + rest) or _NOBODY
        ahead = found[1]
        if ahead.granted or ahead.waits or ahead.why == "probing":
            wait = rest if ahead.until is None else ahead.until - now
            later.add(wait)
            return wait
        self._refuse(candidate, later, found, now)
        return None

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

    def _refuse(self, candidate: Candidate, later: Later, refused: _Refused, now: float) -> None:
        key, admission = refused
        whose = "the router's" if key == ROUTER else "its"
        if not admission.waits:
            candidate.out = True
        candidate.error = candidate.error or unavailable(candidate.endpoint, admission, now, whose=whose)
        later.passed.append((candidate, reason_of(admission, now, whose=whose), candidate.error))

    def _estimates(self, endpoint: Endpoint) -> tuple[float, int]:
        """About how many dollars and tokens a try at `endpoint` may take."""
        needs = self._plan.needs
        return (0.0, 0) if needs is None else (estimate(endpoint.deployment, needs) or 0.0, needs.tokens)

    def _pay(self, candidate: Candidate, later: Later, kept: Kept, *, now: float, lease: str) -> bool:
        usd, tokens = self._estimates(candidate.endpoint)
        refused = self._shared.reserve_budgets(kept, now=now, lease=lease, usd=usd, tokens=tokens)
        if refused is not None:
            self._refuse_money(candidate, later, refused)
        return refused is None

    def _refuse_money(self, candidate: Candidate, later: Later, refused: tuple[Budget, str]) -> None:
        budget, spent = refused
        limit = f"${budget.usd:.6g}" if budget.usd is not None else f"{budget.tokens} tokens"
        self.refused = BudgetExceededError(budget.scope, limit=limit, spent=spent)
        candidate.out = True
        candidate.error = candidate.error or self.refused
        later.passed.append((candidate, str(self.refused), self.refused))

    def _tokens(self, endpoint: Endpoint) -> int:
        plan = self._plan
        return plan.needs.tokens if plan.needs is not None and endpoint.counts_tokens(plan.rules) else 0

    def _reserve(self, endpoint: Endpoint, place: Place | None, *, now: float, lease: str) -> _Refused | None:
        """Reserve at the router and at the deployment, or at neither; None where it is done.

        Where both have a say they are looked at first: a place taken and given back would call up others for nothing.
        """
        rules = self._plan.rules
        if not rules.limited:
            return self._take(endpoint, endpoint.key, endpoint.rules, place, now=now, lease=lease)
        refused = self._look(endpoint, place, now=now)
        if refused is None:
            refused = self._take(endpoint, ROUTER, rules, place, now=now, lease=lease)
            if refused is None:
                refused = self._take(endpoint, endpoint.key, endpoint.rules, place, now=now, lease=lease)
                if refused is not None:  # another thread was faster
                    self._shared.settle(ROUTER, rules, UNSENT, now=now, lease=lease)
        return refused

    def _take(
        self, endpoint: Endpoint, key: str, rules: Rules, place: Place | None, *, now: float, lease: str
    ) -> _Refused | None:
        shared = self._shared
        if rules.limited and not shared.line.may_pass(key, place):
            return self._look(endpoint, place, now=now) or (key, _BEHIND)
        admission = shared.admit(key, rules, now=now, lease=lease, tokens=self._tokens(endpoint))
        if admission.granted:
            return None
        return (self._look(endpoint, place, now=now) if admission.waits else None) or (key, admission)

    def _look(self, endpoint: Endpoint, place: Place | None, *, now: float) -> _Refused | None:
        """Who would refuse a try at `now`, which may be a time to come, as far as is known; the one that lasts."""
        shared, tokens = self._shared, self._tokens(endpoint)
        found: _Refused | None = None
        for key, rules in ((endpoint.key, endpoint.rules), (ROUTER, self._plan.rules)):
            admission = shared.look(key, rules, now=now, tokens=tokens)
            if admission.granted and rules.limited and not shared.line.may_pass(key, place):
                admission = _BEHIND
            if admission.granted:
                continue
            if not admission.waits:
                return key, admission
            if found is None or (admission.until or 0.0) > (found[1].until or 0.0):
                found = key, admission
        return found
