"""The server as a stranger sees it: a socket, HTTP/1.1, and a client that knows nothing of llmclient."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import closing
from dataclasses import replace

import pytest

from llmclient.testing.faults import body, connection, stream
from llmclient.testing.faults.status import RateLimit
from llmclient.testing.harness import Harness
from llmclient.testing.reply import Reply
from llmclient.testing.server.app import FakeServer
from llmclient.testing.turns import Script, Turn

HELLO = [{"role": "user", "content": "hello"}]
CHAT = {"model": "gpt-5-mini", "messages": HELLO}


@pytest.fixture
def server():
    with FakeServer(max_body=10_000) as running:
        yield running


def play(server, *outcomes, on="*"):
    server.harness.script.add(*[Turn(action=outcome, on=on) for outcome in outcomes])


def connect(server):
    return closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10))


def post(server, path="/v1/chat/completions", payload=CHAT, headers=None):
    with connect(server) as link:
        link.request("POST", path, json.dumps(payload), {"content-type": "application/json", **(headers or {})})
        response = link.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, response.read()


def test_it_answers_each_vendor_at_its_path(server):
    play(server, *[Reply(text="4")] * 4)
    message = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": HELLO}
    assert json.loads(post(server)[2])["choices"][0]["message"]["content"] == "4"
    assert json.loads(post(server, "/v1/messages", message)[2])["content"] == [{"type": "text", "text": "4"}]
    assert json.loads(post(server, "/api/v1/chat/completions")[2])["provider"] == "OpenAI"
    assert post(server, "/groq/v1/chat/completions")[0] == 200
    assert [recorded.call.provider for recorded in server.calls] == ["openai", "anthropic", "openrouter", "groq"]
    assert {recorded.call.door for recorded in server.calls} == {"server"}


def test_one_connection_serves_many_requests(server):
    play(server, Reply(text="1"), Reply(text="2"))
    with connect(server) as link:
        texts = []
        for _ in range(2):
            link.request("POST", "/v1/chat/completions", json.dumps(CHAT))
            texts.append(json.loads(link.getresponse().read())["choices"][0]["message"]["content"])
    assert texts == ["1", "2"]


def test_it_listens_on_loopback_alone_unless_told_otherwise(server):
    assert server._listener.getsockname()[0] == "127.0.0.1"  # what it binds is what can be reached


def test_a_body_above_the_limit_is_refused_with_413(server):
    long = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "x" * 20_000}]}
    status, headers, told = post(server, payload=long)
    assert status == 413
    assert headers["connection"] == "close"
    assert "10000 bytes" in json.loads(told)["error"]["message"]
    assert not server.calls


def test_what_is_no_http_is_refused_with_400(server):
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=10)) as link:
        link.sendall(b"hello\r\n\r\n")
        assert link.recv(1000).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("path", "payload", "status"),
    [
        ("/v1/nowhere", CHAT, 404),
        ("/v1/chat/completions", {"messages": HELLO}, 400),
        ("/v1/chat/completions", {"model": "gpt-5-mini"}, 400),
        ("/v1/messages", {"model": "claude-haiku-4-5", "messages": HELLO}, 400),
        ("/v1/messages/count_tokens", {"model": "claude-haiku-4-5", "messages": HELLO}, 200),
        ("/v1/../../etc/passwd", CHAT, 404),
    ],
)
def test_a_request_that_the_vendor_would_refuse_is_refused_before_the_script_is_asked(server, path, payload, status):
    answered, _, told = post(server, path, payload)
    assert answered == status
    assert json.loads(told)
    assert not server.calls


def test_a_script_without_a_turn_answers_501_and_says_what_it_looked_for(server):
    status, headers, told = post(server)
    assert status == 501
    assert headers["x-should-retry"] == "false"
    assert "no turn for this call" in json.loads(told)["error"]["message"]


def test_a_function_of_a_script_that_raises_answers_500_and_is_reported():
    def broken(call):
        raise ValueError("no such city")

    reported = []
    with FakeServer(on_failure=reported.append) as server:
        play(server, broken)
        status, _, told = post(server)
    assert status == 500
    assert "ValueError: no such city" in json.loads(told)["error"]["message"]
    assert [str(error) for error in reported] == ["no such city"]


def test_the_models_a_script_names_are_listed(server):
    play(server, Reply(text="4"), on="openai/my-model")
    with connect(server) as link:
        link.request("GET", "/v1/models")
        names = [model["id"] for model in json.loads(link.getresponse().read())["data"]]
        link.request("GET", "/v1/models/nothing")
        missing = link.getresponse()
        missing.read()
    assert names[0] == "my-model"
    assert missing.status == 404


def test_a_stream_is_sent_in_chunks_as_it_comes(server):
    play(server, Reply(text="one two three"))
    status, headers, told = post(server, payload={**CHAT, "stream": True})
    assert status == 200
    assert headers["transfer-encoding"] == "chunked"
    assert headers["content-type"].startswith("text/event-stream")
    assert told.endswith(b"data: [DONE]\n\n")


def test_a_client_that_leaves_early_does_no_harm(server):
    play(server, Reply(text="word " * 5_000), Reply(text="4"))
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=10)) as link:
        payload = json.dumps({**CHAT, "stream": True}).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {len(payload)}\r\n\r\n"
        link.sendall(head.encode() + payload)
        assert link.recv(100)
    assert post(server)[0] == 200


def test_a_cut_stream_ends_without_its_last_chunk(server):
    play(server, Reply(text="one two three", fault=stream.Disconnect(after_chunks=1)))
    with pytest.raises(http.client.IncompleteRead) as caught:
        post(server, payload={**CHAT, "stream": True})
    assert b'"content":"one"' in caught.value.partial
    assert b"two" not in caught.value.partial


def test_a_wrong_content_length_promises_more_than_comes(server):
    play(server, Reply(text="4", fault=stream.WrongContentLength()))
    with pytest.raises(http.client.IncompleteRead) as caught:
        post(server)
    assert json.loads(caught.value.partial)["choices"]


def test_broken_gzip_says_that_it_is_compressed_and_is_not(server):
    play(server, Reply(text="4", fault=stream.BrokenGzip()))
    status, headers, told = post(server)
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert told.startswith(b"\x1f\x8b")


def test_a_reset_connection_is_reset(server):
    play(server, connection.ConnectionReset())
    with pytest.raises(ConnectionError):
        post(server)


def test_a_proxys_page_and_a_status_keep_their_headers(server):
    play(server, body.HTMLBadGateway(), RateLimit(retry_after=2))
    status, headers, told = post(server)
    assert (status, headers["content-type"]) == (502, "text/html")
    assert told.startswith(b"<html>")
    status, headers, _ = post(server)
    assert (status, headers["retry-after"]) == (429, "2")


def test_a_hanging_answer_ends_when_the_server_stops():
    harness = Harness()
    harness.script.add(Turn(action=connection.ReadTimeout()))
    with FakeServer(harness) as server:
        link = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        payload = json.dumps(CHAT).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {len(payload)}\r\n\r\n"
        link.sendall(head.encode() + payload)
        while not harness.calls:
            pass
    with closing(link):
        assert link.recv(10) == b""


def test_the_environment_leads_the_three_vendors_clients_here(server):
    assert server.environment["OPENAI_BASE_URL"] == f"http://127.0.0.1:{server.port}/v1"
    assert server.environment["ANTHROPIC_BASE_URL"] == f"http://127.0.0.1:{server.port}"
    assert server.environment["OPENROUTER_BASE_URL"] == f"http://127.0.0.1:{server.port}/api/v1"


def test_a_server_that_is_not_running_has_no_address():
    with pytest.raises(RuntimeError, match="not running"):
        _ = FakeServer().url


def test_it_plays_a_script_a_file_or_turns(tmp_path):
    path = tmp_path / "hello.yaml"
    path.write_text('turns:\n  - reply: "from a file"\n')
    turn = Turn(action=Reply(text="from a turn"))
    script = Script()
    script.add(replace(turn, action=Reply(text="from a script")))
    for source, text in ((path, "from a file"), ([turn], "from a turn"), (script, "from a script")):
        with FakeServer(source) as server:
            assert json.loads(post(server)[2])["choices"][0]["message"]["content"] == text
