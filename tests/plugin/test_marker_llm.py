"""The marker llm: script files and options for a test, a class, a module."""

from __future__ import annotations

import pytest

SCRIPT = "turns:\n  - reply: from the file\n"


@pytest.fixture
def script_file(pytester):
    pytester.mkdir("fakes")
    (pytester.path / "fakes" / "one.yaml").write_text(SCRIPT)


def test_it_loads_a_file_and_needs_no_fixture(suite, script_file):
    suite(
        "@pytest.mark.llm('one.yaml')\ndef test_it():\n    assert router.complete('hi').text == 'from the file'\n"
    ).assert_outcomes(passed=1)


def test_on_a_class_it_speaks_for_every_test(suite, script_file):
    suite(
        "@pytest.mark.llm('one.yaml')\nclass TestIt:\n    def test_one(self):\n        router.complete('hi')\n"
        "    def test_two(self, llm):\n        router.complete('hi')\n        assert len(llm.calls) == 1\n"
    ).assert_outcomes(passed=2)


def test_a_missing_file_lists_where_it_was_looked_for(suite):
    result = suite("@pytest.mark.llm('none.yaml')\ndef test_it(): pass\n")
    result.stdout.fnmatch_lines(["*no script file 'none.yaml'; looked for *fakes/none.yaml*"])


@pytest.mark.parametrize(
    ("options", "check"),
    [
        ("door='transport'", "llm.door == 'transport'"),
        ("strict=False", "not llm.strict"),
        ("auto=True", "router.complete('hi').text"),
        ("auto=True, seed=3", "router.complete('hi').text"),
    ],
)
def test_it_sets_options(suite, options, check):
    suite(f"@pytest.mark.llm({options})\ndef test_it(llm):\n    assert {check}\n").assert_outcomes(passed=1)


def test_the_closer_marker_wins(suite):
    suite(
        "pytestmark = pytest.mark.llm(strict=False, door='transport')\n\n"
        "@pytest.mark.llm(door='provider')\ndef test_it(llm):\n    assert (llm.strict, llm.door) == (False, 'provider')\n"
    ).assert_outcomes(passed=1)


def test_chaos_by_marker_lets_faults_fall(suite):
    suite(
        "from llmclient import ProviderError, AllModelsFailedError\n\n"
        "@pytest.mark.llm(auto=True, chaos=1.0)\ndef test_it(llm):\n"
        "    with pytest.raises((ProviderError, AllModelsFailedError)):\n        router.complete('hi')\n"
        "    assert llm.calls[0].fault is not None\n"
    ).assert_outcomes(passed=1)


def test_an_unknown_option_is_refused(suite):
    result = suite("@pytest.mark.llm(dor='transport')\ndef test_it(): pass\n")
    result.stdout.fnmatch_lines(["*the marker llm takes auto, chaos, door, seed, strict, not 'dor'*"])


def test_markers_are_declared(suite):
    suite("def test_it(): pass\n", "--markers").stdout.fnmatch_lines(["@pytest.mark.llm(*", "@pytest.mark.llm_live(*"])
