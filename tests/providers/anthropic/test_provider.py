"""Anthropic over the real SDK and a transport in the process: what is sent, and what becomes of what comes back."""

from __future__ import annotations

import importlib.metadata
import json

import pytest

import llmclient
from llmclient import ProviderConfig, get_provider
from llmclient.protocols import ChatCapability, SyncChatCapability
from llmclient.providers._sdk import load_sdk
from llmclient.types import ChatRequest, ModelResponse
from support.canned import Answer, Canned, answer, sse

MODEL = "claude-sonnet-4-5"
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": MODEL,
    "content": [{"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 2},
}
START = {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}}
WORDS = [
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}},
    {"type": "content_block_stop", "index": 0},
]
FINISH = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}
STOP = {"type": "message_stop"}


def frame(payload: dict) -> str:
    return f"event: {payload['type']}\ndata: {json.dumps(payload)}  \n\n"


def stream_of(*payloads: dict | str) -> Answer:
    return sse(*(payload if isinstance(payload, str) else frame(payload) for payload in payloads))


WHOLE = (START, *WORDS, FINISH, STOP)


class Call:
    """One call to a provider over canned answers, sync or async."""

    def __init__(self, flavour: str, *answers: Answer, name: str = "anthropic", **config) -> None:
        self.canned = Canned(*answers)
        self.flavour = flavour
        config = {"api_key": "sk-canary-0001", **config}
        self.provider = get_provider(name, ProviderConfig(http_client=self.canned, **config))
        self.texts: list[str] = []

    async def complete(self, **params) -> ModelResponse:
        request = request_of(**params)
        try:
            if self.flavour == "async":
                return await self.provider.complete(request)
            return self.provider.complete_sync(request)
        finally:
            await self.close()

    async def stream(self, **params) -> ModelResponse:
        request = request_of(stream=True, **params)
        try:
            if self.flavour == "async":
                opened = await self.provider.stream(request)
                async for chunk in opened:
                    self.texts.append(chunk.text)
            else:
                opened = self.provider.stream_sync(request)
                self.texts.extend(chunk.text for chunk in opened)
            return opened.response
        finally:
            await self.close()

    async def close(self) -> None:
        await self.provider.aclose()
        assert self.canned.opened == self.canned.closed, "a connection was left open"


def request_of(**params) -> ChatRequest:
    options = {name: params.pop(name) for name in ("stream", "model", "extra_headers") if name in params}
    options.setdefault("model", MODEL)
    return ChatRequest(messages=[{"role": "user", "content": "hi"}], params=params, **options)


@pytest.fixture(params=["sync", "async"])
def flavour(request) -> str:
    return request.param


# --- what is sent ---------------------------------------------------------------------------------------------------


async def test_a_call_is_one_post_of_the_messages_api(flavour):
    call = Call(flavour, answer(MESSAGE, request_id="req_1"))
    reply = await call.complete(max_tokens=100)
    (request,) = call.canned.requests
    assert (request.method, str(request.url)) == ("POST", "https://api.anthropic.com/v1/messages")
    assert call.canned.bodies == [
        {
            "model": MODEL,
            "max_tokens": 100,
            "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        }
    ]
    assert (reply.text, reply.provider, reply.request_id) == ("Hello", "anthropic", "req_1")
    assert reply.raw_response == MESSAGE


async def test_fact_28_the_sdk_authenticates_in_the_way_of_its_version(flavour):
    call = Call(flavour, answer(MESSAGE))
    await call.complete()
    headers = call.canned.requests[0].headers
    newer = int(importlib.metadata.version("anthropic").split(".")[0]) >= 2
    assert headers.get("authorization") == ("Bearer sk-canary-0001" if newer else None)
    assert headers.get("x-api-key") == (None if newer else "sk-canary-0001")
    assert headers["anthropic-version"]


async def test_fact_26_a_failed_call_is_sent_once_and_not_again_by_the_sdk(flavour):
    overloaded = {"type": "error", "error": {"type": "overloaded_error", "message": "sorry"}}
    call = Call(flavour, answer(overloaded, 529))
    with pytest.raises(llmclient.OverloadedError):
        await call.complete()
    assert len(call.canned.requests) == 1


async def test_headers_of_the_call_and_betas_are_sent(flavour):
    call = Call(flavour, answer(MESSAGE), headers={"x-team": "a"})
    await call.complete(betas=["files-api-2025-04-14"], extra_headers={"x-trace": "7", "anthropic-beta": "other"})
    headers = call.canned.requests[0].headers
    assert (headers["x-team"], headers["x-trace"]) == ("a", "7")
    assert headers["anthropic-beta"] == "other,files-api-2025-04-14"


async def test_key_and_endpoint_come_from_the_environment(flavour, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-canary-0002")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9/proxy")
    call = Call(flavour, answer(MESSAGE), api_key=None)
    await call.complete()
    (request,) = call.canned.requests
    assert str(request.url) == "http://127.0.0.1:9/proxy/v1/messages"
    assert "sk-canary-0002" in f"{request.headers.get('authorization')}{request.headers.get('x-api-key')}"


async def test_a_call_without_a_key_is_refused_and_names_the_variable(flavour, monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    call = Call(flavour, answer(MESSAGE), api_key=None)
    with pytest.raises(llmclient.MissingAPIKeyError, match="ANTHROPIC_API_KEY"):
        await call.complete()


async def test_a_request_that_cannot_be_sent_is_not_sent(flavour):
    call = Call(flavour, answer(MESSAGE))
    with pytest.raises(llmclient.UnsupportedParameterError):
        await call.complete(n=2)
    assert call.canned.requests == []


def test_a_provider_has_both_flavours_of_chat_and_hides_its_key():
    provider = get_provider("anthropic", ProviderConfig(api_key="sk-canary-0001"))
    assert isinstance(provider, ChatCapability)
    assert isinstance(provider, SyncChatCapability)
    assert "canary" not in f"{provider!r}{vars(provider)!r}"


# --- fact 3: long answers -------------------------------------------------------------------------------------------


async def test_fact_03_a_plain_call_above_21333_tokens_is_streamed_and_put_together_unseen(flavour):
    call = Call(flavour, stream_of(*WHOLE))
    reply = await call.complete(max_tokens=21_334)
    assert call.canned.bodies[0]["stream"] is True
    assert (reply.text, reply.finish_reason, reply.usage.total_tokens) == ("Hello", "stop", 5)

    at_once = await Call(flavour, answer(MESSAGE)).complete(max_tokens=21_333)
    assert reply.model_dump() == at_once.model_dump()
    assert reply.raw_response == at_once.raw_response == MESSAGE


async def test_fact_03_a_server_may_answer_a_long_call_in_one_piece(flavour):
    reply = await Call(flavour, answer(MESSAGE)).complete(max_tokens=60_000)
    assert (reply.text, reply.provider, reply.raw_response) == ("Hello", "anthropic", MESSAGE)


async def test_fact_03_a_call_that_says_nothing_of_its_length_is_not_streamed(flavour):
    call = Call(flavour, answer(MESSAGE))
    await call.complete()
    assert "stream" not in call.canned.bodies[0]


async def test_fact_03_a_plain_call_of_21333_tokens_is_not_streamed(flavour):
    call = Call(flavour, answer(MESSAGE))
    await call.complete(max_tokens=21_333)
    assert "stream" not in call.canned.bodies[0]


async def test_fact_03_a_long_answer_that_breaks_off_is_an_interruption_with_what_arrived(flavour):
    call = Call(flavour, stream_of(START, *WORDS))
    with pytest.raises(llmclient.StreamInterruptedError) as caught:
        await call.complete(max_tokens=60_000)
    assert caught.value.partial.text == "Hello"


# --- streams --------------------------------------------------------------------------------------------------------


async def test_a_stream_gives_its_words_and_the_response_of_a_plain_call(flavour):
    call = Call(flavour, stream_of(START, {"type": "ping"}, *WORDS, FINISH, STOP))
    streamed = await call.stream()
    assert [text for text in call.texts if text] == ["Hel", "lo"]
    plain = await Call(flavour, answer(MESSAGE)).complete()
    assert streamed.model_dump() == plain.model_dump()
    assert streamed.raw_response["events"][0] == START


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param((START, *WORDS), id="between events"),
        pytest.param((START, *WORDS, frame(FINISH)[:-20]), id="inside an event"),
    ],
)
async def test_fact_22_a_stream_that_ends_before_its_end_is_an_interruption(flavour, frames):
    call = Call(flavour, stream_of(*frames))
    with pytest.raises(llmclient.StreamInterruptedError) as caught:
        await call.stream()
    partial = caught.value.partial
    assert (partial.text, partial.finish_reason) == ("Hello", None)
    assert partial.usage.prompt_tokens == 3, "what the prompt cost is known from the first event on"


async def test_the_last_event_may_lack_its_blank_line(flavour):
    reply = await Call(flavour, stream_of(*WHOLE[:-1], frame(STOP).rstrip())).stream()
    assert (reply.text, reply.finish_reason) == ("Hello", "stop")


@pytest.mark.parametrize(
    ("kind", "expected", "status"),
    [
        ("overloaded_error", llmclient.OverloadedError, 529),
        ("rate_limit_error", llmclient.RateLimitError, 429),
        ("api_error", llmclient.ServerError, 500),
        ("timeout_error", llmclient.RequestTimeoutError, 504),
        ("invalid_request_error", llmclient.BadRequestError, 400),
    ],
)
async def test_fact_21_an_error_event_is_classified_by_its_type_and_not_by_the_200(flavour, kind, expected, status):
    error = {"type": "error", "error": {"type": kind, "message": "sorry"}, "request_id": "req_2"}
    call = Call(flavour, stream_of(START, *WORDS, error))
    with pytest.raises(expected) as caught:
        await call.stream()
    assert type(caught.value) is expected
    assert (caught.value.status_code, caught.value.type, caught.value.request_id) == (status, kind, "req_2")
    assert caught.value.partial.text == "Hello"


async def test_fact_21_a_200_with_an_error_body_is_that_error_in_a_stream_too(flavour):
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "sorry"}}
    with pytest.raises(llmclient.OverloadedError):
        await Call(flavour, answer(body)).stream()


async def test_an_empty_stream_is_malformed(flavour):
    with pytest.raises(llmclient.MalformedResponseError):
        await Call(flavour, stream_of()).stream()


async def test_a_byte_order_mark_costs_no_event(flavour):
    reply = await Call(flavour, stream_of("\ufeff" + frame(START), *WHOLE[1:])).stream()
    assert (reply.id, reply.text) == ("msg_1", "Hello")


async def test_data_without_event_names_are_read(flavour):
    reply = await Call(flavour, sse(*WHOLE)).stream()
    assert (reply.text, reply.finish_reason) == ("Hello", "stop")


async def test_a_frame_that_is_no_json_is_malformed_with_the_frame_cut_to_500(flavour):
    call = Call(flavour, stream_of(START, *WORDS, "event: message_delta\ndata: " + "{" * 900 + "\n\n"))
    with pytest.raises(llmclient.MalformedResponseError) as caught:
        await call.stream()
    assert caught.value.frame == "{" * 500
    assert caught.value.partial.text == "Hello"


async def test_an_exception_of_httpx_never_escapes(flavour):
    broken = load_sdk("anthropic").http.ReadError("reset by peer")
    frames = [frame(payload).encode() for payload in (START, *WORDS)]
    call = Call(flavour, Answer([*frames, broken], headers={"content-type": "text/event-stream"}))
    with pytest.raises(llmclient.StreamInterruptedError) as caught:
        await call.stream()
    assert caught.value.partial.text == "Hello"


async def test_a_server_that_answers_in_one_piece_is_read_as_a_stream_of_one(flavour):
    call = Call(flavour, answer(MESSAGE))
    reply = await call.stream()
    assert (reply.text, reply.finish_reason, "".join(call.texts)) == ("Hello", "stop", "Hello")


# --- what stands in for an output format ----------------------------------------------------------------------------

FORMAT = {"type": "json_schema", "json_schema": {"name": "number", "schema": {"type": "object", "properties": {}}}}
CALLED = {
    **MESSAGE,
    "stop_reason": "tool_use",
    "content": [{"type": "tool_use", "id": "t", "name": "number", "input": {"n": 1}}],
}


async def test_fact_09_an_older_model_answers_in_a_format_through_a_tool_unseen(flavour):
    reply = await Call(flavour, answer(CALLED)).complete(model="claude-3-5-haiku-latest", response_format=FORMAT)
    assert (json.loads(reply.text), reply.tool_calls, reply.finish_reason) == ({"n": 1}, [], "stop")


async def test_fact_09_it_does_so_in_a_stream_as_well(flavour):
    tool = {"type": "tool_use", "id": "t", "name": "number", "input": {}}
    events = [
        {"type": "content_block_start", "index": 0, "content_block": tool},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": '{"n": 1}'}},
        {"type": "content_block_stop", "index": 0},
    ]
    finish = {**FINISH, "delta": {"stop_reason": "tool_use"}}
    call = Call(flavour, stream_of(START, *events, finish, STOP))
    reply = await call.stream(model="claude-3-5-haiku-latest", response_format=FORMAT)
    assert (json.loads(reply.text), reply.tool_calls, reply.finish_reason) == ({"n": 1}, [], "stop")
