"""Pins the public types: this file is only checked, never run."""

from __future__ import annotations

from array import array
from typing import assert_type

from llmclient import ModelResponse, ModelRouter, RetryPolicy, Timeouts


def reads_a_response(reply: ModelResponse) -> str:
    return reply.text


async def reads_other_capabilities(router: ModelRouter) -> None:
    vectors = await router.embed(["a"])
    assert_type(vectors[0], array[float])
    image = await router.generate_image("a fox")
    assert_type(image.content, bytes)
    transcript = await router.transcribe(b"audio")
    assert_type(transcript.text, str)
    parsed = await router.parse("hello", response_model=int)
    assert_type(parsed.parsed, int)


async def gives_vendors_their_own(router: ModelRouter) -> None:
    await router.complete("hi", betas=["context-1m-2025-08-07"], speed="fast", thinking={"type": "adaptive"}, top_k=40)
    await router.complete("hi", previous_response_id="resp_1", include=["reasoning.encrypted_content"])
    await router.complete("hi", provider={"order": ["Groq"]}, models=["openai/gpt-5-mini"], transforms=["middle-out"])
    async with router.stream(
        "hi", mcp_servers=[{"type": "url", "url": "https://tools.example", "name": "t"}]
    ) as stream:
        assert_type(stream.response, ModelResponse)


async def steers_every_verb(router: ModelRouter) -> None:
    timeouts, retry = Timeouts(total=5), RetryPolicy(attempts=2)
    await router.complete("hi", timeouts=timeouts, retry=retry, tags=["team"])
    await router.embed("hi", timeouts=timeouts, retry=retry, tags=["team"])
    await router.generate_image("hi", timeouts=timeouts, retry=retry, tags=["team"])
    await router.speak("hi", timeouts=timeouts, retry=retry, tags=["team"])
    await router.transcribe(b"hi", timeouts=timeouts, retry=retry, tags=["team"])
