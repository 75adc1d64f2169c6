"""Redaction: nothing private leaves the house, and all of it comes back, plain and in pieces."""

from __future__ import annotations

import json
import re

import pytest

from llmclient import ProviderConfig, StreamInterruptedError, SyncModelRouter
from llmclient.middleware import redact
from llmclient.testing.clock import VirtualClock
from support.canned import Canned, answer, sse


def said(text: str):
    choices = [{"message": {"content": text}, "finish_reason": "stop"}]
    return answer({"id": "c1", "model": "gpt-4o", "choices": choices})


def streamed(*words: str):
    deltas = [{"id": "c1", "model": "gpt-4o", "choices": [{"index": 0, "delta": {"content": word}}]} for word in words]
    end = {"id": "c1", "model": "gpt-4o", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return sse(*deltas, end, "data: [DONE]\n\n")


def router(canned: Canned, *middleware):
    config = ProviderConfig(api_key="sk-test-canary-0001", base_url="http://127.0.0.1:9/v1", http_client=canned)
    return SyncModelRouter("openai/gpt-4o", providers={"openai": config}, middleware=middleware, clock=VirtualClock())


MAIL = "Write to ann@example.com or bob@example.com, then to ann@example.com."


def test_what_is_private_stays_here_and_comes_back_in_the_answer() -> None:
    canned = Canned(said("I wrote to [EMAIL_1] and [EMAIL_2], not to [EMAIL_3]."))
    reply = router(canned, redact()).complete([{"role": "user", "content": [{"type": "text", "text": MAIL}]}])
    assert (
        canned.bodies[0]["messages"][0]["content"][0]["text"] == "Write to [EMAIL_1] or [EMAIL_2], then to [EMAIL_1]."
    )
    assert reply.text == "I wrote to ann@example.com and bob@example.com, not to [EMAIL_3]."


@pytest.mark.parametrize("size", [1, 2, 3, 5, 50])
def test_a_placeholder_that_a_stream_cuts_is_put_back_whole(size) -> None:
    text = "To [EMAIL_1], [not one] and [EMAIL_2]!"
    words = [text[start : start + size] for start in range(0, len(text), size)]
    with router(Canned(streamed(*words)), redact()).stream(MAIL) as stream:
        seen = [chunk.text for chunk in stream]
    assert "".join(seen) == "To ann@example.com, [not one] and bob@example.com!"
    assert stream.response.text == "".join(seen)


def test_own_patterns_are_taken() -> None:
    canned = Canned(said("[PROJECT_1] it is"))
    reply = router(canned, redact({"PROJECT": re.compile("blue fox", re.IGNORECASE)})).complete("About Blue Fox.")
    assert canned.bodies[0]["messages"][0]["content"] == "About [PROJECT_1]."
    assert reply.text == "Blue Fox it is"


def test_arguments_of_tool_calls_come_back_too() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "send", "arguments": '{"to": "[EMAIL_1]"}'}}
    choices = [{"message": {"content": None, "tool_calls": [call]}, "finish_reason": "tool_calls"}]
    reply = router(Canned(answer({"id": "c", "model": "m", "choices": choices})), redact()).complete(MAIL)
    assert reply.tool_calls[0].arguments == {"to": "ann@example.com"}


def called(arguments: str, **message: object) -> dict:
    call = {"id": "1", "type": "function", "function": {"name": "send", "arguments": arguments}}
    return {"message": {"content": None, "tool_calls": [call], **message}, "finish_reason": "tool_calls"}


def test_what_is_put_back_into_arguments_is_json_still() -> None:
    answered = answer(
        {"id": "c", "model": "m", "choices": [called('{"to": "[NAME_1]"}', reasoning_content="[NAME_1]?")]}
    )
    reply = router(Canned(answered), redact({"NAME": r'Ann "the \\ fox"'})).complete('Ask Ann "the \\ fox".')
    assert reply.tool_calls[0].arguments == {"to": 'Ann "the \\ fox"'}
    assert reply.reasoning == 'Ann "the \\ fox"?'
    assert "[NAME_1]" in json.dumps(reply.raw_response)


def test_a_placeholder_that_the_text_has_already_is_not_given() -> None:
    canned = Canned(said("[EMAIL_1] is a word, [EMAIL_2] somebody."))
    reply = router(canned, redact()).complete("What is [EMAIL_1]? Ask ann@example.com.")
    assert canned.bodies[0]["messages"][0]["content"] == "What is [EMAIL_1]? Ask [EMAIL_2]."
    assert reply.text == "[EMAIL_1] is a word, ann@example.com somebody."


def test_one_pattern_does_not_look_into_the_placeholders_of_another() -> None:
    canned = Canned(said("[ORDER_ID_1] and [DIGIT_1], [WORD_1]"))
    patterns = {"ORDER_ID": r"A-\d+", "DIGIT": r"\d", "WORD": r"ORDER|[a-z]+|"}
    reply = router(canned, redact(patterns)).complete("A-17 7 go")
    assert canned.bodies[0]["messages"][0]["content"] == "[ORDER_ID_1] [DIGIT_1] [WORD_1]"
    assert reply.text == "A-17 and 7, go"


def test_a_pattern_without_a_name_for_placeholders_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot name a pattern 'order id'; use capitals"):
        redact({"order id": "x"})


def test_tool_calls_of_the_history_are_searched_and_images_are_not() -> None:
    canned = Canned(said("done"))
    image = {"type": "image_url", "image_url": {"url": "https://example.com/?q=ann@example.com"}}
    history = [
        {"role": "user", "content": [image]},
        {"role": "assistant", **called('{"to": "ann@example.com"}')["message"]},
        {"role": "tool", "tool_call_id": "1", "content": "sent to ann@example.com"},
    ]
    router(canned, redact()).complete(history)
    sent = canned.bodies[0]["messages"]
    assert sent[0]["content"] == [image]
    assert sent[1]["tool_calls"][0]["function"]["arguments"] == '{"to": "[EMAIL_1]"}'
    assert sent[2]["content"] == "sent to [EMAIL_1]"


def test_texts_of_other_capabilities_are_searched_too() -> None:
    vectors = answer({"data": [{"index": 0, "embedding": [1.0]}], "model": "m"})
    canned = Canned(vectors, answer({"data": [{"b64_json": "eA=="}]}))
    one = router(canned, redact())
    one.embed("ann@example.com", model="openai/text-embedding-3-small")
    one.generate_image("a fox for ann@example.com", model="openai/gpt-image-1")
    assert canned.bodies[0]["input"] == ["[EMAIL_1]"]
    assert canned.bodies[1]["prompt"] == "a fox for [EMAIL_1]"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 50])
def test_arguments_and_reasoning_that_a_stream_cuts_are_put_back_whole(size) -> None:
    def delta(index=0, **fields):
        return {"id": "c", "model": "m", "choices": [{"index": index, "delta": fields, "finish_reason": None}]}

    def cut(text):
        return [text[start : start + size] for start in range(0, len(text), size)]

    calls = [{"index": 0, "id": "1", "type": "function", "function": {"name": "send", "arguments": ""}}]
    frames = [delta(reasoning_content=piece) for piece in cut("ask [EMAIL_1] or [not")]
    frames += [delta(1, content=piece) for piece in cut("Other [EMAIL_2]")] + [delta(tool_calls=calls)]
    for piece in cut('{"to": "[EMAIL_2]", "in": "[EM"}'):
        frames.append(delta(tool_calls=[{"index": 0, "function": {"arguments": piece}}]))
    ends = [
        {"id": "c", "model": "m", "choices": [{"index": index, "delta": {}, "finish_reason": "stop"}]}
        for index in (0, 1)
    ]
    with router(Canned(sse(*frames, *ends, "data: [DONE]\n\n")), redact()).stream(MAIL) as stream:
        chunks = list(stream)
    assert "".join(chunk.reasoning for chunk in chunks if chunk.choices[0].index == 0) == "ask ann@example.com or [not"
    assert "".join(chunk.text for chunk in chunks if chunk.choices[0].index == 1) == "Other bob@example.com"
    fragments = [call.function.arguments or "" for chunk in chunks for call in chunk.tool_calls if call.function]
    assert json.loads("".join(fragments)) == {"to": "bob@example.com", "in": "[EM"}
    assert stream.response.tool_calls[0].arguments == {"to": "bob@example.com", "in": "[EM"}


def test_a_fragment_that_ends_like_a_placeholder_comes_at_the_end() -> None:
    call = {"index": 0, "id": "1", "type": "function", "function": {"name": "send", "arguments": "[EM"}}
    first = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}
    end = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    with router(Canned(sse(first, end, "data: [DONE]\n\n")), redact()).stream(MAIL) as stream:
        chunks = list(stream)
    assert [call.function.arguments for chunk in chunks for call in chunk.tool_calls if call.function] == ["", "[EM"]


def test_matches_that_overlap_are_hidden_whole_under_the_first_name() -> None:
    canned = Canned(said("[A_1] [B_1]"))
    reply = router(canned, redact({"A": "cdef", "B": "abcd|gh"})).complete("xabcdefx gh")
    assert canned.bodies[0]["messages"][0]["content"] == "x[A_1]x [B_1]"
    assert reply.text == "abcdef gh"


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_what_is_put_back_into_content_that_is_json_is_json_still(stream) -> None:
    text = '{"who": "[NAME_1]"}'
    one = router(Canned(streamed(*text) if stream else said(text)), redact({"NAME": 'Ann "the fox"'}))
    asked = {"messages": 'It is Ann "the fox".', "response_format": {"type": "json_object"}}
    if stream:
        with one.stream(**asked) as chunks:
            seen = "".join(chunk.text for chunk in chunks)
    else:
        seen = one.complete(**asked).text
    assert json.loads(seen) == {"who": 'Ann "the fox"'}


def test_what_arrived_before_a_stream_broke_is_put_back() -> None:
    begun = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": "to [EMAIL_1] and"}}]}
    with (
        pytest.raises(StreamInterruptedError) as caught,
        router(Canned(sse(begun)), redact()).stream(MAIL) as stream,
    ):
        list(stream)
    assert caught.value.partial.text == "to ann@example.com and"


def test_the_vector_of_a_text_does_not_depend_on_the_texts_beside_it() -> None:
    data = [{"index": index, "embedding": [1.0]} for index in (0, 1)]
    canned = Canned(answer({"data": data, "model": "m"}))
    router(canned, redact()).embed(["ann@example.com", "bob@example.com"], model="openai/text-embedding-3-small")
    assert canned.bodies[0]["input"] == ["[EMAIL_1]", "[EMAIL_1]"]
