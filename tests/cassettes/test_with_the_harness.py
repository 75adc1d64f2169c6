"""Cassettes as a part of the whole plugin: beside scripts, the guard, and the virtual clock."""

from __future__ import annotations

import textwrap

import pytest

from clients import KEY

CODE = """
import pytest
from llmclient import Deployment, SyncModelRouter

@pytest.mark.vcr
def test_recorded():
    with SyncModelRouter("openai/gpt-5-mini") as router:
        assert router.complete("hello").text == "echo hello"

def test_scripted(llm):
    llm.on("*").reply("scripted")
    with SyncModelRouter("openai/gpt-5-mini") as router:
        assert router.complete("hello").text == "scripted"

def test_neither():
    with SyncModelRouter(Deployment("openai/gpt-5-mini", base_url="https://api.openai.com/v1")) as router:
        router.complete("hello")
"""

TIMED = """
import pytest
from llmclient import SyncModelRouter

@pytest.mark.vcr
def test_timed(llm_clock):
    with SyncModelRouter("openai/gpt-5-mini") as router:
        assert router.complete("too fast").text == "echo too fast"
    if llm_clock.sleeps:
        assert max(llm_clock.sleeps) >= 7.0
"""


@pytest.fixture
def whole(suite, live):
    suite.write("conftest.py", 'pytest_plugins = ["llmclient.testing"]\n')
    suite.env["OPENAI_BASE_URL"] = f"{live.url}/v1"
    return suite


def test_a_recorded_a_scripted_and_an_unguarded_test_stand_side_by_side(whole, live):
    whole.write("tests/test_it.py", textwrap.dedent(CODE))
    whole.run("--record-mode=once", OPENAI_API_KEY=KEY)
    assert "1 failed, 2 passed" in whole.output, whole.output
    assert "test_neither - " in whole.output
    assert len(live.hits) == 1
    whole.run("--block-network")
    assert "1 failed, 2 passed" in whole.output, whole.output
    assert len(live.hits) == 1


def test_strict_is_on_by_default_and_fails_a_test_that_leaves_recordings_unused(whole):
    code = CODE.partition("def test_scripted")[0]
    whole.write("tests/test_it.py", textwrap.dedent(code))
    assert whole.run("--record-mode=once", OPENAI_API_KEY=KEY) == 0, whole.output
    path = whole.root / "cassettes/test_it/test_recorded.yaml"
    text = path.read_text("utf-8")
    path.write_text(text + text.partition("interactions:\n")[2].replace("hello", "left over"), encoding="utf-8")
    assert whole.run() == 1, whole.output
    assert "recording 2: POST" in whole.output
    assert whole.run("--no-llm-strict") == 0, whole.output


def test_a_test_with_the_virtual_clock_replays_on_it(whole, live):
    whole.write("tests/test_it.py", textwrap.dedent(TIMED))
    assert whole.run("--record-mode=once", OPENAI_API_KEY=KEY) == 0, whole.output
    assert len(live.hits) == 2
    assert whole.run() == 0, whole.output
    assert len(live.hits) == 2
