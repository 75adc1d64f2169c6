"""LiteLLM through the server."""

from __future__ import annotations

import asyncio

import pytest

litellm = pytest.importorskip("litellm", reason="litellm is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

MODELS = {
    "openai": "openai/gpt-5-mini",
    "anthropic": "anthropic/claude-haiku-4-5",
    "openrouter": "openrouter/meta-llama/llama-4-scout",
}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]


def complete(server, provider, text, **params):
    return litellm.completion(
        model=MODELS[provider],
        messages=[{"role": "user", "content": text}],
        api_base=server.base_url(provider),
        api_key="sk-fake",
        num_retries=0,
        max_retries=0,
        **params,
    )


@pytest.mark.parametrize("provider", MODELS)
def test_plain(server, provider):
    response = complete(server, provider, "hello")
    assert response.choices[0].message.content == "Hello there, world"
    assert response.usage.total_tokens == 7


@pytest.mark.parametrize("provider", MODELS)
def test_streamed(server, provider):
    chunks = complete(server, provider, "hello", stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello there, world"


@pytest.mark.parametrize("provider", MODELS)
def test_a_tool_call(server, provider):
    call = complete(server, provider, "tool please", tools=TOOLS).choices[0].message.tool_calls[0]
    assert (call.function.name, call.function.arguments) == ("weather", '{"city": "Paris"}')


@pytest.mark.parametrize("provider", MODELS)
def test_a_tool_there_and_back_in_a_stream(server, provider):
    chunks = list(complete(server, provider, "tool please", tools=TOOLS, stream=True))
    first = litellm.stream_chunk_builder(chunks).choices[0].message
    (call,) = first.tool_calls
    assert (call.function.name, call.function.arguments) == ("weather", '{"city": "Paris"}')
    again = [
        {"role": "user", "content": "tool please"},
        first.model_dump(),
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"},
    ]
    last = litellm.completion(
        model=MODELS[provider], messages=again, tools=TOOLS, api_base=server.base_url(provider), api_key="sk-fake"
    )
    assert last.choices[0].message.content == "It is sunny."


@pytest.mark.parametrize("provider", MODELS)
def test_a_cut_stream(server, provider):
    text = ""
    with pytest.raises(Exception, match=r"(?i)connection|incomplete|midstream"):
        for chunk in complete(server, provider, "cut me", stream=True):
            text += chunk.choices[0].delta.content or ""
    assert text in ("one", "one two")


@pytest.mark.parametrize("provider", MODELS)
def test_async(server, provider):
    async def ask():
        return await litellm.acompletion(
            model=MODELS[provider],
            messages=[{"role": "user", "content": "hello"}],
            api_base=server.base_url(provider),
            api_key="sk-fake",
        )

    assert asyncio.run(ask()).choices[0].message.content == "Hello there, world"


def test_responses(server):
    found = litellm.responses(model="openai/gpt-5-mini", input="hello", api_base=server.base_url(), api_key="sk-fake")
    assert found.output_text == "Hello there, world"
    events = list(
        litellm.responses(
            model="openai/gpt-5-mini", input="hello", stream=True, api_base=server.base_url(), api_key="sk-fake"
        )
    )
    assert events[-1].type == "response.completed"


def test_images_speech_and_transcriptions(server):
    at = {"api_base": server.base_url(), "api_key": "sk-fake"}
    assert litellm.image_generation(model="openai/gpt-image-1", prompt="a fox", **at).data[0].b64_json
    assert litellm.speech(model="openai/tts-1", voice="alloy", input="hi", **at).content.startswith(b"RIFF")
    heard = litellm.transcription(model="openai/whisper-1", file=("a.wav", b"RIFF"), **at)
    assert heard.text == "Hello there, world"


@pytest.mark.parametrize("provider", MODELS)
def test_a_rate_limit(server, provider):
    with pytest.raises(litellm.RateLimitError):
        complete(server, provider, "limit me")


def test_embeddings(server):
    found = litellm.embedding(
        model="openai/text-embedding-3-small", input=["a", "b"], api_base=server.base_url(), api_key="sk-fake"
    )
    assert [len(row["embedding"]) for row in found.data] == [1536, 1536]
