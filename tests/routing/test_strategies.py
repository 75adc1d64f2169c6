"""In which order the members of a group are asked."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from llmclient import Deployment, ModelRouter
from llmclient.testing import script
from support.routing_world import fail, ok

A, B, C = "openai/gpt-5", "openai/gpt-5-mini", "openai/gpt-5-nano"


def group(*models: str, **fields) -> dict:
    return {"deployments": [Deployment(model, name="g", **fields) for model in models]}


async def test_ordered_goes_by_order_then_as_listed(world, make):
    deployments = [Deployment(A, name="g", order=1), Deployment(B, name="g"), Deployment(C, name="g")]
    world.on(B, fail("server_error")).on(C, fail("server_error"))
    await make("g", deployments=deployments).complete()
    assert world.models == [B, C, A]


async def test_weighted_shares_traffic_by_weight(world, make):
    deployments = [Deployment(A, name="g", weight=3), Deployment(B, name="g"), Deployment(C, name="g", weight=0)]
    router = make("g", deployments=deployments, strategy="weighted")
    for _ in range(400):
        await router.complete()
    counts = Counter(world.models)
    assert counts[C] == 0
    assert 260 < counts[A] < 340


async def test_round_robin_takes_turns(world, make):
    router = make("g", **group(A, B, C), strategy="round_robin")
    for _ in range(6):
        await router.complete()
    assert world.models == [A, B, C, A, B, C]


async def test_least_busy_goes_where_the_fewest_are(world):
    world.on(A, ok(first=10.0), ok())
    router = ModelRouter("g", **group(A, B), strategy="least_busy")
    slow = asyncio.ensure_future(router.complete("hi"))
    await world.until_asked(1)
    await router.complete("hi")
    await router.complete("hi")
    await slow
    assert world.models == [A, B, B]


async def test_lowest_latency_times_everybody_once_and_goes_on_with_the_fastest(world, make):
    world.on(A, ok(first=3.0)).on(B, ok(first=1.0)).on(C, ok(first=2.0))
    router = make("g", **group(A, B, C), strategy="lowest_latency")
    for _ in range(6):
        await router.complete()
    assert world.models == [A, B, C, B, B, B]


async def test_lowest_cost_asks_the_cheapest(world, make):
    deployments = [
        Deployment("ollama/unknown-to-the-table", name="g"),
        Deployment(A, name="g"),
        Deployment(C, name="g"),
        Deployment(B, name="g", price={"input_cost_per_token": 1e-12, "output_cost_per_token": 1e-12}),
    ]
    router = make("g", deployments=deployments, strategy="lowest_cost")
    world.on(B, fail("auth"))
    await router.complete()
    assert world.models == [B, C]


async def test_most_remaining_asks_the_one_with_the_largest_free_share(world, make):
    deployments = [Deployment(A, name="g", rpm=2), Deployment(B, name="g", rpm=10), Deployment(C, name="g", tpm=9000)]
    router = make("g", deployments=deployments, strategy="most_remaining")
    for _ in range(5):
        await router.complete()
    assert world.models == [A, B, C, C, C]


async def test_a_function_of_ones_own(world, make):
    def last_first(standings, rng):
        assert isinstance(rng, random.Random)
        assert [standing.deployment.model for standing in standings] == [A, B, C]
        return list(reversed(standings))

    await make("g", **group(A, B, C), strategy=last_first).complete()
    assert world.models == [C]


async def test_fallbacks_are_groups_as_well(world, make):
    world.on(A, fail("auth")).on(B, fail("auth"))
    router = make(A, fallbacks=["g"], **group(B, C))
    await router.complete()
    assert world.models == [A, B, C]


async def test_two_deployments_of_one_model_are_told_apart(world, make):
    deployments = [Deployment(A, name="g", api_key="sk-1"), Deployment(A, name="g", api_key="sk-2")]
    router = make("g", deployments=deployments, strategy="round_robin")
    await router.complete()
    assert list(router.router.health()) == [A, f"{A}#2"]
    assert router.router.stats().deployments[A].tries == 1
    assert "sk-1" not in repr(router.router.health())


@pytest.mark.parametrize("weight", [0.5, 2.0])
async def test_a_group_of_one_needs_no_strategy(world, make, weight):
    await make("g", deployments=[Deployment(A, name="g", weight=weight)], strategy="weighted").complete()
    assert world.models == [A]


async def test_most_remaining_looks_at_the_last_minute_only(world, make):
    deployments = [Deployment(model, name="g", tpm=100) for model in (A, B)]
    router = make("g", deployments=deployments, strategy="most_remaining")
    await router.complete(max_tokens=5)
    world.clock.advance(100)
    await router.complete(max_tokens=5)
    world.clock.advance(30)
    await router.complete(max_tokens=5)
    assert world.models == [A, A, B]


async def test_most_remaining_takes_one_without_limits_for_wholly_free_and_no_freer(world, make):
    limited, free = Deployment(A, name="g", rpm=10), Deployment(B, name="g")
    router = make("g", deployments=[limited, free], strategy="most_remaining")
    for _ in range(3):
        await router.complete()
    assert world.models == [A, B, B]


async def test_most_remaining_goes_by_the_tightest_limit(world, make):
    many, few = Deployment(A, name="g", rpm=100, tpm=48), Deployment(B, name="g", rpm=3, tpm=10_000)
    router = make("g", deployments=[many, few], strategy="most_remaining")
    for _ in range(4):
        await router.complete(max_tokens=5)  # 12 each: a quarter of the one's tokens, a third of the other's requests
    assert world.models == [A, B, A, B]


async def test_the_cheapest_is_asked_for_what_has_no_size_too(world):
    with script() as llm:
        llm.on().reply(image=b"png")
        deployments = [Deployment(f"openai/{model}", name="g") for model in ("gpt-image-1", "gpt-image-1-mini")]
        image = ModelRouter("g", deployments=deployments, strategy="lowest_cost").sync.generate_image("a fox")
    assert image.content == b"png"


async def test_lowest_latency_is_a_moving_average_of_seconds_a_token(world, make):
    world.on(A, ok("abcd", first=4.0), ok("abcd", first=8.0)).on(B, ok("a", first=1.5))
    router = make("g", **group(A, B), strategy="lowest_latency")
    for _ in range(5):
        await router.complete()
    assert world.models == [A, B, A, A, B]  # 1.0 against 1.5; then 1.3; then 1.51


async def test_a_weight_below_nothing_gets_no_traffic(world, make):
    deployments = [Deployment(A, name="g", weight=1), Deployment(B, name="g", weight=0)]
    router = make("g", deployments=deployments, strategy="weighted")
    for _ in range(20):
        await router.complete()
    assert set(world.models) == {A}
