"""--llm-live, and the marker llm_live."""

from __future__ import annotations

LIVE = """
@pytest.mark.llm_live
def test_it():
    from llmclient.providers.registry import get_provider
    assert type(get_provider('openai')).__name__ == 'OpenAIProvider'

@pytest.mark.llm_live('openrouter')
def test_with_a_key(): pass
"""


def test_live_tests_are_skipped(suite):
    result = suite(LIVE, "-rs")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(["*asks real providers; run with --llm-live*"])


def test_live_tests_run_when_asked_for_and_those_without_a_key_say_so(suite, monkeypatch):
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    result = suite(LIVE, "--llm-live", "-rs")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*which needs a key in OPENROUTER_API_KEY*"])


def test_the_configuration_file_may_ask_for_them(suite, monkeypatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-canary-0001")
    suite(LIVE, ini="llm_live = true").assert_outcomes(passed=2)


def test_a_live_call_meets_no_guard(suite, monkeypatch, real_providers):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    result = suite(
        "from llmclient import MissingAPIKeyError\n\n@pytest.mark.llm_live\ndef test_it():\n"
        "    with pytest.raises(MissingAPIKeyError):\n        router.complete('hi')\n",
        "--llm-live",
    )
    result.assert_outcomes(passed=1)
