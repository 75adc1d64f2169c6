"""--llm-door: the whole suite through another door."""

from __future__ import annotations

import pytest

SUITE = """
from llmclient import RateLimitError

def test_a_reply(llm):
    llm.on("openai/*").reply("hello")
    assert router.complete("hi").text == "hello"
    assert llm.calls[0].door == llm.door == DOOR

def test_an_error(llm):
    llm.on("openai/*").fail(RateLimit(retry_after=2), times=None)
    with pytest.raises(RateLimitError):
        router.complete("hi")

async def test_a_stream(llm):
    llm.on("openai/*").stream(["a", "b", "c"])
    async with ModelRouter("openai/gpt-5-mini").stream("hi") as stream:
        assert [chunk.text async for chunk in stream if chunk.text] == ["a", "b", "c"]

def test_a_call_without_a_turn(llm):
    from llmclient.testing import NoTurnError
    with pytest.raises(NoTurnError):
        router.complete("hi")
"""


@pytest.mark.parametrize("door", ["provider", "transport", "server"])
def test_the_command_line_chooses_the_door(suite, door):
    suite(SUITE.replace("DOOR", repr(door)), "--llm-door", door).assert_outcomes(passed=4)


def test_the_configuration_file_chooses_the_door(suite):
    suite(SUITE.replace("DOOR", "'transport'"), ini="llm_door = transport").assert_outcomes(passed=4)


def test_an_unknown_door_is_refused(suite):
    result = suite(SUITE, ini="llm_door = window")
    result.stderr.fnmatch_lines(["*llm_door is one of provider, transport, server, not 'window'*"])


def test_a_test_may_choose_for_itself(suite):
    suite(
        "def test_it(llm):\n    llm.on().reply('x', times=None)\n    router.complete('a')\n    llm.through('transport')\n"
        "    router.complete('b')\n    assert [call.door for call in llm.calls] == ['provider', 'transport']\n"
    ).assert_outcomes(passed=1)
