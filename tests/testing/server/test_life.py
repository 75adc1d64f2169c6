"""The life of a server: many clients at once, clients that leave, and an end that leaves nothing behind."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import ExitStack, closing
from pathlib import Path

import openai
import pytest

from llmclient.providers._sdk import load_sdk
from llmclient.testing.harness import Harness
from llmclient.testing.reply import Cut, Reply
from llmclient.testing.server.app import FakeServer
from llmclient.testing.server.client import client_factory
from llmclient.testing.server.shelf import Shelf, ShelfServer
from llmclient.testing.turns import Turn

MANY = 200
CHAT = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hello"}], "stream": True}
LONG = Reply(text="word " * 2_000_000, cut=Cut(size=100_000))
"""More than fits between a server and a client that does not read."""
DESCRIPTORS = Path("/proc/self/fd")


def serving():
    return [thread for thread in threading.enumerate() if thread.name == "llmclient-fake-server"]


def playing(action):
    harness = Harness()
    harness.script.add(Turn(action=action, times=None))
    return FakeServer(harness)


def sent(server, **fields):
    """A socket over which a request has gone."""
    body = json.dumps({**CHAT, **fields}).encode()
    sock = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    sock.sendall(
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s"
        % (len(body), body)
    )
    return sock


def received(sock):
    return b"".join(iter(lambda: sock.recv(65_536), b""))


@pytest.fixture
def real(tmp_path):
    """A server on real time, as `llmclient serve` runs it, whose answer takes ten minutes to begin."""
    script = tmp_path / "slow.yaml"
    script.write_text("turns:\n  - reply: {text: late, stream: {size: 1, first_token: 600}}\n    times: always\n")
    shelf = Shelf(script)
    with ShelfServer(shelf) as server:
        yield server, shelf.harness().calls
    assert serving() == []


def test_two_hundred_streams_are_open_at_once():
    together = threading.Barrier(MANY)

    def answer(call):
        together.wait(20)
        return Reply(text="one two three")

    with playing(answer) as server, ExitStack() as open_sockets:
        links = [open_sockets.enter_context(closing(sent(server))) for _ in range(MANY)]
        answers = [received(link) for link in links]
    assert {answer.count(b"data: [DONE]\n\n") for answer in answers} == {1}
    assert serving() == []


@pytest.mark.skipif(not DESCRIPTORS.is_dir(), reason="open files are counted where /proc is")
def test_a_server_that_stops_amid_streams_leaves_no_thread_and_no_socket():
    before = len(list(DESCRIPTORS.iterdir()))
    with ExitStack() as links:
        with playing(LONG) as server:
            for _ in range(5):
                link = links.enter_context(closing(sent(server)))
                assert link.recv(10)
        assert serving() == []
    assert len(list(DESCRIPTORS.iterdir())) <= before


def test_a_client_that_leaves_ends_the_thread_that_served_it():
    with playing(LONG) as server:
        idle = set(serving())
        with closing(sent(server)) as link:
            assert link.recv(10)
            (worker,) = set(serving()) - idle
        worker.join(10)
        assert not worker.is_alive()


def test_on_real_time_a_client_that_leaves_is_not_waited_for(real):
    server, calls = real
    idle = set(serving())
    with closing(sent(server)):
        while not calls:
            pass
        (worker,) = set(serving()) - idle
    worker.join(10)
    assert not worker.is_alive()


def test_on_real_time_a_server_that_stops_waits_for_no_delay(real):
    server, calls = real
    link = sent(server)
    while not calls:
        pass
    server.stop()
    assert serving() == []
    with closing(link):
        assert b"late" not in received(link)


def test_a_server_that_stops_waits_for_no_client_of_its_own_process():
    """Such a client is waited for before virtual time goes on: here one that has stopped reading."""
    paced = Reply(text="one two three four", cut=Cut(size=4, per_second=1))
    with playing(paced) as server:
        http_client = client_factory(server)(load_sdk("openai").http, "sync")
        with openai.OpenAI(api_key="sk-fake", base_url=server.base_url(), http_client=http_client) as client:
            chunks = iter(client.chat.completions.create(**CHAT))
            assert next(chunks).choices[0].delta.role == "assistant"
            server.stop()
            assert serving() == []


def test_a_server_can_be_started_again():
    server = playing(Reply(text="4"))
    for _ in range(2):
        with server, closing(sent(server, stream=False)) as link:
            assert b'"content":"4"' in received(link)


def test_servers_beside_each_other_have_ports_and_journals_of_their_own():
    with playing(Reply(text="one")) as one, playing(Reply(text="two")) as other:
        assert one.port != other.port
        with closing(sent(one)) as link:
            received(link)
        assert (len(one.calls), len(other.calls)) == (1, 0)
