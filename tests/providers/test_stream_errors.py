"""What becomes of a stream that is not as it should be: every row of the table in WIRE.md section 5, sync and async.

Neither SDK reports most of these. Each has one defined outcome here, with the partial response where text arrived.
"""

from __future__ import annotations

import asyncio

import pytest

from llmclient import (
    APIConnectionError,
    BadRequestError,
    ContextWindowExceededError,
    LLMClientError,
    MalformedResponseError,
    OverloadedError,
    ProviderConfig,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    StreamInterruptedError,
    Timeouts,
    get_provider,
)
from llmclient.providers._sdk import load_sdk
from llmclient.types import ChatRequest
from support.canned import Answer, Canned, answer, sse


def chunk(text: str = "", **fields) -> dict:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": fields.pop("finish", None)}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
        **fields,
    }


HELLO = chunk("Hello")
END = chunk(finish="stop")
DONE = "data: [DONE]\n\n"


class Asked:
    """One streamed call, run sync or async; `text` is what came before `error`."""

    def __init__(self, canned: Canned, *, provider: str = "openai", timeouts: Timeouts | None = None, clock=None):
        config = ProviderConfig(api_key="sk-canary-0001", base_url="http://127.0.0.1:9", http_client=canned)
        self.provider = get_provider(provider, config)
        self.request = ChatRequest(
            model="m", messages=[{"role": "user", "content": "hi"}], stream=True, timeouts=timeouts, clock=clock
        )
        self.text = ""
        self.error: Exception | None = None
        self.response = None

    async def run(self, flavour: str) -> None:
        try:
            await (self.run_async() if flavour == "async" else self.run_sync())
        except LLMClientError as error:
            self.error = error
        await self.provider.aclose()

    async def run_async(self) -> None:
        stream = await self.provider.stream(self.request)
        async for part in stream:
            self.text += part.text
        self.response = stream.response

    async def run_sync(self) -> None:
        stream = self.provider.stream_sync(self.request)
        for part in stream:
            self.text += part.text
        self.response = stream.response


@pytest.fixture(params=["sync", "async"])
def flavour(request) -> str:
    return request.param


async def ask(flavour: str, *answers: Answer, **options) -> Asked:
    canned = Canned(*answers)
    asked = Asked(canned, **options)
    await asked.run(flavour)
    assert canned.opened == canned.closed, "a connection was left open"
    return asked


def http():
    return load_sdk("openai").http


# --- ends ---


@pytest.mark.parametrize(
    "cut", [(HELLO,), (HELLO, 'data: {"id":'), (HELLO, 'data: {"choices": [{"delta": {"content": "x"}}]')]
)
async def test_a_stream_that_ends_early_is_interrupted_and_keeps_what_arrived(flavour, cut):
    asked = await ask(flavour, sse(*cut))
    assert asked.text == "Hello"
    assert isinstance(asked.error, StreamInterruptedError)
    assert asked.error.partial.text == "Hello"
    assert asked.error.partial.finish_reason is None
    assert asked.error.category == "interrupted"


async def test_a_stream_is_whole_with_a_finish_reason_and_no_done(flavour):
    asked = await ask(flavour, sse(HELLO, END))
    assert asked.error is None
    assert (asked.response.text, asked.response.finish_reason) == ("Hello", "stop")


async def test_a_stream_is_whole_with_done_and_no_finish_reason(flavour):
    asked = await ask(flavour, sse(HELLO, DONE))
    assert asked.error is None
    assert asked.response.text == "Hello"


async def test_a_last_frame_without_its_blank_line_is_not_lost(flavour):
    asked = await ask(
        flavour, sse(HELLO, 'data: {"choices":[{"index":0,"delta":{"content":"!"},"finish_reason":"stop"}]}')
    )
    assert asked.error is None
    assert asked.text == "Hello!"


async def test_a_done_without_its_blank_line_ends_the_stream(flavour):
    asked = await ask(flavour, sse(HELLO, "data: [DONE]"))
    assert asked.error is None


async def test_frames_after_done_are_ignored(flavour):
    asked = await ask(flavour, sse(HELLO, END, DONE, HELLO))
    assert asked.text == "Hello"


async def test_a_single_event_without_a_blank_line_is_the_whole_answer(flavour):
    asked = await ask(flavour, sse('data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}'))
    assert (asked.error, asked.text) == (None, "Hi")


# --- bodies that are no stream ---


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
async def test_an_error_body_with_status_200_is_the_error_it_says(flavour, kind):
    body = {"error": {"message": "slow down", "type": "rate_limit_error", "code": None}}
    asked = await ask(flavour, Answer([__import__("json").dumps(body).encode()], headers={"content-type": kind}))
    assert isinstance(asked.error, RateLimitError)
    assert asked.error.body == body


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
async def test_an_empty_body_is_malformed(flavour, kind):
    asked = await ask(flavour, Answer([], headers={"content-type": kind}))
    assert isinstance(asked.error, MalformedResponseError)
    assert "empty" in str(asked.error)
    assert asked.error.partial is None


async def test_a_page_of_html_with_status_200_is_malformed_and_quoted(flavour):
    asked = await ask(flavour, Answer([b"<html>" + b"x" * 1000], headers={"content-type": "text/html"}))
    assert isinstance(asked.error, MalformedResponseError)
    assert asked.error.frame.startswith("<html>")
    assert len(asked.error.frame) == 500


async def test_a_server_that_answers_in_one_piece_is_read_as_a_stream_of_one(flavour):
    whole = {
        "id": "c1",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Hello",
                    "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
                },
                "finish_reason": "tool_calls",
            }
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    }
    asked = await ask(flavour, answer(whole))
    assert asked.text == "Hello"
    assert asked.response.tool_calls[0].name == "f"
    assert asked.response.usage.total_tokens == 3
    assert asked.response.raw_response == whole


@pytest.mark.parametrize("body", ['{"choices": null}', '{"choices": []}', "{}", "[]", "null", "not json"])
async def test_a_plain_answer_without_an_answer_is_malformed(flavour, body):
    provider = get_provider(
        "openai", ProviderConfig(api_key="k", base_url="http://h", http_client=Canned(answer(body)))
    )
    request = ChatRequest(model="m", messages=[{"role": "user", "content": "hi"}])
    asked = provider.complete(request) if flavour == "async" else asyncio.to_thread(provider.complete_sync, request)
    with pytest.raises(MalformedResponseError):
        await asked
    await provider.aclose()


# --- frames ---


async def test_a_byte_order_mark_costs_no_event(flavour):
    frames = sse(HELLO, END, DONE)
    asked = await ask(flavour, Answer([b"\xef\xbb\xbf", *frames.chunks], headers=frames.headers))
    assert asked.text == "Hello"


@pytest.mark.parametrize("ending", [b"\r\n", b"\r"])
async def test_other_line_endings_and_single_bytes_make_no_difference(flavour, ending):
    whole = b"".join(sse(chunk("Grüße 😀"), ": comment\n\n", END, DONE).chunks).replace(b"\n", ending)
    pieces = [whole[at : at + 1] for at in range(len(whole))]
    asked = await ask(flavour, Answer(pieces, headers={"content-type": "text/event-stream"}))
    assert (asked.error, asked.text) == (None, "Grüße 😀")


async def test_a_frame_that_is_no_json_is_malformed_with_the_frame_cut_to_500(flavour):
    asked = await ask(flavour, sse(HELLO, "data: {nope" + "y" * 900 + "\n\n", DONE))
    assert isinstance(asked.error, MalformedResponseError)
    assert asked.error.frame == ("{nope" + "y" * 900)[:500]
    assert asked.error.partial.text == "Hello"


@pytest.mark.parametrize("frame", ["data: 7\n\n", 'data: {"choices": 5}\n\n', 'data: "text"\n\n'])
async def test_a_frame_that_is_no_chunk_is_malformed(flavour, frame):
    asked = await ask(flavour, sse(HELLO, frame, DONE))
    assert isinstance(asked.error, MalformedResponseError)


@pytest.mark.parametrize("frames", [({"choices": None},), ({"choices": []}, {"choices": [], "usage": None}), ()])
async def test_a_stream_without_choices_is_malformed_and_no_empty_answer(flavour, frames):
    asked = await ask(flavour, sse(*frames, DONE))
    assert isinstance(asked.error, MalformedResponseError)
    assert asked.text == ""


async def test_empty_data_keeps_the_stream_going(flavour):
    asked = await ask(flavour, sse(HELLO, "data: \n\n", END, DONE))
    assert (asked.error, asked.text) == (None, "Hello")


# --- errors inside a stream ---


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"error": {"message": "m", "type": "server_error", "code": None}}, ServerError),
        ({"error": {"message": "m", "type": "overloaded_error"}}, OverloadedError),
        ({"error": {"message": "m", "type": "rate_limit_error"}}, RateLimitError),
        ({"error": {"message": "m", "code": "context_length_exceeded"}}, ContextWindowExceededError),
        ({"error": {"message": "m", "code": 429}}, RateLimitError),
        (
            {"error": {"message": "m", "code": 502}, "choices": [{"delta": {"content": ""}, "finish_reason": "error"}]},
            ServerError,
        ),
        (
            {"error": {"message": "m", "code": 400}, "choices": [{"delta": {"content": ""}, "finish_reason": None}]},
            BadRequestError,
        ),
        ({"error": "just words"}, ServerError),
        ({"choices": [{"delta": {"content": ""}, "finish_reason": "error"}]}, ServerError),
        ({"choices": [{"delta": {}, "error": {"code": 504, "message": "m"}}]}, RequestTimeoutError),
    ],
)
async def test_fact_21_an_error_in_a_stream_is_classified_by_what_it_says(flavour, frame, expected):
    asked = await ask(flavour, sse(HELLO, frame, DONE), provider="openrouter")
    assert type(asked.error) is expected
    assert asked.error.partial.text == "Hello"


async def test_an_event_named_error_is_an_error(flavour):
    asked = await ask(flavour, sse(HELLO, 'event: error\ndata: {"message": "bad", "type": "server_error"}\n\n'))
    assert type(asked.error) is ServerError
    assert asked.error.message == "bad"


@pytest.mark.parametrize("bad", [{"error": {"message": "m"}}, 'data: {"choices": \n\n', 'data: {"choices":'])
async def test_text_that_came_in_one_piece_with_an_error_is_given_before_the_error(flavour, bad):
    pieces = sse(HELLO, HELLO, bad).chunks
    asked = await ask(flavour, Answer([b"".join(pieces)], headers={"content-type": "text/event-stream"}))
    assert asked.text == asked.error.partial.text == "HelloHello"


# --- the connection ---


async def test_a_connection_that_breaks_in_the_middle_is_an_interruption(flavour):
    asked = await ask(flavour, sse_then(HELLO, http().RemoteProtocolError("peer closed")))
    assert isinstance(asked.error, StreamInterruptedError)
    assert asked.error.partial.text == "Hello"
    assert "peer closed" in str(asked.error)


async def test_a_connection_that_stalls_in_the_middle_is_an_idle_timeout(flavour):
    asked = await ask(flavour, sse_then(HELLO, http().ReadTimeout("stalled")))
    assert isinstance(asked.error, RequestTimeoutError)
    assert asked.error.phase == "idle"
    assert asked.error.partial.text == "Hello"


async def test_a_connection_that_stalls_before_the_first_event_is_a_first_token_timeout(flavour):
    asked = await ask(flavour, sse_then(http().ReadTimeout("stalled")))
    assert isinstance(asked.error, RequestTimeoutError)
    assert asked.error.phase == "first_token"


async def test_a_body_that_cannot_be_unpacked_is_malformed(flavour):
    asked = await ask(
        flavour,
        Answer([b"no gzip at all"], headers={"content-type": "text/event-stream", "content-encoding": "gzip"}),
    )
    assert isinstance(asked.error, MalformedResponseError)


async def test_no_connection_at_all_is_a_connection_error(flavour):
    def refuse(_request):
        raise http().ConnectError("refused")

    asked = await ask(flavour, refuse)
    assert type(asked.error) is APIConnectionError
    assert "refused" in str(asked.error)


async def test_a_connection_that_takes_too_long_to_open_is_a_connect_timeout(flavour):
    def stall(_request):
        raise http().ConnectTimeout("")

    asked = await ask(flavour, stall)
    assert isinstance(asked.error, RequestTimeoutError)
    assert asked.error.phase == "connect"


class TickingClock:
    """Every look at it is `step` seconds later."""

    def __init__(self, step: float) -> None:
        self.time = 0.0
        self.step = step

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        self.time += self.step
        return self.time


@pytest.mark.parametrize(("before", "phase"), [((), "first_token"), ((HELLO,), "idle")])
async def test_fact_23_comments_keep_a_socket_alive_and_not_the_patience(flavour, before, phase):
    frames = sse(*before, *([": OPENROUTER PROCESSING\n\n"] * 50), END, DONE)
    asked = await ask(
        flavour,
        frames,
        provider="openrouter",
        timeouts=Timeouts(first_token=20, idle=20),
        clock=TickingClock(1.0),
    )
    assert isinstance(asked.error, RequestTimeoutError)
    assert asked.error.phase == phase


# --- statuses ---


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (502, "<html>bad gateway</html>", ServerError),
        (529, {"error": {"message": "busy"}}, OverloadedError),
        (413, {"error": {"message": "too large"}}, BadRequestError),
        (503, {}, ServerError),
        (504, {}, RequestTimeoutError),
        (408, {}, RequestTimeoutError),
        (418, {}, BadRequestError),
    ],
)
async def test_a_status_before_the_stream_is_the_class_of_that_status(flavour, status, body, expected):
    asked = await ask(flavour, answer(body, status))
    assert type(asked.error) is expected
    assert asked.error.status_code == status


def sse_then(*frames) -> Answer:
    made = sse(*(frame for frame in frames if not isinstance(frame, Exception)))
    return Answer([*made.chunks, *(frame for frame in frames if isinstance(frame, Exception))], headers=made.headers)
