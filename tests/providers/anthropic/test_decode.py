"""Anthropic's messages in OpenAI's shape (PROVIDERS.md, facts 16, 17 and 30)."""

from __future__ import annotations

import json

import pytest

from llmclient.providers.anthropic.decode import decode_message
from llmclient.types import ModelResponse

pytestmark = pytest.mark.unit

USAGE = {"input_tokens": 10, "output_tokens": 5}


def read(*blocks: dict, answer_tool: str | None = None, **fields) -> ModelResponse:
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "content": list(blocks),
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": USAGE,
        **fields,
    }
    return decode_message(json.dumps(message).encode(), answer_tool=answer_tool)


def text(words: str, **fields) -> dict:
    return {"type": "text", "text": words, **fields}


def test_texts_join_and_tool_calls_are_listed():
    reply = read(
        text("Let me "),
        {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "é"}},
        text("look."),
        {"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}},
        stop_reason="tool_use",
    )
    assert reply.text == "Let me look."
    assert [(call.id, call.name, call.function.arguments) for call in reply.tool_calls] == [
        ("toolu_1", "look", '{"at": "é"}'),
        ("toolu_2", "now", "{}"),
    ]
    assert reply.finish_reason == "tool_calls"


def test_an_answer_without_text_has_no_content():
    reply = read({"type": "tool_use", "id": "t", "name": "n", "input": {}})
    assert (reply.message.content, reply.text) == (None, "")
    assert read().message.content is None


@pytest.mark.parametrize(
    ("usage", "prompt", "cached", "written"),
    [
        ({"input_tokens": 3, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20}, 123, 100, 20),
        ({"input_tokens": 3}, 3, 0, 0),
        ({"input_tokens": 3, "cache_read_input_tokens": None, "cache_creation_input_tokens": None}, 3, 0, 0),
    ],
)
def test_fact_16_prompt_tokens_include_what_the_cache_gave_and_took(usage, prompt, cached, written):
    told = read(text("x"), usage={**usage, "output_tokens": 7}).usage
    assert told is not None
    assert (told.prompt_tokens, told.completion_tokens, told.total_tokens) == (prompt, 7, prompt + 7)
    assert (told.cached_tokens, told.prompt_tokens_details.cache_write_tokens) == (cached, written)


def test_fact_16_cache_writes_are_told_apart_by_lifetime_and_thinking_is_counted():
    usage = {
        **USAGE,
        "cache_creation": {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 2},
        "output_tokens_details": {"thinking_tokens": 4, "of_the_future": 1},
        "server_tool_use": {"web_search_requests": 3},
        "service_tier": "priority",
    }
    reply = read(text("x"), usage=usage)
    assert reply.usage.cache_creation.ephemeral_1h_input_tokens == 2
    assert reply.usage.reasoning_tokens == 4
    assert reply.usage.completion_tokens_details.of_the_future == 1
    assert reply.usage.server_tool_use == {"web_search_requests": 3}
    assert reply.service_tier == "priority"


def test_an_answer_without_usage_has_none():
    assert read(text("x"), usage=None).usage is None


@pytest.mark.parametrize(
    ("stop_reason", "expected"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
        ("pause_turn", "pause_turn"),
        ("of_the_future", "of_the_future"),
        (None, None),
    ],
)
def test_fact_17_a_stop_reason_has_openais_word_and_a_pause_is_never_a_stop(stop_reason, expected):
    assert read(text("x"), stop_reason=stop_reason).finish_reason == expected


def test_fact_30_fields_without_a_place_are_kept():
    container = {"id": "container_1", "expires_at": "2026-01-01T00:00:00Z"}
    reply = read(text("x"), stop_sequence="END", container=container, of_the_future={"a": 1}, stop_details=None)
    assert reply.message.provider_specific_fields == {
        "stop_sequence": "END",
        "container": container,
        "of_the_future": {"a": 1},
    }
    usage = {**USAGE, "inference_geo": "eu", "iterations": [{"input_tokens": 1}]}
    told = read(text("x"), usage=usage).usage
    assert (told.inference_geo, told.iterations) == ("eu", [{"input_tokens": 1}])


def test_fact_30_an_unknown_block_is_kept_and_costs_nothing_of_the_rest():
    block = {"type": "of_the_future", "value": 7}
    reply = read(text("a"), block, text("b"))
    assert reply.text == "ab"
    assert reply.message.provider_specific_fields["content_blocks"][1] == block


def test_fact_11_thinking_is_read_as_text_and_kept_with_its_signature():
    thought = {"type": "thinking", "thinking": "2+2", "signature": "c2ln"}
    hidden = {"type": "redacted_thinking", "data": "b3BhcXVl"}
    reply = read(thought, hidden, text("4"))
    assert reply.reasoning == "2+2"
    assert reply.message.thinking_blocks == [thought, hidden]


def test_a_citation_with_an_address_is_an_annotation_that_knows_its_span():
    citation = {
        "type": "web_search_result_location",
        "url": "https://example.com",
        "title": "Example",
        "cited_text": "…",
        "encrypted_index": "x",
    }
    reply = read(text("See "), text("this.", citations=[citation]))
    (note,) = reply.message.annotations
    assert note["type"] == "url_citation"
    told = note["url_citation"]
    assert (told["url"], told["title"], told["cited_text"]) == ("https://example.com", "Example", "…")
    assert reply.text[told["start_index"] : told["end_index"]] == "this."


def test_a_citation_of_a_document_keeps_its_own_type():
    citation = {"type": "page_location", "document_index": 0, "start_page_number": 1, "cited_text": "x"}
    (note,) = read(text("x", citations=[citation])).message.annotations
    assert note == {
        "type": "page_location",
        "page_location": {
            "start_index": 0,
            "end_index": 1,
            "document_index": 0,
            "start_page_number": 1,
            "cited_text": "x",
        },
    }


def test_fact_09_the_tool_that_stands_in_for_a_format_is_read_as_the_answer():
    call = {"type": "tool_use", "id": "t", "name": "number", "input": {"n": 1}}
    reply = read(call, answer_tool="number", stop_reason="tool_use")
    assert json.loads(reply.text) == {"n": 1}
    assert (reply.tool_calls, reply.finish_reason) == ([], "stop")
    assert reply.message.provider_specific_fields is None, "it goes back as text: a call would need a result"


def test_fact_09_a_tool_of_the_callers_is_called_all_the_same():
    call = {"type": "tool_use", "id": "t", "name": "look", "input": {}}
    reply = read(call, answer_tool="number", stop_reason="tool_use")
    assert [called.name for called in reply.tool_calls] == ["look"]
    assert reply.finish_reason == "tool_calls"


def test_a_byte_order_mark_and_half_of_a_surrogate_pair_cost_nothing():
    body = b'\xef\xbb\xbf{"content":[{"type":"text","text":"a\\ud83d"}]}'
    assert decode_message(body).text == "a\ud83d"


@pytest.mark.parametrize("field", [{"stop_reason": 5}, {"usage": {**USAGE, "service_tier": 5}}])
def test_a_field_of_another_kind_costs_itself_and_not_the_answer(field):
    assert read(text("Hi"), **field).text == "Hi"


@pytest.mark.parametrize(
    "body", [b"", b"not json", b'{"a":' * 5000, b"[]", b"null", b"7", b"{}", b'{"content": null}', b'{"content": "x"}']
)
def test_a_body_that_is_no_message_cannot_be_read(body):
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error is one as well
        decode_message(body)
