"""Streams: unseen replacement before the first content, announced restarts and continuations after it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from llmclient import (
    AllModelsFailedError,
    Deployment,
    MalformedResponseError,
    ModelRouter,
    RetryPolicy,
    StreamChunk,
    StreamInterruptedError,
    Timeouts,
    UnsupportedParameterError,
    Usage,
    override_providers,
)
from llmclient.routing.tries import speaks
from support.routing_world import breaks, fail, ok

pytestmark = pytest.mark.unit

A, B, C = "openai/a", "anthropic/b", "openrouter/c"


def seen_by(chunks) -> str:
    """What a caller who honours the markers ends up with."""
    text = ""
    for chunk in chunks:
        text = "" if chunk.marker == "restart" else text + chunk.text
    return text


async def test_a_stream_gives_its_chunks_and_the_whole_response(world, make):
    world.on(A, ok("Hel|lo", role_first=True))
    chunks, reply = await make(A).read()
    assert [chunk.text for chunk in chunks] == ["", "Hel", "lo", ""]
    assert (reply.text, reply.finish_reason, reply.usage.completion_tokens) == ("Hello", "stop", 5)
    (attempt,) = reply.attempts
    assert (attempt.outcome, attempt.usage.total_tokens, attempt.request_id) == ("success", 15, "req-1")
    assert all(opened.closed for opened in world.opened)


async def test_the_time_to_the_first_token_is_in_the_attempt(world, make):
    world.on(A, ok("Hel|lo", first=2.0, gap=3.0))
    _, reply = await make(A).read()
    assert reply.attempts[0].first_token == pytest.approx(2.0)
    assert reply.attempts[0].duration == pytest.approx(5.0)


@pytest.mark.parametrize("fault", ["server_error", "interrupted", "malformed", "connection"])
async def test_before_the_first_content_a_failure_is_not_seen(world, make, fault):
    world.on(A, breaks("", fault, role_first=True)).on(B, fail(fault)).on(C, ok("fine"))
    chunks, reply = await make(A, fallbacks=[B, C]).read()
    assert seen_by(chunks) == "fine"
    assert [chunk.marker for chunk in chunks] == [None] * len(chunks)
    assert [attempt.model for attempt in reply.attempts] == [A, B, C]


async def test_a_late_first_token_goes_on_to_the_next(world, make):
    world.on(A, ok("slow", first=60.0)).on(B, ok("fast"))
    _, reply = await make(A, fallbacks=[B], timeouts=Timeouts(first_token=3)).read()
    assert reply.text == "fast"
    assert reply.attempts[0].error.phase == "first_token"
    assert reply.attempts[0].duration == pytest.approx(3.0)


async def test_the_idle_limit_is_measured_between_chunks(world, make):
    world.on(A, ok("a|b|c", first=4.0, gap=4.0))
    _, reply = await make(A, timeouts=Timeouts(idle=5)).read()
    assert reply.text == "abc"


async def test_the_deadline_ends_a_stream_that_keeps_talking(world, make):
    world.on(A, ok("a|b|c|d|e|f", gap=1.0))
    with pytest.raises(StreamInterruptedError) as caught:
        await make(A, timeouts=Timeouts(total=2.5)).read()
    assert caught.value.phase == "total"
    assert caught.value.partial.text == "abc"
    assert world.clock.monotonic() == pytest.approx(2.5)


@pytest.mark.parametrize("fault", ["interrupted", "overloaded", "connection", "malformed", "rate_limit"])
async def test_raise_gives_the_partial_response_and_asks_nobody_else(world, make, fault):
    world.on(A, breaks("Hel|lo", fault))
    seen = []
    with pytest.raises(StreamInterruptedError) as caught:
        await make(A, fallbacks=[B]).read(into=seen)
    assert seen_by(seen) == caught.value.partial.text == "Hello"
    assert caught.value.category == fault
    assert world.models == [A]
    assert isinstance(caught.value, MalformedResponseError) == (fault == "malformed")


async def test_restart_announces_that_the_text_begins_again(world, make):
    world.on(A, breaks("Hel|lo")).on(B, ok("Good| day"))
    chunks, reply = await make(A, fallbacks=[B], on_interrupted="restart").read()
    assert [(chunk.marker, chunk.text) for chunk in chunks if chunk.marker or chunk.text] == [
        (None, "Hel"),
        (None, "lo"),
        ("restart", ""),
        (None, "Good"),
        (None, " day"),
    ]
    assert seen_by(chunks) == reply.text == "Good day"
    assert [attempt.outcome for attempt in reply.attempts] == ["failed", "success"]


async def test_continue_asks_the_next_to_go_on_from_the_text_so_far(world, make):
    world.on(A, breaks("Once upon| a ti")).on(B, ok("me| there was"))
    chunks, reply = await make(A, fallbacks=[B], on_interrupted="continue").read("Tell a story.")
    assert seen_by(chunks) == reply.text == "Once upon a time there was"
    assert [chunk.marker for chunk in chunks if chunk.marker] == ["continue"]
    said = world.requests[1].messages
    assert [message["role"] for message in said] == ["user", "assistant", "user"]
    assert said[1]["content"] == "Once upon a ti"
    assert reply.finish_reason == "stop"


async def test_a_continuation_may_break_and_be_continued(world, make):
    world.on(A, breaks("a|b")).on(B, breaks("c|d")).on(C, ok("e|f"))
    chunks, reply = await make(A, fallbacks=[B, C], on_interrupted="continue").read()
    assert seen_by(chunks) == reply.text == "abcdef"
    assert world.requests[2].messages[1]["content"] == "abcd"


async def test_a_continuation_counts_the_usage_of_both_parts(world, make):
    world.on(A, breaks("ab")).on(B, ok("cd"))
    _, reply = await make(A, fallbacks=[B], on_interrupted="continue").read()
    assert reply.usage.completion_tokens == 2  # what broke told no usage
    assert [attempt.usage is None for attempt in reply.attempts] == [True, False]


async def test_what_cannot_be_continued_without_a_loss_is_raised(world, make):
    world.on(A, breaks("Let me see", tool_call=True))
    with pytest.raises(StreamInterruptedError):
        await make(A, fallbacks=[B], on_interrupted="continue").read()
    assert world.models == [A]


@pytest.mark.parametrize("mode", ["restart", "continue"])
async def test_when_nobody_is_left_to_go_on_the_interruption_is_raised(world, make, mode):
    world.on(A, breaks("Hello")).on(B, fail("auth"))
    router = make(A, fallbacks=[B], on_interrupted=mode, retry=RetryPolicy(attempts=1))
    with pytest.raises(StreamInterruptedError) as caught:
        await router.read()
    assert caught.value.partial.text == "Hello"
    assert [attempt.model for attempt in caught.value.attempts] == [A, B]


async def test_a_single_deployment_can_restart_with_itself(world, make):
    world.on(A, breaks("Hel"), ok("Hello"))
    chunks, reply = await make(A, on_interrupted="restart").read()
    assert seen_by(chunks) == reply.text == "Hello"
    assert len(world.clock.sleeps) == 1


async def test_an_empty_answer_is_an_answer(world, make):
    world.on(A, ok(""))
    _, reply = await make(A, fallbacks=[B]).read()
    assert (reply.text, reply.finish_reason) == ("", "stop")
    assert world.models == [A]


async def test_errors_before_a_stream_opens_are_raised_on_entering(world):
    world.on(A, fail("auth")).on(B, fail("quota"))
    router = ModelRouter(A, fallbacks=[B])
    with pytest.raises(AllModelsFailedError):
        async with router.stream("hi"):
            pytest.fail("not entered")
    with pytest.raises(AllModelsFailedError), router.sync.stream("hi"):
        pytest.fail("not entered")


async def test_a_stream_can_be_read_without_entering_it(world):
    world.on(A, ok("Hel|lo"))
    stream = ModelRouter(A).stream("hi")
    assert "".join([chunk.text async for chunk in stream]) == "Hello"
    assert stream.response.text == "Hello"
    sync_stream = ModelRouter(A).sync.stream("hi")
    assert "".join(chunk.text for chunk in sync_stream) == "Hello"
    assert sync_stream.response.text == "Hello"


async def test_leaving_early_closes_the_connection_and_counts_as_cancelled(world):
    world.on(A, ok("a|b|c"))
    router = ModelRouter(A)
    async with router.stream("hi") as stream:
        async for _ in stream:
            break
    assert stream.response.text == "a"
    with router.sync.stream("hi") as sync_stream:
        next(sync_stream)
    assert [opened.closed for opened in world.opened] == [True, True]
    stats = router.stats()
    assert (stats.calls, stats.cancelled, stats.deployments[A].cancelled) == (2, 2, 2)
    assert [chunk async for chunk in stream] == []
    assert list(sync_stream) == []


async def test_leaving_after_the_finish_reason_counts_as_read(world):
    world.on(A, ok("a"))
    router = ModelRouter(A)
    async with router.stream("hi") as stream:
        async for chunk in stream:
            if chunk.finish_reason:
                break
    with router.sync.stream("hi") as sync_stream:
        for chunk in sync_stream:
            if chunk.finish_reason:
                break
    assert router.stats().successes == 2
    assert stream.response.attempts[0].outcome == "success"


async def test_a_stream_that_was_never_opened_has_no_response_and_may_be_closed(world):
    router = ModelRouter(A)
    stream, sync_stream = router.stream("hi"), router.sync.stream("hi")
    with pytest.raises(RuntimeError, match="async with"):
        _ = stream.response
    with pytest.raises(RuntimeError, match="'with'"):
        _ = sync_stream.response
    await stream.aclose()
    sync_stream.close()
    assert world.calls == []


async def test_a_partial_response_stays_readable_after_the_error(world):
    world.on(A, breaks("Hel|lo"))
    router = ModelRouter(A)
    stream, sync_stream = router.stream("hi"), router.sync.stream("hi")
    with pytest.raises(StreamInterruptedError):
        _ = [chunk async for chunk in stream]
    with pytest.raises(StreamInterruptedError):
        list(sync_stream)
    assert stream.response.text == sync_stream.response.text == "Hello"


async def test_members_of_a_group_replace_each_other_in_a_stream(world, make):
    world.on(A, fail("overloaded")).on(B, ok("ok"))
    router = make("g", deployments=[Deployment(A, name="g"), Deployment(B, name="g")])
    _, reply = await router.read()
    assert reply.text == "ok"


async def test_a_continuation_counts_both_parts_where_the_broken_one_told_its_usage(world, make):
    world.on(A, breaks("ab", tells_usage=True)).on(B, ok("cde"))
    _, reply = await make(A, fallbacks=[B], on_interrupted="continue").read()
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (20, 5, 25)
    assert [attempt.usage.completion_tokens for attempt in reply.attempts] == [2, 3]


async def test_a_request_error_after_the_first_content_is_raised_in_every_mode(world, make):
    error = UnsupportedParameterError("openai", "x")
    world.on(A, breaks("Hello", error))
    with pytest.raises(UnsupportedParameterError) as caught:
        await make(A, fallbacks=[B], on_interrupted="restart").read()
    assert caught.value is error
    assert world.models == [A]


async def test_without_limits_a_stream_may_take_its_time(world, make):
    world.on(A, ok("a|b", first=5000.0, gap=5000.0))
    _, reply = await make(A, timeouts=Timeouts(total=None, idle=None)).read()
    assert reply.text == "ab"


@pytest.mark.parametrize(
    "delta",
    [{"reasoning_content": "hm"}, {"refusal": "no"}, {"thinking_blocks": [{"index": 0}]}, {"annotations": [{}]}],
)
async def test_content_of_any_kind_is_the_first_content(delta):
    chunk = StreamChunk.model_validate({"choices": [{"delta": delta}]})
    assert speaks(chunk)
    assert not speaks(StreamChunk(usage=Usage()))


async def test_a_stream_that_opens_after_its_call_was_cancelled_is_closed():
    class Slow:
        name = "openai"
        opened = threading.Event()
        closed = threading.Event()

        def close(self):
            self.opened.set()

        async def aclose(self):
            self.opened.set()

        def complete_sync(self, request): ...

        def stream_sync(self, request):
            self.opened.wait()
            return self.Opened()

        class Opened:
            def close(self):
                Slow.closed.set()

    with override_providers(lambda *_: Slow()):
        call = asyncio.ensure_future(ModelRouter(A).stream("hi").__aenter__())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        Slow.opened.set()
        assert await asyncio.to_thread(Slow.closed.wait, 5)


async def test_a_broken_stream_of_tool_calls_can_begin_again(world, make):
    world.on(A, breaks("ab|cd", tool_call=True)).on(B, ok("whole"))
    _, reply = await make(A, fallbacks=[B], on_interrupted="restart").read()
    assert reply.text == "whole"
