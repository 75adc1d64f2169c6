"""The project's own `cassettes/`, replayed as a suite would replay them.

They were recorded through the fake server, not through a live API:

    RECORDING=1 pytest tests/cassettes/test_own_recordings.py --record-mode=rewrite
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clients import KEY
from llmclient import (
    APIConnectionError,
    Deployment,
    ModelRouter,
    RateLimitError,
    StreamInterruptedError,
    SyncModelRouter,
)
from llmclient.testing import FakeServer
from llmclient.testing.files.load import parse_script

pytest_plugins = ["llmclient.testing.cassettes.plugin"]

SCRIPT = """
name: the project's own recordings
turns:
  - {when: {contains: "three primes"}, times: always, reply: {text: "2, 3 and 5. 😀"}}
  - {when: {contains: "a story"}, times: always, reply: {text: "Once upon a time, a fox.", stream: {size: 6}}}
  - {when: {tool_result: true}, times: always, reply: "It is 18 degrees in Paris."}
  - {when: {contains: "weather"}, times: always, reply: {tool_calls: [{name: weather, arguments: {city: Paris}}]}}
  - {when: {contains: "busy"}, times: 1, fail: {rate_limit: {retry_after: 30}}}
  - {when: {contains: "busy"}, times: 1, reply: "Now I have time."}
  - when: {contains: "breaks off"}
    times: always
    reply: {text: "This goes well until", stream: {size: 5}, fault: {disconnect: {after_chunks: 2}}}
"""
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather in a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]
RECORDING = "RECORDING" in os.environ
PATHS = {"openai": "/v1", "anthropic": "", "openrouter": "/api/v1"}
MODELS = {"openai": "gpt-5-mini", "anthropic": "claude-haiku-4-5", "openrouter": "meta-llama/llama-4-scout"}
each = pytest.mark.parametrize("provider", PATHS)
pytestmark = pytest.mark.vcr


@pytest.fixture(scope="module")
def vcr_cassette_dir():
    return str(Path(__file__).parents[2] / "cassettes" / "fake_server")


@pytest.fixture
def endpoint():
    """Where the fake server is while recording; a port where nothing listens while replaying."""
    if not RECORDING:
        yield "http://127.0.0.1:9"
        return
    with FakeServer(parse_script(SCRIPT)) as server:
        yield server.url


@pytest.fixture
def deployment(endpoint):
    def at(provider):
        return Deployment(f"{provider}/{MODELS[provider]}", api_key=KEY, base_url=endpoint + PATHS[provider])

    return at


@each
async def test_a_plain_call(provider, deployment):
    async with ModelRouter(deployment(provider)) as router:
        reply = await router.complete("Name three primes.")
    assert reply.text == "2, 3 and 5. 😀"
    assert reply.usage.total_tokens > 0


@each
async def test_a_stream(provider, deployment):
    async with ModelRouter(deployment(provider)) as router, router.stream("Tell me a story.") as stream:
        pieces = [chunk.text async for chunk in stream if chunk.text]
    assert "".join(pieces) == "Once upon a time, a fox."
    assert len(pieces) == 4


@each
def test_a_tool_call_and_its_result(provider, deployment):
    with SyncModelRouter(deployment(provider)) as router:
        messages = [{"role": "user", "content": "How is the weather in Paris?"}]
        call = router.complete(messages, tools=TOOLS)
        assert call.tool_calls[0].arguments == {"city": "Paris"}
        messages += [
            {"role": "assistant", "tool_calls": [call.tool_calls[0].model_dump()]},
            {"role": "tool", "tool_call_id": call.tool_calls[0].id, "content": "18 degrees"},
        ]
        assert router.complete(messages, tools=TOOLS).text == "It is 18 degrees in Paris."


@each
def test_a_rate_limit_and_the_retry_after_it(provider, deployment):
    with SyncModelRouter(deployment(provider)) as router:
        reply = router.complete("Are you busy?")
    assert [type(attempt.error) for attempt in reply.attempts] == [RateLimitError, type(None)]
    assert reply.text == "Now I have time."


@each
def test_a_stream_that_breaks_off(provider, deployment):
    with SyncModelRouter(deployment(provider)) as router:
        with (
            pytest.raises((StreamInterruptedError, APIConnectionError)),
            router.stream("Say what breaks off.") as stream,
        ):
            list(stream)
    assert stream.response.text.startswith("This ")
