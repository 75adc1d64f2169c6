"""A provider that has only the async flavour, or only the sync one, serves both routers."""

from __future__ import annotations

import asyncio
from collections import deque

import pytest

from llmclient import ModelRouter, ProviderError, RequestTimeoutError, RetryPolicy, Timeouts, override_providers
from llmclient.types import SpeechFacts
from support.routing_world import Stand, World, fail, ok

A, B = "openai/a", "anthropic/b"
SPEECH = (b"one", b"two")


class Audio:
    """Speech of either flavour."""

    def __init__(self) -> None:
        self.facts = SpeechFacts(model="tts-1", provider="openai", media_type="audio/mpeg")
        self.parts = deque(SPEECH)
        self.closed = False


class AsyncAudio(Audio):
    def __aiter__(self):
        return self

    async def __anext__(self) -> bytes:
        if not self.parts:
            raise StopAsyncIteration
        return self.parts.popleft()

    async def aclose(self) -> None:
        self.closed = True


class SyncAudio(Audio):
    def __iter__(self):
        return self

    def __next__(self) -> bytes:
        if not self.parts:
            raise StopIteration
        return self.parts.popleft()

    def close(self) -> None:
        self.closed = True


class AsyncOnly(Stand):
    complete_sync = None
    stream_sync = None

    async def speak(self, request) -> AsyncAudio:
        self.world.audio = AsyncAudio()
        return self.world.audio


class SyncOnly(Stand):
    complete = None
    stream = None

    def speak_sync(self, request) -> SyncAudio:
        self.world.audio = SyncAudio()
        return self.world.audio


@pytest.fixture(params=[AsyncOnly, SyncOnly])
def world(request):
    made = World()
    with override_providers(lambda name, _config, _factory: request.param(name, made), clock=made.clock):
        yield made


@pytest.fixture(params=["async", "sync"])
def ask(request):
    """Call a verb of a router in one flavour, and read what it gives to its end."""

    async def verb(router: ModelRouter, name: str, *args, **params):
        if request.param == "async":
            if name == "stream":
                async with router.stream(*args, **params) as stream:
                    return [chunk.text async for chunk in stream if chunk.text], stream.response
            found = await getattr(router, name)(*args, **params)
            if name != "speak":
                return found
            async with found:
                return await found.read()

        def blocking():
            with router.sync as sync:
                if name == "stream":
                    with sync.stream(*args, **params) as stream:
                        return [chunk.text for chunk in stream if chunk.text], stream.response
                found = getattr(sync, name)(*args, **params)
                if name != "speak":
                    return found
                with found:
                    return found.read()

        return await asyncio.to_thread(blocking)

    return verb


async def test_it_answers_streams_and_speaks(world, ask):
    world.on(A, ok("a|b"))
    router = ModelRouter(A, speech="openai/tts-1")
    assert (await ask(router, "complete", "hi")).text == "ab"
    texts, reply = await ask(router, "stream", "hi")
    assert (texts, reply.text, reply.attempts[0].outcome) == (["a", "b"], "ab", "success")
    assert await ask(router, "speak", "hi") == b"onetwo"
    assert world.audio.closed
    assert router.stats().successes == 3


async def test_its_errors_are_retried_and_fall_back(world, ask):
    world.on(A, fail("server_error"), fail("server_error")).on(B, ok("b"))
    reply = await ask(ModelRouter(A, fallbacks=[B], retry=RetryPolicy(attempts=1)), "complete", "hi")
    assert (reply.text, [attempt.outcome for attempt in reply.attempts]) == ("b", ["failed", "success"])
    world.on(A, fail("auth"))
    with pytest.raises(ProviderError):
        await ask(ModelRouter(A), "stream", "hi")


async def test_an_answer_of_it_ends_at_the_limit_of_the_call(world, ask):
    world.on(A, ok(first=60.0))
    with pytest.raises(RequestTimeoutError):
        await ask(ModelRouter(A, timeouts=Timeouts(total=5), retry=RetryPolicy(attempts=1)), "complete", "hi")
    assert world.clock.monotonic() == pytest.approx(5.0)
