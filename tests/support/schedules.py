"""Drawn routers, and what befalls them: deployments, settings, what each request comes to, who calls when.

Everything is read off one string of bytes, a choice for each byte, the simplest choice for a 0. Hypothesis draws and
shrinks such a string many times faster than the same values one by one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import strategies as st

from llmclient import Breaker, Budget, Decision, Deployment, ErrorCategory, Hedge, Limits, RetryPolicy, Timeouts
from support.routing_world import ERRORS, Router, Step, World

T = TypeVar("T")

MODELS = ("openai/a", "anthropic/b", "openrouter/c", "groq/d")
FAULTS = tuple(ERRORS)
TELLS_WHEN = frozenset({"rate_limit", "overloaded", "server_error", "quota"})
SECONDS = (0.0, 0.1, 0.5, 1.0, 3.0, 7.0)
WAITS = (None, None, 0.0, 0.25, 2.0, 30.0, 90.0)
TEXTS = (("x",), ("ab", "cd"), ("a", "b", "c"))
SOME = (None, None, 1, 2)
STRATEGIES = ("ordered", "weighted", "round_robin", "least_busy", "lowest_latency", "lowest_cost", "most_remaining")
ROWS = (
    {},
    {},
    {ErrorCategory.SERVER_ERROR: 1, ErrorCategory.RATE_LIMIT: 5},
    {ErrorCategory.AUTH: Decision(retry=True, counts=True), ErrorCategory.TIMEOUT: Decision(cooldown=20.0)},
)
BREAKERS = (
    None,
    Breaker(failures=1, cooldown=5),
    Breaker(failures=3, cooldown=10),
    Breaker(failures=9, rate=0.5, minimum=2, window=30, cooldown=3, longest=4),
)
HEDGES = (None, None, Hedge(after=0.2, ratio=0.5, burst=2), Hedge(after=1.5, ratio=0.5, burst=2))
BUDGETS = ((), (), (), (Budget(tokens=1200),), (Budget(tokens=2500, seconds=20), Budget(tokens=700, tag="t")))
BYTES = st.binary(min_size=256, max_size=256)


class Dice:
    """Choices, one for each byte; 0 for those past the end."""

    def __init__(self, drawn: bytes) -> None:
        self._drawn = iter(drawn)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[next(self._drawn, 0) % len(choices)]

    def count(self, low: int, high: int) -> int:
        return low + next(self._drawn, 0) % (high - low + 1)

    def chance(self) -> bool:
        return next(self._drawn, 0) % 2 == 1


@dataclass(frozen=True)
class Plan:
    """A router, and what its deployments do."""

    steps: dict[str, list[Step]]
    deployments: list[Deployment]
    fallbacks: list[Deployment]
    retry: RetryPolicy
    timeouts: Timeouts
    breaker: Breaker | None
    limits: Limits
    hedge: Hedge | None
    budgets: tuple[Budget, ...]
    strategy: str
    on_interrupted: str
    seed: int

    def router(self, world: World, flavour: str = "async", **options) -> Router:
        for model, drawn in self.steps.items():
            world.on(model, *drawn)
        return Router(
            world,
            flavour,
            "g",
            deployments=self.deployments,
            fallbacks=self.fallbacks,
            retry=self.retry,
            timeouts=self.timeouts,
            breaker=self.breaker,
            limits=self.limits,
            hedge=self.hedge,
            budget=self.budgets,
            strategy=self.strategy,
            on_interrupted=self.on_interrupted,
            rng=random.Random(self.seed),  # noqa: S311 - a seed
            **options,
        )


@dataclass(frozen=True)
class Made:
    """A call: when it begins, whether it streams, when it is cancelled."""

    at: float = 0.0
    stream: bool = False
    cancel_after: float | None = None


def a_step(dice: Dice, faults: Sequence[str]) -> Step:
    first, gap = dice.pick(SECONDS), dice.pick(SECONDS)
    if not dice.count(0, 2):
        return Step(chunks=dice.pick(TEXTS), first=first, gap=gap, role_first=dice.chance())
    fault = dice.pick(faults)
    chunks = dice.pick(((), (), ("ab",), ("a", "bc")))
    retry_after = dice.pick(WAITS) if fault in TELLS_WHEN else None
    should_retry = dice.pick((None, None, None, None, True, False))
    return Step(chunks=chunks, first=first, gap=gap, fault=fault, retry_after=retry_after, should_retry=should_retry)


def a_plan(dice: Dice, *, hedged: bool = False, limited: bool = True, faults: Sequence[str] = FAULTS) -> Plan:
    models = MODELS[: dice.count(1, 4)]
    inside = dice.count(1, len(models))
    deployments = [
        Deployment(
            model,
            name="g",
            weight=dice.pick((1.0, 0.5, 3.0)),
            order=dice.count(0, 1),
            rpm=dice.pick(SOME) if limited else None,
            max_parallel=dice.pick(SOME) if limited else None,
            tpm=dice.pick((None, None, None, 1100)) if limited else None,
            timeouts=dice.pick((None, None, Timeouts(total=2.0), Timeouts(total=20.0, idle=0.7))),
            tags=dice.pick(((), ("t",))),
        )
        for model in models
    ]
    return Plan(
        deployments=deployments[:inside],
        fallbacks=deployments[inside:],
        retry=RetryPolicy(
            attempts=dice.count(1, 4),
            base=dice.pick((0.1, 0.5, 2.0)),
            cap=5.0,
            jitter=dice.chance(),
            budget=dice.pick((None, None, 1, 2, 5)),
            patience=dice.pick((0.0, 0.0, 1.0)),
            per_category=dice.pick(ROWS),
        ),
        timeouts=Timeouts(
            total=dice.pick((600.0, 60.0, 10.0, 1.0)),
            first_token=dice.pick((None, 0.3, 2.0)),
            idle=dice.pick((None, 0.4, 5.0)),
        ),
        breaker=dice.pick(BREAKERS),
        limits=Limits(
            rpm=dice.pick((None, None, 3)) if limited else None,
            max_parallel=dice.pick((None, None, 1, 2)) if limited else None,
            when_full=dice.pick(("wait", "next")),
        ),
        hedge=dice.pick(HEDGES) if hedged else None,
        budgets=dice.pick(BUDGETS) if limited else (),
        strategy=dice.pick(STRATEGIES),
        on_interrupted=dice.pick(("raise", "restart", "continue")),
        seed=dice.count(0, 255),
        steps={model: [a_step(dice, faults) for _ in range(dice.count(1, 4))] for model in models},
    )


def some_calls(dice: Dice) -> list[Made]:
    return [
        Made(
            at=dice.pick((0.0, 0.0, 0.0, 0.5, 6.0, 40.0)),
            stream=dice.chance(),
            cancel_after=dice.pick((None, None, None, 0.0, 0.3, 2.0, 20.0)),
        )
        for _ in range(dice.count(1, 6))
    ]


@st.composite
def drawn(draw: st.DrawFn, make: Callable[[Dice], T]) -> T:
    """What `make` reads off drawn bytes."""
    return make(Dice(draw(BYTES)))
