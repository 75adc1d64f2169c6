"""`llmclient chat` streams an answer from a live endpoint; here the endpoint is on the loopback interface."""

from __future__ import annotations

import io

import pytest

from llmclient.cli.main import main
from support.loopback import Loopback
from support.recorded import Recording

STREAM = (
    b'data: {"model":"gpt-5-mini","choices":[{"delta":{"reasoning":"hm","content":"Hel"}}]}\n\n'
    b'data: {"model":"gpt-5-mini","choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\ndata: [DONE]\n\n'
)
ANSWER = Recording("hello", "", "", {}, 200, {"content-type": "text/event-stream"}, STREAM, streamed=True)


@pytest.fixture
def endpoint(monkeypatch):
    with Loopback([ANSWER]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url(0))
        monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0001")
        yield


def test_the_answer_goes_to_standard_output_and_the_rest_to_standard_error(endpoint, capsys):
    assert (
        main(["chat", "-m", "openai/gpt-5-mini", "-s", "be brief", "-t", "0", "--max-tokens", "9", "say", "hello"]) == 0
    )
    out, err = capsys.readouterr()
    assert out == "Hello\n"
    assert "openai/gpt-5-mini: 3 + 2 tokens" in err
    assert "stop]" in err


def test_reasoning_is_shown_when_asked_for_and_the_closing_line_can_be_left_out(endpoint, capsys):
    assert main(["chat", "--reasoning", "--quiet", "hello"]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("Hello\n", "hm")


def test_a_prompt_may_be_piped_in(endpoint, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("say hello"))
    assert main(["chat", "-"]) == 0
    assert capsys.readouterr().out == "Hello\n"


def test_nothing_to_ask_says_what_to_do(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["chat"]) == 2
    assert "give a prompt" in capsys.readouterr().err


def test_a_missing_key_is_one_line_and_exit_code_1(capsys, monkeypatch, real_providers):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert main(["chat", "-m", "anthropic/claude-haiku-4-5", "hello"]) == 1
    assert capsys.readouterr().err == (
        "llmclient: no API key for provider 'anthropic'; pass api_key= or set ANTHROPIC_API_KEY\n"
    )


def test_help_lists_the_commands(capsys):
    assert main([]) == 0
    assert "chat" in capsys.readouterr().out


def test_an_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["nonsense"])
    assert stopped.value.code == 2
    assert "nonsense" in capsys.readouterr().err
