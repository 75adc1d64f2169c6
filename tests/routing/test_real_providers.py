"""Routing over the real providers, with their SDKs on a transport that answers with given bytes."""

from __future__ import annotations

import pytest

from llmclient import ModelRouter, ProviderConfig, SystemClock
from support.canned import Canned, answer, sse

A, B = "anthropic/claude-haiku-4-5", "openai/gpt-5-mini"
THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "c2lnbmVk"}
CONVERSATION = [
    {"role": "user", "content": "2+2?"},
    {"role": "assistant", "content": "4", "thinking_blocks": [THOUGHT], "reasoning_content": "hm"},
    {"role": "user", "content": "And 3+3?"},
]
OVERLOADED = answer({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, 529)
SIX = {
    "id": "c1",
    "object": "chat.completion",
    "model": "gpt-5-mini",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "6"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
}

pytestmark = pytest.mark.usefixtures("real_providers")


def router(anthropic: Canned, openai: Canned) -> ModelRouter:
    def config(canned: Canned) -> ProviderConfig:
        return ProviderConfig(api_key="sk-test-canary-0001", base_url="http://127.0.0.1:9", http_client=canned)

    providers = {"anthropic": config(anthropic), "openai": config(openai)}
    return ModelRouter(A, fallbacks=[B], providers=providers, clock=SystemClock())


@pytest.mark.parametrize("flavour", ["async", "sync"])
async def test_thoughts_of_one_vendor_do_not_travel_to_another(flavour):
    anthropic, openai = Canned(OVERLOADED), Canned(answer(SIX))
    async with router(anthropic, openai) as routed:
        if flavour == "async":
            reply = await routed.complete(CONVERSATION, max_tokens=50)
        else:
            reply = routed.sync.complete(CONVERSATION, max_tokens=50)
    assert reply.text == "6"
    assert [attempt.status_code for attempt in reply.attempts] == [529, 200]
    assert THOUGHT in anthropic.bodies[0]["messages"][1]["content"]
    sent = str(openai.bodies[0])
    assert "c2lnbmVk" not in sent
    assert "hm" not in sent


@pytest.mark.parametrize("flavour", ["async", "sync"])
async def test_a_stream_cut_before_its_first_text_is_replaced_and_closed(flavour):
    start = {"type": "message_start", "message": {"id": "m", "role": "assistant", "content": [], "model": "c"}}
    chunk = {"id": "c1", "object": "chat.completion.chunk", "model": "m"}
    said = {**chunk, "choices": [{"index": 0, "delta": {"content": "6"}, "finish_reason": None}]}
    end = {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    anthropic, openai = Canned(sse(start)), Canned(sse(said, end, "data: [DONE]\n\n"))
    async with router(anthropic, openai) as routed:
        if flavour == "async":
            async with routed.stream(CONVERSATION, max_tokens=50) as stream:
                text = "".join([part.text async for part in stream])
        else:
            with routed.sync.stream(CONVERSATION, max_tokens=50) as sync_stream:
                text = "".join(part.text for part in sync_stream)
    assert text == "6"
    assert (anthropic.opened, openai.opened) == (anthropic.closed, openai.closed) == (1, 1)
