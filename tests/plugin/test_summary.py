"""The terminal summary."""

from __future__ import annotations


def test_it_tells_calls_doors_tokens_cost_and_the_slowest_waits(suite):
    result = suite(
        "def test_it(llm):\n    llm.on().fail(RateLimit(retry_after=5)).reply('four')\n    router.complete('2+2?')\n"
    )
    result.stdout.fnmatch_lines(
        [
            "*= llm calls =*",
            "2 calls in 1 test: 2 through provider",
            "1 prompt and 1 completion tokens; live they would have cost $0.0000",
            "waited 5 virtual seconds before openai/gpt-5-mini in *::test_it",
        ]
    )


def test_a_suite_without_calls_gets_none(suite):
    suite("def test_it(): pass\n").stdout.no_fnmatch_line("*llm calls*")


def test_a_failed_test_shows_its_calls(suite):
    result = suite("def test_it(llm):\n    llm.on().reply('x')\n    router.complete('hi')\n    assert False\n")
    result.stdout.fnmatch_lines(["*- llm calls -*", "<call 1: openai/gpt-5-mini, turn 1, user 'hi' -> a reply>"])
