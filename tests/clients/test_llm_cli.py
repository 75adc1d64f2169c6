"""The command `llm`, with its plugin for Anthropic, through the server."""

from __future__ import annotations

import pytest

llm = pytest.importorskip("llm", reason="llm is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path))


def prompt(*options):
    from click.testing import CliRunner
    from llm.cli import cli

    return CliRunner().invoke(cli, ["prompt", *options], catch_exceptions=False)


@pytest.mark.parametrize("more", [[], ["--no-stream"]], ids=["streamed", "plain"])
def test_the_command_asks_openai(server, more):
    done = prompt("-m", "gpt-4o-mini", "--key", "sk-fake", "hello", *more)
    assert done.exit_code == 0, done.output
    assert done.output == "Hello there, world\n"


def test_it_calls_tools(server):
    def weather(city: str) -> str:
        """The weather in a city."""
        return "sunny"

    model = llm.get_model("gpt-4o-mini")
    model.key = "sk-fake"
    assert model.chain("tool please", tools=[weather]).text() == "It is sunny."


def test_it_embeds(server):
    model = llm.get_embedding_model("3-small")
    model.key = "sk-fake"
    assert len(model.embed("a")) == 1536


def test_its_plugin_asks_anthropic(server):
    pytest.importorskip("llm_anthropic", reason="llm-anthropic is not installed")
    done = prompt("-m", "claude-haiku-4.5", "--key", "sk-fake", "hello")
    assert done.output == "Hello there, world\n"
