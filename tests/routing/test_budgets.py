"""Budgets of money and tokens: a call that would go over is refused before it is sent."""

from __future__ import annotations

import asyncio

import pytest

from llmclient import Budget, BudgetExceededError, Deployment, LLMClientError, ModelRouter, RetryPolicy
from llmclient.testing import script
from support.routing_world import fail, ok

pytestmark = pytest.mark.unit

A, B = "openai/gpt-5", "anthropic/b"
DEAR = {"input_cost_per_token": 0.01, "output_cost_per_token": 0.01}


async def test_tokens_are_spent_by_usage_and_refused_on_the_estimate(world, make):
    router = make(A, budget=Budget(tokens=600))
    for _ in range(5):
        await router.complete()  # 12 tokens each, 505 reserved
    assert len(world.calls) == 5
    with pytest.raises(BudgetExceededError, match="budget of 'router' is spent: 60 tokens spent") as caught:
        await router.complete(max_tokens=600)
    assert len(world.calls) == 5
    assert caught.value.attempts[0].outcome == "skipped"


async def test_money_is_spent_by_cost(world, make):
    deployment = Deployment(A, price=DEAR)
    router = make(deployment, budget=Budget(usd=1.0))
    reply = await router.complete(max_tokens=10)
    assert float(reply.cost.total) == pytest.approx(0.12)
    for _ in range(6):
        await router.complete(max_tokens=10)
    with pytest.raises(BudgetExceededError, match=r"\$0.84 spent"):
        await router.complete(max_tokens=10)
    assert float(router.router.stats().cost) == pytest.approx(0.84)


async def test_a_cheaper_deployment_may_still_fit(world, make):
    router = make(Deployment(A, price=DEAR), fallbacks=["ollama/free"], budget=Budget(usd=1.0))
    reply = await router.complete()
    assert world.models == ["ollama/free"]
    assert "budget" in reply.attempts[0].reason


async def test_a_failed_call_costs_nothing_that_is_not_known(world, make):
    world.on(A, fail("server_error"), fail("server_error"), ok())
    router = make(A, budget=Budget(tokens=520))
    assert (await router.complete()).text == "ok"


async def test_a_budget_of_a_tag_counts_calls_and_deployments_with_it(world, make):
    router = make(A, budget=[Budget(tokens=15, tag="team")])
    await router.complete(max_tokens=1)
    await router.complete(max_tokens=1, tags=["team"])
    with pytest.raises(BudgetExceededError, match="tag team"):
        await router.complete(max_tokens=1, tags=["team"])
    await router.complete(max_tokens=1, tags=["other"])
    tagged = make(Deployment(A, tags=("team",)), budget=[Budget(tokens=0, tag="team")])
    with pytest.raises(BudgetExceededError):
        await tagged.complete()


async def test_a_period_begins_anew(world, make):
    world.clock.advance(30)  # the first call begins the first period
    router = make(A, budget=Budget(tokens=20, seconds=100))
    await router.complete(max_tokens=10)
    with pytest.raises(BudgetExceededError):
        await router.complete(max_tokens=10)
    world.clock.advance(250)  # the third one began at 230
    await router.complete(max_tokens=10)
    with pytest.raises(BudgetExceededError, match="12 tokens spent, about 17 more asked"):
        await router.complete(max_tokens=10)
    world.clock.advance(49)
    with pytest.raises(BudgetExceededError):
        await router.complete(max_tokens=10)
    world.clock.advance(1)
    await router.complete(max_tokens=10)


@pytest.mark.parametrize("budget", [Budget(tokens=17, seconds=100), Budget(usd=0.17, seconds=100)])
async def test_a_new_period_has_room_for_exactly_the_whole_budget(world, make, budget):
    router = make(Deployment(A, price=DEAR), budget=budget)
    await router.complete(max_tokens=10)
    world.clock.advance(100)
    with pytest.raises(BudgetExceededError, match=r": (0 tokens|\$0) spent, about (18|\$0.18) more asked"):
        await router.complete(max_tokens=11)
    await router.complete(max_tokens=10)


async def test_what_is_reserved_by_calls_under_way_counts(world):
    world.on(A, ok(first=1.0))
    router = ModelRouter(A, budget=Budget(tokens=1000))
    results = await asyncio.gather(*(router.complete("hi") for _ in range(3)), return_exceptions=True)
    assert [isinstance(result, BudgetExceededError) for result in results] == [False, True, True]
    await router.complete("hi")


async def test_money_reserved_by_calls_under_way_counts(world):
    world.on(A, ok(first=1.0))
    router = ModelRouter(Deployment(A, price=DEAR), budget=Budget(usd=0.36))
    asked = (router.complete("hi", max_tokens=10) for _ in range(3))
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(result, BudgetExceededError) for result in results] == [False, False, True]
    assert "$0.34 spent, about $0.17 more asked" in str(results[2])
    with pytest.raises(BudgetExceededError, match=r"\$0.24 spent, about \$0.17 more asked"):
        await router.complete("hi", max_tokens=10)


async def test_what_was_spent_and_what_is_reserved_add_up(world):
    world.on(A, ok(), ok(first=1.0))
    router = ModelRouter(A, budget=Budget(tokens=30))
    await router.complete("hi", max_tokens=5)
    asked = (router.complete("hi", max_tokens=5) for _ in range(2))
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert "24 tokens spent, about 12 more asked" in str(results[1])


async def test_a_spent_budget_refuses_also_what_nobody_can_estimate(world, make):
    router = make(Deployment(A, price=DEAR), fallbacks=["ollama/free"], budget=Budget(usd=0.12))
    await router.complete(max_tokens=1)
    with pytest.raises(BudgetExceededError, match=r"\$0.12 spent, about \$0 more asked"):
        await router.complete(model="ollama/free")


async def test_one_refused_budget_keeps_nothing_reserved_in_another(world, make):
    router = make(A, budget=[Budget(tokens=510), Budget(tokens=0, tag="team")])
    for _ in range(3):
        with pytest.raises(BudgetExceededError):
            await router.complete(tags=["team"])
    await router.complete()


async def test_a_budget_that_runs_out_between_tries_is_one_of_the_errors(world, make):
    world.on(A, fail("connection"))
    router = make(A, budget=Budget(tokens=600))
    with pytest.raises(Exception, match="connection of gpt-5") as caught:
        await router.complete()
    assert [attempt.outcome for attempt in caught.value.attempts] == ["failed", "skipped"]


async def test_a_call_whose_size_nobody_knows_asks_for_nothing(world):
    drawn = Deployment("openai/gpt-image-1", tpm=10)
    with script() as llm:
        llm.on().reply(image=b"png", optional=True)
        with pytest.raises(BudgetExceededError, match=r"\$0 spent, about \$0 more asked"):
            ModelRouter(drawn, budget=Budget(usd=0.0)).sync.generate_image("a fox")
        with pytest.raises(BudgetExceededError, match="0 tokens spent, about 0 more asked"):
            ModelRouter(drawn, budget=Budget(tokens=0)).sync.generate_image("a fox")
        budgets = [Budget(usd=0.5), Budget(tokens=1)]
        assert ModelRouter(drawn, budget=budgets).sync.generate_image("a fox").content == b"png"


@pytest.mark.parametrize(
    ("budget", "spent"), [(Budget(usd=0.2), r"\$0.12 spent"), (Budget(tokens=20), "12 tokens spent")]
)
async def test_a_rejected_try_gives_back_all_that_was_reserved_for_it(world, make, budget, spent):
    world.on(A, fail("server_error"), fail("server_error"), ok())
    router = make(Deployment(A, price=DEAR), budget=budget, retry=RetryPolicy(base=0, jitter=False))
    await router.complete(max_tokens=10)
    with pytest.raises(BudgetExceededError, match=spent):
        await router.complete(max_tokens=10)


@pytest.mark.parametrize(
    ("budget", "spent"),
    [(Budget(usd=1.0), r"router' is spent: \$0 spent"), (Budget(tokens=100), "router' is spent: 0 tokens")],
)
async def test_what_one_budget_reserved_goes_back_when_another_refuses(world, make, budget, spent):
    router = make(Deployment(A, price=DEAR), budget=[budget, Budget(tokens=0, tag="team")])
    with pytest.raises(BudgetExceededError, match="tag team"):
        await router.complete(max_tokens=10, tags=["team"])
    with pytest.raises(BudgetExceededError, match=spent):
        await router.complete(max_tokens=500)


async def test_what_a_broken_try_may_have_cost_stays_spent(world, make):
    world.on(A, fail("interrupted"), ok())
    router = make(Deployment(A, price=DEAR), budget=Budget(usd=0.3), retry=RetryPolicy(base=0))
    with pytest.raises(LLMClientError):
        await router.complete(max_tokens=10)  # reserved $0.17
    with pytest.raises(BudgetExceededError, match=r"\$0.17 spent"):
        await router.complete(max_tokens=10)
    assert len(world.calls) == 1
