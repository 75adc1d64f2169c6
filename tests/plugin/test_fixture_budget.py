"""llm_budget: what a test's calls would cost live."""

from __future__ import annotations

SOURCE = (
    "def test_it(llm, llm_budget):\n    llm_budget({limit})\n    llm.on().reply('x', usage={{'prompt_tokens': 100_000}})\n"
    "    router.complete('hi')\n    assert llm_budget.spent > 0.01\n"
)


def test_a_test_that_passes_its_budget_fails(suite):
    result = suite(SOURCE.format(limit=0.01))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*would cost $0.02* live; its budget is $0.01*"])


def test_a_test_within_it_passes(suite):
    suite(SOURCE.format(limit=1)).assert_outcomes(passed=1)
