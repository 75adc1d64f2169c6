"""The agent, tested with the plugin alone: no key, no network, no waiting.

From this folder: `pip install 'llmclient[testing]'`, then `pytest`.
"""

from __future__ import annotations

import agent
import pytest

from llmclient import StreamInterruptedError
from llmclient.testing import Disconnect, Overloaded, RateLimit, tool_call

pytestmark = pytest.mark.anyio


async def test_it_asks_its_tool_and_answers(llm):
    llm.on().when(has_tool="weather", tool_result=False).reply(tool_calls=[tool_call("weather", city="Rome")])
    llm.on().when(tool_result="weather").reply("It is 18 degrees.")
    assert await agent.answer("How is Rome?") == "It is 18 degrees."
    llm.assert_tool_called("weather", city="Rome")
    assert llm.calls.last.messages[-1]["content"] == "18 degrees in Rome"


@pytest.mark.llm("paris.yaml")
async def test_a_conversation_from_a_file():
    assert await agent.answer("How is Paris?") == "It is 18 degrees."


async def test_it_falls_back_when_the_first_model_is_overloaded(llm):
    llm.on("openai/*").fail(Overloaded(), times=None)
    llm.on("anthropic/*").reply("Hello.")
    assert await agent.answer("Hi") == "Hello."
    assert llm.calls.last.model == "anthropic/claude-haiku-4-5"


async def test_when_everybody_is_busy_it_waits_and_tries_again(llm):
    llm.on("openai/*").fail(RateLimit(retry_after=20))
    llm.on("anthropic/*").fail(RateLimit(retry_after=20))
    llm.on().reply("At last.")
    assert await agent.answer("Hi") == "At last."


async def test_it_tells_as_the_words_come(llm):
    llm.on().stream(["Once ", "upon ", "a time."], first_token=0.4, per_second=20)
    assert [word async for word in agent.tell("A story")] == ["Once ", "upon ", "a time."]


async def test_a_story_that_breaks_off_says_so(llm):
    llm.on().stream(["Once ", "upon ", "a time."], fault=Disconnect(after_chunks=2), times=None)
    with pytest.raises(StreamInterruptedError) as caught:
        _ = [word async for word in agent.tell("A story")]
    assert caught.value.partial.text == "Once upon "


@pytest.mark.llm(auto=True)
@pytest.mark.parametrize("question", ["Three days in Rome", "A week in Lima"])
async def test_a_plan_is_valid_data(question):
    plan = await agent.plan(question)
    assert set(plan) == {"city", "days"}
    assert plan["days"] >= 1


async def test_any_conversation_comes_to_an_end(llm):
    llm.auto()
    assert "18 degrees" in await agent.answer("Where is it warm?")
