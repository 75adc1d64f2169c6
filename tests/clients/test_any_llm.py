"""any-llm through the server."""

from __future__ import annotations

import pytest

any_llm = pytest.importorskip("any_llm", reason="any-llm is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

MODELS = {
    "openai": "gpt-5-mini",
    "anthropic": "claude-haiku-4-5",
    "openrouter": "meta-llama/llama-4-scout",
}


def complete(server, provider, **params):
    return any_llm.completion(
        model=MODELS[provider],
        provider=provider,
        messages=[{"role": "user", "content": "hello"}],
        api_base=server.base_url(provider),
        api_key="sk-fake",
        **params,
    )


@pytest.mark.parametrize("provider", MODELS)
def test_plain(server, provider):
    assert complete(server, provider).choices[0].message.content == "Hello there, world"


@pytest.mark.parametrize("provider", MODELS)
def test_streamed(server, provider):
    chunks = complete(server, provider, stream=True)
    told = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert told == "Hello there, world"


@pytest.mark.parametrize("provider", MODELS)
def test_a_tool_call(server, provider):
    def weather(city: str) -> str:
        """The weather in a city."""
        return "sunny"

    response = any_llm.completion(
        model=MODELS[provider],
        provider=provider,
        messages=[{"role": "user", "content": "tool please"}],
        tools=[weather],
        api_base=server.base_url(provider),
        api_key="sk-fake",
    )
    (call,) = response.choices[0].message.tool_calls
    assert (call.function.name, call.function.arguments) == ("weather", '{"city": "Paris"}')


def test_embeddings_and_models(server):
    at = {"api_base": server.base_url(), "api_key": "sk-fake"}
    found = any_llm.embedding(model="text-embedding-3-small", provider="openai", inputs=["a", "b"], **at)
    assert len(found.data) == 2
    assert "gpt-5-mini" in [model.id for model in any_llm.list_models(provider="openai", **at)]
