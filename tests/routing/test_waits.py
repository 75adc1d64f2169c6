"""No wait is in vain: what can be known of the end of a wait is looked at before it begins."""

from __future__ import annotations

import asyncio

import pytest

from llmclient import (
    Breaker,
    Budget,
    BudgetExceededError,
    Deployment,
    DeploymentUnavailableError,
    Limits,
    LLMClientError,
    ModelRouter,
    RateLimitError,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
    Timeouts,
)
from support.routing_world import fail, ok

A, B, C = "openai/a", "anthropic/b", "openrouter/c"


async def test_a_failure_that_opens_the_breaker_is_not_rested_for(world, make):
    world.on(A, fail("server_error"))
    router = make(A, breaker=Breaker(failures=1), retry=RetryPolicy(base=2, jitter=False))
    with pytest.raises(ServerError) as caught:
        await router.complete()
    assert world.clock.sleeps == []
    assert [attempt.outcome for attempt in caught.value.attempts] == ["failed", "skipped"]
    assert caught.value.attempts[1].reason.startswith("its breaker is open")


async def test_a_rest_ends_where_the_minute_has_room_again(world, make):
    world.on(A, fail("server_error"), ok())
    reply = await make(Deployment(A, rpm=1), retry=RetryPolicy(base=2, jitter=False)).complete()
    assert world.clock.sleeps == [60.0]
    assert [attempt.waited for attempt in reply.attempts] == [0.0, 60.0]


async def test_a_rest_that_ends_in_a_full_minute_is_not_begun(world, make):
    world.on(A, fail("server_error"))
    router = make(Deployment(A, rpm=1), retry=RetryPolicy(base=2, jitter=False), timeouts=Timeouts(total=30))
    with pytest.raises(ServerError):
        await router.complete()
    assert world.clock.sleeps == []


async def test_a_rest_is_not_begun_for_a_try_that_no_budget_has_room_for(world, make):
    world.on(A, fail("interrupted"))
    router = make(A, retry=RetryPolicy(base=2, jitter=False), budget=Budget(tokens=900))
    with pytest.raises(LLMClientError) as caught:
        await router.complete()
    assert world.clock.sleeps == []
    assert [attempt.outcome for attempt in caught.value.attempts] == ["failed", "skipped"]
    assert "budget" in caught.value.attempts[1].reason


async def test_a_budget_that_begins_anew_meanwhile_is_rested_for(world, make):
    world.on(A, fail("interrupted"), ok())
    router = make(A, retry=RetryPolicy(base=2, jitter=False), budget=Budget(tokens=900, seconds=1.5))
    assert (await router.complete()).text == "ok"
    assert world.clock.sleeps == [2.0]


async def test_the_routers_full_minute_is_not_waited_for_to_ask_nobody(world, make):
    """Where the one deployment cools down past the deadline, a place at the router is of no use."""
    world.on(A, fail("rate_limit", retry_after=90))
    router = make(A, limits=Limits(rpm=1), timeouts=Timeouts(total=80))
    with pytest.raises(RateLimitError):
        await router.complete()
    with pytest.raises(DeploymentUnavailableError, match="it cools down for 90 s after rate_limit"):
        await router.complete()
    assert world.clock.sleeps == []


async def test_a_place_at_the_deployment_is_not_waited_for_where_the_router_has_none_in_time(world):
    world.on(A, ok(first=1.0))
    router = ModelRouter(Deployment(A, max_parallel=1), limits=Limits(rpm=1))

    async def refused() -> float:
        with pytest.raises(DeploymentUnavailableError, match="used up for 60 s"):
            await router.complete(".", timeouts=Timeouts(total=30))
        return world.clock.monotonic()

    assert (await asyncio.gather(router.complete("."), refused()))[1] == 0


async def test_who_rests_holds_no_place_in_line(world):
    """A call that was called up, and must wait for a cooldown instead, lets the others pass."""
    world.on(A, fail("rate_limit", first=1.0, retry_after=10), ok()).on(B, ok())
    router = ModelRouter(A, limits=Limits(max_parallel=1), retry=RetryPolicy(attempts=1))

    async def late() -> float:
        await world.clock.async_sleep(2.0)
        await router.complete("late", model=B)
        return world.clock.monotonic()

    first, second, passed = await asyncio.gather(
        router.complete("first"), router.complete("second"), late(), return_exceptions=True
    )
    assert isinstance(first, RateLimitError)
    assert second.attempts[-1].waited == pytest.approx(11.0)
    assert passed == 2.0


async def test_who_turns_from_one_line_to_another_keeps_its_turn(world):
    """Called up for a place at its deployment, it goes before those who came later and wait for the router."""
    world.on(A, ok(first=1.0)).on(B, ok(first=5.0)).on(C, ok(first=1.0))
    router = ModelRouter(Deployment(A, max_parallel=1), limits=Limits(max_parallel=2))

    async def call(name: str, at: float, model: str | None = None) -> None:
        await world.clock.async_sleep(at)
        await router.complete(name, model=model)

    await asyncio.gather(
        call("a", 0.0), call("b", 0.0, B), call("early", 0.1), call("later", 0.2, C), call("latest", 0.3, C)
    )
    assert [request.messages[0]["content"] for request in world.requests] == ["a", "b", "early", "later", "latest"]


async def test_a_call_that_would_overspend_is_refused_before_it_waits(world, make):
    router = make(Deployment(A, rpm=1), budget=Budget(tokens=510))
    await router.complete()
    with pytest.raises(BudgetExceededError):
        await router.complete()
    assert world.clock.sleeps == []


async def test_each_of_many_calls_ends_at_its_own_limit(world):
    world.on(A, ok(first=60.0))
    router = ModelRouter(A, retry=RetryPolicy(attempts=1), breaker=None)

    async def over(seconds: float) -> float:
        with pytest.raises(RequestTimeoutError):
            await router.complete("hi", timeouts=Timeouts(total=seconds))
        return world.clock.monotonic()

    limits = [9.0, 3.0, 6.0]
    assert await asyncio.gather(*map(over, limits)) == pytest.approx(limits)


def test_a_limit_holds_after_a_longer_one_and_on_every_event_loop(world):
    world.on(A, ok(), ok(first=60.0))
    router = ModelRouter(A, retry=RetryPolicy(attempts=1), breaker=None)

    async def answered_and_late() -> None:
        assert (await router.complete("hi")).text == "ok"
        with pytest.raises(RequestTimeoutError):
            await router.complete("hi", timeouts=Timeouts(total=2))

    async def late() -> None:
        with pytest.raises(RequestTimeoutError):
            await router.complete("hi", timeouts=Timeouts(total=2))

    asyncio.run(answered_and_late())
    asyncio.run(late())
    assert world.clock.monotonic() == pytest.approx(4.0)


async def test_a_rest_that_ends_in_the_routers_full_minute_is_not_begun(world, make):
    world.on(A, fail("server_error"))
    router = make(A, limits=Limits(rpm=1), retry=RetryPolicy(base=2, jitter=False), timeouts=Timeouts(total=30))
    with pytest.raises(ServerError):
        await router.complete()
    assert world.clock.sleeps == []


async def test_the_shortest_rest_is_waited_for_whoever_takes_it(world, make):
    world.on(A, fail("rate_limit", retry_after=9)).on(B, fail("rate_limit", retry_after=2), ok("4"))
    assert (await make(A, fallbacks=[B]).complete()).text == "4"
    assert world.models == [A, B, B]
    assert world.clock.sleeps == [2.0]


@pytest.mark.parametrize(
    ("first", "options"),
    [
        (Deployment(A, tags=("dear",)), {"budget": Budget(tokens=900, tag="dear")}),
        (Deployment(A, rpm=1), {}),
        (A, {"breaker": Breaker(failures=1, cooldown=30)}),
    ],
    ids=["no budget", "a full minute", "open"],
)
async def test_patience_is_not_spent_on_a_deployment_that_may_not_be_asked_then(world, make, first, options):
    world.on(A, fail("server_error")).on(B, ok("4"))
    if "budget" in options:
        world.on(A, fail("interrupted"))  # what it used is not known: the estimate stays
    retry = RetryPolicy(base=2, patience=5, jitter=False)
    reply = await make(first, fallbacks=[B], retry=retry, **options).complete(max_tokens=500)
    assert reply.text == "4"
    assert world.clock.sleeps == []


async def test_who_waits_for_several_stands_no_longer_where_a_cooldown_began(world):
    world.on(A, ok(first=10.0)).on(B, fail("rate_limit", retry_after=60, first=1.0))
    group = [Deployment(model, name="g", max_parallel=1) for model in (A, B)]
    router = ModelRouter("g", deployments=group, retry=RetryPolicy(attempts=1))

    async def call(name: str, at: float) -> None:
        await world.clock.async_sleep(at)
        await router.complete(name)

    await asyncio.gather(*(call(name, at / 10) for at, name in enumerate("abcd")), return_exceptions=True)
    asked = [
        (round(when), request.messages[0]["content"])
        for (when, _), request in zip(world.calls, world.requests, strict=True)
    ]
    assert asked == [(0, "a"), (0, "b"), (10, "c"), (20, "d"), (30, "b")]
