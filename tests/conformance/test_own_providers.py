"""The library's own providers pass the class of tests that it hands to outsiders."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import ClassVar

from llmclient import ProviderConfig
from llmclient.providers.anthropic.provider import AnthropicProvider
from llmclient.providers.openai.provider import OpenAIProvider, gateway_provider
from llmclient.providers.openrouter.provider import OpenRouterProvider
from llmclient.testing.conformance import KEY, TEXT, ProviderConformance, Situation
from llmclient.testing.dialects.anthropic import AnthropicDialect
from llmclient.testing.dialects.openai import OpenAIDialect
from llmclient.testing.dialects.openrouter import OpenRouterDialect
from support.canned import Answer, Canned, answer, sse

STATUS = {
    Situation.RATE_LIMITED: answer({"error": {"message": "slow down"}}, 429, retry_after="2"),
    Situation.WRONG_KEY: answer({"error": {"message": f"key {KEY} is wrong"}}, 401),
    Situation.BAD_REQUEST: answer({"error": {"message": "no"}}, 400),
    Situation.BROKEN: answer({"error": {"message": "oops"}}, 500),
    Situation.NO_JSON: answer("not json"),
}


class FromBytes(ProviderConformance):
    name = ""
    factory: Callable
    api: str | None = None

    def provider_for(self, situation):
        def reply(request) -> Answer:
            if situation in STATUS:
                return STATUS[situation]
            streams = json.loads(request.content).get("stream", False)
            return self.streamed(situation) if streams else self.plain(situation)

        config = ProviderConfig(api_key=KEY, base_url="http://127.0.0.1:9/v1", http_client=Canned(reply), api=self.api)
        return type(self).factory(self.name, config)


class TestOpenAI(FromBytes):
    name = "openai"
    factory = OpenAIProvider
    usage: ClassVar = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    call: ClassVar = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
    }

    def plain(self, situation) -> Answer:
        tool = situation is Situation.TOOL_CALL
        message = {"role": "assistant", "content": None, "tool_calls": [self.call]} if tool else {"content": TEXT}
        finish = "tool_calls" if tool else "length" if situation is Situation.CUT_OFF else "stop"
        choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
        return answer({"id": "c", "model": "m", "choices": [choice], "usage": self.usage})

    def streamed(self, situation) -> Answer:
        def chunk(delta, finish=None):
            return {"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

        if situation is Situation.INTERRUPTED:
            return sse(chunk({"role": "assistant", "content": "Hello"}))
        if situation is Situation.TOOL_CALL:
            return sse(chunk({"tool_calls": [{"index": 0, **self.call}]}), chunk({}, "tool_calls"), "data: [DONE]\n\n")
        words = [chunk({"content": "Hello"}), chunk({"content": " there"}), chunk({}, "stop")]
        return sse(*words, {"id": "c", "model": "m", "choices": [], "usage": self.usage}, "data: [DONE]\n\n")


class TestOpenRouter(TestOpenAI):
    name = "openrouter"
    factory = OpenRouterProvider


class TestGateway(TestOpenAI):
    name = "groq"
    factory = staticmethod(gateway_provider)


class TestResponses(FromBytes):
    name = "openai"
    factory = OpenAIProvider
    api = "responses"

    def whole(self, situation) -> dict:
        message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": TEXT}]}
        call = {
            "type": "function_call",
            "call_id": "call_1",
            "name": "get_weather",
            "arguments": '{"city": "Paris"}',
        }
        cut = situation is Situation.CUT_OFF
        return {
            "id": "r",
            "model": "m",
            "status": "incomplete" if cut else "completed",
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
            "output": [call if situation is Situation.TOOL_CALL else message],
            "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
        }

    def plain(self, situation) -> Answer:
        return answer(self.whole(situation))

    def streamed(self, situation) -> Answer:
        created = {"type": "response.created", "response": {"id": "r", "model": "m", "created_at": 1}}
        done = {"type": "response.completed", "response": self.whole(situation)}
        hello = {"type": "response.output_text.delta", "output_index": 0, "delta": "Hello"}
        if situation is Situation.INTERRUPTED:
            return sse(created, hello)
        if situation is Situation.TOOL_CALL:
            item = self.whole(situation)["output"][0]
            return sse(created, {"type": "response.output_item.done", "output_index": 0, "item": item}, done)
        return sse(created, hello, {**hello, "delta": " there"}, done)


class TestAnthropic(FromBytes):
    name = "anthropic"
    factory = AnthropicProvider
    usage: ClassVar = {"input_tokens": 3, "output_tokens": 2}
    call: ClassVar = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Paris"}}

    def plain(self, situation) -> Answer:
        tool = situation is Situation.TOOL_CALL
        stop = "tool_use" if tool else "max_tokens" if situation is Situation.CUT_OFF else "end_turn"
        content = [self.call if tool else {"type": "text", "text": TEXT}]
        whole = {"id": "msg", "type": "message", "role": "assistant", "model": "m", "content": content}
        return answer({**whole, "stop_reason": stop, "usage": self.usage})

    def streamed(self, situation) -> Answer:
        start = {"id": "msg", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": self.usage}
        tool = situation is Situation.TOOL_CALL
        block = {**self.call, "input": {}} if tool else {"type": "text", "text": ""}
        deltas = (
            [{"type": "input_json_delta", "partial_json": '{"city": "Paris"}'}]
            if tool
            else [{"type": "text_delta", "text": "Hello"}, {"type": "text_delta", "text": " there"}]
        )
        events = [
            {"type": "message_start", "message": start},
            {"type": "content_block_start", "index": 0, "content_block": block},
            *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
            {"type": "content_block_stop", "index": 0},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "tool_use" if tool else "end_turn"},
                "usage": self.usage,
            },
            {"type": "message_stop"},
        ]
        if situation is Situation.INTERRUPTED:
            events = events[:3]
        return sse(*(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events))


class TestOpenAIPlayed(ProviderConformance):
    """As an outsider's class is written: a provider and a dialect."""

    name = "openai"
    factory = OpenAIProvider
    dialect = OpenAIDialect()


class TestAnthropicPlayed(ProviderConformance):
    name = "anthropic"
    model = "claude-haiku-4-5"
    factory = AnthropicProvider
    dialect = AnthropicDialect()


class TestOpenRouterPlayed(ProviderConformance):
    name = "openrouter"
    factory = OpenRouterProvider
    dialect = OpenRouterDialect()
