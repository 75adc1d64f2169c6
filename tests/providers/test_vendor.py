"""A vendor that an outsider writes over plain HTTP: what the base gives without a line of the author's."""

from __future__ import annotations

import asyncio
import json
from typing import ClassVar

import pytest

from llmclient import (
    APIConnectionError,
    ConfigurationError,
    MissingAPIKeyError,
    ProviderConfig,
    RateLimitError,
    RequestTimeoutError,
    StreamInterruptedError,
)
from llmclient.providers.vendor import Endpoint, Form, FormFile, HTTPProvider, PlainExchange, StreamError, leave_out
from llmclient.testing.conformance import KEY, ProviderConformance
from llmclient.testing.dialects.vendor import VendorDialect, outside_dialect
from llmclient.types import ChatRequest, ModelResponse, StreamChunk
from llmclient.types.policy import Timeouts
from support.canned import Canned, answer, sse


class Wire:
    path = "/ask"
    error_rows = ()

    def encode(self, request):
        if "seed" in request.params:
            leave_out("small", request, "seed")
        return {"model": request.model, "prompt": request.messages[-1]["content"], "stream": request.stream}

    def decode(self, body):
        told = json.loads(body)
        usage = {
            "prompt_tokens": told["in"],
            "completion_tokens": told["out"],
            "total_tokens": told["in"] + told["out"],
        }
        calls = [{"id": "1", "type": "function", "function": call} for call in told["calls"]]
        message = {"role": "assistant", "content": told["text"], "tool_calls": calls or None}
        choice = {"message": message, "finish_reason": told["end"]}
        return ModelResponse.model_validate({"id": "x", "choices": [choice], "usage": usage})

    def event_decoder(self):
        return Events()


class Events:
    def __init__(self):
        self.done = False

    def decode(self, event):
        told = json.loads(event.data)
        if "error" in told:
            raise StreamError(told)
        self.done = told.get("finish_reason") is not None
        return [StreamChunk.model_validate({"choices": [told], "usage": told.pop("usage", None)})]


class Small(HTTPProvider):
    endpoint: ClassVar = Endpoint(
        name="small", base_url="https://small.example/v1", key_variable="SMALL_KEY", url_variable="SMALL_URL"
    )

    def wire(self, request):
        return Wire()

    def auth_headers(self, key):
        return {"x-key": key}


class SmallDialect(VendorDialect):
    path = "/ask"

    def whole(self, answer, reply):
        used = answer.usage
        calls = [{"name": call.name, "arguments": call.arguments} for call in reply.tool_calls]
        counted = {"in": used["prompt_tokens"], "out": used["completion_tokens"]}
        return {"text": reply.text, "calls": calls, "end": reply.finish, **counted}

    def events(self, answer, reply, piece):
        call = {"index": piece.index}
        if piece.kind == "text":
            yield {"delta": {"content": piece.text}}
        elif piece.kind == "tool":
            yield {"delta": {"tool_calls": [{**call, "id": "1", "function": {"name": piece.call.name}}]}}
        elif piece.kind == "arguments":
            yield {"delta": {"tool_calls": [{**call, "function": {"arguments": piece.text}}]}}
        elif piece.kind == "finish":
            yield {"delta": {}, "finish_reason": piece.text, "usage": answer.usage}

    def error(self, row):
        return {"error": {"message": row.message}}

    def messages(self, body):
        return [{"role": "user", "content": body["prompt"]}]


class TestSmall(ProviderConformance):
    name = "small"
    factory = Small
    dialect = SmallDialect()


def test_a_class_of_tests_without_its_provider_says_what_to_set() -> None:
    class Bare(ProviderConformance):
        pass

    class WithoutDialect(ProviderConformance):
        factory = Small

    with pytest.raises(pytest.fail.Exception, match="Bare does not say its factory and dialect; set `factory` to"):
        Bare().test_it_has_a_name_and_a_capability()
    with pytest.raises(pytest.fail.Exception, match="WithoutDialect does not say its dialect; set"):
        WithoutDialect().test_it_has_a_name_and_a_capability()


REPLY = {"text": "hi", "calls": [], "end": "stop", "in": 1, "out": 1}


def asked(**settings):
    return ChatRequest(model="m", messages=[{"role": "user", "content": "hi"}], **settings)


def small(canned, **settings):
    return Small("small", ProviderConfig(**{"api_key": KEY, "http_client": canned, **settings}))


def test_a_request_goes_to_the_endpoint_with_the_key_and_every_header():
    canned = Canned(answer(REPLY))
    provider = small(canned, headers={"x-team": "a"})
    assert provider.complete_sync(asked(extra_headers={"x-call": "b"})).text == "hi"
    (request,) = canned.requests
    assert str(request.url) == "https://small.example/v1/ask"
    assert [request.headers[name] for name in ("x-key", "x-team", "x-call")] == [KEY, "a", "b"]


def test_variables_say_where_and_with_which_key(monkeypatch):
    monkeypatch.setenv("SMALL_URL", "http://127.0.0.1:9/other/")
    monkeypatch.setenv("SMALL_KEY", KEY)
    canned = Canned(answer(REPLY))
    small(canned, api_key=None).complete_sync(asked())
    assert str(canned.requests[0].url) == "http://127.0.0.1:9/other/ask"
    monkeypatch.delenv("SMALL_KEY")
    with pytest.raises(MissingAPIKeyError, match="SMALL_KEY"):
        small(canned, api_key=None).complete_sync(asked())


def test_a_client_of_the_callers_own_is_used_and_left_open():
    from llmclient.providers._http import load_http

    http = load_http()
    canned = Canned(answer(REPLY))
    with http.Client(transport=canned(http, "sync")._transport) as client:
        provider = small(client)
        provider.complete_sync(asked())
        provider.close()
        assert not client.is_closed
        with pytest.raises(ConfigurationError, match="AsyncClient"):
            asyncio.run(provider.complete(asked()))


async def test_time_limits_become_the_clients():
    canned = Canned(answer(REPLY))
    await small(canned).complete(asked(timeouts=Timeouts(total=9, connect=2)))
    small(canned, timeout=7).complete_sync(asked())
    small(canned).complete_sync(asked())
    (limited, configured, default) = [request.extensions["timeout"] for request in canned.requests]
    assert (limited["read"], limited["connect"]) == (9, 2)
    assert configured["read"] == 7
    assert default["read"] == 600


def test_a_connection_that_fails_is_named():
    from llmclient.providers._http import load_http

    http = load_http()

    def broken(error):
        def fail(_request):
            raise error("no way")

        return small(Canned(fail))

    with pytest.raises(APIConnectionError):
        broken(http.ConnectError).complete_sync(asked())
    with pytest.raises(RequestTimeoutError):
        broken(http.ReadTimeout).complete_sync(asked())


async def test_an_error_in_a_stream_carries_what_arrived():
    canned = Canned(sse({"delta": {"content": "Hel"}}, {"error": {"message": "slow down", "code": 429}}))
    stream = await small(canned).stream(asked(stream=True))
    with pytest.raises(RateLimitError) as caught:
        [_ async for _ in stream]
    assert caught.value.partial.text == "Hel"


async def test_a_stream_without_its_end_is_an_error():
    stream = await small(Canned(sse({"delta": {"content": "Hel"}}))).stream(asked(stream=True))
    with pytest.raises(StreamInterruptedError):
        [_ async for _ in stream]


def test_clients_of_its_own_follow_redirects_as_the_sdks_do():
    from llmclient.providers import _http

    client = _http.DefaultHttpxClient(verify=False)
    other = _http.DefaultAsyncHttpxClient(verify=False)
    assert client.follow_redirects
    assert other.follow_redirects
    client.close()
    asyncio.run(other.aclose())


def test_forms_and_lists_go_the_same_way():
    class Upload(Wire):
        path = "/files"

        def encode(self, request):
            file = FormFile(field="file", name="a.txt", data=b"abc", media_type="text/plain")
            return Form(fields={"purpose": "x"}, files=[file])

    class Listing(Wire):
        path = "/list"

        def encode(self, request):
            return None

    canned = Canned(answer(REPLY))
    provider = small(canned)
    PlainExchange("small", Upload(), provider._clients, asked()).complete_sync()
    PlainExchange("small", Listing(), provider._clients, asked()).complete_sync()
    asyncio.run(PlainExchange("small", Listing(), provider._clients, asked()).complete())
    upload, listing, _ = canned.requests
    assert upload.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b"abc" in upload.content
    assert b'name="purpose"' in upload.content
    assert (listing.method, listing.content) == ("GET", b"")


async def test_closing_closes_the_clients_it_made():
    canned = Canned(answer(REPLY))
    made = []

    def make(http, flavour):
        made.append(canned(http, flavour))
        return made[-1]

    provider = small(make)
    provider.complete_sync(asked())
    await provider.complete(asked())
    await provider.aclose()
    assert [client.is_closed for client in made] == [True, True]


def test_a_provider_without_a_package_of_its_own_has_no_dialect():
    assert outside_dialect("groq") is None
