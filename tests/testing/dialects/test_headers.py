"""Headers: request ids, waiting times in every form, and a scripted quota that counts down on the virtual clock."""

from __future__ import annotations

import pytest

from llmclient.testing import LLM, RateLimit, Reply
from llmclient.testing.dialects.openai import go_duration
from llmclient.testing.player import WirePlayer
from support.wire import ask, request

pytestmark = pytest.mark.unit


def headers(answer):
    return dict(answer.headers)


def counted(provider, prefix):
    """The quota's headers after each of three calls, ten seconds of virtual time apart; two a minute are allowed."""
    llm = LLM()
    llm.quota("*", requests=2, tokens=100, per=60)
    llm.on("*").reply("4", times=None)
    player = WirePlayer(llm)
    told = []
    for _ in range(3):
        answer = player.answer(request(provider))
        found = {name: value for name, value in answer.headers if name.startswith(prefix)}
        told.append((answer.status, {name.removeprefix(prefix): value for name, value in found.items()}))
        llm.clock.advance(10)
    return told


def test_openais_quota_counts_down_and_resets_as_go_writes_durations():
    first, second, third = counted("openai", "x-ratelimit-")
    assert [status for status, _ in (first, second, third)] == [200, 200, 429]
    assert [told["remaining-requests"] for _, told in (first, second, third)] == ["1", "0", "0"]
    assert [told["reset-requests"] for _, told in (first, second, third)] == ["1m0s", "50s", "40s"]
    assert first[1]["limit-tokens"] == "100"


def test_anthropics_quota_counts_down_and_resets_at_a_moment():
    first, second, third = counted("anthropic", "anthropic-ratelimit-")
    assert [status for status, _ in (first, second, third)] == [200, 200, 429]
    assert [told["requests-remaining"] for _, told in (first, second, third)] == ["1", "0", "0"]
    assert {told["requests-reset"] for _, told in (first, second, third)} == {"2025-01-01T00:01:00Z"}
    assert first[1]["tokens-limit"] == "100"
    # Anthropic's clients read three kinds of tokens; a script has one quota, told under each name.
    kinds = {name.rpartition("-")[0] for name in first[1]}
    assert kinds == {"requests", "tokens", "input-tokens", "output-tokens"}
    assert first[1]["input-tokens-remaining"] == first[1]["tokens-remaining"]


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0s"), (0.004, "4ms"), (1.5, "1.5s"), (50, "50s"), (360, "6m0s"), (3603, "1h0m3s")],
)
def test_durations_are_written_as_go_prints_them(seconds, written):
    assert go_duration(seconds) == written


@pytest.mark.parametrize(
    ("form", "name", "value"),
    [
        ("seconds", "retry-after", "2"),
        ("milliseconds", "retry-after-ms", "2000"),
        ("date", "retry-after", "Wed, 01 Jan 2025 00:00:02 GMT"),
    ],
)
@pytest.mark.parametrize("provider", ["openai", "anthropic", "openrouter"])
def test_a_waiting_time_is_told_in_each_of_its_forms(provider, form, name, value):
    told = headers(ask(provider, RateLimit(retry_after=2, form=form, should_retry=False, headers={"X-More": "yes"})))
    assert told[name] == value
    assert told["x-should-retry"] == "false"
    assert told["x-more"] == "yes"


@pytest.mark.parametrize(
    ("provider", "name", "prefix"),
    [
        ("openai", "x-request-id", "req_"),
        ("anthropic", "request-id", "req_"),
        ("openrouter", "x-generation-id", "gen-"),
    ],
)
def test_every_answer_has_the_vendors_id_the_same_in_every_run(provider, name, prefix):
    first, again = (headers(ask(provider, Reply(text="4")))[name] for _ in range(2))
    assert first.startswith(prefix)
    assert first == again


def test_openai_tells_organization_project_and_version_in_every_answer():
    told = headers(ask("openai", Reply(text="4")))
    named = ["openai-organization", "openai-processing-ms", "openai-project", "openai-version", "x-request-id"]
    assert sorted(name for name in told if name.startswith(("openai-", "x-"))) == named


@pytest.mark.parametrize(
    ("provider", "content_type"),
    [
        ("openai", "text/event-stream; charset=utf-8"),
        ("anthropic", "text/event-stream; charset=utf-8"),
        ("openrouter", "text/event-stream"),
    ],
)
def test_a_stream_and_a_whole_answer_have_the_vendors_content_type(provider, content_type):
    assert headers(ask(provider, Reply(text="4"), stream=True))["content-type"] == content_type
    assert headers(ask(provider, Reply(text="4")))["content-type"] == "application/json"
