"""Routing under drawn schedules of faults, delays, cancellations and concurrency, on virtual time.

Hypothesis draws deployments, settings, what each request comes to, and when calls begin and are cancelled; a failing
schedule is printed, and the blob beside it replays it. More of them: LLMCLIENT_SIMULATIONS=50 pytest tests/routing
runs fifty times as many.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from llmclient import LLMClientError, Timeouts
from llmclient.routing.policy.decisions import DECISIONS
from llmclient.testing.clock import VirtualClock
from support.invariants import (
    Ended,
    Watched,
    check_attempts,
    check_left_behind,
    check_rates,
    check_statistics,
    check_text,
    check_told,
)
from support.routing_world import ERRORS, Router, Step
from support.schedules import Dice, Made, Plan, a_plan, drawn, some_calls
from support.still_loop import run_still

TIMES = int(os.environ.get("LLMCLIENT_SIMULATIONS", "1"))


def simulated(schedules: int) -> settings:
    """So many schedules, drawn anew in every run."""
    return settings(
        max_examples=schedules * TIMES,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


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


async def in_turn(router: Router, calls: list[Made]) -> list[Ended]:
    return [await make_call(router, made) for made in calls]


async def at_once(router: Router, calls: list[Made]) -> list[Ended | BaseException]:
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


def run(plan: Plan, work, flavour: str) -> tuple[Router, list[Ended]]:
    world = Watched(plan)
    router = plan.router(world, flavour, store=world.store)
    with world.in_force():
        results = run_still(work(router))
        check_left_behind(world, router)
        check_rates(world)
    return router, results


def any_schedule(dice: Dice) -> tuple[Plan, list[Made]]:
    return a_plan(dice, hedged=True), some_calls(dice)


def one_by_one(dice: Dice) -> tuple[Plan, list[Made]]:
    return a_plan(dice), [replace(made, cancel_after=None) for made in some_calls(dice)]


@simulated(1000)
@given(drawn(any_schedule))
def test_invariants_hold_under_any_schedule(schedule):
    plan, calls = schedule
    world = Watched(plan)
    router = plan.router(world, store=world.store)
    with world.in_force():
        results = run_still(at_once(router, calls))
        for made, ended in zip(calls, results, strict=True):
            if isinstance(ended, asyncio.CancelledError):
                assert made.cancel_after is not None
                continue
            if isinstance(ended, BaseException):
                raise ended
            check_attempts(plan, ended)
            check_text(ended, made)
        check_left_behind(world, router)
        check_rates(world)
        begun = len(calls) - sum(made.cancel_after == 0.0 for made in calls)
        count = router.router.stats().calls
        assert begun <= count <= len(calls)
        check_statistics(world, router, count)
        if all(isinstance(ended, Ended) for ended in results):
            check_told(router, results)


@simulated(500)
@given(drawn(one_by_one))
def test_both_drivers_take_the_same_decisions(schedule):
    plan, calls = schedule
    told = []
    for flavour in ("async", "sync"):
        world = Watched(plan)
        router = plan.router(world, flavour, store=world.store)
        with world.in_force():
            results = run_still(in_turn(router, calls))
            check_left_behind(world, router)
            check_rates(world)
            check_told(router, results)
            stats = router.router.stats()
        for made, ended in zip(calls, results, strict=True):
            check_attempts(plan, ended)
            check_text(ended, made)
        told.append((tell(world, results), stats.retries, stats.fallbacks, stats.prompt_tokens))
    assert told[0] == told[1]


def tell(world: Watched, results: list[Ended]) -> list[object]:
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
                    attempt.reason,
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


class Heard:
    """The world's clock, as the router gets it: which pauses it made, and how long each took."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.pauses: list[float] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self.clock, name)

    def since_last_time(self) -> float:
        """Seconds of all pauses since this was asked before."""
        pauses, self.pauses = self.pauses, []
        return sum(pauses)

    @contextmanager
    def _heard(self) -> Iterator[None]:
        began = self.clock.monotonic()
        try:
            yield
        finally:
            self.pauses.append(self.clock.monotonic() - began)

    def sleep(self, seconds: float) -> None:
        with self._heard():
            self.clock.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        with self._heard():
            await self.clock.async_sleep(seconds)

    def wait(self, event, seconds: float | None) -> bool:
        with self._heard():
            return self.clock.wait(event, seconds)


@simulated(300)
@given(drawn(one_by_one))
def test_every_wait_in_the_attempts_is_a_pause_of_the_clock(schedule):
    plan, calls = schedule
    for flavour in ("async", "sync"):
        world = Watched(plan)
        heard = Heard(world.clock)
        router = plan.router(world, flavour, store=world.store, clock=heard)
        with world.in_force():
            for made in calls:
                ended = run_still(make_call(router, made))
                waited = sum(attempt.waited for attempt in ended.result.attempts)
                assert waited == pytest.approx(heard.since_last_time())


SURVIVABLE = tuple(sorted(set(ERRORS) - {name.value for name, row in DECISIONS.items() if row.fallback is None}))


def with_one_good(dice: Dice) -> tuple[Plan, str, list[Made]]:
    """One deployment always answers; the others fail as drawn, but neither hang nor end the call."""
    plan = a_plan(dice, limited=False, faults=SURVIVABLE)
    good = dice.pick(list(plan.steps))
    steps = {
        model: [Step(chunks=("fine",), first=dice.pick((0.0, 0.1)))] if model == good else drawn
        for model, drawn in plan.steps.items()
    }
    calls = [replace(made, cancel_after=None) for made in some_calls(dice)]
    deployments = [replace(entry, timeouts=None) for entry in plan.deployments]
    fallbacks = [replace(entry, timeouts=None) for entry in plan.fallbacks]
    plan = replace(
        plan,
        steps=steps,
        deployments=deployments,
        fallbacks=fallbacks,
        retry=replace(plan.retry, budget=None),
        timeouts=Timeouts(total=600.0),
        on_interrupted=dice.pick(("restart", "continue")),
    )
    return plan, good, calls


@simulated(400)
@given(drawn(with_one_good))
def test_a_call_succeeds_whenever_somebody_would_answer_in_time(schedule):
    plan, good, calls = schedule
    for flavour in ("async", "sync"):
        router, results = run(plan, lambda router: in_turn(router, calls), flavour)
        for ended in results:
            if isinstance(ended.result, LLMClientError):
                raise ended.result
            assert all(attempt.waited <= plan.retry.patience for attempt in ended.result.attempts)
        assert router.router.health()[good].state == "closed"
