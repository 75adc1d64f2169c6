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
