"""`llmclient models` lists what a provider offers, as a table or as JSON."""

from __future__ import annotations

import json

import pytest

from llmclient.cli.main import main


@pytest.fixture(autouse=True)
def scripted(llm):
    llm.strict = False
    llm.on("openai/gpt-4o").reply("known to the script, and so listed")
    return llm


def test_a_table_names_the_models_with_their_limits_and_prices(capsys):
    assert main(["models", "openai"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["model", "context", "output"]
    assert any(row.startswith("openai/gpt-4o ") for row in rows)


def test_json_is_for_machines(capsys):
    assert main(["models", "openai", "--contains", "gpt-4o", "--json"]) == 0
    assert all("gpt-4o" in model["name"] for model in json.loads(capsys.readouterr().out))


def test_nothing_found_is_exit_code_1(capsys):
    assert main(["models", "openai", "--contains", "no such model"]) == 1
