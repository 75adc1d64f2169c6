"""The transport beneath the SDKs: one object for sync and async, for either httpx, with httpx's own failures."""

from __future__ import annotations

import importlib.util
from importlib import import_module

import pytest

from llmclient.testing.faults import connection, stream
from llmclient.testing.harness import Harness
from llmclient.testing.player import WirePlayer
from llmclient.testing.reply import Cut, Reply
from llmclient.testing.transport import transport_for
from llmclient.testing.turns import NoTurnError, Turn

INSTALLED = [name for name in ("httpx", "httpx2") if importlib.util.find_spec(name)]
URL = "https://api.openai.com/v1/chat/completions"
BODY = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture(params=INSTALLED)
def http(request):
    return import_module(request.param)


@pytest.fixture
def harness():
    return Harness()


@pytest.fixture
def client(http, harness):
    with http.Client(transport=transport_for(http, WirePlayer(harness)), timeout=http.Timeout(10, connect=3)) as made:
        yield made


def play(harness, *outcomes):
    harness.script.add(*[Turn(action=outcome) for outcome in outcomes])


async def test_one_object_serves_both_kinds_of_clients(http, harness):
    play(harness, Reply(text="4"), Reply(text="5"))
    transport = transport_for(http, WirePlayer(harness))
    assert isinstance(transport, http.BaseTransport)
    assert isinstance(transport, http.AsyncBaseTransport)
    with http.Client(transport=transport) as client:
        assert client.post(URL, json=BODY).json()["choices"][0]["message"]["content"] == "4"
    async with http.AsyncClient(transport=transport) as client:
        assert (await client.post(URL, json=BODY)).json()["choices"][0]["message"]["content"] == "5"


@pytest.mark.parametrize(
    "case",
    [
        (connection.DNSFailure(), "ConnectError", []),
        (connection.ConnectionReset(), "ReadError", []),
        (connection.ConnectTimeout(), "ConnectTimeout", [3]),
        (connection.ReadTimeout(), "ReadTimeout", [10]),
    ],
    ids=lambda case: str(case[0]),
)
def test_a_connection_that_fails_raises_what_httpx_raises_after_what_httpx_waits(http, harness, client, case):
    fault, error, waited = case
    play(harness, fault)
    with pytest.raises(getattr(http, error)):
        client.post(URL, json=BODY)
    assert harness.clock.sleeps == waited


def test_a_wait_longer_than_the_read_timeout_ends_with_it(http, harness, client):
    play(harness, Reply(text="4", fault=stream.LateFirstToken(seconds=60)))
    with pytest.raises(http.ReadTimeout):
        client.post(URL, json=BODY)
    assert harness.clock.sleeps == [10]


def test_an_answer_takes_as_long_as_its_stream_would(harness, client):
    play(harness, Reply(text="one two three", cut=Cut(first_token=1, per_second=4)))
    client.post(URL, json=BODY)
    assert harness.clock.sleeps == [1.5]


def test_a_cut_stream_raises_where_it_is_cut(http, harness, client):
    play(harness, Reply(text="one two three", fault=stream.Disconnect(after_chunks=1)))
    with client.stream("POST", URL, json={**BODY, "stream": True}) as response:
        parts = response.iter_bytes()
        assert b'"role":"assistant"' in next(parts)
        assert b'"content":"one"' in next(parts)
        with pytest.raises(http.RemoteProtocolError, match="peer closed connection"):
            next(parts)


def test_a_body_shorter_than_promised_is_a_protocol_error(http, harness, client):
    play(harness, Reply(text="4", fault=stream.WrongContentLength()))
    with pytest.raises(http.RemoteProtocolError, match="received"):
        client.post(URL, json=BODY)


def test_broken_compression_is_a_decoding_error(http, harness, client):
    play(harness, Reply(text="4", fault=stream.BrokenGzip()))
    with pytest.raises(http.DecodingError):
        client.post(URL, json=BODY)


def test_the_journal_knows_when_an_answer_has_ended_and_what_broke_it_off(http, harness, client):
    play(harness, Reply(text="4"), connection.ConnectionReset())
    client.post(URL, json=BODY)
    with pytest.raises(http.ReadError):
        client.post(URL, json=BODY)
    whole, broken = harness.calls
    assert (whole.ended, whole.error) == (harness.clock.now(), None)
    assert isinstance(broken.error, http.ReadError)


def test_a_call_that_no_turn_answers_is_the_scripts_own_error(client):
    with pytest.raises(NoTurnError, match="has no turn for this call"):
        client.post(URL, json=BODY)
