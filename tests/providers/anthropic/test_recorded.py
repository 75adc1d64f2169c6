"""Every recorded answer of Anthropic's, read by us and by the official SDK from the same bytes, says the same."""

from __future__ import annotations

import asyncio
import json

import anthropic
import pytest

from llmclient import BadRequestError, NotFoundError, ProviderConfig, get_provider
from llmclient.protocols import Provider
from llmclient.providers._sdk import load_sdk
from llmclient.types import ChatRequest, ModelResponse
from support.canned import Answer, Canned
from support.loopback import Loopback
from support.recorded import Recording, needs_recordings, recordings

pytestmark = [needs_recordings, pytest.mark.recorded]

MESSAGES = [line for line in recordings("anthropic-messages") if line.path == "/v1/messages"]
ANSWERS = [line for line in MESSAGES if line.status == 200]
REFUSALS = [line for line in MESSAGES if line.status != 200]

STOP_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "refusal": "content_filter",
}
REFUSAL_CLASSES = {400: BadRequestError, 404: NotFoundError}

each_answer = pytest.mark.parametrize("line", ANSWERS, ids=[line.id for line in ANSWERS])
each_refusal = pytest.mark.parametrize("line", REFUSALS, ids=[line.id for line in REFUSALS])


def as_sdk_reads(line: Recording) -> anthropic.types.Message:
    """The SDK's own typed message: parsed from the body, or put together by its own stream helper."""
    http_client = Canned(replayed(line))(load_sdk("anthropic").http, "sync")
    with anthropic.Anthropic(api_key="sk-canary-0001", http_client=http_client, max_retries=0) as client:
        ask = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "?"}]}
        if not line.streamed:
            return client.messages.create(**ask)
        with client.messages.stream(**ask) as stream:
            return stream.get_final_message()


def replayed(line: Recording) -> Answer:
    return Answer([line.body], line.status, dict(line.headers))


def provider_of(line: Recording, base_url: str | None = None) -> Provider:
    http_client = Canned(replayed(line)) if base_url is None else None
    config = ProviderConfig(api_key="sk-canary-0001", base_url=base_url, http_client=http_client)
    return get_provider("anthropic", config)


def request_of(line: Recording) -> ChatRequest:
    return ChatRequest(model=line.request["model"], messages=[{"role": "user", "content": "?"}], stream=line.streamed)


def ask_sync(line: Recording, base_url: str | None = None) -> ModelResponse:
    provider = provider_of(line, base_url)
    try:
        if not line.streamed:
            return provider.complete_sync(request_of(line))
        stream = provider.stream_sync(request_of(line))
        for _ in stream:
            pass
        return stream.response
    finally:
        provider.close()


async def ask_async(line: Recording, base_url: str | None = None) -> ModelResponse:
    provider = provider_of(line, base_url)
    try:
        if not line.streamed:
            return await provider.complete(request_of(line))
        stream = await provider.stream(request_of(line))
        async for _ in stream:
            pass
        return stream.response
    finally:
        await provider.aclose()


def assert_same(ours: ModelResponse, theirs: anthropic.types.Message) -> None:
    blocks = theirs.content
    assert ours.id == theirs.id
    assert ours.model == theirs.model
    assert ours.text == "".join(block.text for block in blocks if block.type == "text")
    assert ours.reasoning == "".join(block.thinking for block in blocks if block.type == "thinking")
    assert [(call.id, call.name, call.arguments) for call in ours.tool_calls] == [
        (block.id, block.name, block.input) for block in blocks if block.type == "tool_use"
    ]
    assert ours.finish_reason == STOP_REASONS[theirs.stop_reason]
    assert [tuple(block.items()) for block in sorted_keys(ours.message.thinking_blocks or [])] == [
        tuple(block.items())
        for block in sorted_keys(
            block.model_dump(exclude_none=True) for block in blocks if block.type.endswith("thinking")
        )
    ]
    assert_same_usage(ours, theirs.usage)
    assert_same_citations(ours, theirs)


def sorted_keys(blocks) -> list[dict]:
    return [dict(sorted(block.items())) for block in blocks]


def assert_same_usage(ours: ModelResponse, theirs: anthropic.types.Usage) -> None:
    read, written = theirs.cache_read_input_tokens or 0, theirs.cache_creation_input_tokens or 0
    usage = ours.usage
    assert usage is not None
    assert usage.prompt_tokens == theirs.input_tokens + read + written
    assert usage.completion_tokens == theirs.output_tokens
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert (usage.cached_tokens, usage.prompt_tokens_details.cache_write_tokens) == (read, written)
    assert ours.service_tier == theirs.service_tier
    if theirs.cache_creation is not None:
        assert usage.cache_creation.model_dump() == theirs.cache_creation.model_dump()
    details = theirs.model_dump().get("output_tokens_details") or {}
    assert usage.reasoning_tokens == details.get("thinking_tokens", 0)


def assert_same_citations(ours: ModelResponse, theirs: anthropic.types.Message) -> None:
    cited = [
        (citation.url, citation.title, citation.cited_text, block.text)
        for block in theirs.content
        if block.type == "text"
        for citation in block.citations or []
    ]
    told = [annotation["url_citation"] for annotation in ours.message.annotations or []]
    assert [
        (note["url"], note["title"], note["cited_text"], ours.text[note["start_index"] : note["end_index"]])
        for note in told
    ] == cited


@each_answer
def test_an_answer_reads_as_the_sdk_reads_it(line):
    assert_same(ask_sync(line), as_sdk_reads(line))


@each_answer
async def test_an_answer_reads_the_same_without_blocking(line):
    told, asked = ask_sync(line), await ask_async(line)
    assert asked.model_dump() == told.model_dump()
    assert asked.raw_response == told.raw_response


@each_answer
def test_every_field_of_an_answer_stays_in_raw_response(line):
    raw = ask_sync(line).raw_response
    if line.streamed:
        frames = [frame[6:] for frame in line.body.decode().splitlines() if frame.startswith("data: ")]
        assert raw == {"events": [json.loads(frame) for frame in frames]}
    else:
        assert raw == json.loads(line.body)


@each_refusal
async def test_an_error_raises_its_class_with_what_the_provider_said(line):
    said = json.loads(line.body)
    with pytest.raises(REFUSAL_CLASSES[line.status]) as in_sync:
        ask_sync(line)
    with pytest.raises(REFUSAL_CLASSES[line.status]) as in_async:
        await ask_async(line)
    for caught in (in_sync.value, in_async.value):
        assert type(caught) is REFUSAL_CLASSES[line.status]
        assert caught.status_code == line.status
        assert caught.type == said["error"]["type"]
        assert caught.message == said["error"]["message"]
        assert caught.request_id == said["request_id"]
        assert caught.body == said


async def test_every_answer_reads_the_same_over_a_socket():
    """One sync and one async pass over a server on the loopback interface, all answers."""
    with Loopback(ANSWERS) as server:
        for position, line in enumerate(ANSWERS):
            expected = as_sdk_reads(line)
            assert_same(await ask_async(line, server.url(position)), expected)
            assert_same(await asyncio.to_thread(ask_sync, line, server.url(position)), expected)


def test_no_line_is_left_out():
    """Each line of the file is a messages call that one of the tests above reads."""
    assert len(ANSWERS) + len(REFUSALS) == len(recordings("anthropic-messages"))
    assert {line.status for line in REFUSALS} <= set(REFUSAL_CLASSES)
