"""--llm-max-cost: what the suite would have cost live."""

from __future__ import annotations

import pytest

SOURCE = "def test_it(llm):\n    llm.on().reply('x', usage={'prompt_tokens': 1_000_000})\n    router.complete('hi')\n"


@pytest.mark.parametrize(("options", "ini"), [(("--llm-max-cost", "0.01"), ""), ((), "llm_max_cost = 0.01")])
def test_a_suite_that_costs_more_fails(suite, options, ini):
    result = suite(SOURCE, *options, ini=ini)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*FAILED: $* at live prices is above --llm-max-cost $0.01*"])


def test_a_suite_below_it_passes(suite):
    assert suite(SOURCE, "--llm-max-cost", "$9").ret == pytest.ExitCode.OK


@pytest.mark.parametrize("value", ["nan", "-1", "inf"])
def test_a_number_that_limits_nothing_is_refused(suite, value):
    result = suite(SOURCE, f"--llm-max-cost={value}")
    result.stderr.fnmatch_lines([f"*llm_max_cost is a number of US dollars, such as 0.50, not '{value}'*"])


def test_something_else_than_a_number_is_refused(suite):
    suite(SOURCE, "--llm-max-cost", "much").stderr.fnmatch_lines(["*llm_max_cost is a number of US dollars*'much'*"])
