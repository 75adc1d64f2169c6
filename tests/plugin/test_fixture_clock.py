"""llm_clock, and llm.clock: the time of routers under test."""

from __future__ import annotations


def test_a_retry_waits_in_virtual_time(suite):
    suite(
        "def test_it(llm, llm_clock):\n    llm.on().fail(RateLimit(retry_after=7)).reply('x')\n    router.complete('hi')\n"
        "    assert llm_clock is llm.clock\n    assert llm_clock.sleeps == [7.0]\n"
    ).assert_outcomes(passed=1)


def test_it_alone_scripts_the_test(suite):
    suite("def test_it(llm_clock):\n    llm_clock.advance(600)\n    assert llm_clock.sleeps == []\n").assert_outcomes(
        passed=1
    )


def test_around_a_replay_the_providers_are_the_real_ones(suite):
    suite(
        "from llmclient.providers.registry import current_clock, get_provider\n\n"
        "@pytest.mark.vcr\ndef test_it(llm_clock):\n    assert current_clock() is llm_clock\n"
        "    assert type(get_provider('openai')).__name__ == 'OpenAIProvider'\n"
    ).assert_outcomes(passed=1)
