"""Pins the public types: this file is only checked, never run."""

from __future__ import annotations

from array import array
from typing import assert_type

from llmclient import ModelResponse, ModelRouter


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
