"""The journal, and what a test may claim of it."""

from __future__ import annotations

import pytest

from llmclient import ModelRouter
from llmclient.testing import tool_call

pytestmark = pytest.mark.unit


@pytest.fixture
def asked(llm):
    """Three calls: two to OpenAI, one to Anthropic, with a tool call in between."""
    llm.on().reply("one").then("two").reply(tool_calls=[tool_call("weather", city="Paris", days=2)])
    openai, anthropic = ModelRouter("openai/gpt-5-mini").sync, ModelRouter("anthropic/claude-haiku-4-5").sync
    openai.complete("first")
    anthropic.complete("second")
    openai.complete("third")
    return llm


def test_it_is_a_list_with_filters(asked):
    calls = asked.calls
    assert len(calls) == 3
    assert calls.models == ["openai/gpt-5-mini", "anthropic/claude-haiku-4-5", "openai/gpt-5-mini"]
    assert calls.texts == ["first", "second", "third"]
    assert calls.messages[0] == [{"role": "user", "content": "first"}]
    assert calls.last.text == calls[-1].text == "third"
    assert calls.where(model="openai/*").texts == ["first", "third"]
    assert calls.where(test="test_it_is_a_list").texts == calls.texts
    assert calls[1:].texts == ["second", "third"]


def test_a_claim_that_holds_is_silent(asked):
    asked.assert_called("openai/*", times=2)
    asked.assert_called(contains="second")
    asked.assert_tool_called("weather", city="Paris")
    asked.assert_sequence(["openai/*", "second", "openai/gpt-5-mini"])
    asked.assert_no_more_calls()


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (
            lambda llm: llm.assert_called("mistral/*"),
            ["at least one call to 'mistral/*'", "1. openai/gpt-5-mini: 'first'"],
        ),
        (
            lambda llm: llm.assert_called("openai/*", times=1),
            ["expected 1 call", "found 2", "> 1. openai", "> 3. openai"],
        ),
        (lambda llm: llm.assert_tool_called("weather", city="Rome"), ["weather(city='Rome')", '"city": "Paris"']),
        (lambda llm: llm.assert_sequence(["first", "third"]), ["+ anthropic/claude-haiku-4-5: 'second'"]),
        (lambda llm: llm.assert_no_more_calls(), ["3 calls that nothing claimed"]),
    ],
)
def test_a_claim_that_does_not_shows_what_was_asked(asked, claim, words):
    with pytest.raises(AssertionError) as caught:
        claim(asked)
    for part in words:
        assert part in str(caught.value)


def test_no_call_is_said_plainly(llm):
    with pytest.raises(AssertionError, match="no call was made"):
        _ = llm.calls.last
