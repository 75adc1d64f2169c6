"""The provider reads its recordings as it did when they were made.

They were made through the package's own dialect, not through Cohere's API (see `cassettes/README.md`):

    RECORDING=1 pytest tests/test_recordings.py --record-mode=rewrite
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmclient import Deployment, ModelRouter, RateLimitError, SyncModelRouter
from llmclient.testing import LLM, FakeServer, RateLimit, tool_call

pytestmark = pytest.mark.vcr
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(Path(__file__).parents[1] / "cassettes")


@pytest.fixture
def cohere() -> Iterator[Deployment]:
    """Cohere at the fake server while recording; at a port where nothing listens while replaying."""
    if "RECORDING" not in os.environ:
        yield at("http://127.0.0.1:9/cohere/v1")
        return
    llm = LLM()
    llm.on("cohere/*").when(contains="primes").reply("2, 3 and 5. 😀", times=None)
    llm.on("cohere/*").when(contains="look").reply(tool_calls=[tool_call("look", at="é")], reasoning="I shall look.")
    llm.on("cohere/*").when(contains="busy").fail(RateLimit(retry_after=30)).then("Now I have time.")
    with FakeServer(llm) as server:
        yield at(server.base_url("cohere"))


def at(url: str) -> Deployment:
    return Deployment("cohere/command-a-03-2025", api_key="sk-test-canary-0001", base_url=url)


async def test_a_plain_call(cohere: Deployment) -> None:
    async with ModelRouter(cohere) as router:
        reply = await router.complete("Name three primes.")
    assert (reply.text, reply.finish_reason, reply.provider) == ("2, 3 and 5. 😀", "stop", "cohere")
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 0


async def test_a_stream(cohere: Deployment) -> None:
    async with ModelRouter(cohere) as router, router.stream("Name three primes.") as stream:
        pieces = [chunk.text async for chunk in stream if chunk.text]
    assert "".join(pieces) == stream.response.text == "2, 3 and 5. 😀"
    assert len(pieces) > 1


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "stream"])
def test_a_tool_call(cohere: Deployment, streamed: bool) -> None:
    with SyncModelRouter(cohere) as router:
        if streamed:
            with router.stream("Please look.", tools=[TOOL]) as stream:
                list(stream)
        reply = stream.response if streamed else router.complete("Please look.", tools=[TOOL])
    (call,) = reply.tool_calls
    assert (call.name, call.arguments, reply.reasoning) == ("look", {"at": "é"}, "I shall look.")
    assert reply.finish_reason == "tool_calls"


def test_a_rate_limit_and_the_retry_after_it(cohere: Deployment) -> None:
    with SyncModelRouter(cohere) as router:
        reply = router.complete("Are you busy?")
    assert [type(attempt.error) for attempt in reply.attempts] == [RateLimitError, type(None)]
    assert reply.text == "Now I have time."
