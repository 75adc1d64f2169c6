"""What the calls of one router family share while the same providers are in force: store, line, counts.

Built by the core, again for each override of the providers: what was learnt of a stand-in must not outlive it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from llmclient.routing.policy import budgets, health
from llmclient.routing.policy.line import Line
from llmclient.routing.policy.stats import RouterStats, Tally, percentiles
from llmclient.routing.policy.strategies import Standing

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from llmclient.protocols import Clock
    from llmclient.routing.core import Endpoint
    from llmclient.routing.policy.health import Admission, Health, Report, Rules
    from llmclient.routing.policy.settings import Budget, Hedge
    from llmclient.routing.policy.store import Document, Store
    from llmclient.types.policy import Attempt

ROUTER = "router"
"""Key of the record that holds the router's own limits."""


@dataclass(slots=True, eq=False)
class Counts:
    """Calls of the router, and which way their tries went."""

    successes: int = 0
    failures: int = 0
    cancelled: int = 0
    retries: int = 0
    fallbacks: int = 0
    hedges: int = 0


@dataclass(slots=True, eq=False)
class Shared:
    """State between calls; every method is safe to call from any thread."""

    store: Store
    rng: random.Random
    line: Line = field(default_factory=Line)
    counts: Counts = field(default_factory=Counts)
    tallies: dict[str, Tally] = field(default_factory=dict[str, Tally])
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _serial: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _prefix: str = ""

    def __post_init__(self) -> None:
        self._prefix = f"{self.rng.getrandbits(48):x}"

    def time(self, clock: Clock) -> float:
        """Return the time that records are written in."""
        return clock.now() if self.store.shared else clock.monotonic()

    # --- reservations ---

    def lease(self) -> str:
        """Return a name for a reservation that nobody else has."""
        return f"{self._prefix}-{next(self._serial)}"

    def admit(self, key: str, rules: Rules, *, now: float, lease: str, tokens: int) -> Admission:
        """Reserve a try at `key`, or say why not."""
        return self.store.update(key, lambda record: health.admit(record, rules, now=now, lease=lease, tokens=tokens))

    def look(self, key: str, rules: Rules, *, now: float, tokens: int) -> Admission:
        """Say what `admit` would say at `now`, as far as is known by now; nothing is reserved."""
        return self.store.update(key, lambda record: health.look(record, rules, now=now, tokens=tokens))

    def settle(self, key: str, rules: Rules, report: Report, *, now: float, lease: str) -> None:
        """Give a reservation back and write down what came of it."""
        self.store.update(key, lambda record: health.settle(record, rules, report, now=now, lease=lease))
        self.line.freed(key)

    def reserve_budgets(
        self, kept: Sequence[tuple[str, Budget]], *, now: float, lease: str, usd: float, tokens: int
    ) -> tuple[Budget, str] | None:
        """Reserve in every budget, or in none: then which one has no room, and what is spent there."""
        for position, (key, budget) in enumerate(kept):

            def reserve(document: Document, budget: Budget = budget) -> str:
                return budgets.reserve(document, budget, now=now, lease=lease, usd=usd, tokens=tokens)

            refused = self.store.update(key, reserve)
            if refused:
                self.settle_budgets(kept[:position], lease=lease, usd=0.0, tokens=0)
                return budget, refused
        return None

    def look_at_budgets(
        self, kept: Sequence[tuple[str, Budget]], *, now: float, usd: float, tokens: int
    ) -> tuple[Budget, str] | None:
        """Say what `reserve_budgets` would say at `now`; nothing is reserved."""
        for key, budget in kept:
            refused = budgets.reserve(self.store.read(key), budget, now=now, lease="", usd=usd, tokens=tokens)
            if refused:
                return budget, refused
        return None

    def settle_budgets(
        self, kept: Sequence[tuple[str, Budget]], *, lease: str, usd: float | None, tokens: int | None
    ) -> None:
        """Replace reservations by what was spent; None keeps the estimate."""
        for key, _ in kept:
            self.store.update(key, lambda document: budgets.settle(document, lease=lease, usd=usd, tokens=tokens))

    def earn_hedge(self, hedge: Hedge) -> None:
        """A call began: the bucket of hedges fills a little."""
        self.store.update("hedge", lambda document: _pour(document, hedge, hedge.ratio))

    def take_hedge(self, hedge: Hedge) -> bool:
        """Take a hedge out of the bucket, if there is one."""
        return self.store.update("hedge", lambda document: _pour(document, hedge, -1.0))

    # --- counting ---

    def tally(self, key: str) -> Tally:
        """Return the counts of a deployment, new ones at first."""
        found = self.tallies.get(key)
        return found if found is not None else self.tallies.setdefault(key, Tally())

    def begin(self, key: str, *, kind: str) -> None:
        """Count a try that starts: "first", "retry", "fallback" or "hedge"."""
        with self._lock:
            tally = self.tally(key)
            tally.busy += 1
            tally.turn = next(self._serial)
            if kind == "retry":
                self.counts.retries += 1
            elif kind == "fallback":
                self.counts.fallbacks += 1
            elif kind == "hedge":
                self.counts.hedges += 1

    def finish(self, key: str, attempt: Attempt, *, begun: bool) -> None:
        """Count an attempt that ended (`begun`), or a deployment that was passed over."""
        with self._lock:
            tally = self.tally(key)
            if begun:
                tally.busy -= 1
            tally.add(attempt)

    def end(self, result: str) -> None:
        """Count a call that ended: "success", "failure" or "cancelled"."""
        with self._lock:
            if result == "success":
                self.counts.successes += 1
            elif result == "failure":
                self.counts.failures += 1
            else:
                self.counts.cancelled += 1

    # --- reading ---

    def standing(self, endpoint: Endpoint, price: float | None, *, now: float) -> Standing:
        """Return how a deployment stands, for a strategy."""
        tally = self.tally(endpoint.key)
        requests_left, tokens_left = 1.0, 1.0
        rules = endpoint.rules
        if rules.rpm is not None or rules.tpm is not None:
            requests_left, tokens_left = health.left(self.store.read(endpoint.key), rules, now=now)
        return Standing(
            deployment=endpoint.deployment,
            busy=tally.busy,
            turn=tally.turn,
            latency=tally.latency,
            seconds_per_token=tally.seconds_per_token,
            price=price,
            requests_left=requests_left,
            tokens_left=tokens_left,
        )

    def health(self, *, now: float) -> Mapping[str, Health]:
        """Return how each deployment is."""
        return {
            key: health.health_of(self.store.read(key), now=now, busy=tally.busy)
            for key, tally in list(self.tallies.items())  # other threads may add one
        }

    def stats(self) -> RouterStats:
        """Return the counts."""
        with self._lock:
            counts = self.counts
            tallies = dict(self.tallies)  # other threads may add one
            by_deployment = {key: tally.read() for key, tally in tallies.items()}
            durations = [seconds for tally in tallies.values() for seconds in tally.durations]
            first_tokens = [seconds for tally in tallies.values() for seconds in tally.first_tokens]
            return RouterStats(
                calls=counts.successes + counts.failures + counts.cancelled,
                successes=counts.successes,
                failures=counts.failures,
                cancelled=counts.cancelled,
                retries=counts.retries,
                fallbacks=counts.fallbacks,
                hedges=counts.hedges,
                prompt_tokens=sum(stats.prompt_tokens for stats in by_deployment.values()),
                completion_tokens=sum(stats.completion_tokens for stats in by_deployment.values()),
                cost=sum((stats.cost for stats in by_deployment.values()), start=Decimal(0)),
                latency=percentiles(durations),
                first_token=percentiles(first_tokens),
                deployments=by_deployment,
            )

    def reset_stats(self) -> None:
        """Forget the counts."""
        with self._lock:
            self.counts = Counts()
            for tally in list(self.tallies.values()):
                tally.reset()


def _pour(document: Document, hedge: Hedge, amount: float) -> bool:
    level = document.get("level", float(hedge.burst))
    filled = min(float(hedge.burst), (level if isinstance(level, float) else 0.0) + amount)
    if filled < 0:
        return False
    document["level"] = filled
    return True
