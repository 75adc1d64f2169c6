"""The facts of PROVIDERS.md about OpenAI, OpenRouter and errors, each by its number, on the bytes that are sent."""

from __future__ import annotations

import email.utils
import logging

import pytest

from llmclient import (
    AuthenticationError,
    BadRequestError,
    ContentPolicyError,
    ContextWindowExceededError,
    NotFoundError,
    PermissionDeniedError,
    ProviderConfig,
    ProviderError,
    QuotaExceededError,
    RateLimitError,
    ServerError,
    UnsupportedParameterError,
    get_provider,
)
from llmclient.types import ChatRequest
from support.canned import Canned, answer, sse

REPLY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-5-mini-2025-08-07",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}
USER = {"role": "user", "content": "hi"}


def ask(
    *answers, provider="openai", model="gpt-4o", messages=(USER,), stream=False, drop=False, extra_body=None, **params
):
    """Make one sync call; returns the response and the transport."""
    canned = Canned(
        *(
            answers
            or (sse({"choices": [{"delta": {"content": "x"}}]}, "data: [DONE]\n\n") if stream else answer(REPLY),)
        )
    )
    instance = get_provider(
        provider, ProviderConfig(api_key="sk-canary-0001", base_url="http://127.0.0.1:9/v1", http_client=canned)
    )
    request = ChatRequest(
        model=model,
        messages=list(messages),
        params=params,
        stream=stream,
        drop_unsupported=drop,
        extra_body=extra_body or {},
    )
    try:
        reply = list(instance.stream_sync(request)) if stream else instance.complete_sync(request)
    finally:
        instance.close()
    return reply, canned


def sent(**arguments) -> dict:
    return ask(**arguments)[1].bodies[0]


def failure(status: int, body: object, *, provider: str = "openai", **headers: str):
    with pytest.raises(ProviderError) as caught:
        ask(answer(body, status, **headers), provider=provider)
    return caught.value


# --- what is sent ---


def test_fact_29_newer_parameters_and_unknown_ones_travel_as_they_are():
    given = {
        "service_tier": "flex",
        "verbosity": "low",
        "prompt_cache_key": "k",
        "safety_identifier": "s",
        "reasoning_effort": "xhigh",
        "max_completion_tokens": 9,
        "a_parameter_of_tomorrow": {"x": 1},
    }
    body = sent(model="gpt-5-mini", **given)
    assert {name: body[name] for name in given} == given


def test_a_plain_call_sends_neither_stream_nor_nulls():
    body = sent(temperature=0.0, stop=None, n=1)
    assert body == {"model": "gpt-4o", "messages": [USER], "temperature": 0.0, "n": 1}


def test_fact_29_a_stream_asks_for_its_usage():
    assert sent(stream=True)["stream_options"] == {"include_usage": True}
    assert sent(stream=True, stream_options={"include_obfuscation": False})["stream_options"] == {
        "include_usage": True,
        "include_obfuscation": False,
    }
    assert "stream_options" not in sent(stream=True, provider="mistral")
    assert "stream_options" not in sent(stream=True, stream_options={"include_usage": False})


@pytest.mark.parametrize("model", ["o3", "o1-mini", "gpt-5-mini", "ft:gpt-5-mini:org"])
def test_fact_29_reasoning_models_get_the_limit_under_the_name_they_know(model):
    body = sent(model=model, max_tokens=7)
    assert body["max_completion_tokens"] == 7
    assert "max_tokens" not in body


def test_other_models_get_the_limit_under_the_name_that_was_given():
    assert sent(model="gpt-4o", max_tokens=7)["max_tokens"] == 7
    assert sent(provider="ollama", max_completion_tokens=7)["max_tokens"] == 7


def test_extra_body_is_merged_last():
    assert sent(temperature=1.0, extra_body={"temperature": 0.5, "new": True})["temperature"] == 0.5


def test_a_parameter_of_another_vendor_is_an_error_or_a_logged_drop(caplog):
    with pytest.raises(UnsupportedParameterError, match=r"'top_k'.*drop_unsupported"):
        ask(top_k=5)
    with caplog.at_level(logging.WARNING, logger="llmclient"):
        assert "top_k" not in sent(top_k=5, drop=True)
    assert "top_k" in caplog.text
    assert sent(provider="groq", top_k=5)["top_k"] == 5


def test_fact_11_thinking_blocks_of_another_vendor_are_left_behind():
    history = [
        USER,
        {
            "role": "assistant",
            "content": "Hello",
            "thinking_blocks": [{"type": "thinking", "thinking": "hm", "signature": "s"}],
            "reasoning_content": "hm",
            "reasoning_details": [{"type": "reasoning.text", "text": "hm"}],
            "provider_specific_fields": {"x": 1},
            "annotations": [],
        },
        USER,
    ]
    assert sent(messages=history)["messages"][1] == {"role": "assistant", "content": "Hello"}
    kept = sent(messages=history, provider="openrouter")["messages"][1]
    assert kept["reasoning_details"] == [{"type": "reasoning.text", "text": "hm"}]
    assert "thinking_blocks" not in kept


def test_cache_control_reaches_those_who_have_it():
    part = {"type": "text", "text": "long", "cache_control": {"type": "ephemeral"}}
    messages = [{"role": "system", "content": [part]}, USER]
    tool = {"type": "function", "function": {"name": "f"}, "cache_control": {"type": "ephemeral"}}
    plain = sent(messages=messages, tools=[tool])
    assert plain["messages"][0]["content"] == [{"type": "text", "text": "long"}]
    assert plain["tools"] == [{"type": "function", "function": {"name": "f"}}]
    routed = sent(messages=messages, tools=[tool], provider="openrouter")
    assert routed["messages"][0]["content"] == [part]
    assert routed["tools"] == [tool]


def test_arguments_given_as_an_object_are_sent_as_text():
    call = {"id": "c", "type": "function", "index": 0, "function": {"name": "f", "arguments": {"a": 1}}}
    body = sent(messages=[USER, {"role": "assistant", "content": None, "tool_calls": [call]}])
    assert body["messages"][1] == {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}],
    }


def test_developer_messages_reach_hosts_that_know_only_system():
    developer = {"role": "developer", "content": "be brief"}
    assert sent(messages=[developer, USER])["messages"][0]["role"] == "developer"
    assert sent(messages=[developer, USER], provider="groq")["messages"][0]["role"] == "system"


@pytest.mark.parametrize(("effort", "named"), [("high", "high"), ("max", "xhigh")])
def test_fact_10_and_24_openrouter_takes_effort_as_an_object_and_calls_the_highest_xhigh(effort, named):
    body = sent(provider="openrouter", reasoning_effort=effort)
    assert body["reasoning"] == {"effort": named}
    assert "reasoning_effort" not in body


def test_fact_26_the_sdk_never_retries_on_its_own():
    canned = Canned(answer({"error": {"message": "busy"}}, 500, x_should_retry="true"))
    provider = get_provider("openai", ProviderConfig(api_key="k", base_url="http://h", http_client=canned))
    with pytest.raises(ServerError) as caught:
        provider.complete_sync(ChatRequest(model="m", messages=[USER]))
    assert len(canned.requests) == 1
    assert caught.value.should_retry is True


# --- what comes back ---


def test_fact_30_unknown_fields_and_enum_values_survive_a_round_trip():
    strange = {
        **REPLY,
        "service_tier": "warp",
        "novelty": {"a": [1]},
        "choices": [
            {
                "index": 0,
                "message": {"role": "oracle", "content": "Hi", "mood": "good"},
                "finish_reason": "bored",
                "extra": 1,
            }
        ],
    }
    reply, _ = ask(answer(strange))
    dumped = reply.model_dump(exclude_none=True, exclude={"provider"})
    assert dumped == strange
    assert type(reply).model_validate(dumped).model_dump(exclude_none=True, exclude={"provider"}) == strange
    assert reply.raw_response == strange


def test_fact_24_openrouter_tells_what_was_charged_who_served_and_the_generation():
    body = {**REPLY, "provider": "Amazon Bedrock", "usage": {**REPLY["usage"], "cost": 0.00042}}
    reply, _ = ask(answer(body, x_generation_id="gen-1"), provider="openrouter", model="anthropic/claude")
    assert reply.usage.cost == 0.00042
    assert (reply.provider, reply.served_by, reply.request_id) == ("openrouter", "Amazon Bedrock", "gen-1")
    assert reply.raw_response["provider"] == "Amazon Bedrock"


def test_a_200_with_an_error_body_is_the_error_it_says():
    with pytest.raises(QuotaExceededError):
        ask(answer({"error": {"code": 402, "message": "no credits"}}), provider="openrouter")
    with pytest.raises(ServerError):
        ask(
            answer({**REPLY, "choices": [{"index": 0, "message": {}, "error": {"code": 502, "message": "down"}}]}),
            provider="openrouter",
        )


def test_content_in_parts_and_arguments_as_objects_are_mended():
    body = {
        "id": None,
        "model": "m",
        "created": 1.5,
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls",
                "message": {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                        {"type": "thinking", "thinking": "!"},
                        {"type": "text", "text": "Hi "},
                        "there",
                    ],
                    "tool_calls": [{"id": None, "function": {"name": "f", "arguments": {"a": 1}}}],
                },
            }
        ],
        "usage": {"prompt_tokens": None, "completion_tokens": 2, "total_tokens": 2},
    }
    reply, _ = ask(answer(body), provider="mistral")
    assert (reply.text, reply.reasoning) == ("Hi there", "hm!")
    assert reply.tool_calls[0].arguments == {"a": 1}
    assert (reply.usage.prompt_tokens, reply.created) == (0, 1)


# --- errors ---


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (400, {"code": "context_length_exceeded"}, ContextWindowExceededError),
        (400, {"code": "content_policy_violation"}, ContentPolicyError),
        (400, {"code": "content_filter"}, ContentPolicyError),
        (400, {"code": "unsupported_value"}, BadRequestError),
        (401, {"code": "invalid_api_key"}, AuthenticationError),
        (403, {}, PermissionDeniedError),
        (404, {"code": "model_not_found"}, NotFoundError),
        (429, {"code": "insufficient_quota", "type": "insufficient_quota"}, QuotaExceededError),
        (429, {"code": "rate_limit_exceeded", "type": "tokens"}, RateLimitError),
        (500, {}, ServerError),
    ],
)
def test_fact_19_and_20_openai_errors_are_told_apart_by_status_and_code(status, error, expected):
    raised = failure(status, {"error": {"message": "m", **error}}, x_request_id="req_1")
    assert type(raised) is expected
    assert (raised.status_code, raised.provider, raised.model, raised.request_id) == (
        status,
        "openai",
        "gpt-4o",
        "req_1",
    )
    assert raised.body == {"error": {"message": "m", **error}}


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (400, {"message": "This endpoint's maximum context length is 8192 tokens."}, ContextWindowExceededError),
        (402, {"message": "Insufficient credits"}, QuotaExceededError),
        (403, {"message": "flagged", "metadata": {"reasons": ["violence"]}}, ContentPolicyError),
        (403, {"message": "key limit"}, PermissionDeniedError),
        (502, {"message": "down"}, ServerError),
        (503, {"message": "none available"}, ServerError),
    ],
)
def test_fact_20_and_24_openrouter_errors(status, error, expected):
    raised = failure(status, {"error": {"code": status, **error}, "user_id": "user_1"}, provider="openrouter")
    assert type(raised) is expected
    assert error["message"] in str(raised)


def test_openrouter_quotes_what_the_host_behind_it_said():
    raised = failure(
        429,
        {"error": {"code": 429, "message": "Provider returned error", "metadata": {"raw": "try later"}}},
        provider="openrouter",
    )
    assert "Provider returned error: try later" in str(raised)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "30"}, 30.0),
        ({"retry_after": "0.5"}, 0.5),
        ({"retry_after_ms": "1500", "retry_after": "30"}, 1.5),
        ({"retry_after": "3600"}, 3600.0),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "-4"}, None),
        ({"retry_after": "nan"}, None),
        ({}, None),
    ],
)
def test_fact_25_retry_after_in_seconds_and_milliseconds(headers, seconds):
    assert failure(429, {"error": {"message": "m"}}, **headers).retry_after == seconds


def test_fact_25_retry_after_as_a_date():
    class Noon:
        def now(self) -> float:
            return 1_000_000.0

        def monotonic(self) -> float:
            return 0.0

    canned = Canned(answer({}, 429, retry_after=email.utils.formatdate(1_000_042, usegmt=True)))
    provider = get_provider("openai", ProviderConfig(api_key="k", base_url="http://h", http_client=canned))
    with pytest.raises(RateLimitError) as caught:
        provider.complete_sync(ChatRequest(model="m", messages=[USER], clock=Noon()))
    assert caught.value.retry_after == 42.0


def test_fact_25_the_vendor_says_itself_whether_to_retry():
    assert failure(429, {}, x_should_retry="false").should_retry is False
    assert failure(429, {}).should_retry is None
