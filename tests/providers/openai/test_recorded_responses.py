"""Every recorded response of the Responses API reads as the official SDK reads it, and goes back as it came.

The SDK's own types are the oracle: the same bytes are given to `openai` itself and to our provider over it.
"""

from __future__ import annotations

import json

import openai
import pytest
from openai.types.responses import Response, ResponseStreamEvent

from llmclient import BadRequestError, NotFoundError, ProviderConfig, get_provider
from llmclient.types import ChatRequest
from support.canned import Answer, Canned
from support.recorded import Recording, needs_recordings, recordings

pytestmark = [needs_recordings, pytest.mark.recorded]

ERRORS = {
    "test_model_name_suggestions/test_model_name_suggestion[openai-responses].yaml#0": NotFoundError,
    "test_openai_responses/test_openai_responses_thinking_with_modified_history.yaml#1": BadRequestError,
}
LINES = recordings("openai-responses")
GOOD = [pytest.param(line, id=line.id) for line in LINES if line.source not in ERRORS]
BAD = [pytest.param(line, id=line.id) for line in LINES if line.source in ERRORS]

TRANSLATED = {"model", "input", "stream", "stream_options"}


def request_of(line: Recording) -> ChatRequest:
    params = {name: value for name, value in line.request.items() if name not in TRANSLATED}
    return ChatRequest(
        model=line.request["model"],
        messages=[{"role": "user", "content": "hello"}],
        params=params,
        stream=line.streamed,
        extra_body={"input": line.request["input"]} if "input" in line.request else {},
    )


def provider_for(line: Recording, canned: Canned | None = None):
    canned = canned or Canned(Answer([line.body], line.status, line.headers))
    name = "openrouter" if "openrouter" in line.host else "openai"
    return get_provider(
        name,
        ProviderConfig(api_key="sk-canary-0001", base_url="http://127.0.0.1:9/v1", http_client=canned, api="responses"),
    )


def ask_sync(line: Recording, canned: Canned | None = None):
    provider = provider_for(line, canned)
    if not line.streamed:
        return provider.complete_sync(request_of(line))
    stream = provider.stream_sync(request_of(line))
    for _ in stream:
        pass
    return stream.response


async def ask_async(line: Recording):
    provider = provider_for(line)
    try:
        if not line.streamed:
            return await provider.complete(request_of(line))
        stream = await provider.stream(request_of(line))
        async for _ in stream:
            pass
        return stream.response
    finally:
        await provider.aclose()


def as_the_sdk_reads_it(line: Recording) -> Response:
    http = __import__(openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])
    canned = Canned(Answer([line.body], line.status, line.headers))
    client = openai.OpenAI(
        api_key="x", base_url="http://127.0.0.1:9/v1", http_client=canned(http, "sync"), max_retries=0
    )
    with client:
        if not line.streamed:
            return client.post("/responses", body={}, cast_to=Response)
        stream = client.post(
            "/responses",
            body={},
            cast_to=ResponseStreamEvent,
            stream=True,
            stream_cls=openai.Stream[ResponseStreamEvent],
        )
        return [event.response for event in stream if event.type == "response.completed"][-1]


def facts_of_response(read: Response) -> dict:
    calls = [item for item in read.output if item.type == "function_call"]
    thoughts = [
        part.text
        for item in read.output
        if item.type == "reasoning"
        for part in [*(item.summary or []), *(getattr(item, "content", None) or [])]
    ]
    usage = read.usage
    return {
        "id": read.id,
        "model": read.model,
        "created": int(read.created_at),
        "text": read.output_text,
        "calls": [(call.call_id, call.name, call.arguments) for call in calls],
        "reasoning": "\n\n".join(thoughts),
        "citations": [
            note.to_dict()
            for item in read.output
            if item.type == "message"
            for part in item.content
            for note in getattr(part, "annotations", None) or []
        ],
        "usage": usage
        and (
            usage.input_tokens,
            usage.output_tokens,
            usage.total_tokens,
            (usage.input_tokens_details and usage.input_tokens_details.cached_tokens) or 0,
            (usage.output_tokens_details and usage.output_tokens_details.reasoning_tokens) or 0,
        ),
        "output": [item.to_dict(mode="json", warnings=False) for item in read.output],
    }


def facts_of_ours(reply) -> dict:
    usage = reply.usage
    notes = [
        {"type": "url_citation", **note["url_citation"]} if "url_citation" in note else note
        for note in reply.message.annotations or []
    ]
    return {
        "id": reply.id,
        "model": reply.model,
        "created": reply.created,
        "text": reply.text,
        "calls": [(call.id, call.name, call.function.arguments) for call in reply.tool_calls],
        "reasoning": reply.reasoning,
        "citations": notes,
        "usage": usage
        and (
            usage.prompt_tokens,
            usage.completion_tokens,
            usage.total_tokens,
            usage.cached_tokens,
            usage.reasoning_tokens,
        ),
        "output": (reply.message.provider_specific_fields or {}).get("responses_output", []),
    }


@pytest.mark.parametrize("line", GOOD)
def test_a_response_reads_as_the_sdk_reads_it(line) -> None:
    assert facts_of_ours(ask_sync(line)) == facts_of_response(as_the_sdk_reads_it(line))


@pytest.mark.parametrize("line", GOOD)
async def test_a_response_reads_the_same_without_blocking(line) -> None:
    told, asked = ask_sync(line), await ask_async(line)
    assert asked.model_dump() == told.model_dump()
    assert asked.raw_response == told.raw_response


@pytest.mark.parametrize("line", GOOD)
def test_every_field_stays_in_raw_response(line) -> None:
    raw = ask_sync(line).raw_response
    if line.streamed:
        frames = [frame[6:] for frame in line.body.decode().splitlines() if frame.startswith("data: {")]
        assert raw == {"events": [json.loads(frame) for frame in frames]}
    else:
        assert raw == json.loads(line.body)


@pytest.mark.parametrize("line", GOOD)
def test_a_finish_reason_is_said(line) -> None:
    reply = ask_sync(line)
    status = json.loads(line.body)["status"] if not line.streamed else "completed"
    assert reply.finish_reason == (status if status == "queued" else "tool_calls" if reply.tool_calls else "stop")


@pytest.mark.parametrize("line", GOOD)
def test_an_answer_goes_back_as_the_very_items_it_was(line) -> None:
    reply = ask_sync(line)
    canned = Canned(Answer([line.body], line.status, line.headers))
    provider_for(line, canned).complete_sync(
        ChatRequest(
            model="gpt-5",
            messages=[{"role": "user", "content": "hello"}, reply.message.model_dump(exclude_none=True)],
        )
    ) if not line.streamed else ask_again(line, canned, reply)
    items = [json.loads(json.dumps(item)) for item in canned.bodies[0]["input"][1:]]
    assert items == facts_of_ours(reply)["output"]


def ask_again(line: Recording, canned: Canned, reply) -> None:
    provider_for(line, canned).stream_sync(
        ChatRequest(
            model="gpt-5",
            stream=True,
            messages=[{"role": "user", "content": "hello"}, reply.message.model_dump(exclude_none=True)],
        )
    ).close()


@pytest.mark.parametrize("line", BAD)
def test_a_recorded_error_raises_its_class(line) -> None:
    with pytest.raises(ERRORS[line.source]):
        ask_sync(line)


def test_every_recorded_line_is_judged() -> None:
    assert len(GOOD) + len(BAD) == len(LINES)
    assert {line.source for line in LINES} >= set(ERRORS)
