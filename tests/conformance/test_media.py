"""Embeddings, images, speech, transcripts and lists of models are the same at every door, scripted and by default."""

from __future__ import annotations

import asyncio

import pytest

from conformance.observing import DOORS, entered
from llmclient import ModelRouter, RetryPolicy, SyncModelRouter
from llmclient.errors import LLMClientError
from llmclient.testing.faults import RateLimit, ServerFailure
from llmclient.testing.harness import Harness
from llmclient.testing.reply import Reply
from llmclient.testing.turns import Turn

MODEL = "openai/gpt-5-mini"
WAV = b"RIFF0000WAVE"


def embedding(reply):
    return [list(map(float, row.vector)) for row in reply.data], reply.model, reply.usage.prompt_tokens


def image(reply):
    return [(row.url, row.b64_json) for row in reply.data], reply.usage and reply.usage.total_tokens


def speech(reply):
    return reply.read(), reply.media_type


VERBS = {
    "embed": (lambda router: router.embed(["a", "b"], model="openai/text-embedding-3-small"), embedding),
    "embed floats": (
        lambda router: router.embed("a", model="openai/text-embedding-3-small", encoding_format="float"),
        embedding,
    ),
    "embed short": (
        lambda router: router.embed("a", model="openai/text-embedding-3-large", dimensions=8),
        embedding,
    ),
    "image": (lambda router: router.generate_image("a fox", model="openai/gpt-image-1"), image),
    "speak": (lambda router: router.speak("hi", model="openai/tts-1", voice="alloy"), None),
    "transcribe": (lambda router: router.transcribe(WAV, model="openai/whisper-1"), lambda reply: reply.text),
}
OUTCOMES = {
    "default": Reply(),
    "scripted": Reply(
        embeddings=((0.5, 0.25), (1.0, 0.0)),
        images=(b"\x89PNG1", "https://example.com/a.png"),
        audio=b"ID3abc",
        text="hi",
    ),
    "limited": RateLimit(retry_after=2),
    "failed": ServerFailure(),
}


def play(door, verb, outcome, *, asynchronous):
    ask, tell = VERBS[verb]
    harness = Harness()
    harness.script.add(Turn(action=outcome, times=None))
    with entered(door, harness):
        try:
            return asyncio.run(_async(ask, tell, harness)) if asynchronous else _sync(ask, tell, harness)
        except LLMClientError as error:
            return type(error).__name__, error.status_code, error.retry_after


def _sync(ask, tell, harness):
    with SyncModelRouter(MODEL, retry=RetryPolicy(attempts=1), clock=harness.clock) as router:
        reply = ask(router)
        return reply.read() if tell is None else tell(reply)


async def _async(ask, tell, harness):
    async with ModelRouter(MODEL, retry=RetryPolicy(attempts=1), clock=harness.clock) as router:
        reply = await ask(router)
        return await reply.read() if tell is None else tell(reply)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("verb", VERBS)
def test_it_is_the_same_at_every_door(verb, outcome):
    seen = {
        (door, asynchronous): play(door, verb, OUTCOMES[outcome], asynchronous=asynchronous)
        for door in DOORS
        for asynchronous in (False, True)
    }
    measure = seen["provider", False]
    for way, told in seen.items():
        assert told == measure, way


def test_an_embedding_nobody_scripted_is_a_unit_vector_of_the_models_dimension():
    for door in DOORS:
        (first, second), _, _ = play(door, "embed", Reply(), asynchronous=False)
        assert len(first) == len(second) == 1536
        assert sum(value * value for value in first) == pytest.approx(1.0, abs=1e-5)
        assert first != second


def test_the_models_that_a_script_names_are_listed_at_every_door():
    for door in DOORS:
        harness = Harness()
        harness.script.add(Turn(action=Reply(text="4"), on="openai/my-own"))
        with entered(door, harness), SyncModelRouter(MODEL, clock=harness.clock) as router:
            assert "my-own" in [model.id.rpartition("/")[2] for model in router.list_models()], door
