"""When a deployment is asked again, and how long is waited for it."""

from __future__ import annotations

import random

import pytest

from llmclient import Deployment, LLMClientError, RequestTimeoutError, RetryPolicy, ServerError, Timeouts
from support.routing_world import fail, ok

pytestmark = pytest.mark.unit

A, B = "openai/a", "anthropic/b"


async def test_backoff_doubles_up_to_the_cap_and_never_follows_the_last_try(world, make):
    world.on(A, fail("server_error"))
    retry = RetryPolicy(attempts=5, base=1.0, cap=3.0, jitter=False)
    with pytest.raises(ServerError) as caught:
        await make(A, retry=retry, breaker=None).complete()
    assert world.clock.sleeps == [1.0, 2.0, 3.0, 3.0]
    assert [attempt.waited for attempt in caught.value.attempts] == [0.0, 1.0, 2.0, 3.0, 3.0]


async def test_jitter_draws_from_nothing_to_the_whole_backoff(world, make):
    world.on(A, fail("server_error"))
    retry = RetryPolicy(attempts=30, base=1.0, cap=1.0)
    with pytest.raises(ServerError):
        await make(A, retry=retry, breaker=None, rng=random.Random(3)).complete()  # noqa: S311 - a seed
    assert all(0 <= seconds <= 1 for seconds in world.clock.sleeps)
    assert min(world.clock.sleeps) < 0.2
    assert max(world.clock.sleeps) > 0.8


async def test_a_rate_limit_without_a_word_on_waiting_rests_a_second_at_least(world, make):
    world.on(A, fail("rate_limit"), ok())
    await make(A, retry=RetryPolicy(base=0.5, jitter=False)).complete()
    assert world.clock.sleeps == [1.5]


async def test_the_retry_comes_back_to_the_primary_when_everybody_had_to_rest(world, make):
    world.on(A, fail("rate_limit", retry_after=2), ok("4")).on(B, fail("rate_limit", retry_after=9))
    reply = await make(A, fallbacks=[B]).complete()
    assert world.models == [A, B, A]
    assert world.clock.sleeps == [2.0]
    assert [attempt.waited for attempt in reply.attempts] == [0.0, 0.0, 2.0]


async def test_no_time_is_slept_that_the_deadline_does_not_leave(world, make):
    world.on(A, fail("rate_limit", retry_after=30))
    with pytest.raises(LLMClientError) as caught:
        await make(A, timeouts=Timeouts(total=10)).complete()
    assert world.clock.sleeps == []
    assert caught.value.category == "rate_limit"
    assert len(caught.value.attempts) == 1


async def test_a_late_first_try_leaves_the_rest_of_the_time_to_the_next(world, make):
    world.on(A, fail("server_error", first=4.0)).on(B, ok(first=5.0))
    await make(A, fallbacks=[B], timeouts=Timeouts(total=10)).complete()
    assert [request.timeouts.total for request in world.requests] == [10.0, pytest.approx(6.0)]


async def test_a_deployment_may_have_less_time_than_the_call(world, make):
    world.on(A, ok(first=60.0)).on(B, ok("4"))
    slow = Deployment(A, timeouts=Timeouts(total=3))
    reply = await make(slow, fallbacks=[B]).complete()
    assert reply.text == "4"
    assert reply.attempts[0].error.phase == "total"
    assert reply.attempts[0].duration == pytest.approx(3.0)


async def test_timeouts_and_retries_of_one_call_go_before_the_routers(world, make):
    world.on(A, ok(first=60.0))
    router = make(A, timeouts=Timeouts(total=50), retry=RetryPolicy(attempts=4))
    with pytest.raises(RequestTimeoutError):
        await router.complete(timeouts=Timeouts(total=2))
    assert world.clock.monotonic() == pytest.approx(2.0)
    world.on(A, fail("server_error"))
    with pytest.raises(ServerError):
        await router.complete(retry=RetryPolicy(attempts=2))
    assert len(world.calls) == 3


async def test_the_budget_of_tries_holds_over_all_deployments(world, make):
    world.on(A, fail("server_error")).on(B, fail("server_error"))
    with pytest.raises(LLMClientError):
        await make(A, fallbacks=[B], retry=RetryPolicy(attempts=9, budget=4), breaker=None).complete()
    assert len(world.calls) == 4


async def test_patience_spends_a_short_wait_where_it_is(world, make):
    world.on(A, fail("rate_limit", retry_after=1.5), fail("rate_limit", retry_after=3), ok())
    await make(A, fallbacks=[B], retry=RetryPolicy(patience=2.0)).complete()
    assert world.models == [A, A, B]
    assert world.clock.sleeps == [1.5]


async def test_another_call_waits_for_a_rate_limit_that_it_did_not_meet_itself(world, make):
    world.on(A, fail("rate_limit", retry_after=5), ok())
    router = make(A)
    with pytest.raises(LLMClientError):
        await router.complete(retry=RetryPolicy(attempts=1))
    reply = await router.complete()
    assert reply.attempts[0].waited == pytest.approx(5.0)
    assert len(world.calls) == 2


@pytest.mark.parametrize("values", [{"attempts": 0}, {"budget": 0}, {"base": -1}, {"cap": -1}, {"patience": -0.1}])
def test_impossible_policies_are_refused(values):
    with pytest.raises(ValueError, match=r"RetryPolicy\("):
        RetryPolicy(**values)


async def test_a_model_can_be_named_for_one_call(world, make):
    reply = await make(A).complete(model=B)
    assert reply.attempts[0].model == B


async def test_a_call_whose_time_is_over_asks_nobody(world, make):
    with pytest.raises(RequestTimeoutError, match="no answer within 1e-09 s") as caught:
        await make(A, timeouts=Timeouts(total=1e-9)).complete()
    assert caught.value.phase == "total"
    assert world.calls == []


async def test_a_deployments_own_limit_holds_in_a_call_without_one(world, make):
    world.on(A, ok(first=60.0)).on(B, ok(first=6000.0))
    slow = Deployment(A, timeouts=Timeouts(total=3))
    reply = await make(slow, fallbacks=[B], timeouts=Timeouts(total=None)).complete()
    assert reply.attempts[0].duration == pytest.approx(3.0)
    assert [request.timeouts.total for request in world.requests] == [3.0, None]


async def test_a_call_whose_time_is_over_names_the_primary(world, make):
    with pytest.raises(LLMClientError) as caught:
        await make(A, fallbacks=[B], timeouts=Timeouts(total=1e-9)).complete()
    assert [error.model for error in caught.value.errors] == ["a"]
    assert world.calls == []


@pytest.mark.parametrize(("rest", "models", "sleeps"), [(2, [A, A], [2.0]), (2.5, [A, B], [])])
async def test_patience_is_spent_to_the_last_second_and_not_beyond(world, make, rest, models, sleeps):
    world.on(A, fail("rate_limit", retry_after=rest), ok())
    await make(A, fallbacks=[B], retry=RetryPolicy(patience=2)).complete()
    assert (world.models, world.clock.sleeps) == (models, sleeps)


async def test_no_wait_goes_past_the_deadline_at_any_time_of_day(world, make):
    world.clock.advance(100)
    world.on(A, fail("rate_limit", retry_after=30, first=4.0))
    with pytest.raises(LLMClientError) as caught:
        await make(A, timeouts=Timeouts(total=10)).complete()
    assert world.clock.monotonic() == pytest.approx(104)
    assert caught.value.attempts[0].duration == pytest.approx(4)


async def test_what_ends_the_call_ends_the_retries_of_others_too(world, make):
    world.on(A, fail("rate_limit", retry_after=2)).on(B, fail("bad_request"))
    with pytest.raises(LLMClientError):
        await make(A, fallbacks=[B]).complete()
    assert world.models == [A, B]
    assert world.clock.sleeps == []
