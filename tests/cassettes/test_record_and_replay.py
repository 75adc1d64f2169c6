"""What was recorded is replayed, the same for every client, and without a connection."""

from __future__ import annotations

import threading

import pytest
import vcr
from test_matching import httpx

from clients import CLIENTS, KEY, require, talk
from llmclient.testing.cassettes import CassetteMissError, cassette

KINDS = {
    "plain": ("hello", False),
    "unicode": ("naïve 😀 \u2028 text", False),
    "tools": ("tool", False),
    "packed": ("packed", False),
    "error": ("wrong key", False),
    "stream": ("once upon", True),
    "packed stream": ("packed once", True),
    "cut stream": ("cut here", True),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_replay_gives_what_the_recording_gave_without_a_connection(client, kind, live, tmp_path):
    require(client)
    text, stream = KINDS[kind]
    path = tmp_path / "c.yaml"
    with cassette(path):
        recorded = talk(client, live.url, text, stream=stream)
    assert len(live.hits) == 1
    with cassette(path, mode="none", strict=True):
        replayed = talk(client, live.url, text, stream=stream, key="another")
    assert replayed == recorded
    assert len(live.hits) == 1
    assert KEY not in path.read_text("utf-8")


@pytest.mark.parametrize(("recorder", "player"), [("openai", "openai-aiohttp"), ("openai-aiohttp", "openai-async")])
@pytest.mark.parametrize("kind", ["plain", "packed", "stream", "packed stream", "error"])
def test_a_cassette_of_one_transport_replays_through_another(recorder, player, kind, live, tmp_path):
    require(recorder)
    require(player)
    text, stream = KINDS[kind]
    with cassette(tmp_path / "c.yaml"):
        recorded = talk(recorder, live.url, text, stream=stream)
    with cassette(tmp_path / "c.yaml", mode="none"):
        assert talk(player, live.url, text, stream=stream) == recorded
    assert len(live.hits) == 1


@pytest.mark.parametrize("kind", ["plain", "packed", "stream"])
def test_stock_vcrpy_replays_our_file(kind, live, tmp_path):
    text, stream = KINDS[kind]
    path = tmp_path / "c.yaml"
    with cassette(path):
        recorded = talk("openai", live.url, text, stream=stream)
    with vcr.use_cassette(str(path), record_mode="none", match_on=("method", "path", "body")):
        assert talk("openai", live.url, text, stream=stream) == recorded
    assert len(live.hits) == 1


@pytest.mark.parametrize("kind", ["plain", "packed", "stream", "error"])
def test_a_file_of_stock_vcrpy_replays_unchanged(kind, live, tmp_path):
    text, stream = KINDS[kind]
    path = tmp_path / "c.yaml"
    with vcr.use_cassette(str(path)):
        recorded = talk("openai", live.url, text, stream=stream)
    before = path.read_bytes()
    with cassette(path, mode="none", strict=True):
        assert talk("openai", live.url, text, stream=stream) == recorded
    assert path.read_bytes() == before


def post(client, url, text, *, stream=True):
    body = {"model": "m", "messages": [{"role": "user", "content": text}], "stream": stream}
    return client.stream("POST", f"{url}/v1/chat/completions", json=body)


def test_the_first_token_passes_on_when_it_arrives(live, tmp_path):
    gate = live.gates["wait"] = threading.Event()
    with cassette(tmp_path / "c.yaml"), httpx().Client() as client, post(client, live.url, "wait") as response:
        pieces = response.iter_raw()
        first = next(pieces)  # the server does not go on before the gate opens
        assert b"assistant" in first
        gate.set()
        assert b"[DONE]" in b"".join(pieces)


def test_chunk_boundaries_are_replayed(live, tmp_path):
    taken = []
    for mode in ("once", "none"):
        with cassette(tmp_path / "c.yaml", mode=mode), httpx().Client() as client:
            with post(client, live.url, "one two three") as response:
                taken.append(list(response.iter_raw()))
    assert taken[0] == taken[1]
    assert len(taken[0]) > 3


def test_a_cut_stream_is_recorded_as_cut_and_replays_what_came_before(live, tmp_path):
    module = httpx()
    seen = []
    for mode in ("once", "none"):
        arrived = []
        with cassette(tmp_path / "c.yaml", mode=mode), module.Client() as client:
            with pytest.raises(module.RemoteProtocolError) as caught, post(client, live.url, "cut") as response:
                arrived.extend(response.iter_raw())
        seen.append((b"".join(arrived), str(caught.value)))
    assert seen[0] == seen[1]
    assert seen[0][0].count(b"data:") == 3
    assert 'end: "cut"' in (tmp_path / "c.yaml").read_text("utf-8")


def test_a_stream_that_the_client_closed_early_ends_there_and_says_so_to_who_reads_on(live, tmp_path):
    gate = live.gates["wait"] = threading.Event()
    with cassette(tmp_path / "c.yaml"), httpx().Client() as client:
        with post(client, live.url, "wait") as response:
            first = next(response.iter_raw())
        gate.set()
    with cassette(tmp_path / "c.yaml", mode="none"), httpx().Client() as client:
        with post(client, live.url, "wait") as response:
            pieces = response.iter_raw()
            assert first.startswith(next(pieces))
            with pytest.raises(CassetteMissError, match="closed this stream early"):
                list(pieces)


def test_a_stream_is_read_after_the_cassette_has_closed(live, tmp_path):
    with cassette(tmp_path / "c.yaml"):
        talk("openai", live.url, "once upon", stream=True)
    with httpx().Client() as client:
        body = {"model": "m", "messages": [{"role": "user", "content": "once upon"}], "stream": True}
        with cassette(tmp_path / "c.yaml", mode="none"):
            request = client.build_request("POST", f"{live.url}/v1/chat/completions", json=body)
            response = client.send(request, stream=True)
        assert b"[DONE]" in b"".join(response.iter_raw())
        response.close()


def test_no_answer_is_not_recorded(tmp_path):
    path = tmp_path / "c.yaml"
    with cassette(path), httpx().Client() as client, pytest.raises(httpx().ConnectError):
        client.get("http://127.0.0.1:9/none")
    assert not path.exists()


def test_a_transport_of_ones_own_and_a_mock_keep_working_inside_a_cassette(tmp_path):
    module = httpx()
    mock = module.MockTransport(lambda request: module.Response(200, text="mine"))
    with cassette(tmp_path / "c.yaml", mode="none"), module.Client(transport=mock) as client:
        assert client.get("http://example.org/").text == "mine"


@pytest.mark.parametrize("old", [("method", "host", "path"), ("method", "uri", "body"), ("method", "raw_body")])
def test_the_match_on_of_an_old_suite_works(old, live, tmp_path):
    with cassette(tmp_path / "c.yaml"):
        recorded = talk("openai", live.url, "hello")
    with cassette(tmp_path / "c.yaml", mode="none", match_on=old, strict=True):
        assert talk("openai", live.url, "hello") == recorded


def test_rewrite_keeps_the_old_file_until_the_new_one_is_whole_and_drops_what_is_not_asked(live, tmp_path):
    path = tmp_path / "c.yaml"
    with cassette(path):
        talk("openai", live.url, "hello")
        talk("openai", live.url, "no more")
    before = path.read_text("utf-8")
    with pytest.raises(ZeroDivisionError), cassette(path, mode="rewrite"):
        talk("openai", live.url, "hello")
        assert path.read_text("utf-8") == before
        _ = 1 / 0
    assert path.read_text("utf-8") == before
    with cassette(path, mode="rewrite"):
        talk("openai", live.url, "hello")
    assert path.read_text("utf-8") == before[: before.index("- request:", before.index("- request:") + 1)]
