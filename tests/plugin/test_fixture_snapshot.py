"""llm_snapshot: readable files, without what differs from run to run."""

from __future__ import annotations

SOURCE = """
def test_it(llm, llm_snapshot):
    llm.on().reply("two\\nlines", tool_calls=[tool_call("weather", city="Paris")])
    reply = router.complete("hi")
    assert reply == llm_snapshot
    assert llm.calls == llm_snapshot
"""


def files(pytester):
    return {path.name: path.read_text() for path in sorted((pytester.path / "__snapshots__").rglob("*.yaml"))}


def test_it_writes_and_then_compares(suite, pytester):
    suite(SOURCE, "--snapshot-update").assert_outcomes(passed=1)
    written = files(pytester)
    assert len(written) == 2
    assert "id: <id>" in "".join(written.values())
    assert "city: Paris" in "".join(written.values())
    assert "content: |-" in "".join(written.values())
    suite(SOURCE, "--llm-seed", "9").assert_outcomes(passed=1)
    suite(SOURCE.replace("Paris", "Rome")).assert_outcomes(failed=1)


def test_the_responses_of_an_sdk_can_be_compared(suite, pytester):
    source = (
        "import openai\n\ndef test_it(llm, llm_server, llm_snapshot):\n    llm.on('openai/*').reply('served')\n"
        "    with openai.OpenAI() as sdk:\n        made = sdk.chat.completions.create(model='gpt-5-mini', messages=[{'role': 'user', 'content': 'hi'}])\n"
        "    assert made == llm_snapshot\n"
    )
    suite(source, "--snapshot-update").assert_outcomes(passed=1)
    assert "content: served" in "".join(files(pytester).values())
    suite(source).assert_outcomes(passed=1)
