"""Attempts, statistics, health and the log."""

from __future__ import annotations

import asyncio
import logging

import pytest

from llmclient import Breaker, Deployment, Limits, LLMClientError, ModelRouter, ProviderConfig, RetryPolicy, Timeouts
from llmclient.costs import calculate_cost
from support.routing_world import breaks, fail, ok

A, B = "openai/gpt-5-mini", "anthropic/b"


async def test_an_attempt_has_all_that_is_known(world, make):
    world.on(A, fail("rate_limit", retry_after=3, first=1.5), ok("four", first=2.0))
    reply = await make(A).complete()
    failed, answered = reply.attempts
    epoch = world.clock.now() - world.clock.monotonic()
    assert (failed.started - epoch, failed.duration, failed.waited) == pytest.approx((0.0, 1.5, 0.0))
    assert (failed.outcome, failed.category, failed.status_code) == ("failed", "rate_limit", 429)
    assert (failed.request_id, failed.usage, failed.cost) == ("req-1", None, None)
    assert (answered.started - epoch, answered.duration, answered.waited) == pytest.approx((4.5, 2.0, 3.0))
    assert (answered.outcome, answered.category, answered.status_code) == ("success", None, 200)
    assert answered.usage.completion_tokens == 4
    assert answered.cost.total == reply.cost.total > 0
    assert answered.deployment == Deployment(A)


async def test_a_price_of_ones_own_counts(world, make):
    deployment = Deployment("ollama/x", price={"input_cost_per_token": 0.5, "output_cost_per_token": 0.25})
    router = make(deployment)
    reply = await router.complete()
    assert float(reply.cost.total) == float(reply.attempts[0].cost.total) == 5.5
    assert float(router.router.stats().cost) == 5.5


async def test_statistics_add_up(world, make):
    world.on(A, fail("server_error"), ok("abcd", first=2.0), fail("auth"), fail("auth"))
    router = make(A, fallbacks=[B], retry=RetryPolicy(base=1, attempts=2))
    world.on(B, fail("server_error"), ok("ef", first=4.0), fail("bad_request"))
    await router.complete()  # A fails, B fails, A answers
    await router.complete()  # A is refused, B answers
    with pytest.raises(LLMClientError):
        await router.complete()  # A rests, B refuses
    stats = router.router.stats()
    assert (stats.calls, stats.successes, stats.failures, stats.cancelled) == (3, 2, 1, 0)
    assert (stats.retries, stats.fallbacks, stats.hedges) == (1, 2, 0)
    assert (stats.prompt_tokens, stats.completion_tokens) == (20, 6)
    a, b = stats.deployments[A], stats.deployments[B]
    assert (a.tries, a.successes, dict(a.failures), a.skipped) == (3, 1, {"server_error": 1, "auth": 1}, 1)
    assert (b.tries, b.successes, dict(b.failures), b.skipped) == (3, 1, {"server_error": 1, "bad_request": 1}, 0)
    assert stats.latency.p50 == pytest.approx(2.0)
    assert stats.latency.p99 == pytest.approx(4.0)
    assert a.tries + b.tries == len(world.calls)


async def test_statistics_can_begin_anew(world, make):
    world.on(A, fail("auth"))
    router = make(A)
    with pytest.raises(LLMClientError):
        await router.complete()
    router.router.reset_stats()
    assert router.router.stats().calls == 0
    assert router.router.stats().deployments[A].tries == 0
    assert router.router.stats().latency.p50 is None
    assert router.router.health()[A].state == "cooling"


async def test_the_time_to_the_first_token_is_counted(world, make):
    world.on(A, ok("a|b", first=0.5, gap=3.0))
    router = make(A)
    await router.read()
    assert router.router.stats().first_token.p50 == pytest.approx(0.5)


async def test_costs_are_counted_however_many_calls_there_were(world, make):
    deployment = Deployment("ollama/x", price={"input_cost_per_token": 1.0})
    router = make(deployment)
    for _ in range(10_001):
        await router.complete()
    assert router.router.stats().cost == 100_010


async def test_both_faces_of_a_router_share_everything(world, make):
    router = make(A).router
    await router.complete("hi")
    router.sync.complete("hi")
    assert router.sync.stats().successes == router.stats().successes == 2


async def test_one_line_an_attempt_at_info_and_nothing_by_default(world, make, caplog):
    world.on(A, fail("server_error"))
    router = make(A, fallbacks=[B])
    await router.complete()
    assert caplog.records == []
    with caplog.at_level(logging.INFO, logger="llmclient"):
        await router.complete()
    assert [record.name for record in caplog.records] == ["llmclient.routing"] * 2
    failed, answered = (record.getMessage() for record in caplog.records)
    assert failed.startswith(f"{A} failed status=500 duration=0.000 waited=0.000 request_id=req-1 ServerError:")
    assert answered == f"{B} success status=200 duration=0.000 waited=0.000 request_id=req-1"


async def test_what_a_broken_stream_had_used_is_in_its_attempt(world, make):
    error = breaks("abc", "overloaded")
    world.on(A, error)
    with pytest.raises(LLMClientError) as caught:
        await make(A).read()
    (attempt,) = caught.value.attempts
    assert (attempt.outcome, attempt.first_token) == ("failed", 0.0)


EU = "https://eu.api.openai.com/v1"


@pytest.mark.parametrize(
    "case",
    [
        (Deployment("openai/gpt-5.6"), "", {}, 1.0),
        (Deployment("openai/gpt-5.6", base_url=EU), "", {}, 1.1),
        (Deployment("openai/gpt-5.6", base_url="https://us.api.openai.com:443"), "", {}, 1.1),
        (Deployment("openai/gpt-5.6", base_url="http://127.0.0.1/eu.api.openai.com"), EU, {}, 1.0),
        (Deployment("openai/gpt-5.6", region="eu"), "", {}, 1.1),
        (Deployment("openai/gpt-5.6", base_url=EU, region="global"), "", {}, 1.0),
        (Deployment("openai/gpt-5.6"), EU, {}, 1.1),
        (Deployment("openai/gpt-5.6"), "", {"openai": ProviderConfig(base_url=EU)}, 1.1),
        (Deployment("openai/gpt-5.6"), EU, {"openai": ProviderConfig(base_url="http://127.0.0.1")}, 1.0),
        (Deployment("openai/gpt-5.6", region="eu"), "", {"openai": ProviderConfig(base_url="http://127.0.0.1")}, 1.1),
        (Deployment("anthropic/claude-opus-5"), EU, {}, 1.0),
    ],
)
async def test_a_region_that_costs_more_is_told_by_the_endpoint(world, make, monkeypatch, case):
    deployment, environment, providers, factor = case
    monkeypatch.setenv("OPENAI_BASE_URL", environment)
    reply = await make(deployment, providers=providers).complete()
    plain = calculate_cost(deployment.model, reply.usage)
    assert plain is not None
    assert float(reply.cost.total) == pytest.approx(float(plain.total) * factor, rel=1e-12)
    assert reply.attempts[0].cost.total == reply.cost.total


async def test_calls_are_the_sum_of_every_way_to_end(world):
    world.on(A, ok(), ok(), fail("bad_request"), ok(first=60.0))
    router = ModelRouter(A)
    await router.complete("hi")
    await router.complete("hi")
    with pytest.raises(LLMClientError):
        await router.complete("hi")
    left = asyncio.ensure_future(router.complete("hi"))
    await world.until_asked(4)
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)
    stats = router.stats()
    assert (stats.calls, stats.successes, stats.failures, stats.cancelled) == (4, 2, 1, 1)


async def test_a_deployment_that_stays_full_is_passed_over_once_in_the_attempts(world, make):
    world.on(B, fail("server_error"), ok())
    router = make(Deployment(A, rpm=1), fallbacks=[B], limits=Limits(when_full="next"), retry=RetryPolicy(base=2))
    await router.complete()
    reply = await router.complete()
    assert [attempt.outcome for attempt in reply.attempts] == ["skipped", "failed", "success"]
    assert {health.busy for health in router.router.health().values()} == {0}


async def test_a_wait_stands_in_one_attempt_only(world):
    world.on(A, fail("server_error")).on(B, fail("rate_limit", retry_after=2), ok("b"))
    retry = RetryPolicy(base=2, jitter=False)
    router = ModelRouter(A, fallbacks=[B], retry=retry, breaker=Breaker(failures=2))

    async def meanwhile() -> None:
        await world.clock.async_sleep(1)
        with pytest.raises(LLMClientError):
            await router.complete("hi", retry=RetryPolicy(attempts=1), timeouts=Timeouts(total=0.5))

    reply, _ = await asyncio.gather(router.complete("hi"), meanwhile())
    assert [(attempt.model, attempt.outcome, attempt.waited) for attempt in reply.attempts] == [
        (A, "failed", 0.0),
        (B, "failed", 0.0),
        (A, "skipped", 2.0),
        (B, "success", 0.0),
    ]


async def test_percentiles_are_of_the_nearest_rank(world, make):
    world.on(A, *[ok(first=float(seconds)) for seconds in range(101, 0, -1)])
    router = make(A)
    for _ in range(101):
        await router.complete()
    latency = router.router.stats().latency
    assert (latency.p50, latency.p90, latency.p99) == pytest.approx((51.0, 91.0, 100.0))
