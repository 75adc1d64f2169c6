"""aisuite through the server."""

from __future__ import annotations

import pytest

aisuite = pytest.importorskip("aisuite", reason="aisuite is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("model", ["openai:gpt-5-mini", "anthropic:claude-haiku-4-5"])
def test_it_asks(server, model):
    client = aisuite.Client()
    response = client.chat.completions.create(model=model, messages=[{"role": "user", "content": "hello"}])
    assert response.choices[0].message.content == "Hello there, world"
