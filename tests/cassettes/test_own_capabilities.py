"""What there is beside chat, recorded and replayed through the cassette door, async and sync.

Recorded through the fake server, not through a live API:

    RECORDING=1 pytest tests/cassettes/test_own_capabilities.py --record-mode=rewrite
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from clients import KEY
from llmclient import Deployment, ModelRouter, ProviderConfig, RateLimitError, SyncModelRouter
from llmclient.testing import FakeServer
from llmclient.testing.files.load import parse_script

pytest_plugins = ["llmclient.testing.cassettes.plugin"]
pytestmark = pytest.mark.vcr

SCRIPT = """
name: what there is beside chat
turns:
  - on: openai/text-embedding-3-small
    when: {contains: busy}
    fail: {rate_limit: {retry_after: 2}}
  - on: openai/text-embedding-3-small
    times: always
    reply: {embeddings: [[0.5, 0.25, -1.0], [0.125, 0.0, 3.5]], usage: {prompt_tokens: 4, total_tokens: 4}}
  - {on: openai/gpt-image-1, times: always, reply: {text: ""}}
  - {on: openai/tts-1, times: always, reply: {text: ""}}
  - {on: openai/whisper-1, times: always, reply: {text: "Guten Tag."}}
  - {on: openai/gpt-5, when: {tool_result: true}, times: always, reply: "18 degrees."}
  - on: openai/gpt-5
    when: {contains: weather}
    times: always
    reply: {tool_calls: [{name: weather}], reasoning: "Hm."}
  - {on: openai/gpt-5, times: always, reply: {text: "Once upon a time.", reasoning: "A tale.", stream: {size: 6}}}
"""
RECORDING = "RECORDING" in os.environ
SOUND = b"RIFF\x24\x00\x00\x00WAVE\xff\xfe\x00binary"
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]
FLAVOURS = pytest.mark.parametrize("flavour", ["async", "sync"])


@pytest.fixture(scope="module")
def vcr_cassette_dir():
    return str(Path(__file__).parents[2] / "cassettes" / "capabilities")


@pytest.fixture
def url():
    """Where the fake server is while recording; a port where nothing listens while replaying."""
    if not RECORDING:
        yield "http://127.0.0.1:9/v1"
        return
    with FakeServer(parse_script(SCRIPT)) as server:
        yield server.base_url("openai")


@pytest.fixture
def ask(url, flavour):
    """Run a verb of a router at the endpoint; what is asked of `router` is awaited where it is async."""

    def run(model, verb, *args, finish=None, api=None, **params):
        deployment = Deployment(model, api_key=KEY, base_url=url)
        settings = {"providers": {"openai": ProviderConfig(api=api)}} if api else {}
        if flavour == "sync":
            with SyncModelRouter(deployment, **settings) as router:
                made = getattr(router, verb)(*args, **params)
                return finish[0](made) if finish else made

        async def call():
            async with ModelRouter(deployment, **settings) as router:
                made = await getattr(router, verb)(*args, **params)
                return await finish[1](made) if finish else made

        return asyncio.run(call())

    return run


@FLAVOURS
def test_embeddings(ask):
    reply = ask("openai/text-embedding-3-small", "embed", ["one", "two"], dimensions=3)
    assert [list(row.vector) for row in reply.data] == [[0.5, 0.25, -1.0], [0.125, 0.0, 3.5]]
    assert (reply.usage.prompt_tokens, float(reply.cost.total)) == (4, 8e-08)


@FLAVOURS
def test_a_rate_limit_on_embeddings_and_the_retry_after_it(ask):
    reply = ask("openai/text-embedding-3-small", "embed", "busy?")
    assert [type(attempt.error) for attempt in reply.attempts] == [RateLimitError, type(None)]
    assert list(reply.data[0].vector) == [0.5, 0.25, -1.0]


@FLAVOURS
def test_an_image_is_drawn(ask, tmp_path):
    reply = ask("openai/gpt-image-1", "generate_image", "a fox", size="1024x1024")
    assert reply.save(tmp_path / "fox.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


@FLAVOURS
def test_an_image_is_edited(ask, tmp_path):
    reply = ask("openai/gpt-image-1", "edit_image", [b"\x89PNG\r\n\x1a\n\xff\x00"], "a blue fox", mask=b"\x89PNG\xfe")
    assert reply.save(tmp_path / "fox.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


@FLAVOURS
def test_speech_is_binary(ask):
    async def read(speech):
        return await speech.read(), speech.facts

    sound, facts = ask("openai/tts-1", "speak", "Guten Tag", finish=(lambda s: (s.read(), s.facts), read))
    assert sound.startswith(b"RIFF")
    assert sound[8:16] == b"WAVEfmt "
    assert len(sound) == 4044
    assert (facts.media_type, float(facts.cost.total)) == ("audio/mpeg", 9 * 15e-6)


@FLAVOURS
def test_a_transcript_of_an_upload(ask):
    reply = ask("openai/whisper-1", "transcribe", SOUND, language="de")
    assert reply.text == "Guten Tag."


@FLAVOURS
def test_the_list_of_models(ask):
    models = ask("openai/gpt-5", "list_models")
    assert "openai/gpt-5" in [model.name for model in models]


@FLAVOURS
def test_the_responses_api(ask):
    asked = [{"role": "user", "content": "How is the weather?"}]
    first = ask("openai/gpt-5", "complete", asked, api="responses", tools=TOOLS, store=False)
    (call,) = first.tool_calls
    assert (call.name, first.finish_reason, first.reasoning) == ("weather", "tool_calls", "Hm.")
    asked += [first.message.model_dump(), {"role": "tool", "tool_call_id": call.id, "content": "18"}]
    second = ask("openai/gpt-5", "complete", asked, api="responses", tools=TOOLS, store=False)
    assert second.text == "18 degrees."
    assert second.usage.total_tokens > 0


@FLAVOURS
def test_a_stream_over_the_responses_api(url, flavour):
    deployment = Deployment("openai/gpt-5", api_key=KEY, base_url=url)
    config = {"openai": ProviderConfig(api="responses")}
    if flavour == "sync":
        with SyncModelRouter(deployment, providers=config) as router, router.stream("A tale?") as stream:
            pieces = [chunk.text for chunk in stream if chunk.text]
    else:
        pieces, stream = asyncio.run(_streamed(deployment, config))
    assert "".join(pieces) == stream.response.text == "Once upon a time."
    assert len(pieces) == 3
    assert stream.response.reasoning == "A tale."


async def _streamed(deployment, config):
    async with ModelRouter(deployment, providers=config) as router, router.stream("A tale?") as stream:
        return [chunk.text async for chunk in stream if chunk.text], stream
