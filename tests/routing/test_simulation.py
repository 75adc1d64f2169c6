"""Routing under drawn schedules of faults, delays, cancellations and concurrency, on virtual time.

Hypothesis draws deployments, settings, what each request comes to, and when calls begin and are cancelled; a failing
schedule is printed, and the blob beside it replays it. More of them: LLMCLIENT_SIMULATIONS=5000 pytest tests/routing.
"""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmclient import (
    Breaker,
    Deployment,
    Hedge,
    Limits,
    LLMClientError,
    MemoryStore,
    ModelRouter,
    RetryPolicy,
    Timeouts,
)
from llmclient.routing.policy.decisions import DECISIONS
from support.routing_world import ERRORS, Router, Step, World

SIMULATIONS = int(os.environ.get("LLMCLIENT_SIMULATIONS", "40"))
MODELS = ("openai/a", "anthropic/b", "openrouter/c", "groq/d")
SLACK = 1e-3
FAULTS = tuple(ERRORS)
HEDGES = (None, None, Hedge(after=0.2, ratio=0.5, burst=2), Hedge(after=1.5, ratio=0.5, burst=2))

simulated = settings(
    max_examples=SIMULATIONS,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

seconds = st.sampled_from([0.0, 0.1, 0.5, 1.0, 3.0, 7.0])
waits = st.sampled_from([None, None, 0.0, 0.25, 2.0, 30.0, 90.0])
texts = st.sampled_from([("x",), ("ab", "cd"), ("a", "b", "c")])


@st.composite
def steps(draw: st.DrawFn, *, faults: list[str]) -> Step:
    fault = draw(st.sampled_from([None, None, *faults]))
    if fault is None:
        return Step(chunks=draw(texts), first=draw(seconds), gap=draw(seconds), role_first=draw(st.booleans()))
    chunks = draw(st.sampled_from([(), (), ("ab",), ("a", "bc")]))
    retry_after = draw(waits) if fault in {"rate_limit", "overloaded", "server_error", "quota"} else None
    return Step(chunks=chunks, first=draw(seconds), gap=draw(seconds), fault=fault, retry_after=retry_after)


@dataclass(frozen=True)
class Plan:
    """A drawn router, and what its deployments do."""

    steps: dict[str, list[Step]]
    deployments: list[Deployment]
    fallbacks: list[Deployment]
    retry: RetryPolicy
    timeouts: Timeouts
    breaker: Breaker | None
    limits: Limits
    hedge: Hedge | None
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
            strategy=self.strategy,
            on_interrupted=self.on_interrupted,
            rng=random.Random(self.seed),  # noqa: S311 - a seed
            **options,
        )


@st.composite
def plans(draw: st.DrawFn, *, hedged: bool = True, limited: bool = True, faults: tuple[str, ...] = FAULTS) -> Plan:
    count = draw(st.integers(1, 4))
    drawn = {model: draw(st.lists(steps(faults=list(faults)), min_size=1, max_size=4)) for model in MODELS[:count]}
    some = st.sampled_from([None, None, 1, 2])
    deployments = [
        Deployment(
            model,
            name="g",
            weight=draw(st.sampled_from([0.5, 1.0, 3.0])),
            order=draw(st.integers(0, 1)),
            rpm=draw(some) if limited else None,
            max_parallel=draw(some) if limited else None,
            timeouts=draw(st.sampled_from([None, None, Timeouts(total=2.0), Timeouts(total=20.0, idle=0.7)])),
        )
        for model in drawn
    ]
    inside = draw(st.integers(1, count))
    return Plan(
        steps=drawn,
        deployments=deployments[:inside],
        fallbacks=deployments[inside:],
        retry=RetryPolicy(
            attempts=draw(st.integers(1, 4)),
            base=draw(st.sampled_from([0.1, 0.5, 2.0])),
            cap=5.0,
            jitter=draw(st.booleans()),
            budget=draw(st.sampled_from([None, None, 1, 2, 5])),
            patience=draw(st.sampled_from([0.0, 0.0, 1.0])),
        ),
        timeouts=Timeouts(
            total=draw(st.sampled_from([1.0, 10.0, 60.0, 600.0])),
            first_token=draw(st.sampled_from([None, 0.3, 2.0])),
            idle=draw(st.sampled_from([None, 0.4, 5.0])),
        ),
        breaker=draw(st.sampled_from([None, Breaker(failures=1, cooldown=5), Breaker(failures=3, cooldown=10)])),
        limits=Limits(
            rpm=draw(st.sampled_from([None, None, 3])) if limited else None,
            max_parallel=draw(st.sampled_from([None, None, 1, 2])) if limited else None,
            when_full=draw(st.sampled_from(["wait", "next"])),
        ),
        hedge=draw(st.sampled_from(HEDGES)) if hedged else None,
        strategy=draw(st.sampled_from(["ordered", "weighted", "round_robin", "least_busy", "lowest_latency"])),
        on_interrupted=draw(st.sampled_from(["raise", "restart", "continue"])),
        seed=draw(st.integers(0, 999)),
    )


@dataclass(frozen=True)
class Made:
    """A call as drawn: when it begins, whether it streams, when it is cancelled."""

    at: float
    stream: bool
    cancel_after: float | None = None


made_calls = st.lists(
    st.builds(
        Made,
        at=st.sampled_from([0.0, 0.0, 0.0, 0.5, 6.0, 40.0]),
        stream=st.booleans(),
        cancel_after=st.sampled_from([None, None, None, 0.0, 0.3, 2.0, 20.0]),
    ),
    min_size=1,
    max_size=6,
)


@dataclass
class Ended:
    """What a call came to."""

    began: float
    ended: float
    result: object
    seen: str = ""


def seen_by(chunks) -> str:
    text = ""
    for chunk in chunks:
        text = "" if chunk.marker == "restart" else text + chunk.text
    return text


async def make_call(router: Router, made: Made) -> Ended:
    clock, chunks = router.world.clock, []
    began = clock.monotonic()
    try:
        if made.stream:
            _, result = await router.read(into=chunks)
        else:
            result = await router.complete()
    except LLMClientError as error:
        result = error
    return Ended(began, clock.monotonic(), result, seen_by(chunks))


async def run_calls(router: Router, calls: list[Made]) -> list[Ended | BaseException]:
    """Run the calls at once, each at its time, and cancel those that are to be."""
    clock = router.world.clock

    async def one(made: Made) -> Ended:
        if made.at:
            await clock.async_sleep(made.at)
        call = asyncio.ensure_future(make_call(router, made))
        if made.cancel_after is not None:
            timer = clock.call_later(made.cancel_after, call.cancel)
            call.add_done_callback(lambda _: timer.cancel())
        return await call

    return await asyncio.gather(*(one(made) for made in calls), return_exceptions=True)


class Watched(World):
    """A world that asks at every request whether its deployment may be asked at all."""

    router: ModelRouter
    store: MemoryStore

    def begin(self, provider, request):
        model = f"{provider}/{request.model}"
        record = self.store.read(model)
        now = self.clock.monotonic()
        until = record.get("open_until")
        if until is not None:
            assert until <= now + SLACK, f"{model} is asked at {now} and open until {until}"
            assert "probe" in record, f"{model} is half-open and asked without a probe"
            lease = record["probe"][0]
            assert lease not in self.probes, f"{model} is asked twice on one probe"
            self.probes.append(lease)
        busy = record.get("busy", {})
        limit = self.parallel.get(model)
        assert limit is None or len(busy) <= limit
        return super().begin(provider, request)


def watched(plan: Plan, flavour: str = "async") -> tuple[Watched, Router]:
    world = Watched()
    world.store = MemoryStore()
    world.probes = []
    world.parallel = {deployment.model: deployment.max_parallel for deployment in plan.deployments + plan.fallbacks}
    return world, plan.router(world, flavour, store=world.store)


def check_left_behind(world: Watched, router: Router) -> None:
    """Nothing is reserved, in line, under way or open any more."""
    for model in (*world.steps, "router"):
        record = world.store.read(model)
        assert not record.get("busy"), f"{model} still has places taken"
        assert "probe" not in record, f"{model} still has a probe"
    assert {health.busy for health in router.router.health().values()} == {0}
    assert len(router.router._core.shared().line) == 0  # nobody may be left in line; there is no public view of it
    assert all(opened.closed for opened in world.opened)


def check_statistics(world: Watched, router: Router, calls: int) -> None:
    stats = router.router.stats()
    assert stats.calls == calls == stats.successes + stats.failures + stats.cancelled
    tries = 0
    for model, deployment in stats.deployments.items():
        assert deployment.tries == deployment.successes + sum(deployment.failures.values()) + deployment.cancelled
        assert deployment.tries == world.models.count(model)
        tries += deployment.tries
    first = tries - stats.retries - stats.fallbacks - stats.hedges
    assert 0 <= first <= calls
    assert stats.successes == sum(deployment.successes for deployment in stats.deployments.values())


def check_attempts(plan: Plan, ended: Ended) -> None:
    attempts = ended.result.attempts
    tried = [attempt for attempt in attempts if attempt.outcome != "skipped"]
    hedges = 1 if plan.hedge is not None else 0
    if plan.retry.budget is not None:
        assert len(tried) <= plan.retry.budget
    for model in plan.steps:
        assert sum(attempt.model == model for attempt in tried) <= plan.retry.attempts + hedges
    assert ended.ended - ended.began <= plan.timeouts.total + SLACK, "the call took longer than it had"
    if plan.hedge is None:
        spent = sum(attempt.waited + attempt.duration for attempt in attempts if attempt.outcome != "skipped")
        spent += sum(attempt.waited for attempt in attempts if attempt.outcome == "skipped")
        assert abs(spent - (ended.ended - ended.began)) < SLACK or isinstance(ended.result, LLMClientError)
        assert spent <= ended.ended - ended.began + SLACK


def check_text(plan: Plan, ended: Ended, made: Made) -> None:
    """What the caller of a stream saw is what the response says: nothing lost, nothing twice."""
    if not made.stream:
        return
    if not isinstance(ended.result, LLMClientError):
        assert ended.seen == ended.result.text
    elif ended.seen:
        assert ended.result.partial.text == ended.seen


@simulated
@given(plan=plans(), calls=made_calls)
def test_invariants_hold_under_any_schedule(plan, calls):
    world, router = watched(plan)

    async def run():
        ended = await run_calls(router, calls)
        assert len(asyncio.all_tasks()) == 1, "a task is left behind"
        return ended

    with world.in_force():
        results = asyncio.run(run())
        for made, ended in zip(calls, results, strict=True):
            if isinstance(ended, asyncio.CancelledError):
                assert made.cancel_after is not None
                continue
            if isinstance(ended, BaseException):
                raise ended
            check_attempts(plan, ended)
            check_text(plan, ended, made)
        begun = len(calls) - sum(made.cancel_after == 0.0 for made in calls)
        stats = router.router.stats()
        assert begun <= stats.calls <= len(calls)
        check_statistics(world, router, stats.calls)
        check_left_behind(world, router)


@simulated
@given(plan=plans(hedged=False), calls=st.lists(st.booleans(), min_size=1, max_size=5))
def test_both_drivers_take_the_same_decisions(plan, calls):
    told = []
    for flavour in ("async", "sync"):
        world, router = watched(plan, flavour)

        async def run(router: Router = router) -> list[Ended]:
            return [await make_call(router, Made(0.0, stream)) for stream in calls]

        with world.in_force():
            results = asyncio.run(run())
            check_left_behind(world, router)
            told.append((tell(world, results), router.router.stats().retries, router.router.stats().fallbacks))
    assert told[0] == told[1]


def tell(world: World, results: list[Ended]) -> list[object]:
    """What a run did, in a form that two runs can be compared by."""
    calls = [(round(when, 6), model) for when, model in world.calls]
    ends = [
        (
            type(ended.result).__name__,
            getattr(ended.result, "text", None),
            ended.seen,
            round(ended.ended, 6),
            [
                (
                    attempt.model,
                    attempt.outcome,
                    attempt.category,
                    getattr(attempt.error, "phase", None),
                    round(attempt.waited, 6),
                    round(attempt.duration, 6),
                    None if attempt.first_token is None else round(attempt.first_token, 6),
                )
                for attempt in ended.result.attempts
            ],
        )
        for ended in results
    ]
    return [calls, ends]


SURVIVABLE = tuple(sorted(set(ERRORS) - {name.value for name, row in DECISIONS.items() if row.fallback is None}))


@simulated
@given(
    plan=plans(limited=False, faults=SURVIVABLE),
    good=st.integers(0, 3),
    stream=st.booleans(),
)
def test_a_call_succeeds_whenever_somebody_would_answer_in_time(plan, good, stream):
    """One deployment always answers at once; the others fail as drawn, but neither hang nor end the call."""
    model = list(plan.steps)[good % len(plan.steps)]
    steps = {name: [_quick(step) for step in drawn] for name, drawn in plan.steps.items()}
    steps[model] = [Step(chunks=("fine",))]
    retry = RetryPolicy(attempts=plan.retry.attempts, base=plan.retry.base, jitter=plan.retry.jitter)
    plan = Plan(**{**vars(plan), "steps": steps, "retry": retry, "timeouts": Timeouts(), "on_interrupted": "restart"})
    world, router = watched(plan)
    with world.in_force():
        ended = asyncio.run(make_call(router, Made(0.0, stream)))
    if isinstance(ended.result, LLMClientError):
        raise ended.result
    assert all(attempt.waited == 0 for attempt in ended.result.attempts) or plan.retry.patience


def _quick(step: Step) -> Step:
    return Step(chunks=step.chunks, fault=step.fault, retry_after=step.retry_after)


@simulated
@given(plan=plans(hedged=False), calls=st.integers(1, 4))
def test_every_wait_in_the_attempts_is_a_sleep_of_the_clock(plan, calls):
    world, router = watched(plan)
    for drawn in plan.steps.values():
        drawn[:] = [_quick(step) for step in drawn]
    for model, drawn in plan.steps.items():
        world.on(model, *drawn)

    async def run() -> list[Ended]:
        return [await make_call(router, Made(0.0, stream=False)) for _ in range(calls)]

    with world.in_force():
        results = asyncio.run(run())
    waited = [attempt.waited for ended in results for attempt in ended.result.attempts if attempt.waited]
    slept = [pause for pause in world.clock.sleeps if pause]
    assert sum(waited) <= sum(slept) + SLACK
    if not any(isinstance(ended.result, LLMClientError) for ended in results):
        assert abs(sum(waited) - sum(slept)) < SLACK
