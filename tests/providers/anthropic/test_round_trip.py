"""An answer that is put back into the conversation goes to Anthropic as the very blocks it came in."""

from __future__ import annotations

import json

import pytest

from llmclient.providers._accumulate import ResponseAccumulator
from llmclient.providers._sse import SSEReader
from llmclient.providers.anthropic.decode import decode_message
from llmclient.providers.anthropic.stream import MessageStream
from llmclient.types import Message, ModelResponse
from support.recorded import Recording, needs_recordings, recordings

ANSWERS = [line for line in recordings("anthropic-messages") if line.status == 200]
PLAIN = [line for line in ANSWERS if not line.streamed]
STREAMED = [line for line in ANSWERS if line.streamed]

USER = {"role": "user", "content": "go on"}


def read(line: Recording) -> ModelResponse:
    if not line.streamed:
        return decode_message(line.body)
    reader, decoder, accumulator = SSEReader(), MessageStream(), ResponseAccumulator()
    for event in reader.feed(line.body):
        for chunk in decoder.decode(event):
            accumulator.add(chunk)
    assert decoder.done
    return accumulator.response()


GROWING = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}


def blocks_of_stream(body: bytes) -> list[dict]:
    """The blocks of a recorded stream, put together by hand: the oracle."""
    blocks: dict[int, dict] = {}
    events = [json.loads(line[5:]) for line in body.decode().splitlines() if line.startswith("data:")]
    for event in events:
        if event["type"] == "content_block_start":
            blocks[event["index"]] = event["content_block"]
    for event in events:
        if event["type"] == "content_block_delta":
            add_delta(blocks[event["index"]], event["delta"])
    for block in blocks.values():
        if "partial_json" in block:
            block["input"] = json.loads(block.pop("partial_json") or "{}")
    return [block for _, block in sorted(blocks.items())]


def add_delta(block: dict, delta: dict) -> None:
    kind = delta["type"]
    if kind == "citations_delta":
        block.setdefault("citations", []).append(delta["citation"])
    else:
        name = GROWING.get(kind, "partial_json")
        block[name] = block.get(name, "") + delta[name]


def sent_back(turns, message: Message) -> list[dict]:
    calls = [{"role": "tool", "tool_call_id": call.id, "content": "done"} for call in message.tool_calls or []]
    encoded = turns([USER, message, *calls, USER])
    if not message.content and not message.tool_calls and len(encoded) == 1:
        return []
    return encoded[1]["content"]


def said(blocks: list[dict]) -> list[dict]:
    return [block for block in blocks if block["type"] != "text" or block["text"].strip()]


@needs_recordings
@pytest.mark.recorded
@pytest.mark.parametrize("line", PLAIN, ids=[line.id for line in PLAIN])
def test_fact_11_a_recorded_answer_goes_back_as_it_came(turns, line):
    assert sent_back(turns, read(line).message) == said(json.loads(line.body)["content"])


@needs_recordings
@pytest.mark.recorded
@pytest.mark.parametrize("line", STREAMED, ids=[line.id for line in STREAMED])
def test_fact_11_a_recorded_stream_goes_back_as_it_came(turns, line):
    assert sent_back(turns, read(line).message) == said(blocks_of_stream(line.body))


@needs_recordings
@pytest.mark.recorded
@pytest.mark.parametrize("line", ANSWERS, ids=[line.id for line in ANSWERS])
def test_a_message_survives_being_stored_as_json(turns, line):
    """Conversations are kept in databases: dumped, loaded, and sent back the same."""
    message = read(line).message
    stored = json.loads(message.model_dump_json(exclude_none=True))
    assert sent_back(turns, Message.model_validate(stored)) == sent_back(turns, message)


def answer(*blocks: dict) -> Message:
    payload = {"type": "message", "content": list(blocks), "stop_reason": "end_turn", "usage": {}}
    return decode_message(json.dumps(payload).encode()).message


THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
HIDDEN = {"type": "redacted_thinking", "data": "b3BhcXVl"}
TEXT = {"type": "text", "text": "Looking."}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "it"}}


def test_fact_11_thinking_stands_before_tool_use_with_its_signature_redacted_thinking_included(turns):
    message = answer(THOUGHT, HIDDEN, TEXT, CALL)
    assert message.provider_specific_fields is None, "flat parts say it all"
    assert sent_back(turns, message) == [THOUGHT, HIDDEN, TEXT, CALL]


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param([TEXT, THOUGHT, TEXT], id="thinking after text"),
        pytest.param([CALL, TEXT], id="text after a call"),
        pytest.param([TEXT, {**TEXT, "text": "More."}], id="two texts"),
        pytest.param([{**CALL, "caller": {"type": "direct"}}], id="a caller"),
        pytest.param([{**TEXT, "citations": [{"type": "char_location", "cited_text": "x"}]}], id="a citation"),
        pytest.param([{"type": "container_upload", "file_id": "file_1"}], id="an upload"),
        pytest.param([{"type": "of_the_future", "value": 7}, TEXT], id="a type of the future"),
    ],
)
def test_fact_30_blocks_that_cannot_be_laid_flat_are_kept_and_sent_back(turns, blocks):
    message = answer(*blocks)
    assert message.provider_specific_fields == {"content_blocks": blocks}
    assert sent_back(turns, message) == blocks


def test_blank_text_between_blocks_is_not_sent_back(turns):
    """The API gives empty text blocks and rejects them (fact 14)."""
    assert sent_back(turns, answer(THOUGHT, {**TEXT, "text": ""}, {**CALL, "caller": {"type": "direct"}}))[1:] == [
        {**CALL, "caller": {"type": "direct"}}
    ]


def test_a_message_that_was_edited_is_sent_as_edited(turns):
    message = answer(CALL, TEXT)
    message.content = "Edited."
    assert sent_back(turns, message) == [{"type": "text", "text": "Edited."}, CALL]


def test_a_message_whose_call_was_edited_is_sent_as_edited(turns):
    message = answer({**CALL, "caller": {"type": "direct"}})
    message.tool_calls[0].function.arguments = '{"at": "that"}'
    assert sent_back(turns, message) == [{**CALL, "input": {"at": "that"}}]


def test_a_message_whose_thinking_was_taken_out_is_sent_without(turns):
    message = answer(TEXT, THOUGHT, CALL)
    message.thinking_blocks = None
    assert sent_back(turns, message) == [TEXT, CALL]


def test_fact_11_thinking_of_another_vendor_has_no_signature_and_is_left_behind(turns):
    message = {
        "role": "assistant",
        "content": "4",
        "reasoning_content": "2+2",
        "thinking_blocks": [{"type": "thinking"}],
    }
    assert turns([USER, message, USER])[1]["content"] == [{"type": "text", "text": "4"}]
