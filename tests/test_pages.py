"""What the README and the pages show works: every Python block is run, against a script."""

from __future__ import annotations

from llmclient import ModelRouter, register_provider, unregister_provider
from llmclient.testing import script, tool_call
from support.pages import blocks_of, run_blocks


async def test_the_readmes_first_example_answers(capsys):
    first = blocks_of("README.md")[0]
    with script() as llm:
        llm.on("openai/gpt-5-mini").reply("2, 3 and 5.")
        await run_blocks([first], {})
    assert capsys.readouterr().out.startswith("2, 3 and 5. ")


async def test_the_readmes_test_passes():
    router = ModelRouter("openai/gpt-5-mini", fallbacks=["anthropic/claude-haiku-4-5"])

    async def primes() -> str:
        return (await router.complete("Name three primes.")).text

    names = await run_blocks([blocks_of("README.md")[1]], {"primes": primes})
    with script() as llm:
        await names["test_falls_back"](llm)


async def test_getting_started_runs_from_top_to_bottom(capsys):
    with script() as llm:
        llm.on().when(contains="primes").reply("2, 3 and 5.")
        llm.on().when(contains="story").reply("A fox saw the moon.")
        llm.on().when(contains="weather", tool_result=False).reply(tool_calls=[tool_call("weather", city="Paris")])
        llm.on().when(tool_result=True).reply("Sunny.")
        names = await run_blocks(blocks_of("docs/index.md"), {"look_up": lambda city: f"sunny in {city}"})
    assert names["reply"].text == "Sunny."
    assert "A fox saw the moon." in capsys.readouterr().out


async def test_the_page_about_providers_runs():
    class MyProvider:
        def __init__(self, name, config):
            self.name = name

    try:
        await run_blocks(blocks_of("docs/providers.md"), {"MyProvider": MyProvider})
    finally:
        unregister_provider("mine")
    register_provider("mine", MyProvider)
    unregister_provider("mine")
