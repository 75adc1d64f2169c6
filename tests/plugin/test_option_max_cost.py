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


def test_something_else_than_a_number_is_refused(suite):
    suite(SOURCE, "--llm-max-cost", "much").stderr.fnmatch_lines(["*llm_max_cost is a number of US dollars*'much'*"])
