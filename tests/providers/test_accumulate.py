"""Chunks put together give the message that a plain call would have given: every kind of fragment, in any order.

Through a provider over canned bytes, as a caller sees it.
"""

from __future__ import annotations

from llmclient import ProviderConfig, get_provider
from llmclient.types import ChatRequest
from support.canned import Canned, sse

REQUEST = ChatRequest(model="m", messages=[{"role": "user", "content": "hi"}], stream=True)


def streamed(*deltas: dict, provider: str = "openrouter", **last):
    frames = [{"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    frames.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], **last})
    config = ProviderConfig(api_key="k", base_url="http://h", http_client=Canned(sse(*frames, "data: [DONE]\n\n")))
    instance = get_provider(provider, config)
    stream = instance.stream_sync(REQUEST)
    list(stream)
    instance.close()
    return stream.response


def call(index=None, call_id=None, name=None, arguments=None, **extra) -> dict:
    fragment = {"id": call_id, "function": {"name": name, "arguments": arguments}, **extra}
    return {"tool_calls": [fragment if index is None else {"index": index, **fragment}]}


def test_parallel_tool_calls_are_told_apart_by_their_index():
    reply = streamed(
        call(0, "call_a", "f", ""),
        call(1, "call_b", "g", '{"b'),
        call(0, arguments='{"a": 1}'),
        call(1, arguments='": 2}'),
    )
    assert [(c.id, c.name, c.arguments) for c in reply.tool_calls] == [
        ("call_a", "f", {"a": 1}),
        ("call_b", "g", {"b": 2}),
    ]
    assert reply.message.content is None


def test_parallel_calls_without_an_index_are_told_apart_by_their_id():
    reply = streamed(
        call(call_id="call_a", name="f", arguments='{"a"'),
        call(arguments=": 1}"),
        call(call_id="call_b", name="g", arguments="{}"),
    )
    assert [(c.id, c.function.arguments) for c in reply.tool_calls] == [("call_a", '{"a": 1}'), ("call_b", "{}")]


def test_several_calls_in_one_fragment_without_an_index_are_several_calls():
    first, second = ({"id": name, "function": {"name": "f", "arguments": "{}"}} for name in ("call_a", "call_b"))
    assert [c.id for c in streamed({"tool_calls": [first, second]}).tool_calls] == ["call_a", "call_b"]


def test_unknown_fields_of_a_tool_call_are_kept():
    reply = streamed(call(0, "call_a", "f", "{}", type="custom", signature="s"))
    assert (reply.tool_calls[0].type, reply.tool_calls[0].model_extra) == ("custom", {"signature": "s"})


def test_reasoning_and_refusal_are_joined():
    reply = streamed({"reasoning": "h"}, {"reasoning": "m"}, {"refusal": "n"}, {"refusal": "o"})
    assert (reply.reasoning, reply.message.refusal, reply.text) == ("hm", "no", "")


def test_reasoning_details_of_one_index_are_joined_and_others_stand_apart():
    reply = streamed(
        {"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": "a", "format": None}]},
        {"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": "b", "signature": "s", "format": "x"}]},
        {"reasoning_details": [{"type": "reasoning.encrypted", "index": 1, "data": "zz"}]},
    )
    assert reply.message.reasoning_details == [
        {"type": "reasoning.text", "index": 0, "text": "ab", "format": "x", "signature": "s"},
        {"type": "reasoning.encrypted", "index": 1, "data": "zz"},
    ]


def test_annotations_audio_and_logprobs_grow():
    annotation = {"type": "url_citation", "url_citation": {"url": "http://a"}}
    frames = [
        {
            "index": 0,
            "delta": {"content": "a", "annotations": [annotation]},
            "logprobs": {"content": [1], "refusal": None},
        },
        {"index": 0, "delta": {"annotations": [annotation], "audio": {"id": "au", "transcript": "he"}}},
        {"index": 0, "delta": {"audio": {"transcript": "llo", "expires_at": 7}}, "logprobs": {"content": [2]}},
        {"index": 0, "delta": {}, "finish_reason": "stop", "native_finish_reason": "end"},
    ]
    config = ProviderConfig(
        api_key="k", base_url="http://h", http_client=Canned(sse(*({"choices": [frame]} for frame in frames)))
    )
    stream = get_provider("openrouter", config).stream_sync(REQUEST)
    list(stream)
    reply = stream.response
    assert reply.message.annotations == [annotation, annotation]
    assert reply.message.audio == {"id": "au", "transcript": "hello", "expires_at": 7}
    assert reply.choices[0].logprobs == {"content": [1, 2], "refusal": None}
    assert reply.choices[0].model_extra == {"native_finish_reason": "end"}


def test_several_answers_are_kept_apart():
    frames = [
        {"choices": [{"index": 1, "delta": {"content": "B"}}, {"index": 0, "delta": {"content": "A"}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [{"index": 1, "delta": {}, "finish_reason": "length"}]},
    ]
    config = ProviderConfig(api_key="k", base_url="http://h", http_client=Canned(sse(*frames)))
    stream = get_provider("openai", config).stream_sync(REQUEST)
    list(stream)
    assert [(c.index, c.message.content, c.finish_reason) for c in stream.response.choices] == [
        (0, "A", "stop"),
        (1, "B", "length"),
    ]


def test_what_stands_beside_the_choices_is_kept_once_and_padding_is_not():
    reply = streamed(
        {"content": "a"},
        provider="openrouter",
        usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "cost": 0.5},
        service_tier="flex",
        system_fingerprint="fp",
        obfuscation="xxxx",
        x_groq={"id": "1"},
    )
    assert (reply.usage.cost, reply.service_tier, reply.system_fingerprint) == (0.5, "flex", "fp")
    assert reply.model_extra == {"x_groq": {"id": "1"}}


def test_an_empty_text_stays_a_text_and_none_stays_none():
    assert streamed({"content": ""}).message.content == ""
    assert streamed({"content": None, "role": "assistant"}).message.content is None
