"""When the plugin is there, and when it is not."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

import llmclient
from support import inner


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """The package, for processes that start elsewhere."""
    monkeypatch.setenv("PYTHONPATH", str(Path(llmclient.__file__).parents[1]))


def test_nothing_is_loaded_when_it_is_not_asked_for(pytester):
    pytester.makepyfile(
        "def test_it(request):\n    assert not request.config.pluginmanager.has_plugin('llmclient.testing.plugin')\n"
    )
    inner.run(pytester, "-p", "no:asyncio").assert_outcomes(passed=1)


def test_no_entry_point_loads_it():
    try:
        found = distribution("llmclient")
    except ModuleNotFoundError:
        pytest.skip("the package is not installed, only on the path")
    assert not [entry for entry in found.entry_points if entry.group == "pytest11"]


def test_a_conftest_may_ask_for_it(pytester):
    pytester.makeconftest("pytest_plugins = ['llmclient.testing']")
    pytester.makepyfile("def test_it(llm):\n    assert llm.calls.models == []\n")
    inner.run(pytester, "-p", "no:asyncio").assert_outcomes(passed=1)


def test_importing_the_facade_loads_neither_pytest_nor_an_sdk():
    code = (
        "import sys, llmclient.testing; "
        "assert not {'pytest', '_pytest', 'openai', 'anthropic', 'httpx', 'pydantic', 'syrupy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_scripted_calls_load_no_sdk():
    code = (
        "import sys\nfrom llmclient import ModelRouter\nfrom llmclient.testing import script\n"
        "with script() as llm:\n    llm.on().reply('x')\n    assert ModelRouter('openai/a').sync.complete('hi').text == 'x'\n"
        "assert not {'openai', 'anthropic', 'httpx', 'httpx2', 'pytest'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
