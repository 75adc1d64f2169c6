"""Anthropic's errors as ours, over the real SDK (PROVIDERS.md, facts 19 to 21, 25 to 27; WIRE.md 4)."""

from __future__ import annotations

import importlib.util
import logging
import traceback
from dataclasses import replace

import pytest

import llmclient
from llmclient import ErrorCategory, ProviderConfig, get_provider
from llmclient.types import ChatRequest
from support.canned import Answer, Canned, answer, sse

NOW = 1_784_000_000.0


class StoppedClock:
    def now(self) -> float:
        return NOW

    def monotonic(self) -> float:
        return 0.0


async def failing(*answers: Answer) -> tuple[llmclient.ProviderError, Canned]:
    """The error of one call, the same sync and async."""
    canned = Canned(*answers)
    provider = get_provider("anthropic", ProviderConfig(api_key="sk-canary-0001", http_client=canned))
    request = ChatRequest(model="claude-m", messages=[{"role": "user", "content": "?"}], clock=StoppedClock())
    with pytest.raises(llmclient.ProviderError) as in_async:
        await provider.complete(request)
    with pytest.raises(llmclient.ProviderError) as in_sync:
        provider.complete_sync(request)
    await provider.aclose()
    assert type(in_async.value) is type(in_sync.value)
    assert str(in_async.value) == str(in_sync.value)
    return in_async.value, canned


def said(kind: str, message: str = "sorry", code: str | None = None) -> dict:
    error: dict = {"type": kind, "message": message}
    if code:
        error["details"] = {"error_code": code}
    return {"type": "error", "error": error, "request_id": "req_1"}


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (400, "invalid_request_error", llmclient.BadRequestError),
        (401, "authentication_error", llmclient.AuthenticationError),
        (402, "billing_error", llmclient.QuotaExceededError),
        (403, "permission_error", llmclient.PermissionDeniedError),
        (404, "not_found_error", llmclient.NotFoundError),
        (408, "timeout_error", llmclient.RequestTimeoutError),
        (409, "conflict_error", llmclient.BadRequestError),
        (412, "invalid_request_error", llmclient.BadRequestError),
        (413, "request_too_large", llmclient.BadRequestError),
        (422, "invalid_request_error", llmclient.BadRequestError),
        (429, "rate_limit_error", llmclient.RateLimitError),
        (500, "api_error", llmclient.ServerError),
        (500, "overloaded_error", llmclient.OverloadedError),
        (501, "api_error", llmclient.ServerError),
        (502, "api_error", llmclient.ServerError),
        (503, "api_error", llmclient.ServerError),
        (504, "timeout_error", llmclient.RequestTimeoutError),
        (529, "overloaded_error", llmclient.OverloadedError),
        (418, "of_the_future", llmclient.BadRequestError),
        (599, "of_the_future", llmclient.ServerError),
    ],
)
async def test_fact_27_every_status_has_its_class_whatever_the_sdk_has(status, kind, expected):
    error, canned = await failing(answer(said(kind), status))
    assert type(error) is expected
    assert (error.provider, error.model, error.status_code) == ("anthropic", "claude-m", status)
    assert (error.type, error.message, error.request_id) == (kind, "sorry", "req_1")
    assert error.body == said(kind)
    assert len(canned.requests) == 2, "fact 26: the SDK retries nothing, so one request for each of the two calls"


@pytest.mark.parametrize("code", ["contract_spend_limit_reached", "enforced_spend_limit_reached"])
async def test_fact_19_a_429_of_a_spent_limit_is_quota_and_no_rate_limit(code):
    error, _ = await failing(answer(said("rate_limit_error", code=code), 429))
    assert type(error) is llmclient.QuotaExceededError
    assert (error.category, error.code) == (ErrorCategory.QUOTA, code)


async def test_fact_19_a_429_of_another_code_is_a_rate_limit():
    error, _ = await failing(answer(said("rate_limit_error", code="ramp_limit_exceeded"), 429))
    assert (type(error), error.code) == (llmclient.RateLimitError, "ramp_limit_exceeded")


async def test_a_400_that_another_account_would_not_get_is_permission():
    error, _ = await failing(answer(said("invalid_request_error", code="organization_on_hold"), 400))
    assert type(error) is llmclient.PermissionDeniedError


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("prompt is too long: 210000 tokens > 200000 maximum", llmclient.ContextWindowExceededError),
        (
            "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
            llmclient.ContextWindowExceededError,
        ),
        ("Output blocked by content filtering policy", llmclient.ContentPolicyError),
        ("Your credit balance is too low to access the Anthropic API.", llmclient.QuotaExceededError),
        ("max_tokens: must be positive", llmclient.BadRequestError),
    ],
)
async def test_fact_20_what_only_the_text_tells_goes_by_the_text(message, expected):
    error, _ = await failing(answer(said("invalid_request_error", message), 400))
    assert type(error) is expected


async def test_the_text_of_another_type_of_error_decides_nothing():
    error, _ = await failing(answer(said("api_error", "we log: prompt is too long"), 500))
    assert type(error) is llmclient.ServerError


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Tue, 14 Jul 2026 03:33:50 GMT"}, 30.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
async def test_fact_25_retry_after_is_read_in_all_its_forms(headers, seconds):
    error, _ = await failing(Answer([b"{}"], 429, {"content-type": "application/json", **headers}))
    assert error.retry_after == seconds


@pytest.mark.parametrize(("word", "expected"), [("true", True), ("false", False)])
async def test_fact_25_x_should_retry_is_handed_on(word, expected):
    error, _ = await failing(Answer([b"{}"], 500, {"x-should-retry": word, "request-id": "req_9"}))
    assert (error.should_retry, error.request_id) == (expected, "req_9")


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("overloaded_error", 529, llmclient.OverloadedError),
        ("rate_limit_error", 429, llmclient.RateLimitError),
        ("invalid_request_error", 400, llmclient.BadRequestError),
    ],
)
async def test_fact_21_a_200_whose_body_is_an_error_is_that_error(kind, status, expected):
    error, _ = await failing(answer(said(kind)))
    assert (type(error), error.status_code) == (expected, status)


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b'{"type": "message"}'])
async def test_a_200_that_is_no_message_is_malformed_and_quoted(body):
    error, _ = await failing(answer(body))
    assert isinstance(error, llmclient.MalformedResponseError)
    assert error.frame == body.decode()


async def test_a_page_of_html_with_status_502_is_a_server_error():
    error, _ = await failing(Answer([b"<html>Bad gateway</html>"], 502, {"content-type": "text/html"}))
    assert type(error) is llmclient.ServerError
    assert "Bad gateway" in error.message


ECHOES = [
    answer(said("authentication_error", "invalid x-api-key: KEY"), 401),
    answer("<html>KEY</html>", 502),
    answer(said("api_error", "KEY")),
    answer({"type": "message", "content": "KEY"}),
    answer({"type": "message", "content": [], "usage": {"cache_creation": "KEY"}}),
    answer("not json KEY"),
    sse('event: error\ndata: {"type": "error", "error": {"type": "api_error", "message": "KEY"}}\n\n'),
    sse("event: message_start\ndata: {broken KEY\n\n"),
]


@pytest.mark.parametrize("key", ["sk-ant-CANARYcanaryCANARY0001", "canary.without.any.shape.0001"])
@pytest.mark.parametrize("echo", ECHOES)
def test_a_key_that_is_echoed_is_masked_everywhere(key, echo, caplog):
    body = [chunk.replace(b"KEY", key.encode()) for chunk in echo.chunks]
    canned = Canned(Answer(body, echo.status, echo.headers))
    provider = get_provider("anthropic", ProviderConfig(api_key=key, http_client=canned))
    request = ChatRequest(model="claude-m", messages=[{"role": "user", "content": "?"}])
    streamed = "event-stream" in echo.headers["content-type"]
    with caplog.at_level(logging.DEBUG), pytest.raises(llmclient.LLMClientError) as caught:
        list(provider.stream_sync(replace(request, stream=True))) if streamed else provider.complete_sync(request)
    provider.close()
    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    logged = "".join(str(record.__dict__) for record in caplog.records if record.name.startswith("llmclient"))
    assert key not in shown + logged


# --- every class that the SDK has for a code ------------------------------------------------------------------------

OURS_BY_STATUS = {
    400: llmclient.BadRequestError,
    401: llmclient.AuthenticationError,
    402: llmclient.QuotaExceededError,
    403: llmclient.PermissionDeniedError,
    404: llmclient.NotFoundError,
    408: llmclient.RequestTimeoutError,
    409: llmclient.BadRequestError,
    412: llmclient.BadRequestError,
    413: llmclient.BadRequestError,
    422: llmclient.BadRequestError,
    429: llmclient.RateLimitError,
    431: llmclient.BadRequestError,
    499: llmclient.APIConnectionError,
    501: llmclient.ServerError,
    503: llmclient.ServerError,
    504: llmclient.RequestTimeoutError,
    529: llmclient.OverloadedError,
}
OURS_BY_CODE = {
    "contract_spend_limit_reached": llmclient.QuotaExceededError,
    "enforced_spend_limit_reached": llmclient.QuotaExceededError,
    "organization_on_hold": llmclient.PermissionDeniedError,
    "claude_code_key_creator_not_member": llmclient.PermissionDeniedError,
    "cmek_key_disabled": llmclient.PermissionDeniedError,
    "cmek_key_network_blocked": llmclient.PermissionDeniedError,
    "request_body_timeout": llmclient.RequestTimeoutError,
}


def classes_of_the_sdk() -> list:
    """The table of (status, code) -> class that anthropic 2 keeps; anthropic 0.x has none.

    A look at a private name of the SDK: nothing public lists its codes.
    """
    if importlib.util.find_spec("anthropic._error_classes") is None:
        return [(status, None) for status in OURS_BY_STATUS]
    from anthropic._error_classes import ERROR_CLASSES

    return list(ERROR_CLASSES)


async def test_every_status_and_code_that_the_sdk_knows_becomes_its_class():
    for status, code in classes_of_the_sdk():
        error, _ = await failing(answer(said("of_the_sdk", code=code), status))
        assert type(error) is OURS_BY_CODE.get(code, OURS_BY_STATUS[status]), (status, code)
        assert error.code == code
