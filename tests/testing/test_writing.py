"""Other ways to a script: a transcript, replies derived from the request, faults by lot, quotas; nested blocks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmclient import ModelRouter
from llmclient.testing import LLM, Call, Overloaded, RateLimit, ServerFailure, Stall, TranscriptError, script
from llmclient.testing.chaos import Chaos
from llmclient.testing.patterns import example_of
from llmclient.testing.schema_values import SchemaValues

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "minLength": 7}, "days": {"type": "integer", "minimum": 3}},
            "required": ["city"],
        },
    },
}
STOCKS = {"type": "function", "function": {"name": "stocks", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture
def router():
    return ModelRouter("openai/gpt-5-mini").sync


def test_a_transcript_is_played_line_by_line(llm, router):
    llm.transcript(
        """system: You know the weather.
user: Paris?
assistant: -> weather(city="Paris", days=2)
assistant: -> weather(city="Lyon")
tool weather: 18 degrees
assistant: It is 18 degrees.
  In both.
"""
    )
    messages = [{"role": "system", "content": "You know the weather."}, {"role": "user", "content": "Paris?"}]
    first = router.complete(messages)
    assert [call.arguments for call in first.tool_calls] == [{"city": "Paris", "days": 2}, {"city": "Lyon"}]
    messages += [first.message, {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": "18 degrees"}]
    assert router.complete(messages).text == "It is 18 degrees.\nIn both."


@pytest.mark.parametrize(
    ("text", "error"),
    [("hello", "transcript:1: a line begins with"), ("user: x\nassistant: -> go fast", "transcript:2: a tool call is")],
)
def test_a_transcript_that_cannot_be_read_names_the_line(llm, text, error):
    with pytest.raises(TranscriptError, match=error):
        llm.transcript(text)


def test_auto_calls_every_tool_in_turn_then_answers(llm, router):
    llm.auto()
    messages, names = [{"role": "user", "content": "Plan my trip"}], []
    while True:
        reply = router.complete(messages, tools=[WEATHER, STOCKS])
        if not reply.tool_calls:
            break
        made = reply.tool_calls[0]
        names.append(made.name)
        messages += [reply.message, {"role": "tool", "tool_call_id": made.id, "content": f"{made.name} done"}]
        if made.name == "weather":
            assert len(made.arguments["city"]) >= 7
            assert made.arguments["days"] >= 3
    assert names == ["weather", "stocks"]
    assert "stocks done" in reply.text


def test_auto_answers_a_json_schema_and_the_same_request_alike(llm, router):
    llm.auto()
    schema = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "invoice", "schema": schema}}
    first, second = (router.complete("x", response_format=wanted).text for _ in range(2))
    assert isinstance(json.loads(first)["total"], float)
    assert first == second


@given(st.integers())
@settings(max_examples=20)
def test_a_value_fits_its_schema(seed):
    schema = {
        "$defs": {
            "node": {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}}
        },
        "type": "object",
        "properties": {
            "kind": {"enum": ["a", "b"]},
            "size": {"type": "integer", "minimum": 3, "maximum": 5},
            "code": {"type": "string", "pattern": "^[A-Z]{2}-\\d{3}$"},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True},
            "node": {"$ref": "#/$defs/node"},
        },
    }
    value = SchemaValues(seed).value(schema)
    assert value["kind"] in ("a", "b")
    assert value["size"] in (3, 4, 5)
    assert value["code"] == "AA-000"
    assert len(set(value["tags"])) == len(value["tags"]) == 2
    assert isinstance(value["node"], dict)


def test_a_pattern_that_is_too_much_gives_nothing():
    assert example_of(r"(?=b)a") == ""


def test_chaos_gives_the_same_requests_the_same_faults_in_any_order():
    asked = [
        Call(provider="openai", model="m", messages=[{"role": "user", "content": str(number)}]) for number in range(40)
    ] * 2
    faults = (RateLimit(), Overloaded(), ServerFailure())

    def draw(calls):
        chaos = Chaos(0.3, faults, seed=7)
        drawn: dict[str, list[object]] = {}
        for call in calls:
            drawn.setdefault(call.text, []).append(chaos.draw(call))
        return drawn

    forwards = draw(asked)
    assert forwards == draw(asked[::-1])
    met = [fault for pair in forwards.values() for fault in pair if fault is not None]
    assert 10 < len(met) < 40
    assert set(met) == set(faults)


def test_a_quota_counts_down_on_the_virtual_clock(llm, router):
    llm.quota("openai/*", requests=2, per=60)
    llm.on().reply("x", times=None)
    assert [router.complete("hi").text for _ in range(3)] == ["x", "x", "x"]
    assert llm.clock.sleeps == [60.0]
    assert [call.fault for call in llm.calls] == [None, None, RateLimit(retry_after=60.0), None]


def test_a_block_scripts_everything_and_blocks_nest(router):
    with script() as outer:
        outer.on().reply("outer", times=2)
        assert router.complete("a").text == "outer"
        with script() as inner:
            inner.on().reply("inner")
            assert router.complete("b").text == "inner"
        assert router.complete("c").text == "outer"
    assert (outer.calls.texts, inner.calls.texts) == (["a", "c"], ["b"])


def test_a_block_takes_a_file():
    path = Path(__file__).parents[2] / "fakes" / "rate_limited_then_ok.yaml"
    with script(path):
        assert ModelRouter("anthropic/claude-haiku-4-5").sync.complete("2+2?").text == "4"


@pytest.mark.parametrize(
    ("write", "error"),
    [
        (lambda llm: llm.on().reply("x", size=0), "size=0: give the characters of a piece, from 1"),
        (lambda llm: llm.on().reply("x", first_token=-1), "first_token=-1: give virtual seconds, from 0"),
        (lambda llm: llm.on().reply("x", per_second=0), "per_second=0: give pieces a virtual second, above 0"),
        (lambda llm: llm.on().fail(RateLimit(retry_after=-2)), r"RateLimit\(retry_after=-2\): give a number from 0"),
        (lambda llm: llm.on().fail(RateLimit(form="hours")), r"RateLimit\(form='hours'\): give one of seconds, "),
        (lambda llm: llm.on().fail(Stall(seconds=-1)), r"Stall\(seconds=-1\): give a number from 0"),
        (lambda llm: llm.on().when(turn=0), "turn=0: turns of a conversation count from 1"),
        (lambda llm: llm.on().when(matches="("), r"matches='\(' is no regular expression: "),
    ],
)
def test_what_cannot_be_meant_is_refused_where_it_is_written(write, error):
    with pytest.raises(ValueError, match=error):
        write(LLM())
