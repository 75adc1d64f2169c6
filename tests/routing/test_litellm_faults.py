"""Failures of LiteLLM 1.106 that this router does not have; each of them was seen there."""

from __future__ import annotations

import pytest

from llmclient import (
    AllModelsFailedError,
    APIConnectionError,
    ContextWindowExceededError,
    DeploymentUnavailableError,
    ModelStream,
    RateLimitError,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
    StreamInterruptedError,
    Timeouts,
)
from support.routing_world import breaks, fail, ok

pytestmark = pytest.mark.unit

A, B, C = "openai/a", "anthropic/b", "openrouter/c"


async def test_a_truncated_stream_is_an_error_and_never_a_stop(world, make):
    world.on(A, breaks("Hel|lo"))
    seen = []
    with pytest.raises(StreamInterruptedError) as caught:
        await make(A).read(into=seen)
    assert "".join(chunk.text for chunk in seen) == "Hello"
    assert [chunk.finish_reason for chunk in seen] == [None, None]
    assert caught.value.partial.text == "Hello"
    assert caught.value.partial.finish_reason is None
    assert [attempt.outcome for attempt in caught.value.attempts] == ["failed"]


async def test_a_stream_that_dies_before_any_text_falls_back(world, make):
    world.on(A, breaks("", role_first=True)).on(B, ok("fine"))
    chunks, reply = await make(A, fallbacks=[B]).read()
    assert "".join(chunk.text for chunk in chunks) == reply.text == "fine"
    assert world.models == [A, B]


async def test_the_only_deployment_of_a_group_is_left_alone_when_it_is_dead(world, make):
    world.on(A, fail("connection"))
    router = make(A, retry=RetryPolicy(attempts=1))
    errors = []
    for _ in range(20):
        with pytest.raises(APIConnectionError) as caught:
            await router.complete()
        errors.append(caught.value)
        if len(world.calls) == 5:
            break
    for _ in range(15):
        with pytest.raises(DeploymentUnavailableError) as refused:
            await router.complete()
    assert len(world.calls) == 5
    assert refused.value.category == "connection"
    assert refused.value.retry_after == pytest.approx(30)
    assert router.router.health()[A].state == "open"


async def test_a_healthy_fallback_is_asked_at_once_instead_of_waiting_for_a_rate_limit(world, make):
    world.on(A, fail("rate_limit", retry_after=30)).on(B, ok("4"))
    router = make(A, fallbacks=[B])
    reply = await router.complete()
    assert reply.text == "4"
    assert world.clock.sleeps == []
    assert router.router.health()[A].state == "cooling"
    assert router.router.health()[A].retry_in == pytest.approx(30)
    await router.complete()
    assert world.models == [A, B, B]


async def test_the_deadline_holds_over_all_retries(world, make):
    world.on(A, ok(first=5.0))
    router = make(A, timeouts=Timeouts(total=1.0))
    with pytest.raises(RequestTimeoutError) as caught:
        await router.complete()
    assert world.clock.monotonic() == pytest.approx(1.0)
    assert caught.value.phase == "total"
    assert len(world.calls) == 1


async def test_context_window_fallbacks_do_not_switch_off_the_general_list(world, make):
    world.on(A, fail("context_window")).on(B, fail("server_error")).on(C, ok("long enough"))
    router = make(A, fallbacks=[C], context_window_fallbacks=[B])
    assert (await router.complete()).text == "long enough"
    assert world.models == [A, B, C]


@pytest.mark.parametrize("seconds", [90.0, 0.25, 1.5])
async def test_retry_after_is_honoured_whatever_its_size(world, make, seconds):
    world.on(A, fail("rate_limit", retry_after=seconds), ok("4"))
    reply = await make(A).complete()
    assert reply.text == "4"
    assert world.clock.sleeps == [seconds]
    assert [attempt.waited for attempt in reply.attempts] == [0.0, seconds]


async def test_the_final_error_says_all_that_was_tried(world, make):
    world.on(A, fail("context_window")).on(B, fail("rate_limit", retry_after=1000)).on(C, fail("server_error"))
    router = make(A, fallbacks=[B, C], retry=RetryPolicy(attempts=1))
    with pytest.raises(AllModelsFailedError) as caught:
        await router.complete()
    error = caught.value
    assert [type(inner) for inner in error.errors] == [ContextWindowExceededError, RateLimitError, ServerError]
    assert error.__cause__ is error.errors[0]
    assert [attempt.model for attempt in error.attempts] == [A, B, C]
    for name in ("context_window of a", "rate_limit of b", "server_error of c"):
        assert name in str(error)
    assert len(ExceptionGroup(str(error), error.errors).exceptions) == 3


def test_streams_are_public():
    assert ModelStream.__name__ == "ModelStream"
