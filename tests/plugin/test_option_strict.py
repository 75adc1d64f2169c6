"""--llm-strict and --no-llm-strict: turns that stay unused."""

from __future__ import annotations

import pytest

UNUSED = "def test_it(llm):\n    llm.on('anthropic/*').reply('x')\n"


def test_an_unused_turn_fails_the_test_and_is_named(suite):
    result = suite(UNUSED)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*turns that were not used*", "*turn 1 (*.py:*, on 'anthropic/?'): used 0 of 1*"])
    result.stdout.no_fnmatch_line("*/plugin*")  # no line of ours, where the test has none


def test_a_turn_used_less_often_than_it_may_fails_as_well(suite):
    result = suite("def test_it(llm):\n    llm.on().reply('x', times=2)\n    router.complete('hi')\n")
    result.stdout.fnmatch_lines(["*used 1 of 2*"])


@pytest.mark.parametrize(("options", "ini"), [(("--no-llm-strict",), ""), ((), "llm_strict = false")])
def test_it_can_be_turned_off(suite, options, ini):
    suite(UNUSED, *options, ini=ini).assert_outcomes(passed=1)


def test_the_command_line_wins_over_the_configuration_file(suite):
    suite(UNUSED, "--llm-strict", ini="llm_strict = false").assert_outcomes(failed=1)


@pytest.mark.parametrize("line", ["llm.strict = False", "llm.on().reply('y', optional=True)"])
def test_a_test_may_say_otherwise(suite, line):
    source = UNUSED if "strict" in line else "def test_it(llm):\n"
    suite(f"{source}    {line}\n").assert_outcomes(passed=1)


def test_a_failed_test_is_not_told_of_unused_turns(suite):
    result = suite(f"{UNUSED}    assert False\n")
    result.stdout.no_fnmatch_line("*not used*")
