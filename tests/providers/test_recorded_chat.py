"""Every recorded chat completion reads as the official SDK reads it, and every recorded error is the right class.

The SDK's own types are the oracle: the same bytes are given to `openai` itself and to our provider over it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from llmclient import BadRequestError, MalformedResponseError, ProviderConfig, RateLimitError, get_provider
from llmclient.types import ChatRequest
from support.canned import Answer, Canned
from support.loopback import Loopback
from support.recorded import Recording, needs_recordings, recordings

pytestmark = [needs_recordings, pytest.mark.recorded]

FILES = {"openai-chat": "openai", "openrouter-chat": "openrouter", "compatible-chat": "custom"}

ERRORS = {
    "test_openai/test_openai_o1_mini_system_role[system].yaml#0": BadRequestError,
    "test_openrouter/test_openrouter_errors_raised.yaml#0": RateLimitError,
    "test_openrouter/test_openrouter_errors_raised.yaml#1": RateLimitError,
    "test_openrouter/test_openrouter_errors_raised.yaml#2": RateLimitError,
    # A 200 whose body is plain text: there is nothing in it that a client could read.
    "test_openai/test_text_response.yaml#0": MalformedResponseError,
}
"""The recordings that are no answers, and what each must raise."""

CASES = [
    pytest.param(provider, recording, id=f"{provider}-{recording.id}")
    for file, provider in FILES.items()
    for recording in recordings(file)
]
GOOD = [case for case in CASES if case.values[1].source not in ERRORS]
BAD = [case for case in CASES if case.values[1].source in ERRORS]


def request_of(recording: Recording) -> ChatRequest:
    params = {k: v for k, v in recording.request.items() if k not in ("model", "messages", "stream", "stream_options")}
    return ChatRequest(
        model=recording.request.get("model", "none"),
        messages=recording.request.get("messages", [{"role": "user", "content": "hello"}]),
        params=params,
        stream=recording.streamed,
    )


@contextmanager
def provider_for(name: str, recording: Recording) -> Iterator:
    canned = Canned(Answer([recording.body], recording.status, recording.headers))
    provider = get_provider(
        name, ProviderConfig(api_key="sk-canary-0001", base_url="http://127.0.0.1:9/v1", http_client=canned)
    )
    yield provider
    provider.close()


async def ask(provider, recording: Recording):
    if not recording.streamed:
        return await provider.complete(request_of(recording))
    stream = await provider.stream(request_of(recording))
    async for _ in stream:
        pass
    return stream.response


def ask_sync(provider, recording: Recording):
    if not recording.streamed:
        return provider.complete_sync(request_of(recording))
    stream = provider.stream_sync(request_of(recording))
    for _ in stream:
        pass
    return stream.response


# --- the oracle -----------------------------------------------------------------------------------------------------


def as_the_sdk_reads_it(recording: Recording) -> dict:
    http = __import__(openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])
    canned = Canned(Answer([recording.body], recording.status, recording.headers))
    client = openai.OpenAI(
        api_key="x", base_url="http://127.0.0.1:9/v1", http_client=canned(http, "sync"), max_retries=0
    )
    with client:
        if not recording.streamed:
            return facts_of_completion(client.post("/chat/completions", body={}, cast_to=ChatCompletion))
        stream = client.post(
            "/chat/completions",
            body={},
            cast_to=ChatCompletionChunk,
            stream=True,
            stream_cls=openai.Stream[ChatCompletionChunk],
        )
        return facts_of_chunks(list(stream))


def facts_of_completion(completion: ChatCompletion) -> dict:
    choice = completion.choices[0]
    message = choice.message
    content, thoughts = message.content, None
    if isinstance(content, list):  # Mistral: parts of text and of thinking, which the SDK hands on as they are
        thoughts = "".join(t["text"] for part in content if part["type"] == "thinking" for t in part["thinking"])
        content = "".join(part["text"] for part in content if part["type"] == "text")
    reasoning = thoughts or getattr(message, "reasoning_content", None) or getattr(message, "reasoning", None)
    return {
        "id": completion.id,
        "model": completion.model,
        "text": content or "",
        "tool_calls": [(call.id, call.function.name, call.function.arguments) for call in message.tool_calls or ()],
        "reasoning": reasoning or "",
        "finish_reason": choice.finish_reason,
        "usage": usage_of(completion.usage),
    }


def facts_of_chunks(chunks: list[ChatCompletionChunk]) -> dict:
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    calls: dict[int, list[str]] = {}
    for delta in deltas:
        for call in delta.tool_calls or ():
            known = calls.setdefault(call.index, ["", "", ""])
            known[0] = call.id or known[0]
            known[1] = call.function.name or known[1]
            known[2] += call.function.arguments or ""
    thoughts = (getattr(d, "reasoning_content", None) or getattr(d, "reasoning", None) or "" for d in deltas)
    reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]
    usages = [chunk.usage for chunk in chunks if chunk.usage]
    return {
        "id": chunks[0].id,
        "model": chunks[0].model,
        "text": "".join(delta.content or "" for delta in deltas),
        "tool_calls": [tuple(call) for _, call in sorted(calls.items())],
        "reasoning": "".join(thoughts),
        "finish_reason": reasons[-1] if reasons else None,
        "usage": usage_of(usages[-1] if usages else None),
    }


def usage_of(usage) -> dict:
    return {} if usage is None else usage.model_dump(exclude_none=True)


def facts_of_ours(reply) -> dict:
    return {
        "id": reply.id,
        "model": reply.model,
        "text": reply.text,
        "tool_calls": [(call.id, call.name, call.function.arguments) for call in reply.tool_calls],
        "reasoning": reply.reasoning,
        "finish_reason": reply.finish_reason,
        "usage": usage_of(reply.usage),
    }


# --- the tests ------------------------------------------------------------------------------------------------------


def test_no_recording_is_left_out():
    assert len(CASES) == len(GOOD) + len(BAD)
    assert len(CASES) == sum(len(recordings(file)) for file in FILES) > 0
    assert {case.values[1].source for case in BAD} == set(ERRORS)


@pytest.mark.parametrize(("provider", "recording"), GOOD)
async def test_an_async_answer_reads_as_the_sdk_reads_it(provider, recording):
    with provider_for(provider, recording) as instance:
        reply = await ask(instance, recording)
        await instance.aclose()
    assert facts_of_ours(reply) == as_the_sdk_reads_it(recording)


@pytest.mark.parametrize(("provider", "recording"), GOOD)
def test_a_sync_answer_reads_as_the_sdk_reads_it(provider, recording):
    with provider_for(provider, recording) as instance:
        assert facts_of_ours(ask_sync(instance, recording)) == as_the_sdk_reads_it(recording)


@pytest.mark.parametrize(("provider", "recording"), BAD)
async def test_an_error_is_of_its_class_sync_and_async(provider, recording):
    with provider_for(provider, recording) as instance:
        with pytest.raises(ERRORS[recording.source]) as caught:
            await ask(instance, recording)
        assert type(caught.value) is ERRORS[recording.source]
        with pytest.raises(ERRORS[recording.source]):
            ask_sync(instance, recording)
        await instance.aclose()


def test_every_answer_reads_the_same_over_a_socket():
    """One sync and one async pass over a server on the loopback interface, all recordings."""
    everything = [case.values for case in GOOD]
    with Loopback([recording for _, recording in everything]) as server:

        async def async_pass() -> list:
            replies = []
            for position, (name, recording) in enumerate(everything):
                provider = get_provider(name, ProviderConfig(api_key="sk-canary-0001", base_url=server.url(position)))
                replies.append(await ask(provider, recording))
                await provider.aclose()
            return replies

        over_async = asyncio.run(async_pass())
        over_sync = []
        for position, (name, recording) in enumerate(everything):
            provider = get_provider(name, ProviderConfig(api_key="sk-canary-0001", base_url=server.url(position)))
            over_sync.append(ask_sync(provider, recording))
            provider.close()
    for (_, recording), first, second in zip(everything, over_async, over_sync, strict=True):
        expected = as_the_sdk_reads_it(recording)
        assert facts_of_ours(first) == expected, recording.source
        assert facts_of_ours(second) == expected, recording.source


@pytest.mark.parametrize(("provider", "recording"), GOOD)
def test_the_providers_own_json_is_kept_whole(provider, recording):
    import json

    with provider_for(provider, recording) as instance:
        raw = ask_sync(instance, recording).raw_response
    if recording.streamed:
        frames = [line[6:] for line in recording.body.decode().splitlines() if line.startswith("data: {")]
        assert raw == {"events": [json.loads(frame) for frame in frames]}
    else:
        assert raw == json.loads(recording.body)
