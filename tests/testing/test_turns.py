"""Which turn answers a call."""

from __future__ import annotations

import asyncio

import pytest

from llmclient.protocols import Capability
from llmclient.testing import LLM, Call, NoTurnError, RateLimit, Reply, Stall, Turn, tool_call

pytestmark = pytest.mark.unit

USER = {"role": "user", "content": "What is the weather in Paris?"}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {}}}
CALLED = {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "weather", "arguments": "{}"}}]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "18 degrees"}


def call(*messages, model="openai/gpt-5-mini", **params):
    provider, _, name = model.partition("/")
    return Call(provider=provider, model=name, messages=messages or (USER,), params=params)


def text(llm, asked):
    return llm.script.answer(asked).text


@pytest.mark.parametrize(
    ("condition", "fits", "fails"),
    [
        ({"contains": "Paris"}, call(), call({"role": "user", "content": "Rome"})),
        ({"matches": r"in \w+\?$"}, call(), call({"role": "user", "content": "in Paris!"})),
        ({"system": "terse"}, call({"role": "system", "content": "Be terse."}, USER), call()),
        ({"has_tool": "weather"}, call(tools=[TOOL]), call()),
        ({"tool_result": True}, call(USER, CALLED, RESULT), call()),
        ({"tool_result": False}, call(), call(USER, CALLED, RESULT)),
        ({"tool_result": "weather"}, call(USER, CALLED, RESULT), call()),
        ({"tool_result": "18"}, call(USER, CALLED, RESULT), call(USER, CALLED, {**RESULT, "content": "no"})),
        ({"turn": 2}, call(USER, {"role": "assistant", "content": "?"}, USER), call()),
        ({"where": lambda asked: asked.params.get("seed") == 1}, call(seed=1), call(seed=2)),
    ],
)
def test_a_condition_holds_or_not(condition, fits, fails):
    llm = LLM()
    llm.on().when(**condition).reply("yes", times=None)
    assert text(llm, fits) == "yes"
    with pytest.raises(NoTurnError):
        llm.script.answer(fails)


def test_all_conditions_are_required():
    llm = LLM()
    llm.on().when(contains="Paris", turn=2).reply("yes")
    with pytest.raises(NoTurnError, match="turn 1 != 2"):
        llm.script.answer(call())


@pytest.mark.parametrize(
    ("vague", "specific"),
    [("*", "openai/*"), ("openai/*", "openai/gpt-5*"), ("openai/gpt-5-min?", "openai/gpt-5-mini"), ("*", "gpt-5-mini")],
)
def test_the_more_specific_pattern_wins_whatever_the_order(vague, specific):
    for order in ((vague, specific), (specific, vague)):
        llm = LLM()
        for pattern in order:
            llm.on(pattern).reply(pattern)
        assert text(llm, call()) == specific


def test_more_conditions_win_over_a_pattern():
    llm = LLM()
    llm.on("openai/gpt-5-mini").reply("pattern")
    llm.on().when(contains="Paris", turn=1).reply("conditions")
    assert text(llm, call()) == "conditions"


def test_ties_go_to_the_earlier_turn_and_a_used_up_one_no_longer_matches():
    llm = LLM()
    llm.on().reply("first").then("second").reply("third", times=2)
    assert [text(llm, call()) for _ in range(4)] == ["first", "second", "third", "third"]
    with pytest.raises(NoTurnError, match=r"used up \(2 of 2\)"):
        llm.script.answer(call())


def test_without_end_is_without_end():
    llm = LLM()
    llm.on().reply("again", times=None)
    assert {text(llm, call()) for _ in range(50)} == {"again"}


def test_the_error_shows_the_call_and_the_three_nearest_turns():
    llm = LLM()
    llm.script.name = "weather"
    llm.on("anthropic/*").when(contains="Oslo", turn=3).reply("far")
    llm.on().when(contains="Rome").reply("near")
    llm.on("anthropic/*").reply("near too")
    llm.on().when(has_tool="stocks").reply("near as well")
    with pytest.raises(NoTurnError) as caught:
        llm.script.answer(call())
    message = str(caught.value)
    assert "script 'weather' has no turn for this call (openai/gpt-5-mini, turn 1, user 'What is the weather" in message
    assert "does not contain 'Rome'" in message
    assert "tool 'stocks' is not offered (offered: none)" in message
    assert "'openai/gpt-5-mini' does not match 'anthropic/*'" in message
    assert "Oslo" not in message
    assert "test_turns.py:" in message


def test_functions_get_the_call_sync_and_async():
    async def later(asked):
        await asyncio.sleep(0)
        return Reply(text=asked.model)

    llm = LLM()
    llm.on().reply(lambda asked: asked.text.upper()).then(later).then(lambda _: RateLimit(retry_after=1))
    assert text(llm, call()) == "WHAT IS THE WEATHER IN PARIS?"
    assert text(llm, call()) == "gpt-5-mini"
    assert llm.script.answer(call()) == RateLimit(retry_after=1)


async def test_an_async_function_can_be_asked_from_sync_code_beneath_a_running_loop():
    async def later(asked):
        await asyncio.sleep(0)
        return "done"

    llm = LLM()
    llm.on().reply(later, times=2)
    assert text(llm, call()) == "done"
    assert (await llm.script.answer_async(call())).text == "done"


def test_a_function_that_returns_something_else_is_refused():
    llm = LLM()
    llm.on().reply(lambda _: 5)
    with pytest.raises(TypeError, match="must return a text, a Reply or a fault, not 5"):
        llm.script.answer(call())


def test_a_stream_fault_alone_damages_a_reply_of_a_few_words():
    llm = LLM()
    llm.on().fail(Stall(seconds=5))
    reply = llm.script.answer(call())
    assert reply.text
    assert reply.fault == Stall(seconds=5)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda llm: llm.on().reply("x", colour="red"), "a reply has no 'colour'; nearest"),
        (lambda llm: llm.on().reply("x", times=0), "times=0: give a number from 1, or None"),
        (lambda llm: llm.on().fail("rate_limit"), "fail\\(\\) takes a fault"),
        (lambda llm: llm.through("window"), "the doors are provider, transport, server"),
    ],
)
def test_a_script_that_makes_no_sense_is_refused_where_it_is_written(write, words):
    with pytest.raises((TypeError, ValueError), match=words):
        write(LLM())


def test_a_reply_takes_a_pydantic_object():
    from pydantic import BaseModel

    class Invoice(BaseModel):
        total: int

    llm = LLM()
    llm.on().reply(parsed=Invoice(total=3))
    assert text(llm, call()) == '{"total":3}'


def test_what_is_no_chat_is_matched_by_its_input():
    llm = LLM()
    llm.on().when(contains="fox").reply("yes")
    asked = Call(provider="openai", model="e", capability=Capability.EMBEDDINGS, params={"input": ["a fox"]})
    assert text(llm, asked) == "yes"


def test_turns_can_be_given_as_values():
    llm = LLM()
    llm.add(Turn(action=Reply(tool_calls=(tool_call("weather", city="Paris"),))))
    assert llm.script.answer(call()).tool_calls[0].arguments == '{"city": "Paris"}'
