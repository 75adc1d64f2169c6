"""rpm, tpm and parallel requests, of a deployment and of the router; who waits, in which order, and who gives back."""

from __future__ import annotations

import asyncio
import threading

import pytest

from llmclient import (
    Budget,
    BudgetExceededError,
    Deployment,
    DeploymentUnavailableError,
    Limits,
    MemoryStore,
    ModelRouter,
    RateLimitError,
    RequestError,
    RetryPolicy,
    SystemClock,
    Timeouts,
)
from support.routing_world import fail, ok

A, B = "openai/a", "anthropic/b"


def answers(models: list[str]) -> list[str]:
    return [model.partition("/")[2] for model in models]


async def test_the_minute_of_rpm_is_any_sixty_seconds(world, make):
    router = make(Deployment(A, rpm=2))
    for _ in range(5):
        await router.complete()
    assert [when for when, _ in world.calls] == pytest.approx([0, 0, 60, 60, 120])
    assert router.router.stats().successes == 5


async def test_tokens_are_reserved_on_an_estimate_and_settled_on_the_usage(world, make):
    router = make(Deployment(A, tpm=600))
    first = await router.complete()  # estimated at more than 500, used 12
    await router.complete()
    assert first.usage.total_tokens == 12
    assert [when for when, _ in world.calls] == [0, 0]
    await router.complete("x" * 2400)  # about 600 and 500 more
    assert [when for when, _ in world.calls] == pytest.approx([0, 0, 60])


async def test_max_tokens_is_part_of_the_estimate(world, make):
    router = make(Deployment(A, tpm=1000), fallbacks=[B], limits=Limits(when_full="next"))
    await router.complete(max_tokens=100)
    await router.complete(max_tokens=970)
    await router.complete(max_tokens=980, tools=[{"type": "function", "function": {"name": "f" * 400}}])
    assert answers(world.models) == ["a", "a", "b"]


async def test_a_refused_request_gives_its_tokens_back(world, make):
    world.on(A, fail("server_error"), ok())
    reply = await make(Deployment(A, tpm=600), retry=RetryPolicy(base=0, jitter=False)).complete()
    assert reply.text == "ok"
    assert world.clock.monotonic() == 0


async def test_parallel_requests_wait_in_the_order_in_which_they_came(world):
    for number in range(5):
        world.on(A, *[ok(str(number), first=1.0) for number in range(5)])
    router = ModelRouter(Deployment(A, max_parallel=2))
    replies = await asyncio.gather(*(router.complete(f"{number}") for number in range(5)))
    assert [reply.text for reply in replies] == ["0", "1", "2", "3", "4"]
    assert [request.messages[0]["content"] for request in world.requests] == ["0", "1", "2", "3", "4"]
    assert [when for when, _ in world.calls] == pytest.approx([0, 0, 1, 1, 2])
    assert [reply.attempts[0].waited for reply in replies] == pytest.approx([0, 0, 1, 1, 2])


async def test_a_newcomer_does_not_pass_those_who_wait(world):
    world.on(A, ok(first=1.0))
    router = ModelRouter(Deployment(A, max_parallel=1))

    async def late() -> None:
        await world.clock.async_sleep(1.0)
        await router.complete("late")

    await asyncio.gather(router.complete("0"), router.complete("1"), router.complete("2"), late())
    assert [request.messages[0]["content"] for request in world.requests] == ["0", "1", "2", "late"]


async def test_a_cancelled_waiter_gives_its_place_back(world):
    world.on(A, ok(first=1.0))
    router = ModelRouter(Deployment(A, max_parallel=1))
    first, second, third = (asyncio.ensure_future(router.complete(str(number))) for number in range(3))
    await world.until_asked(1)
    second.cancel()
    await asyncio.gather(first, third)
    assert [request.messages[0]["content"] for request in world.requests] == ["0", "2"]
    assert router.stats().cancelled == 1
    assert router.health()[A].busy == 0


async def test_a_cancelled_call_gives_its_place_back(world):
    world.on(A, ok(first=100.0), ok())
    router = ModelRouter(Deployment(A, max_parallel=1))
    first = asyncio.ensure_future(router.complete("0"))
    await world.until_asked(1)
    second = asyncio.ensure_future(router.complete("1"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).text == "ok"
    assert world.clock.monotonic() == 0


async def test_an_open_stream_holds_its_place_until_it_is_left(world):
    world.on(A, ok("a|b"))
    router = ModelRouter(Deployment(A, max_parallel=1))
    async with router.stream("0") as stream:
        await anext(stream)
        second = asyncio.ensure_future(router.complete("1"))
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(world.calls) == 1
    assert (await second).text == "ab"


async def test_next_goes_on_to_the_fallback_instead_of_waiting(world, make):
    router = make(Deployment(A, rpm=1), fallbacks=[B], limits=Limits(when_full="next"))
    await router.complete()
    reply = await router.complete()
    assert answers(world.models) == ["a", "b"]
    assert world.clock.sleeps == []
    assert reply.attempts[0].reason.startswith("its requests of this minute are used up for 60 s")


async def test_wait_keeps_to_the_list_but_tries_its_other_members(world, make):
    members = [Deployment(A, name="g", rpm=1), Deployment(B, name="g", rpm=1)]
    router = make("g", deployments=members, fallbacks=["openrouter/c"])
    for _ in range(3):
        await router.complete()
    assert answers(world.models) == ["a", "b", "a"]
    assert world.clock.monotonic() == pytest.approx(60)


async def test_a_full_limit_is_waited_for_only_as_long_as_the_deadline_allows(world, make):
    router = make(Deployment(A, rpm=1), timeouts=Timeouts(total=30))
    await router.complete()
    with pytest.raises(DeploymentUnavailableError, match="requests of this minute are used up") as caught:
        await router.complete()
    assert caught.value.category == "rate_limit"
    assert caught.value.retry_after == pytest.approx(60)
    assert world.clock.sleeps == []


async def test_a_place_that_never_comes_free_ends_with_the_deadline(world):
    world.on(A, ok(first=1000.0))
    router = ModelRouter(Deployment(A, max_parallel=1), timeouts=Timeouts(total=50))
    first = asyncio.ensure_future(router.complete("0", timeouts=Timeouts(total=900)))
    await world.until_asked(1)
    with pytest.raises(DeploymentUnavailableError, match="all its places are taken"):
        await router.complete("1")
    assert world.clock.monotonic() == pytest.approx(50)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_the_routers_own_limits_cover_all_deployments(world, make):
    router = make(A, fallbacks=[B], limits=Limits(rpm=3))
    world.on(A, fail("auth"))
    await router.complete()
    await router.complete()
    await router.complete()
    assert [when for when, _ in world.calls] == pytest.approx([0, 0, 0, 60])


async def test_the_routers_parallel_limit_covers_all_deployments(world):
    world.on(A, ok(first=1.0)).on(B, ok(first=1.0))
    router = ModelRouter(A, limits=Limits(max_parallel=1))
    await asyncio.gather(router.complete("0"), router.complete("1", model=B), router.complete("2"))
    assert [when for when, _ in world.calls] == pytest.approx([0, 1, 2])


def test_threads_wait_in_line_as_well(world):
    world.on(A, ok())
    router = ModelRouter(Deployment(A, max_parallel=1), clock=SystemClock()).sync  # threads wait for each other
    texts = []
    with router.stream("0") as stream:
        next(stream)
        waiting = threading.Thread(target=lambda: texts.append(router.complete("1").text))
        waiting.start()
        assert len(world.calls) == 1
    waiting.join()
    assert texts == ["ok"]
    assert len(world.calls) == 2


async def test_without_a_deadline_a_place_is_waited_for_without_end(world):
    world.on(A, ok(first=5000.0))
    router = ModelRouter(Deployment(A, max_parallel=1), timeouts=Timeouts(total=None))
    await asyncio.gather(router.complete("0"), router.complete("1"))
    assert [when for when, _ in world.calls] == pytest.approx([0, 5000])


async def test_a_place_whose_process_died_is_free_after_an_hour(world, make):
    store = MemoryStore()
    store.update(A, lambda record: record.update(busy={"dead": world.clock.monotonic() - 4000, "alive": 0.0}))
    await make(Deployment(A, max_parallel=2), store=store).complete()
    assert store.read(A)["busy"] == {"alive": 0.0}


async def test_a_budget_is_not_held_by_a_deployment_that_may_not_be_asked(world, make):
    world.on(A, fail("auth"))
    router = make(A, fallbacks=[B], budget=Budget(tokens=1100))
    await router.complete()
    for _ in range(3):
        await router.complete()
    assert answers(world.models) == ["a", "b", "b", "b", "b"]


async def test_the_routers_and_the_deployments_limits_hold_together(world):
    world.on(A, ok(first=1.0))
    router = ModelRouter(Deployment(A, max_parallel=1), limits=Limits(max_parallel=3))
    await asyncio.gather(*(router.complete(str(number)) for number in range(3)))
    assert [when for when, _ in world.calls] == pytest.approx([0, 1, 2])


@pytest.mark.parametrize(
    ("budget", "spent"), [(Budget(tokens=1000), "24 tokens spent"), (Budget(usd=10.0), r"\$0.24 spent")]
)
async def test_a_try_that_a_limit_refuses_leaves_the_budget_as_it_was(world, make, budget, spent):
    price = {"input_cost_per_token": 0.01, "output_cost_per_token": 0.01}
    primary, other = Deployment(A, rpm=1, price=price), Deployment(B, price=price)
    router = make(primary, fallbacks=[other], limits=Limits(when_full="next"), budget=budget)
    await router.complete(max_tokens=10)
    await router.complete(max_tokens=10)
    with pytest.raises(BudgetExceededError, match=spent):
        await router.complete(max_tokens=1000)


async def test_the_obstacle_that_lasts_longest_is_waited_for_at_once(world):
    world.on(A, fail("rate_limit", retry_after=5), ok())
    router = ModelRouter(Deployment(A, rpm=1), retry=RetryPolicy(attempts=1))
    with pytest.raises(RateLimitError):
        await router.complete("hi")
    await router.complete("hi")
    assert world.clock.sleeps == [60.0]


async def test_a_cooldown_of_less_than_a_second_is_kept(world, make):
    world.on(A, fail("rate_limit", retry_after=0.5), ok())
    router = make(A, retry=RetryPolicy(attempts=1))
    with pytest.raises(RateLimitError):
        await router.complete()
    await router.complete()
    assert world.clock.sleeps == [0.5]


@pytest.mark.parametrize(("tpm", "waits"), [(29, 0), (28, 60)])
async def test_the_tokens_of_a_minute_are_used_to_the_last_one(world, make, tpm, waits):
    router = make(Deployment(A, tpm=tpm))
    await router.complete(max_tokens=10)  # used 12
    await router.complete(max_tokens=10)  # 17 more
    assert [when for when, _ in world.calls] == pytest.approx([0, waits])


@pytest.mark.parametrize(("tokens", "when"), [(5, 60), (6, 70)])
async def test_tokens_come_free_as_the_calls_that_used_them_grow_old(world, make, tokens, when):
    router = make(Deployment(A, tpm=24))
    await router.complete(max_tokens=5)
    world.clock.advance(10)
    await router.complete(max_tokens=5)  # both used 12
    await router.complete(max_tokens=tokens)  # 12 fit at 60; 13 wait for the second call's as well
    assert world.calls[-1][0] == pytest.approx(when)


async def test_each_of_several_calls_under_way_settles_its_own_tokens(world):
    world.on(A, *[ok("x" * size, first=1.0) for size in (1, 2, 3)], ok())
    router = ModelRouter(Deployment(A, tpm=100), timeouts=Timeouts(total=30))
    await asyncio.gather(*(router.complete("hi", max_tokens=10) for _ in range(3)))  # used 11, 12 and 13 of 51 reserved
    with pytest.raises(DeploymentUnavailableError, match="tokens of this minute"):
        await router.complete("hi", max_tokens=58)
    await router.complete("hi", max_tokens=57)


async def test_a_shorter_cooldown_does_not_end_a_longer_one(world):
    world.on(A, fail("rate_limit", retry_after=30, first=1.0), fail("rate_limit", retry_after=2, first=2.0))
    router = ModelRouter(A, retry=RetryPolicy(attempts=1))
    await asyncio.gather(router.complete("hi"), router.complete("hi"), return_exceptions=True)
    assert router.health()[A].retry_in == pytest.approx(29)


async def test_who_comes_back_at_once_stands_behind_those_who_wait(world):
    world.on(A, ok(first=1.0))
    router = ModelRouter(Deployment(A, max_parallel=1))

    async def twice() -> None:
        await router.complete("0")
        await router.complete("again")

    await asyncio.gather(twice(), router.complete("1"), router.complete("2"))
    assert [request.messages[0]["content"] for request in world.requests] == ["0", "1", "2", "again"]


async def test_who_leaves_when_called_up_lets_the_next_one_look(world):
    world.on(A, ok(first=1.0))
    router = ModelRouter(Deployment(A, max_parallel=1))
    first, second, third = (asyncio.ensure_future(router.complete(str(number))) for number in range(3))
    await first
    second.cancel()
    await third
    assert [when for when, _ in world.calls] == pytest.approx([0, 1])


async def test_what_was_never_sent_does_not_count(world, make):
    world.on(A, fail(RequestError("it has no place for it")), ok())
    router = make(Deployment(A, rpm=1))
    with pytest.raises(RequestError):
        await router.complete()
    await router.complete()
    assert world.clock.monotonic() == 0


async def test_who_waits_for_one_deployment_holds_nobody_up_at_another(world):
    world.on(A, ok(first=1.0))
    group = [Deployment(A, name="a", max_parallel=1), Deployment(B, name="b", max_parallel=1)]
    router = ModelRouter("a", deployments=group)
    await asyncio.gather(router.complete("0"), router.complete("1"), router.complete("2", model="b"))
    assert [(when, model) for when, model in world.calls] == [(0, A), (0, B), (pytest.approx(1), A)]


async def test_a_full_router_is_told_from_a_full_deployment(world, make):
    limits = Limits(rpm=1, when_full="next")
    router = make(A, limits=limits, timeouts=Timeouts(total=30))
    await router.complete()
    with pytest.raises(DeploymentUnavailableError, match="the router's requests of this minute are used up for 60 s"):
        await router.complete()
