"""Anthropic's streams as chunks in OpenAI's delta shape (PROVIDERS.md, facts 11, 16, 18, 21 and 22; WIRE.md 3)."""

from __future__ import annotations

import json

import pytest

from llmclient.providers._accumulate import ResponseAccumulator
from llmclient.providers._call import StreamError
from llmclient.providers._sse import ServerSentEvent
from llmclient.providers.anthropic.decode import decode_message
from llmclient.providers.anthropic.stream import MessageStream
from llmclient.types import ModelResponse, StreamChunk

pytestmark = pytest.mark.unit

START_USAGE = {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 1, "service_tier": "standard"}


def started(**fields) -> dict:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-m", "content": [], **fields}
    return {"type": "message_start", "message": {"usage": START_USAGE, **message}}


def block(index: int, content: dict, *deltas: dict) -> list[dict]:
    return [
        {"type": "content_block_start", "index": index, "content_block": content},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def text_block(index: int, *words: str, citations: list[dict] | None = None) -> list[dict]:
    cited = [{"type": "citations_delta", "citation": citation} for citation in citations or []]
    content = {"type": "text", "text": "", **({"citations": []} if citations else {})}
    return block(index, content, *cited, *({"type": "text_delta", "text": word} for word in words))


def tool_block(index: int, name: str, *fragments: str, kind: str = "tool_use", **fields) -> list[dict]:
    content = {"type": kind, "id": f"toolu_{index}", "name": name, "input": {}, **fields}
    return block(index, content, *({"type": "input_json_delta", "partial_json": text} for text in fragments))


def ended(stop_reason: object = "end_turn", usage: dict | None = None, **delta) -> list[dict]:
    told = {"stop_reason": stop_reason, "stop_sequence": None, **delta}
    return [
        {"type": "message_delta", "delta": told, "usage": usage or {"output_tokens": 7}},
        {"type": "message_stop"},
    ]


def event(payload: dict, name: str | None = None) -> ServerSentEvent:
    """With the padding of spaces that real events have."""
    return ServerSentEvent(payload.get("type", "") if name is None else name, json.dumps(payload).encode() + b"    ")


def chunks(*events: dict, answer_tool: str | None = None) -> list[StreamChunk]:
    decoder = MessageStream(answer_tool=answer_tool)
    return [chunk for payload in events for chunk in decoder.decode(event(payload))]


def accumulated(*events: dict, answer_tool: str | None = None) -> ModelResponse:
    accumulator = ResponseAccumulator()
    for chunk in chunks(*events, answer_tool=answer_tool):
        accumulator.add(chunk)
    return accumulator.response()


def test_fact_18_message_start_gives_the_role_and_the_usage_of_the_prompt():
    (chunk,) = chunks(started())
    assert (chunk.id, chunk.model, chunk.delta.role, chunk.delta.content) == ("msg_1", "claude-m", "assistant", None)
    assert chunk.usage.prompt_tokens == 100


def test_fact_18_tool_use_gives_id_and_name_once_and_arguments_in_fragments_by_index_of_tools():
    told = chunks(
        started(),
        *text_block(0, "Looking."),
        *tool_block(1, "look", "", '{"at"', ": 1}"),
        *tool_block(2, "web_search", '{"q": 1}', kind="server_tool_use"),
        *tool_block(3, "now", ""),
    )
    fragments = [call for chunk in told for call in chunk.tool_calls]
    assert [(f.index, f.id, f.function.name, f.function.arguments) for f in fragments] == [
        (0, "toolu_1", "look", ""),
        (0, None, None, '{"at"'),
        (0, None, None, ": 1}"),
        (1, "toolu_3", "now", ""),
        (1, None, None, "{}"),
    ]


@pytest.mark.parametrize("content", [{"at": 1}, {}])
def test_a_call_whose_input_comes_with_its_start_is_whole(content):
    reply = accumulated(started(), *tool_block(0, "look", input=content), *ended("tool_use"))
    assert reply.tool_calls[0].arguments == content


def test_fact_18_message_delta_gives_finish_reason_and_usage():
    last = chunks(started(), *text_block(0, "x"), *ended("max_tokens"))[-1]
    assert last.finish_reason == "length"
    assert (last.usage.prompt_tokens, last.usage.completion_tokens) == (100, 7)


def test_fact_18_ping_and_events_of_the_future_are_passed_over():
    with_them = [started(), {"type": "ping"}, *text_block(0, "x"), {"type": "of_the_future"}, *ended()]
    assert chunks(*with_them) == chunks(started(), *text_block(0, "x"), *ended())


def test_fact_16_usage_of_message_delta_is_cumulative_and_replaces():
    early = {"type": "message_delta", "delta": {"stop_reason": None}, "usage": {"output_tokens": 3}}
    told = chunks(started(), *text_block(0, "x"), early, *ended(usage={"output_tokens": 7, "input_tokens": 12}))
    assert [chunk.usage.completion_tokens for chunk in told if chunk.usage] == [1, 3, 7]
    last = told[-1].usage
    assert (last.prompt_tokens, last.cached_tokens) == (102, 90), "what the delta leaves out stays as it was"


def test_fact_11_thinking_comes_as_reasoning_and_as_fragments_of_its_block():
    deltas = ({"type": "thinking_delta", "thinking": word} for word in ("2", "+2"))
    signed = {"type": "signature_delta", "signature": "c2ln"}
    told = [
        started(),
        *block(0, {"type": "thinking", "thinking": "", "signature": ""}, *deltas, signed),
        *block(1, {"type": "redacted_thinking", "data": "b3BhcXVl"}),
        *text_block(2, "4"),
        *ended(),
    ]
    fragments = [part for chunk in chunks(*told) for part in chunk.delta.thinking_blocks or ()]
    assert [part["index"] for part in fragments] == [0, 0, 0, 0, 1]
    reply = accumulated(*told)
    assert (reply.reasoning, reply.text) == ("2+2", "4")
    assert reply.message.thinking_blocks == [
        {"type": "thinking", "thinking": "2+2", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "b3BhcXVl"},
    ]


CITATION = {"type": "web_search_result_location", "url": "https://e.com", "title": "E", "cited_text": "c"}
EVERYTHING = [
    {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
    {"type": "text", "text": "Let me search."},
    {"type": "server_tool_use", "id": "toolu_2", "name": "web_search", "input": {"q": "é"}},
    {"type": "web_search_tool_result", "tool_use_id": "toolu_2", "content": [{"type": "web_search_result"}]},
    {"type": "text", "text": "It says so.", "citations": [CITATION]},
    {"type": "of_the_future", "value": 7},
    {"type": "tool_use", "id": "toolu_6", "name": "look", "input": {"at": [1]}, "caller": {"type": "direct"}},
]


def test_fact_11_a_thinking_block_holds_what_the_api_takes_back_and_no_estimate_of_its_length():
    estimate = {"type": "thinking_delta", "thinking": "!", "estimated_tokens": 5}
    told = accumulated(
        started(),
        *block(
            0,
            {"type": "thinking", "thinking": "", "signature": ""},
            {"type": "thinking_delta", "thinking": "hm"},
            estimate,
            {"type": "signature_delta", "signature": "sig"},
        ),
        *ended(),
    )
    assert told.message.thinking_blocks == [{"type": "thinking", "thinking": "hm!", "signature": "sig"}]


def test_half_of_a_surrogate_pair_is_read_as_python_reads_it():
    decoder = MessageStream()
    decoder.decode(event(started()))
    decoder.decode(event({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}))
    delta = b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\\ud83d"}}'
    assert [chunk.text for chunk in decoder.decode(ServerSentEvent("", delta))] == ["a\ud83d"]


def test_openais_mark_of_the_end_is_passed_over():
    """Some gateways send it after, or in the place of, Anthropic's own."""
    decoder = MessageStream()
    assert not decoder.decode(ServerSentEvent("", b" [DONE] "))
    assert decoder.done is False


def test_a_stream_accumulates_to_what_a_plain_call_gives():
    usage = {**START_USAGE, "output_tokens": 7, "server_tool_use": {"web_search_requests": 1}}
    container = {"id": "container_1"}
    plain = decode_message(
        json.dumps(
            {
                **started()["message"],
                "content": EVERYTHING,
                "stop_reason": "tool_use",
                "stop_sequence": None,
                "container": container,
                "usage": usage,
            }
        ).encode()
    )
    streamed = accumulated(
        started(),
        *block(
            0,
            {"type": "thinking", "thinking": "", "signature": ""},
            {"type": "thinking_delta", "thinking": "hm"},
            {"type": "signature_delta", "signature": "c2ln"},
        ),
        *text_block(1, "Let me ", "search."),
        *tool_block(2, "web_search", '{"q": ', '"é"}', kind="server_tool_use"),
        *block(3, EVERYTHING[3]),
        *text_block(4, "It says ", "so.", citations=[CITATION]),
        *block(5, EVERYTHING[5]),
        *tool_block(6, "look", '{"at": ', "[1]}", caller={"type": "direct"}),
        *ended(
            "tool_use", usage={"output_tokens": 7, "server_tool_use": usage["server_tool_use"]}, container=container
        ),
    )
    assert streamed.model_dump() == plain.model_dump()
    assert streamed.message.provider_specific_fields["content_blocks"] == EVERYTHING


def test_a_field_of_the_future_in_a_delta_is_kept_in_its_block():
    told = accumulated(
        started(),
        *block(
            0,
            {"type": "compaction", "content": None},
            {"type": "compaction_delta", "content": "short"},
            {"type": "n", "n": 1},
        ),
        *ended(),
    )
    assert told.message.provider_specific_fields["content_blocks"] == [
        {"type": "compaction", "content": "short", "n": 1}
    ]


def test_fact_09_the_tool_that_stands_in_for_a_format_streams_as_text():
    told = chunks(started(), *tool_block(0, "number", '{"n"', ": 1}"), *ended("tool_use"), answer_tool="number")
    assert [chunk.text for chunk in told if chunk.text] == ['{"n"', ": 1}"]
    assert told[-1].finish_reason == "stop"
    assert not any(chunk.tool_calls for chunk in told)


def test_arguments_that_were_cut_off_stay_text():
    told = accumulated(
        started(), *text_block(0, "x"), *tool_block(1, "look", '{"at', caller={"type": "direct"}), *ended("max_tokens")
    )
    assert told.tool_calls[0].function.arguments == '{"at'
    assert told.message.provider_specific_fields["content_blocks"][1]["input"] == '{"at'


def test_a_block_that_nobody_closed_is_whole_all_the_same():
    """Servers that speak this dialect may leave content_block_stop out."""
    events = [
        started(),
        *text_block(0, "x", citations=[CITATION]),
        *tool_block(1, "now"),
        *tool_block(2, "look", '{"a": 1}'),
    ]
    open_ended = [payload for payload in events if payload["type"] != "content_block_stop"]
    assert (
        accumulated(*open_ended, *ended("tool_use")).model_dump()
        == accumulated(*events, *ended("tool_use")).model_dump()
    )


def test_fact_22_a_stream_knows_whether_it_came_to_its_end():
    decoder = MessageStream()
    for payload in (started(), *text_block(0, "x")):
        decoder.decode(event(payload))
    assert not decoder.done
    for payload in ended():
        decoder.decode(event(payload))
    assert decoder.done


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("overloaded_error", 529),
        ("rate_limit_error", 429),
        ("api_error", 500),
        ("timeout_error", 504),
        ("invalid_request_error", 400),
        ("of_the_future", 500),
    ],
)
def test_fact_21_an_error_event_has_the_status_of_its_type(kind, status):
    payload = {"type": "error", "error": {"type": kind, "message": "sorry"}}
    with pytest.raises(StreamError) as caught:
        chunks(started(), payload)
    assert (caught.value.status_code, caught.value.body) == (status, payload)


@pytest.mark.parametrize("data", [b"", b"not json", b"[]", b"7", b"null"])
def test_an_event_that_is_no_object_cannot_be_read(data):
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error is one as well
        MessageStream().decode(ServerSentEvent("content_block_delta", data))


@pytest.mark.parametrize("kind", ["content_block_delta", "content_block_stop"])
def test_an_event_for_a_block_that_never_began_cannot_be_read(kind):
    with pytest.raises(ValueError, match="not begun"):
        chunks(started(), {"type": kind, "index": 3, "delta": {"type": "text_delta", "text": "x"}})


def test_the_name_of_an_event_counts_where_its_data_names_no_type():
    decoder = MessageStream()
    assert decoder.decode(event({"message": {"id": "msg_1"}}, "message_start"))[0].id == "msg_1"
    assert decoder.decode(event({"type": "message_stop"}, "")) == []
    assert decoder.done
