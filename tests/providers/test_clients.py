"""SDK clients: one for each configuration and flavour, one for each event loop, closed when their owner says so."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from llmclient import ConfigurationError, MissingAPIKeyError, MissingDependencyError, ProviderConfig, get_provider
from llmclient.providers._sdk import load_sdk
from llmclient.types import ChatRequest
from support.canned import Canned, answer
from support.loopback import Loopback
from support.recorded import Recording

BODY = b'{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}'
HELLO = Recording("hello", "", "", {}, 200, {"content-type": "application/json"}, BODY, streamed=False)
REQUEST = ChatRequest(model="m", messages=[{"role": "user", "content": "hi"}])


def provider_at(url: str, **settings):
    return get_provider("openai", ProviderConfig(api_key="sk-canary-0001", base_url=url, **settings))


def test_one_provider_serves_several_event_loops_one_after_another():
    with Loopback([HELLO]) as server:
        provider = provider_at(server.url(0))
        for _ in range(3):
            assert asyncio.run(provider.complete(REQUEST)).text == "Hi"
        gc.collect()  # a connection left open by a closed loop would warn here, and warnings are errors


def test_one_provider_serves_several_threads_each_with_its_loop():
    texts: list[str] = []

    def work() -> None:
        texts.append(asyncio.run(provider.complete(REQUEST)).text)
        texts.append(provider.complete_sync(REQUEST).text)

    with Loopback([HELLO]) as server:
        provider = provider_at(server.url(0))
        threads = [threading.Thread(target=work) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        provider.close()
    assert texts == ["Hi"] * 10


def test_a_client_is_made_once_for_each_flavour():
    made: list[str] = []
    canned = Canned(answer(BODY))

    def factory(http, flavour):
        made.append(flavour)
        return canned(http, flavour)

    provider = provider_at("http://h", http_client=factory)
    assert made == []

    async def twice() -> None:
        await provider.complete(REQUEST)
        await provider.complete(REQUEST)
        await provider.aclose()

    provider.complete_sync(REQUEST)
    asyncio.run(twice())
    assert made == ["sync", "async"]


async def test_after_closing_a_call_makes_a_new_client():
    provider = provider_at("http://h", http_client=Canned(answer(BODY)))
    await provider.complete(REQUEST)
    await provider.aclose()
    assert (await provider.complete(REQUEST)).text == "Hi"
    await provider.aclose()


def test_closing_from_another_thread_closes_the_client_of_a_running_loop():
    closed = threading.Event()
    http = load_sdk("openai").http

    class Watched(http.AsyncClient):
        async def aclose(self) -> None:
            await super().aclose()
            closed.set()

    canned = Canned(answer(BODY))

    def factory(module, flavour):
        return Watched(transport=canned(module, flavour)._transport)

    provider = provider_at("http://h", http_client=factory)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(provider.complete(REQUEST), loop).result(5)
    provider.close()
    assert closed.wait(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def test_a_client_of_the_users_is_used_and_not_closed():
    http = load_sdk("openai").http
    canned = Canned(answer(BODY))
    own = canned(http, "async")
    provider = provider_at("http://h", http_client=own)
    assert (await provider.complete(REQUEST)).text == "Hi"
    await provider.aclose()
    assert not own.is_closed
    await own.aclose()


async def test_a_client_of_the_wrong_flavour_is_refused_with_the_right_one_named():
    http = load_sdk("openai").http
    own = Canned(answer(BODY))(http, "sync")
    provider = provider_at("http://h", http_client=own)
    with pytest.raises(ConfigurationError, match=r"AsyncClient.*function"):
        await provider.complete(REQUEST)
    own.close()


def test_a_call_without_a_key_names_the_variable(monkeypatch, real_providers):
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    with pytest.raises(MissingAPIKeyError, match=r"'openrouter'; pass api_key= or set OPENROUTER_API_KEY"):
        get_provider("openrouter").complete_sync(REQUEST)


def test_key_and_endpoint_come_from_the_environment_when_first_needed(monkeypatch):
    canned = Canned(answer(BODY))
    provider = get_provider("groq", ProviderConfig(http_client=canned))
    monkeypatch.setenv("GROQ_API_KEY", "gsk_canary_0001")
    monkeypatch.setenv("GROQ_BASE_URL", "http://127.0.0.1:9/elsewhere")
    provider.complete_sync(REQUEST)
    sent = canned.requests[0]
    assert str(sent.url) == "http://127.0.0.1:9/elsewhere/chat/completions"
    assert sent.headers["authorization"] == "Bearer gsk_canary_0001"
    provider.close()


def test_only_openai_sees_openais_organization(monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-canary")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-canary")
    for name, seen in (("openai", True), ("groq", False), ("openrouter", False)):
        canned = Canned(answer(BODY))
        provider = get_provider(name, ProviderConfig(api_key="k", base_url="http://h", http_client=canned))
        provider.complete_sync(REQUEST)
        assert ("org-canary" in canned.requests[0].headers.values()) is seen
        assert ("proj-canary" in canned.requests[0].headers.values()) is seen
        provider.close()


def test_a_custom_endpoint_needs_a_base_url_and_no_key(monkeypatch):
    monkeypatch.delenv("CUSTOM_BASE_URL", raising=False)
    with pytest.raises(ConfigurationError, match=r"'custom'; pass base_url= or set CUSTOM_BASE_URL"):
        get_provider("custom").complete_sync(REQUEST)
    canned = Canned(answer(BODY))
    provider = get_provider("custom", ProviderConfig(base_url="http://h", http_client=canned))
    assert provider.complete_sync(REQUEST).text == "Hi"
    provider.close()


def test_headers_and_timeout_of_the_configuration_are_sent():
    canned = Canned(answer(BODY))
    provider = provider_at("http://h", http_client=canned, headers={"x-team": "blue"}, timeout=7.0)
    request = ChatRequest(model="m", messages=REQUEST.messages, extra_headers={"x-call": "one"})
    provider.complete_sync(request)
    sent = canned.requests[0]
    assert (sent.headers["x-team"], sent.headers["x-call"]) == ("blue", "one")
    assert sent.extensions["timeout"]["read"] == 7.0
    provider.close()


def test_a_package_that_is_not_there_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "anthropic", None)
    load_sdk.cache_clear()
    with pytest.raises(MissingDependencyError, match=r"pip install 'llmclient\[anthropic\]'"):
        load_sdk("anthropic")
    load_sdk.cache_clear()


def test_a_sync_client_that_nobody_closed_is_closed_with_its_provider():
    with Loopback([HELLO]) as server:
        provider = provider_at(server.url(0))
        provider.complete_sync(REQUEST)
        del provider
        gc.collect()  # an open socket that is forgotten would warn here, and warnings are errors


def test_a_client_of_the_users_outlives_the_provider():
    sdk = load_sdk("openai")
    client = Canned(answer(BODY))(sdk.http, "sync")
    provider = provider_at("http://h", http_client=client)
    provider.complete_sync(REQUEST)
    del provider
    gc.collect()
    assert not client.is_closed
    client.close()
