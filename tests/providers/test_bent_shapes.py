"""Hosts that bend OpenAI's shape, and answers newer than this library: what arrived is read, whatever stands beside it.

Each case was seen at a host, or is what the SDK's types allow. Through providers over canned bytes, plain and streamed.
"""

from __future__ import annotations

import json

import pytest

from llmclient import (
    AuthenticationError,
    BadRequestError,
    MalformedResponseError,
    NotFoundError,
    ProviderConfig,
    ProviderError,
    RateLimitError,
    get_provider,
)
from llmclient.types import ChatRequest, ModelResponse
from support.canned import Answer, Canned, answer, sse

DONE = "data: [DONE]\n\n"
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
CUSTOM = {"id": "call_1", "type": "custom", "custom": {"name": "run", "input": "print(1)"}}


def read(made: Answer, *, stream: bool, provider: str = "openai", messages: list | None = None) -> ModelResponse:
    instance = provider_of(Canned(made), provider)
    request = ChatRequest(model="m", messages=messages or [{"role": "user", "content": "hi"}], stream=stream)
    try:
        if not stream:
            return instance.complete_sync(request)
        opened = instance.stream_sync(request)
        list(opened)
        return opened.response
    finally:
        instance.close()


def provider_of(canned: Canned, provider: str = "openai"):
    return get_provider(
        provider, ProviderConfig(api_key="sk-canary-0001", base_url="http://127.0.0.1:9/v1", http_client=canned)
    )


def plain(message: dict | None = None, **fields) -> ModelResponse:
    body = {"id": "c", "model": "m", "choices": [choice("message", message or {"role": "assistant", "content": "Hi"})]}
    return read(answer({**body, **fields}), stream=False)


def streamed(*deltas: dict, last: dict | None = None, provider: str = "openai") -> ModelResponse:
    frames = [{"id": "c", "model": "m", "choices": [choice("delta", delta, None)]} for delta in deltas]
    frames.append({"choices": [choice("delta", {})], **(last or {})})
    return read(sse(*frames, DONE), stream=True, provider=provider)


def choice(name: str, said: dict, finish: str | None = "stop") -> dict:
    return {"index": 0, name: said, "finish_reason": finish}


# --- how a body is labelled ---


@pytest.mark.parametrize("kind", ["application/json", "text/html; charset=utf-8", "text/plain", ""])
@pytest.mark.parametrize("cut", [1, 1000])
def test_a_stream_is_read_as_one_whatever_type_it_is_labelled_with(kind, cut):
    whole = b"".join(sse({"choices": [choice("delta", {"content": "Hi"})]}, DONE).chunks)
    pieces = [whole[at : at + cut] for at in range(0, len(whole), cut)]
    assert read(Answer(pieces, headers={"content-type": kind}), stream=True).text == "Hi"


def test_an_answer_in_one_piece_may_begin_with_white_space():
    body = json.dumps({"choices": [choice("message", {"content": "Hi"})]}).encode()
    assert read(Answer([b"\n ", b"\n", body]), stream=True).text == "Hi"


@pytest.mark.parametrize("mark", ["data:  [DONE] \n\n", "data: [DONE] \n\n"])
def test_the_mark_of_the_end_may_have_white_space_around_it(mark):
    assert read(sse({"choices": [choice("delta", {"content": "Hi"}, None)]}, mark), stream=True).text == "Hi"


# --- who answers ---


def test_id_and_model_come_from_the_first_chunk_that_tells_them():
    """Azure's first chunk holds the verdict on the prompt and leaves all else empty."""
    verdict = {"id": "", "model": "", "created": 0, "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    told = {"id": "c1", "model": "gpt", "created": 7, "choices": [choice("delta", {"content": "Hi"})]}
    reply = read(sse(verdict, told, DONE), stream=True)
    assert (reply.id, reply.model, reply.created, reply.text) == ("c1", "gpt", 7, "Hi")
    assert reply.model_extra == {"prompt_filter_results": [{"prompt_index": 0}]}


# --- reasoning ---


@pytest.mark.parametrize("empty", [None, ""])
def test_reasoning_is_read_from_the_name_that_holds_some(empty):
    assert plain({"content": "Hi", "reasoning_content": empty, "reasoning": "hm"}).reasoning == "hm"
    reply = streamed({"reasoning_content": empty, "reasoning": "h"}, {"reasoning_content": "m"})
    assert reply.reasoning == "hm"


def test_reasoning_under_both_names_is_read_once():
    assert plain({"content": "Hi", "reasoning_content": "hm", "reasoning": "hm"}).reasoning == "hm"
    assert streamed({"reasoning_content": "hm", "reasoning": "hm"}).reasoning == "hm"


# --- tool calls ---


def test_a_custom_tool_is_called_with_its_own_text():
    """OpenAI's custom tools: the model writes free text for them, not JSON arguments."""
    reply = plain({"content": None, "tool_calls": [CUSTOM]})
    assert [(call.id, call.type, call.name) for call in reply.tool_calls] == [("call_1", "custom", "run")]
    assert reply.tool_calls[0].custom.input == "print(1)"


def test_a_custom_tool_call_streams_in_fragments():
    first = {"index": 0, "id": "call_1", "type": "custom", "custom": {"name": "run", "input": "print"}}
    reply = streamed({"tool_calls": [first]}, {"tool_calls": [{"index": 0, "custom": {"input": "(1)"}}]})
    assert reply.tool_calls[0].model_dump(exclude_none=True) == CUSTOM


def test_a_custom_tool_call_goes_back_as_it_came():
    canned = Canned(answer({"choices": [choice("message", {"content": "done"})]}))
    message = plain({"role": "assistant", "content": None, "tool_calls": [CUSTOM]}).message
    result = {"role": "tool", "tool_call_id": "call_1", "content": "1"}
    from llmclient.types.history import normalize_messages

    request = ChatRequest(model="m", messages=normalize_messages([message, result]))
    provider_of(canned).complete_sync(request)
    assert canned.bodies[0]["messages"][0]["tool_calls"] == [CUSTOM]


def test_calls_that_share_an_index_are_told_apart_by_id_and_name():
    """Some hosts number every call 0, each of which comes whole."""
    fragments = [
        {"index": 0, "id": f"call_{name}", "type": "function", "function": {"name": name, "arguments": "{}"}}
        for name in "fg"
    ]
    for deltas in ([{"tool_calls": fragments}], [{"tool_calls": [fragment]} for fragment in fragments]):
        reply = streamed(*deltas)
        assert [(call.id, call.name, call.arguments) for call in reply.tool_calls] == [
            ("call_f", "f", {}),
            ("call_g", "g", {}),
        ]


def test_a_call_whose_fragments_change_their_id_stays_one_call():
    """Some hosts make up an id for each fragment; the name comes once."""
    first = {"index": 0, "id": "call_1", "function": {"name": "f", "arguments": '{"a"'}}
    rest = {"index": 0, "id": "call_2", "function": {"name": None, "arguments": ": 1}"}}
    reply = streamed({"tool_calls": [first]}, {"tool_calls": [rest]})
    assert [call.arguments for call in reply.tool_calls] == [{"a": 1}]


@pytest.mark.parametrize(
    ("call", "name"), [({"id": "c", "function": {"name": None}}, ""), ({"id": "c", "function": None}, "")]
)
def test_a_call_without_a_name_is_kept(call, name):
    reply = plain({"content": "Hi", "tool_calls": [call]})
    assert [(call.id, call.name) for call in reply.tool_calls] == [("c", name)]


# --- fields of other kinds ---


def test_a_function_call_of_the_first_version_streams_whole():
    reply = streamed(
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": ""}},
        {"function_call": {"arguments": '{"a"'}},
        {"function_call": {"arguments": ": 1}"}},
    )
    assert reply.message.model_extra == {"function_call": {"name": "f", "arguments": '{"a": 1}'}}


def test_unknown_fields_of_a_delta_are_put_together():
    image = {"type": "image_url", "image_url": {"url": "data:,"}}
    reply = streamed(
        {"content": "a", "images": [image], "mood": "go", "context": {"citations": [1]}, "score": 1},
        {"content": "b", "images": [image], "mood": "od", "context": {"intent": "x"}, "score": 2, "gone": None},
    )
    assert reply.message.model_extra == {
        "images": [image, image],
        "mood": "good",
        "context": {"citations": [1], "intent": "x"},
        "score": 2,
    }


def test_a_whole_message_beside_the_delta_is_not_counted_twice():
    """Perplexity sends the message so far with every delta."""
    frames = [
        {"choices": [{**choice("delta", {"content": text}, None), "message": {"content": so_far}}]}
        for text, so_far in (("He", "He"), ("llo", "Hello"))
    ]
    reply = read(sse(*frames, DONE), stream=True, provider="perplexity")
    assert reply.text == "Hello"
    assert not reply.choices[0].model_extra


def test_a_whole_message_in_the_place_of_the_delta_is_read():
    chunks = sse({"choices": [choice("message", {"role": "assistant", "content": "Hello"})]}, DONE)
    provider = provider_of(Canned(chunks))
    request = ChatRequest(model="m", messages=[{"role": "user", "content": "hi"}], stream=True)
    stream = provider.stream_sync(request)
    assert [chunk.text for chunk in stream] == ["Hello"]
    assert stream.response.text == "Hello"


@pytest.mark.parametrize(
    "fields",
    [
        {"usage": "none"},
        {"usage": []},
        {"usage": {**USAGE, "cost": "free"}},
        {"usage": {**USAGE, "prompt_tokens_details": [], "completion_tokens_details": "x"}},
        {"service_tier": 1},
        {"system_fingerprint": {}},
        {"created": "yesterday"},
        {"model": {"name": "m"}},
        {"id": 5},
        {"provider": ["a"]},
    ],
)
def test_a_field_of_the_wrong_kind_costs_itself_and_not_the_answer(fields):
    reply = plain(**fields)
    assert (reply.text, reply.finish_reason) == ("Hi", "stop")
    assert reply.raw_response == {**reply.raw_response, **fields}
    last = {**fields, "choices": [choice("delta", {})]}
    assert read(sse({"choices": [choice("delta", {"content": "Hi"}, None)]}, last, DONE), stream=True).text == "Hi"


@pytest.mark.parametrize("name", ["annotations", "reasoning_details", "audio", "refusal", "reasoning"])
def test_a_part_of_a_message_of_the_wrong_kind_costs_itself_and_not_the_text(name):
    assert plain({"content": "Hi", name: 5}).text == "Hi"
    assert streamed({"content": "Hi", name: 5}).text == "Hi"


def test_other_numbers_of_a_usage_survive_a_wrong_one():
    reply = plain(usage={**USAGE, "completion_tokens": 2.5, "cost": 0.5})
    assert (reply.usage.prompt_tokens, reply.usage.cost) == (1, 0.5)


@pytest.mark.parametrize("message", [{"content": 5}, {"content": {"a": 1}}, {"content": "x", "tool_calls": [7]}])
def test_an_answer_whose_content_cannot_be_read_is_malformed_and_never_an_empty_one(message):
    with pytest.raises(MalformedResponseError):
        plain(message)


def test_a_usage_without_numbers_does_not_replace_one_with_numbers():
    frames = [{"choices": [choice("delta", {"content": "Hi"})], "usage": USAGE}, {"choices": [], "usage": {}}]
    assert read(sse(*frames, DONE), stream=True).usage.total_tokens == 3


def test_json_that_is_nested_without_end_is_malformed():
    body = b'{"a":' * 5000 + b"1" + b"}" * 5000
    for stream in (False, True):
        with pytest.raises(MalformedResponseError):
            read(Answer([body]), stream=stream)


# --- errors ---


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"message": "m", "code": "429"}, RateLimitError),
        ({"message": "m", "type": "invalid_request_error"}, BadRequestError),
        ({"message": "m", "type": "authentication_error"}, AuthenticationError),
        ({"message": "m", "type": "not_found_error"}, NotFoundError),
    ],
)
def test_an_error_without_a_status_goes_by_its_code_or_type(error, expected):
    frames = sse({"choices": [choice("delta", {"content": "Hi"}, None)]}, {"error": error})
    with pytest.raises(ProviderError) as caught:
        read(frames, stream=True)
    assert type(caught.value) is expected
    assert caught.value.partial.text == "Hi"
    with pytest.raises(expected):
        read(answer({"error": error}), stream=False)


@pytest.mark.parametrize("body", [[{"error": {"message": "no such field"}}], {"error": [{"message": "no such field"}]}])
def test_an_error_in_a_list_is_read(body):
    """Gemini's endpoint puts its errors into a list."""
    with pytest.raises(BadRequestError) as caught:
        read(answer(body, 400), stream=False)
    assert caught.value.message == "no such field"
    assert caught.value.body == body
