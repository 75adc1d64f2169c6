"""The Responses API at every door: a script plays it as it plays chat, and the official SDK reads what is sent."""

from __future__ import annotations

import asyncio

import openai
import pytest

from conformance.observing import DOORS, entered
from llmclient import ModelRouter, ProviderConfig, SyncModelRouter
from llmclient.errors import LLMClientError, RateLimitError, ServerError, StreamInterruptedError
from llmclient.providers._sdk import load_sdk
from llmclient.testing import Disconnect, ErrorEvent, RateLimit, ServerFailure, tool_call
from llmclient.testing.faults.body import NullChoices
from llmclient.testing.harness import Harness
from llmclient.testing.player import WirePlayer
from llmclient.testing.reply import Citation, Cut, Reasoning, Reply
from llmclient.testing.transport import transport_for
from llmclient.testing.turns import Turn

REPLIES = {
    "text": Reply(text="Hello there", usage={"prompt_tokens": 3, "completion_tokens": 2}),
    "reasoning": Reply(text="4", reasoning=(Reasoning(text="2 and 2"),), cut=Cut(size=3)),
    "calls": Reply(tool_calls=(tool_call("look", at="x"), tool_call("look", at="y"))),
    "text and call": Reply(text="I look.", tool_calls=(tool_call("look", at="x"),)),
    "cut off": Reply(text="Once upon", finish_reason="length"),
    "refusal": Reply(refusal="I cannot."),
    "citation": Reply(text="It is so.", citations=(Citation(url="https://example.com", title="E", start=0, end=2),)),
    "nothing": Reply(text=""),
}
FAULTS = {
    "limited": RateLimit(retry_after=2),
    "failed": ServerFailure(),
    "null": NullChoices(),
    "error event": Reply(text="Hello there", fault=ErrorEvent(RateLimit(), after_chunks=1)),
    "cut": Reply(text="Hello there", fault=Disconnect(1)),
}
CONFIG = {"openai": ProviderConfig(api="responses")}


def harness(outcome):
    made = Harness()
    made.script.add(Turn(action=outcome, times=None))
    return made


def told(reply):
    message = reply.message
    return {
        "text": reply.text,
        "calls": [(call.name, call.arguments) for call in reply.tool_calls],
        "reasoning": reply.reasoning,
        "refusal": message.refusal,
        "annotations": message.annotations or [],  # chat tells an empty list, responses none
        "finish": reply.finish_reason,
        "usage": (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens),
    }


def ask(door, outcome, *, asynchronous, streamed):
    made = harness(outcome)
    with entered(door, made):
        try:
            reply = asyncio.run(_ask_async(streamed)) if asynchronous else _ask(streamed)
        except LLMClientError as error:
            return type(error), getattr(error, "partial", None) and error.partial.text
    return told(reply)


def _ask(streamed):
    with SyncModelRouter("openai/gpt-5", providers=CONFIG, retry=None) as router:
        if not streamed:
            return router.complete("hello")
        with router.stream("hello") as stream:
            list(stream)
        return stream.response


async def _ask_async(streamed):
    async with ModelRouter("openai/gpt-5", providers=CONFIG, retry=None) as router:
        if not streamed:
            return await router.complete("hello")
        async with router.stream("hello") as stream:
            [_ async for _ in stream]
        return stream.response


@pytest.mark.parametrize("outcome", {**REPLIES, **FAULTS}.values(), ids={**REPLIES, **FAULTS})
def test_the_doors_agree(outcome):
    for streamed in (False, True):
        seen = [
            ask(door, outcome, asynchronous=asynchronous, streamed=streamed)
            for door in DOORS
            for asynchronous in (False, True)
        ]
        assert [other for other in seen if other != seen[0]] == []


def test_what_they_agree_on_is_what_the_script_says():
    calls = ask("transport", REPLIES["calls"], asynchronous=False, streamed=True)
    assert calls["calls"] == [("look", {"at": "x"}), ("look", {"at": "y"})]
    assert calls["finish"] == "tool_calls"
    assert ask("server", REPLIES["cut off"], asynchronous=True, streamed=False)["finish"] == "length"
    assert ask("transport", REPLIES["reasoning"], asynchronous=True, streamed=True)["reasoning"] == "2 and 2"
    assert ask("transport", FAULTS["limited"], asynchronous=False, streamed=False)[0] is RateLimitError
    assert ask("transport", FAULTS["failed"], asynchronous=False, streamed=True)[0] is ServerError
    error, partial = ask("transport", FAULTS["error event"], asynchronous=False, streamed=True)
    assert issubclass(error, RateLimitError)
    assert partial == "Hello"
    assert ask("transport", FAULTS["cut"], asynchronous=False, streamed=True) == (StreamInterruptedError, "Hello")


@pytest.mark.parametrize("outcome", REPLIES.values(), ids=REPLIES)
def test_the_official_sdk_reads_it(outcome):
    http = load_sdk("openai").http
    client = http.Client(transport=transport_for(http, WirePlayer(harness(outcome))))
    asked = {"model": "gpt-5", "input": "hello"}
    with openai.OpenAI(api_key="sk-test", http_client=client) as sdk:
        whole = sdk.responses.create(**asked)
        with sdk.responses.stream(**asked) as stream:
            seen = list(stream)
            # The SDK's helper knows a stream that ends by `response.completed` only.
            final = whole if whole.status == "incomplete" else stream.get_final_response()
    assert whole.output_text == (outcome.text or "")
    assert [item.arguments for item in whole.output if item.type == "function_call"] == [
        call.arguments for call in outcome.tool_calls
    ]
    assert [event.sequence_number for event in seen] == list(range(len(seen)))
    assert seen[-1].type == f"response.{whole.status}"
    assert final.output_text == whole.output_text
    assert [item.type for item in final.output] == [item.type for item in whole.output]


def test_a_conversation_reads_as_it_was_written():
    """Items go back as they came, and a script sees them as messages."""
    made = harness(REPLIES["text"])
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
    said = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Look"}, image]},
        {"role": "assistant", "content": "I look.", "tool_calls": [said]},
        {"role": "tool", "tool_call_id": "c1", "content": "a fox"},
    ]
    with entered("transport", made), SyncModelRouter("openai/gpt-5", providers=CONFIG) as router:
        router.complete(
            messages,
            tools=[tool],
            tool_choice={"type": "function", "function": {"name": "look"}},
            max_completion_tokens=9,
            reasoning_effort="low",
            response_format={"type": "json_object"},
        )
    (call,) = made.calls
    assert [dict(message) for message in call.call.messages] == messages
    assert call.call.tool_names == ["look"]
    assert call.call.tool_results == [("look", "a fox")]
    wanted = ("tool_choice", "max_completion_tokens", "reasoning_effort", "response_format")
    assert [call.call.params[name] for name in wanted] == [
        {"type": "function", "function": {"name": "look"}},
        9,
        "low",
        {"type": "json_object"},
    ]


def test_encrypted_reasoning_is_sent_where_it_is_asked_for():
    made = harness(REPLIES["reasoning"])
    with entered("transport", made), SyncModelRouter("openai/gpt-5", providers=CONFIG) as router:
        first = router.complete("2+2?", store=False)
        router.complete(
            [{"role": "user", "content": "2+2?"}, first.message.model_dump(), {"role": "user", "content": "?"}]
        )
    (reasoning, _) = first.message.provider_specific_fields["responses_output"]
    assert reasoning["encrypted_content"]
    assert made.calls[1].call.body["input"][1] == reasoning
    assert made.calls[1].call.messages[1]["reasoning_content"] == "2 and 2"
