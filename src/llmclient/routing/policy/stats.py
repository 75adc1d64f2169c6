"""What happened, counted: in this process, since the router was made or `reset_stats()` was called."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmclient.types.cost import Cost
    from llmclient.types.policy import Attempt

KEPT = 1000
"""How many of the latest successful tries the percentiles are taken from."""

UNPRICED = 250
"""How many tries are priced at once, where nobody asked for the cost before: each keeps its usage until then, and the
caller whose try is the last of them waits for all."""

NEW = 0.3
"""Share of the newest value in a moving average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Seconds: median, 90th and 99th percentile of the latest 1000; None before the first."""

    p50: float | None = None
    p90: float | None = None
    p99: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentStats:
    """Tries at one deployment. `tries` is the sum of `successes`, `failures` and `cancelled` once none is in flight."""

    tries: int = 0
    successes: int = 0
    failures: Mapping[str, int] = field(default_factory=dict[str, int])
    skipped: int = 0
    cancelled: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = Decimal(0)
    latency: Percentiles = Percentiles()
    first_token: Percentiles = Percentiles()


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterStats:
    """What a router and those that share its state did.

    Attributes:
        calls: calls that ended; the sum of `successes`, `failures` and `cancelled`.
        retries: tries at a deployment that the call had tried before.
        fallbacks: tries at another deployment after one had failed.
        hedges: second tries beside one that was late.
        cost: US dollars of all tries whose price is known.
        latency: of successful tries.
        deployments: the same by deployment, under the labels that `health()` uses.
    """

    calls: int = 0
    successes: int = 0
    failures: int = 0
    cancelled: int = 0
    retries: int = 0
    fallbacks: int = 0
    hedges: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = Decimal(0)
    latency: Percentiles = Percentiles()
    first_token: Percentiles = Percentiles()
    deployments: Mapping[str, DeploymentStats] = field(default_factory=dict[str, DeploymentStats])


class Tally:
    """Running counts of one deployment. The caller holds the lock."""

    __slots__ = (
        "busy",
        "cancelled",
        "completion_tokens",
        "cost",
        "durations",
        "failures",
        "first_tokens",
        "latency",
        "prompt_tokens",
        "seconds_per_token",
        "skipped",
        "successes",
        "tries",
        "turn",
        "unpriced",
    )

    def __init__(self) -> None:
        self.busy: int = 0
        self.turn: int = 0
        self.latency: float | None = None
        self.seconds_per_token: float | None = None
        self.reset()

    def reset(self) -> None:
        """Forget the counts; what strategies go by stays."""
        self.tries: int = 0
        self.successes: int = 0
        self.skipped: int = 0
        self.cancelled: int = 0
        self.failures: Counter[str] = Counter()
        self.prompt_tokens: int = 0
        self.completion_tokens: int = 0
        self.cost: Decimal = Decimal(0)
        self.unpriced: list[Callable[[], Cost | None]] = []
        self.durations: deque[float] = deque(maxlen=KEPT)
        self.first_tokens: deque[float] = deque(maxlen=KEPT)

    def add(self, attempt: Attempt) -> None:
        """Count a finished attempt."""
        outcome = attempt.outcome
        usage = attempt.usage
        if outcome == "skipped":
            self.skipped += 1
            return
        self.tries += 1
        if usage is not None:
            self.prompt_tokens += usage.prompt_tokens
            self.completion_tokens += usage.completion_tokens
        if attempt.price is not None:
            self.unpriced.append(attempt.price)
            if len(self.unpriced) >= UNPRICED:
                self.count_costs()
        if outcome == "success":
            self.successes += 1
            self._time(attempt, usage.completion_tokens if usage is not None else 0)
        elif outcome == "failed":
            self.failures[attempt.category or type(attempt.error).__name__] += 1
        else:
            self.cancelled += 1

    def _time(self, attempt: Attempt, tokens: int) -> None:
        duration = attempt.duration
        self.durations.append(duration)
        if attempt.first_token is not None:
            self.first_tokens.append(attempt.first_token)
        self.latency = _moved(self.latency, duration)
        if tokens:
            self.seconds_per_token = _moved(self.seconds_per_token, duration / tokens)

    def count_costs(self) -> None:
        """Add up what the tries cost that were not asked for it yet: prices are looked up when somebody reads."""
        costs = [price() for price in self.unpriced]
        self.unpriced.clear()
        self.cost += sum((cost.total for cost in costs if cost is not None), start=Decimal(0))

    def read(self) -> DeploymentStats:
        """Return the counts."""
        self.count_costs()
        return DeploymentStats(
            tries=self.tries,
            successes=self.successes,
            failures=dict(self.failures),
            skipped=self.skipped,
            cancelled=self.cancelled,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cost=self.cost,
            latency=percentiles(self.durations),
            first_token=percentiles(self.first_tokens),
        )


def percentiles(values: deque[float] | list[float]) -> Percentiles:
    """Nearest-rank percentiles."""
    if not values:
        return Percentiles()
    ranked = sorted(values)
    last = len(ranked) - 1
    return Percentiles(p50=ranked[last // 2], p90=ranked[round(last * 0.9)], p99=ranked[round(last * 0.99)])


def _moved(average: float | None, value: float) -> float:
    return value if average is None else average + NEW * (value - average)
