"""Responses and chunks: conveniences over the wire fields, and nothing lost."""

from __future__ import annotations

import copy
import pickle

import pytest

from llmclient import ModelResponse, StreamChunk, ToolCall, Usage

pytestmark = pytest.mark.unit


def test_an_empty_response_answers_every_convenience():
    empty = ModelResponse()
    assert (empty.text, empty.tool_calls, empty.reasoning, empty.finish_reason) == ("", [], "", None)
    assert (empty.usage, empty.cost, empty.attempts, empty.raw_response) == (None, None, (), {})


def test_an_empty_chunk_answers_every_convenience():
    empty = StreamChunk()
    assert (empty.text, empty.tool_calls, empty.reasoning, empty.finish_reason) == ("", [], "", None)
    assert empty.delta.content is None


def test_a_chunk_gives_what_it_adds():
    chunk = StreamChunk.model_validate(
        {
            "choices": [
                {
                    "delta": {
                        "content": "a",
                        "reasoning": "b",
                        "tool_calls": [{"index": 0, "function": {"arguments": "{"}}],
                    },
                    "finish_reason": "stop",
                }
            ]
        }
    )
    assert (chunk.text, chunk.reasoning, chunk.finish_reason) == ("a", "b", "stop")
    assert chunk.tool_calls[0].function.arguments == "{"
    assert chunk.delta.content == "a"


def test_reasoning_is_read_under_both_names():
    for name in ("reasoning", "reasoning_content"):
        reply = ModelResponse.model_validate({"choices": [{"message": {name: "hm"}}]})
        assert reply.reasoning == "hm"


@pytest.mark.parametrize(("text", "arguments"), [("", {}), ("  ", {}), ('{"a": [1]}', {"a": [1]})])
def test_arguments_of_a_tool_call_are_parsed(text, arguments):
    call = ToolCall.model_validate({"id": "c", "function": {"name": "f", "arguments": text}})
    assert (call.name, call.arguments) == ("f", arguments)


@pytest.mark.parametrize("text", ["[1]", "7", "{broken"])
def test_arguments_that_are_no_object_are_a_value_error(text):
    call = ToolCall.model_validate({"id": "c", "function": {"name": "f", "arguments": text}})
    with pytest.raises(ValueError, match=r"no JSON object|Expecting"):
        _ = call.arguments


def test_usage_answers_zero_where_a_provider_says_nothing():
    assert (Usage().cached_tokens, Usage().reasoning_tokens) == (0, 0)
    told = Usage.model_validate(
        {"prompt_tokens_details": {"cached_tokens": 3}, "completion_tokens_details": {"reasoning_tokens": 4}}
    )
    assert (told.cached_tokens, told.reasoning_tokens) == (3, 4)


def test_raw_is_parsed_when_asked_for_and_only_once():
    reply = ModelResponse()
    reply.attach(raw=b'{"a": 1}')
    assert reply.raw_response == {"a": 1}
    assert reply.raw_response is reply.raw_response
    reply.attach(raw=[b'{"a": 1}', b'{"b": 2}'])
    assert reply.raw_response == {"events": [{"a": 1}, {"b": 2}]}


def test_cost_is_computed_once_when_asked_for():
    asked = []

    def price(response):
        asked.append(response)

    reply = ModelResponse()
    reply.attach(price=price)
    assert asked == []
    assert reply.cost is None
    assert reply.cost is None
    assert asked == [reply]


WHOLE = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "provider": "openai",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {
                "role": "assistant",
                "content": "Hi",
                "mood": "good",
                "tool_calls": [
                    {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}, "extra_content": 1},
                    {"id": "b", "type": "custom", "custom": {"name": "g", "input": "x"}},
                ],
            },
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "novelty": 4},
    "unheard_of": [1],
}
AGAIN = {
    "json": lambda reply: type(reply).model_validate_json(reply.model_dump_json()),
    "python": lambda reply: type(reply).model_validate(reply.model_dump()),
    "pickle": lambda reply: pickle.loads(pickle.dumps(reply)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("way", AGAIN)
def test_a_response_survives_being_stored_with_every_field(way):
    reply = ModelResponse.model_validate(WHOLE)
    reply.attach(raw=b'{"a": 1}')
    back = AGAIN[way](reply)
    assert back.model_dump(exclude_none=True) == WHOLE
    assert (back.text, [call.name for call in back.tool_calls]) == ("Hi", ["f", "g"])
    if way in {"pickle", "copy", "deepcopy"}:
        assert back == reply
        assert back.raw_response == {"a": 1}
