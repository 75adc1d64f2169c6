"""LiteLLM through the server."""

from __future__ import annotations

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
def test_a_rate_limit(server, provider):
    with pytest.raises(litellm.RateLimitError):
        complete(server, provider, "limit me")


def test_embeddings(server):
    found = litellm.embedding(
        model="openai/text-embedding-3-small", input=["a", "b"], api_base=server.base_url(), api_key="sk-fake"
    )
    assert [len(row["embedding"]) for row in found.data] == [1536, 1536]
