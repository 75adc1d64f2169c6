"""The fixture llm, in every kind of test."""

from __future__ import annotations

import pytest


def test_a_router_made_at_import_time_is_scripted_and_needs_no_key(suite, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    suite(
        "def test_it(llm):\n    llm.on('openai/*').reply('4')\n    assert router.complete('2+2?').text == '4'\n"
    ).assert_outcomes(passed=1)


def test_routers_in_other_threads_are_scripted(suite):
    suite(
        "from concurrent.futures import ThreadPoolExecutor\n\ndef test_it(llm):\n"
        "    llm.on().reply('x', times=8)\n"
        "    with ThreadPoolExecutor(4) as pool:\n"
        "        assert {r.text for r in pool.map(router.complete, 'abcdefgh')} == {'x'}\n"
    ).assert_outcomes(passed=1)


def test_each_parametrised_case_has_a_script_of_its_own(suite):
    suite(
        "@pytest.mark.parametrize('number', [1, 2, 3])\ndef test_it(llm, number):\n"
        "    llm.on().reply(str(number))\n    assert router.complete('hi').text == str(number)\n    assert len(llm.calls) == 1\n"
    ).assert_outcomes(passed=3)


def test_unittest_classes_use_it(suite):
    suite(
        "import unittest\n\nclass TestIt(unittest.TestCase):\n"
        "    @pytest.fixture(autouse=True)\n    def scripted(self, llm):\n        self.llm = llm\n\n"
        "    def test_one(self):\n        self.llm.on().reply('x')\n        self.assertEqual(router.complete('hi').text, 'x')\n\n"
        "@pytest.mark.llm(auto=True)\nclass TestAsync(unittest.IsolatedAsyncioTestCase):\n"
        "    async def test_two(self):\n        self.assertTrue((await ModelRouter('openai/a').complete('hi')).text)\n"
    ).assert_outcomes(passed=2)


def test_a_class_scoped_script_is_a_block_in_a_fixture(suite):
    suite(
        "from llmclient.testing import script\n\n"
        "@pytest.fixture(scope='class')\ndef scripted():\n"
        "    with script() as llm:\n        llm.on().reply('x', times=2)\n        yield llm\n\n"
        "class TestIt:\n"
        "    def test_one(self, scripted):\n        router.complete('a')\n"
        "    def test_two(self, scripted):\n        router.complete('b')\n        assert scripted.calls.texts == ['a', 'b']\n"
    ).assert_outcomes(passed=2)


def test_strict_asyncio_mode_works(suite):
    suite(
        "@pytest.mark.asyncio\nasync def test_it(llm):\n    llm.on().reply('x')\n"
        "    assert (await ModelRouter('openai/a').complete('hi')).text == 'x'\n",
        "-o",
        "asyncio_mode=strict",
    ).assert_outcomes(passed=1)


def test_anyio_works(suite):
    suite(
        "@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n\n"
        "@pytest.mark.anyio\nasync def test_it(llm):\n    llm.on().reply('x')\n"
        "    assert (await ModelRouter('openai/a').complete('hi')).text == 'x'\n",
        "-o",
        "asyncio_mode=strict",
    ).assert_outcomes(passed=1)


def test_a_call_without_a_turn_is_neither_retried_nor_masked(suite):
    result = suite(
        "both = ModelRouter('openai/gpt-5-mini', fallbacks=['anthropic/claude-haiku-4-5'])\n\n"
        "async def test_it(llm):\n    llm.on().when(contains='Paris').reply('x', optional=True)\n    await both.complete('Rome?')\n"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*NoTurnError*last user message 'Rome?' does not contain 'Paris'*", "1 call in 1 test:*"]
    )


@pytest.mark.parametrize("number", ["0", "2"])
def test_xdist_gives_the_same_with_any_number_of_workers(suite, number):
    suite(
        "@pytest.mark.parametrize('name', 'abcd')\ndef test_it(llm, name):\n    llm.on().reply(name)\n"
        "    assert router.complete('hi').text == name\n",
        "-n",
        number,
    ).assert_outcomes(passed=4)


CLAIMS = {
    "llm.assert_called('anthropic/*')": "expected at least one call to 'anthropic/[*]', found 0",
    "llm.assert_tool_called('weather', city='Paris')": "expected a call of tool weather(city='Paris'); tool calls made:",
    "llm.assert_sequence(['ho'])": "the calls differ (- expected, + made):",
    "llm.assert_no_more_calls()": "1 call that nothing claimed:",
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_that_fails_is_shown_at_the_tests_own_line(suite, claim):
    result = suite(f"def test_it(llm):\n    llm.on().reply('x')\n    router.complete('hi')\n    {claim}\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [f">   *{claim[:20]}*", f"E *{CLAIMS[claim]}*", "E *1. openai/gpt-5-mini: 'hi'*"][: 2 + ("tool" not in claim)]
    )
    result.stdout.no_fnmatch_line("*asserts.py*")
