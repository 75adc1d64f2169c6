"""Counting by the provider: Anthropic's endpoint, through its SDK, in either flavour."""

from __future__ import annotations

import pytest

from llmclient import ProviderConfig, RateLimitError, UnsupportedCapabilityError, get_provider
from llmclient.errors import MalformedResponseError
from llmclient.testing import script
from llmclient.tokens import TokenCount, count_tokens_exact, count_tokens_exact_sync
from support.canned import Canned, answer

TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}


def config(canned: Canned) -> ProviderConfig:
    return ProviderConfig(api_key="sk-test-canary-0001", http_client=canned)


async def test_the_provider_counts_what_a_call_would_send():
    canned = Canned(answer({"input_tokens": 42}))
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    count = await count_tokens_exact(
        messages, "anthropic/claude-opus-5", tools=[TOOL], tool_choice="auto", config=config(canned)
    )
    assert count == TokenCount(tokens=42, method="exact", tokenizer="provider")
    assert canned.requests[0].url.path == "/v1/messages/count_tokens"
    body = canned.bodies[0]
    assert set(body) <= {"model", "messages", "system", "tools", "tool_choice", "thinking", "output_config"}
    assert (body["model"], body["tools"][0]["name"]) == ("claude-opus-5", "weather")
    assert body["messages"][0]["role"] == "user"


def test_it_counts_without_an_event_loop_too():
    canned = Canned(answer({"input_tokens": 7}))
    assert count_tokens_exact_sync("Hello", "claude-opus-5", config=config(canned)).tokens == 7


async def test_a_provider_that_is_handed_in_stays_open():
    canned = Canned(answer({"input_tokens": 7}))
    provider = get_provider("anthropic", config(canned))
    for _ in range(2):
        assert (await count_tokens_exact("Hello", "claude-opus-5", provider=provider)).tokens == 7
        assert count_tokens_exact_sync("Hello", "claude-opus-5", provider=provider).tokens == 7
    await provider.aclose()


async def test_a_refusal_is_the_providers_error():
    refusal = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
    with pytest.raises(RateLimitError):
        await count_tokens_exact("Hello", "claude-opus-5", config=config(Canned(answer(refusal, 429))))


async def test_an_answer_without_a_count_is_malformed():
    with pytest.raises(MalformedResponseError):
        await count_tokens_exact("Hello", "claude-opus-5", config=config(Canned(answer({"tokens": 3}))))


async def test_a_provider_that_does_not_count_says_who_does():
    with pytest.raises(UnsupportedCapabilityError, match="anthropic"):
        await count_tokens_exact("Hello", "openai/gpt-4o", config=config(Canned(answer({}))))
    with pytest.raises(UnsupportedCapabilityError, match="counting"):
        count_tokens_exact_sync("Hello", "openai/gpt-4o", config=config(Canned(answer({}))))


@pytest.mark.parametrize("door", ["provider", "transport", "server"])
def test_at_every_door_tokens_are_counted_without_a_turn(door):
    with script() as llm:
        llm.through(door)
        assert count_tokens_exact_sync("Hello", "claude-haiku-4-5").tokens == 2
        assert not llm.calls
