"""The breaker of each deployment: when it opens, what it lets through, how it closes."""

from __future__ import annotations

import asyncio

import pytest

from llmclient import Breaker, DeploymentUnavailableError, LLMClientError, MemoryStore, ModelRouter, RetryPolicy
from support.routing_world import Router, fail, ok

pytestmark = pytest.mark.unit

A, B = "openai/a", "anthropic/b"
ONCE = RetryPolicy(attempts=1)


async def fails(router: Router, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(LLMClientError):
            await router.complete()


async def test_failures_in_a_row_open_it_and_a_success_between_them_does_not(world, make):
    world.on(A, *[fail("server_error")] * 2, ok(), *[fail("server_error")] * 9)
    router = make(A, retry=ONCE, breaker=Breaker(failures=3))
    await fails(router, 2)
    await router.complete()
    assert router.router.health()[A].reasons == {}
    await fails(router, 2)
    assert router.router.health()[A].state == "closed"
    await fails(router)
    assert router.router.health()[A].state == "open"
    with pytest.raises(DeploymentUnavailableError, match="breaker is open for 30 s after server_error"):
        await router.complete()
    assert len(world.calls) == 6


async def test_one_probe_after_the_cooldown_closes_it(world, make):
    world.on(A, fail("connection"), ok())
    router = make(A, retry=ONCE, breaker=Breaker(failures=1, cooldown=10))
    await fails(router)
    world.clock.advance(9.9)
    with pytest.raises(DeploymentUnavailableError):
        await router.complete()
    world.clock.advance(0.1)
    assert router.router.health()[A].state == "half_open"
    await router.complete()
    assert router.router.health()[A].state == "closed"
    await router.complete()
    assert len(world.calls) == 3


async def test_a_failed_probe_opens_it_for_twice_as_long_up_to_the_longest(world, make):
    world.on(A, fail("connection"))
    router = make(A, retry=ONCE, breaker=Breaker(failures=1, cooldown=10, longest=30))
    for seconds in (10, 20, 30, 30):
        await fails(router)
        assert router.router.health()[A].retry_in == pytest.approx(seconds)
        world.clock.advance(seconds)
    assert len(world.calls) == 4


async def test_an_error_that_shows_the_host_works_closes_it(world, make):
    world.on(A, fail("connection"), fail("bad_request"))
    router = make(A, retry=ONCE, breaker=Breaker(failures=1))
    await fails(router)
    world.clock.advance(30)
    await fails(router)
    health = router.router.health()[A]
    assert (health.state, health.failures) == ("closed", 0)
    assert health.reasons == {"connection": 1, "bad_request": 1}


async def test_a_rate_of_failures_opens_it_too(world, make):
    steps = [ok(), fail("server_error")] * 5
    world.on(A, *steps, ok())
    router = make(A, retry=ONCE, breaker=Breaker(failures=99, rate=0.5, minimum=10, window=60))
    for step in steps:
        assert router.router.health()[A].state == "closed"
        await (router.complete() if step.fault is None else fails(router))
    assert router.router.health()[A].state == "open"


async def test_old_tries_leave_the_window(world, make):
    world.on(A, *[fail("server_error"), ok()] * 20)
    router = make(A, retry=ONCE, breaker=Breaker(failures=99, rate=0.5, minimum=4, window=10))
    for _ in range(6):
        await fails(router)
        world.clock.advance(6)
        await router.complete()
        world.clock.advance(6)
    assert router.router.health()[A].state == "closed"


async def test_while_one_probe_is_under_way_nobody_else_may_ask(world):
    world.on(A, fail("connection"), ok(first=5.0))
    router = Router(world, "async", A, retry=ONCE, breaker=Breaker(failures=1, cooldown=10))
    await fails(router)
    world.clock.advance(10)
    results = await asyncio.gather(*(router.complete() for _ in range(5)), return_exceptions=True)
    assert [type(result).__name__ for result in results[1:]] == ["DeploymentUnavailableError"] * 4
    assert "a probe is under way" in str(results[1])
    assert results[0].text == "ok"
    assert len(world.calls) == 2


async def test_a_cancelled_probe_leaves_room_for_the_next(world):
    world.on(A, fail("connection"), ok(first=5.0), ok())
    router = Router(world, "async", A, retry=ONCE, breaker=Breaker(failures=1, cooldown=10))
    await fails(router)
    world.clock.advance(10)
    probe = asyncio.ensure_future(router.complete())
    await world.until_asked(2)
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert router.router.health()[A].state == "half_open"
    assert (await router.complete()).text == "ok"
    assert router.router.health()[A].state == "closed"


async def test_a_try_from_before_it_opened_changes_nothing(world):
    world.on(A, ok(first=5.0), fail("connection"))
    router = Router(world, "async", A, retry=ONCE, breaker=Breaker(failures=1))
    slow, quick = await asyncio.gather(router.complete(), router.complete(), return_exceptions=True)
    assert slow.text == "ok"
    assert isinstance(quick, LLMClientError)
    assert router.router.health()[A].state == "open"


async def test_an_open_deployment_is_passed_over_for_the_next(world, make):
    world.on(A, fail("connection"))
    router = make(A, fallbacks=[B], retry=ONCE, breaker=Breaker(failures=1))
    await router.complete()
    reply = await router.complete()
    assert world.models == [A, B, B]
    assert reply.attempts[0].outcome == "skipped"


async def test_without_a_breaker_everything_is_asked(world, make):
    world.on(A, fail("connection"))
    router = make(A, retry=ONCE, breaker=None)
    await fails(router, 20)
    assert len(world.calls) == 20


@pytest.mark.parametrize(
    "values",
    [
        {"failures": 0},
        {"rate": 0},
        {"rate": -0.5},
        {"rate": 1.5},
        {"window": 0},
        {"window": -1},
        {"cooldown": 0},
        {"cooldown": -1},
        {"minimum": 0},
        {"longest": 1},
    ],
)
def test_impossible_breakers_are_refused(values):
    with pytest.raises(ValueError, match="Breaker"):
        Breaker(**values)


def test_the_least_breaker_is_allowed():
    least = {"failures": 1, "minimum": 1, "rate": 1, "window": 0.5, "cooldown": 0.5, "longest": 0.5}
    assert Breaker(**least).longest == 0.5


async def test_a_failure_within_the_window_counts_however_late_the_window_is(world, make):
    world.on(A, *[fail("connection")] * 2)
    router = make(A, retry=ONCE, breaker=Breaker(failures=9, rate=1.0, minimum=2, window=60))
    world.clock.advance(70)
    await fails(router)
    world.clock.advance(30)
    await fails(router)
    assert router.router.health()[A].state == "open"


async def test_health_counts_reasons_and_says_when_to_ask_again(world, make):
    world.on(A, *[fail("server_error")] * 2, fail("connection"), ok())
    router = make(A, retry=ONCE, breaker=Breaker(failures=3, cooldown=10))
    await fails(router, 2)
    health = router.router.health()[A]
    assert (health.state, health.retry_in, health.failures, health.reason) == ("closed", 0.0, 2, "")
    assert health.reasons == {"server_error": 2}
    await fails(router)
    assert router.router.health()[A].retry_in == 10
    world.clock.advance(20)
    health = router.router.health()[A]
    assert (health.state, health.retry_in, health.reason) == ("half_open", 0.0, "connection")
    assert health.reasons == {"server_error": 2, "connection": 1}


async def test_the_seconds_left_are_told_at_any_time_of_day(world, make):
    world.on(A, fail("connection"))
    world.clock.advance(100)
    router = make(A, retry=ONCE, breaker=Breaker(failures=1, cooldown=30))
    await fails(router)
    world.clock.advance(10)
    with pytest.raises(DeploymentUnavailableError, match="breaker is open for 20 s after connection") as caught:
        await router.complete()
    assert caught.value.retry_after == 20


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [("..f", "closed"), ("...f", "closed"), (".f.f", "open"), (".....ffff", "closed"), (".....fffff", "open")],
)
async def test_a_share_of_failures_opens_it_once_there_are_enough_tries(world, make, outcomes, state):
    world.on(A, *[fail("connection") if outcome == "f" else ok() for outcome in outcomes])
    router = make(A, retry=ONCE, breaker=Breaker(failures=9, rate=0.5, minimum=4))
    for outcome in outcomes:
        if outcome == "f":
            await fails(router)
        else:
            await router.complete()
    assert router.router.health()[A].state == state


async def test_a_try_from_before_it_opened_does_not_speak_for_the_probe(world):
    world.on(A, ok("old", first=50.0), fail("connection"), ok("probe", first=50.0))
    router = ModelRouter(A, retry=ONCE, breaker=Breaker(failures=1, cooldown=10))
    old = asyncio.ensure_future(router.complete("hi"))
    await world.until_asked(1)
    with pytest.raises(LLMClientError):
        await router.complete("hi")
    await world.clock.async_sleep(10)
    probe = asyncio.ensure_future(router.complete("hi"))
    await old
    with pytest.raises(DeploymentUnavailableError, match="a probe is under way"):
        await router.complete("hi")
    assert (await probe).text == "probe"
    assert router.health()[A].state == "closed"


async def test_an_answer_clears_the_reasons_that_count_against_nobody(world, make):
    world.on(A, fail("rate_limit", retry_after=1), ok())
    router = make(A)
    await router.complete()
    assert router.router.health()[A].reasons == {}


async def test_a_probe_whose_process_died_makes_room_after_an_hour(world, make):
    store = MemoryStore()
    world.clock.advance(4000)
    store.update(A, lambda record: record.update(open_until=10.0, probe=["dead", 100.0]))
    assert (await make(A, store=store).complete()).text == "ok"
