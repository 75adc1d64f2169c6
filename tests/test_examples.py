"""The examples run as they stand, against a script."""

from __future__ import annotations

import asyncio
import runpy

from llmclient.testing import Disconnect, script, tool_call
from support.pages import ROOT


def run(name: str) -> None:
    main = runpy.run_path(str(ROOT / "examples" / name))["main"]
    result = main()
    if result is not None:
        asyncio.run(result)


def test_chat(capsys):
    with script() as llm:
        llm.on("openai/*").reply("2, 3 and 5.")
        run("chat.py")
    assert "2, 3 and 5." in capsys.readouterr().out


def test_stream(capsys):
    with script() as llm:
        llm.on("anthropic/*").reply("A fox. A moon.")
        run("stream.py")
    assert "A fox. A moon." in capsys.readouterr().out


def test_a_stream_that_breaks_is_told(capsys):
    with script() as llm:
        llm.on("anthropic/*").reply("A fox. A moon.", fault=Disconnect(after_chunks=2))
        run("stream.py")
    assert "the stream broke after" in capsys.readouterr().out


def test_tools(capsys):
    with script() as llm:
        llm.on("openrouter/*").when(tool_result=False).reply(tool_calls=[tool_call("weather", city="Paris")])
        llm.on("openrouter/*").when(tool_result=True).reply("It is sunny.")
        run("tools.py")
    assert capsys.readouterr().out == "calls weather({'city': 'Paris'})\nIt is sunny.\n"
