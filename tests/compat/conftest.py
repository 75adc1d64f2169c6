"""What the tests of the layer share: a script that answers every provider."""

from __future__ import annotations

import pytest

from llmclient.compat import litellm
from llmclient.testing import script


@pytest.fixture
def llm():
    with script() as scripted:
        yield scripted


@pytest.fixture
def ask():
    """A user's question, as messages."""
    return [{"role": "user", "content": "hi"}]


@pytest.fixture(autouse=True)
def clean_lists(monkeypatch):
    for name in ("callbacks", "success_callback", "failure_callback", "input_callback"):
        monkeypatch.setattr(litellm, name, [])
