"""A call that the script has no turn for fails the test, even where the code under test catches everything."""

from __future__ import annotations

import pytest

APP = """
import threading
import unittest
from llmclient.testing import NoTurnError

def careless(text):
    try:
        return router.complete(text).text
    except Exception:
        return "sorry"

def in_a_thread(text):
    said = []
    thread = threading.Thread(target=lambda: said.append(careless(text)))
    thread.start()
    thread.join()
    return said[0]
"""
SWALLOWED = APP + "\ndef test_it(llm):\n    assert careless('Rome') == 'sorry'\n"
MISSED = "*NoTurnError: script 'script' has no turn for this call (openai/gpt-5-mini, turn 1, user 'Rome')*"


def test_it_fails_the_test_and_says_what_happened(suite):
    result = suite(SWALLOWED)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">*router.complete(text).text*", MISSED, "*the code under test caught this error*"])


@pytest.mark.parametrize(
    "body",
    [
        "def test_it(llm):\n    assert in_a_thread('Rome') == 'sorry'",
        "async def test_it(llm):\n    import asyncio\n    assert await asyncio.to_thread(careless, 'Rome') == 'sorry'",
        "def test_it(llm):\n    llm.through('server')\n    assert careless('Rome') == 'sorry'",
        "@pytest.mark.llm\nclass TestIt(unittest.TestCase):\n    def test_it(self):\n        careless('Rome')",
        "@pytest.fixture\ndef made(llm):\n    careless('Rome')\n\ndef test_it(made):\n    pass",
    ],
    ids=["thread", "async", "server", "unittest", "fixture"],
)
def test_it_fails_wherever_it_was_caught(suite, body):
    result = suite(f"{APP}\n{body}\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([MISSED])


def test_a_fixture_that_swallows_it_on_its_way_out_fails(suite):
    source = (
        f"{APP}\n@pytest.fixture\ndef made(llm):\n    yield\n    careless('Rome')\n\ndef test_it(made):\n    pass\n"
    )
    result = suite(source)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([MISSED])


@pytest.mark.parametrize(
    "body",
    [
        "with pytest.raises(NoTurnError):\n        router.complete('Rome')",
        "with pytest.raises(AssertionError):\n        router.complete('Rome')",
        "pytest.raises(AssertionError, router.complete, 'Rome')",
        "try:\n        router.complete('Rome')\n    except Exception as error:\n        assert 'Rome' in str(error)",
        "careless('Rome')\n    assert isinstance(llm.calls.last.error, NoTurnError)",
        "careless('Rome')\n    llm.strict = False",
    ],
    ids=["raises", "raises its base", "raises, called", "try", "looks at it", "not strict"],
)
def test_a_test_that_expects_it_passes(suite, body):
    suite(f"{APP}\ndef test_it(llm):\n    {body}\n").assert_outcomes(passed=1)


def test_unittest_may_expect_it_too(suite):
    source = (
        "@pytest.mark.llm\nclass TestIt(unittest.TestCase):\n    def test_it(self):\n"
        "        with self.assertRaises(AssertionError):\n            router.complete('Rome')\n"
        "    def test_called(self):\n        self.assertRaises(AssertionError, router.complete, 'Rome')\n"
    )
    suite(f"{APP}\n{source}").assert_outcomes(passed=2)


@pytest.mark.parametrize(("options", "ini"), [(("--no-llm-strict",), ""), ((), "llm_strict = false")])
def test_it_is_let_through_where_scripts_are_not_strict(suite, options, ini):
    suite(SWALLOWED, *options, ini=ini).assert_outcomes(passed=1)


def test_a_test_that_fails_otherwise_lists_the_call_that_nothing_answered(suite):
    result = suite(f"{APP}\ndef test_it(llm):\n    assert careless('Rome') == 'warm'\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 'sorry' == 'warm'*", "*<call 1: openai/gpt-5-mini*-> no turn>*"])
