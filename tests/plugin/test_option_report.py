"""--llm-report: a line of JSON about every call."""

from __future__ import annotations

import json
from typing import get_type_hints

from llmclient.testing.plugin.accounts import CallRow

KINDS = get_type_hints(CallRow)
"""What the page says of each key, as the type of a row has it."""
SOURCE = """
def test_it(llm):
    llm.on().fail(RateLimit(retry_after=2)).reply("hello")
    router.complete("hi")

def test_parallel(llm):
    llm.on().reply("x")
    router.complete("other")
"""


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_call_has_a_line_with_the_documented_keys(suite, pytester):
    suite(SOURCE, "--llm-report", "out/calls.jsonl").assert_outcomes(passed=2)
    written = rows(pytester.path / "out" / "calls.jsonl")
    assert [(row["outcome"], row["fault"], row["attempt"], row["waited"]) for row in written] == [
        ("fault", "rate_limit", 1, 0),
        ("reply", None, 2, 2.0),
        ("reply", None, 1, 0),
    ]
    for row in written:
        assert {name: isinstance(row[name], kind | int if kind is float else kind) for name, kind in KINDS.items()} == (
            dict.fromkeys(row, True)
        )
    assert written[1]["test"].endswith("::test_it")
    assert written[1]["cost"] > 0


def test_the_configuration_file_may_name_it(suite, pytester):
    suite(SOURCE, ini="llm_report = calls.jsonl")
    assert len(rows(pytester.path / "calls.jsonl")) == 3


def test_the_workers_of_xdist_write_one_file(suite, pytester):
    suite(SOURCE, "--llm-report", "calls.jsonl", "-n2").assert_outcomes(passed=2)
    assert len(rows(pytester.path / "calls.jsonl")) == 3


def test_a_folder_is_refused_before_any_test_runs(suite):
    result = suite(SOURCE, "--llm-report", ".")
    result.stderr.fnmatch_lines(["*llm_report is a file to be written, such as calls.jsonl, and '.' is a folder*"])
