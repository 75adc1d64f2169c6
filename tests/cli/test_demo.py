"""`llmclient demo` shows a chat, a stream and a tool call through each provider, and says that it is canned."""

from __future__ import annotations

from llmclient.cli.main import main


def test_the_demo_needs_no_key_and_shows_three_providers(capsys, monkeypatch):
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    assert "canned" in out
    for model in ("openai/gpt-5-mini", "anthropic/claude-haiku-4-5", "openrouter/meta-llama/llama-4-scout"):
        assert model in out
    assert out.count("2, 3 and 5.") == 3
    assert out.count("A fox saw the moon") == 3
    assert out.count("weather({'city': 'Paris'})") == 3
    assert out.count("tokens, ") == 9
