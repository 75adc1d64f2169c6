"""What is sent, where LiteLLM and the native API have habits of their own."""

from __future__ import annotations

import pytest

from llmclient.compat import litellm
from llmclient.testing import LLM, FakeServer, script


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for vendor in ("OPENAI", "OPENROUTER"):
        for name in ("BASE_URL", "API_BASE", "API_KEY"):
            monkeypatch.delenv(f"{vendor}_{name}", raising=False)
    for name in ("OR_SITE_URL", "OR_APP_NAME", "OR_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def wire():
    with script(door="transport") as scripted:
        scripted.on("*").reply("x", times=None)
        yield scripted


def sent(wire, **request) -> dict:
    response = litellm.completion(messages=[{"role": "user", "content": "hi"}], **request)
    if request.get("stream"):
        list(response)
    return wire.calls[-1].call.body


USAGE = {"include_usage": True}


class TestStreams:
    def test_openai_is_asked_for_the_usage(self, wire):
        assert sent(wire, model="gpt-4o", stream=True)["stream_options"] == USAGE
        base_url = "https://api.openai.com/v1"
        assert sent(wire, model="gpt-4o", stream=True, api_base=base_url)["stream_options"] == USAGE

    def test_another_host_is_not(self, wire, monkeypatch):
        base_url = "http://127.0.0.1:1/v1"
        assert "stream_options" not in sent(wire, model="openai/gpt-4o", stream=True, api_base=base_url)
        assert "stream_options" not in sent(wire, model="groq/llama-3.3-70b-versatile", stream=True, api_key="k")
        monkeypatch.setenv("OPENAI_BASE_URL", base_url)
        assert "stream_options" not in sent(wire, model="openai/gpt-4o", stream=True)

    def test_what_the_call_says_is_sent_as_it_is(self, wire):
        for options in (USAGE, {"include_usage": False}):
            body = sent(wire, model="openai/gpt-4o", stream=True, stream_options=options, api_base="http://x/v1")
            assert body["stream_options"] == options

    def test_a_router_does_the_same(self, wire):
        rows = [{"model_name": "a", "litellm_params": {"model": "openai/gpt-4o", "api_base": "http://x/v1"}}]
        list(litellm.Router(model_list=rows).completion("a", [{"role": "user", "content": "hi"}], stream=True))
        assert "stream_options" not in wire.calls[-1].call.body


class TestOpenRouter:
    def test_is_asked_what_a_call_cost(self, wire):
        assert sent(wire, model="openrouter/openai/gpt-4o")["usage"] == {"include": True}
        assert sent(wire, model="openrouter/openai/gpt-4o", usage={"include": False})["usage"] == {"include": False}
        assert "usage" not in sent(wire, model="gpt-4o")

    def test_is_told_who_asks_where_the_environment_says_it(self, wire, monkeypatch):
        sent(wire, model="openrouter/openai/gpt-4o")
        assert "http-referer" not in wire.calls[-1].call.headers
        monkeypatch.setenv("OR_SITE_URL", "https://example.org")
        monkeypatch.setenv("OR_APP_NAME", "example")
        sent(wire, model="openrouter/openai/gpt-4o")
        headers = wire.calls[-1].call.headers
        assert (headers["http-referer"], headers["x-title"]) == ("https://example.org", "example")


class TestVariables:
    """Those that only LiteLLM reads; ours go first."""

    @pytest.fixture
    def server(self):
        llm = LLM(door="server")
        llm.on("*").reply("x", times=None)
        with FakeServer(llm) as running:
            yield running

    @pytest.mark.parametrize("variable", ["OPENAI_API_BASE", "OPENAI_BASE_URL"])
    def test_of_openai(self, server, monkeypatch, variable):
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:1/v1")
        monkeypatch.setenv(variable, f"{server.url}/v1")
        sent(server.harness, model="openai/gpt-4o", num_retries=0)

    def test_of_openrouter(self, server, monkeypatch):
        monkeypatch.setenv("OPENROUTER_API_BASE", f"{server.url}/api/v1")
        monkeypatch.setenv("OR_API_KEY", "sk-or-test")
        sent(server.harness, model="openrouter/openai/gpt-4o", num_retries=0)
