"""HTTP as strangers speak it: other methods and versions, bodies in chunks, compressed, too long or none at all."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
from contextlib import closing

import pytest

from llmclient.testing.harness import Harness
from llmclient.testing.reply import Reply
from llmclient.testing.server.app import FakeServer
from llmclient.testing.turns import Turn

CHAT = json.dumps({"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hello"}]}).encode()
PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages", "openrouter": "/api/v1/chat/completions"}


@pytest.fixture
def server():
    harness = Harness()
    harness.script.add(Turn(action=Reply(text="4"), times=None))
    with FakeServer(harness, max_body=10_000) as running:
        yield running


@pytest.fixture
def link(server):
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        yield connection


def ask(link, method, path, body=None, headers=None):
    link.request(method, path, body, headers or {})
    response = link.getresponse()
    return response, response.read()


def raw(server, data):
    """What comes back for these bytes, until the server has nothing more to say."""
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=10)) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65_536), b""))


def test_head_is_answered_as_get_without_a_body_and_the_connection_goes_on(link):
    whole, told = ask(link, "GET", "/v1/models")
    head, nothing = ask(link, "HEAD", "/v1/models")
    assert (head.status, nothing) == (200, b"")
    assert head.getheader("content-length") == str(len(told)) == whole.getheader("content-length")
    assert ask(link, "HEAD", "/v1/nowhere")[0].status == 404
    assert ask(link, "POST", PATHS["openai"], CHAT)[0].status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("provider", PATHS)
def test_another_method_is_refused_and_told_which_is_allowed(link, server, method, provider):
    response, told = ask(link, method, PATHS[provider])
    assert (response.status, response.getheader("allow")) == (405, "POST")
    assert method == "HEAD" or "error" in json.loads(told)
    assert not server.calls


def test_a_status_has_its_phrase(link):
    assert ask(link, "POST", PATHS["openai"], CHAT)[0].reason == "OK"
    assert ask(link, "GET", "/v1/nowhere")[0].reason == "Not Found"


@pytest.mark.parametrize("provider", PATHS)
@pytest.mark.parametrize(
    "body",
    [b"", b"{bad", b"[]", b"\xff\xfe", gzip.compress(CHAT)],
    ids=["nothing", "broken", "a list", "no text", "compressed"],
)
def test_a_body_that_is_no_json_is_refused_in_the_vendors_form(link, provider, body):
    headers = {"content-encoding": "gzip"} if body.startswith(b"\x1f\x8b") else {}
    response, told = ask(link, "POST", PATHS[provider], body, headers)
    assert response.status == 400
    error = json.loads(told)["error"]
    assert provider == "openai" or "OpenAI" not in error["message"]
    shape = {"openai": {"message", "type", "param", "code"}, "anthropic": {"type", "message"}}
    assert set(error) == shape.get(provider, {"message", "code"})


@pytest.mark.parametrize(("provider", "name"), [("openai", "x-request-id"), ("anthropic", "request-id")])
def test_a_refusal_has_an_id_as_every_answer_has(link, provider, name):
    response, told = ask(link, "POST", PATHS[provider], b"{bad")
    assert response.getheader(name).startswith("req_")
    assert json.loads(told).get("request_id") == (response.getheader(name) if provider == "anthropic" else None)


@pytest.mark.parametrize(
    ("path", "fields", "message"),
    [
        ("/v1/chat/completions", {"messages": []}, "'messages'"),
        ("/v1/chat/completions", {"messages": "hello"}, "'messages'"),
        ("/v1/messages", {"messages": [], "max_tokens": 9}, "messages: at least one message is required"),
        ("/v1/messages", {"messages": "hello", "max_tokens": 9}, "messages: Input should be a valid list"),
        ("/v1/embeddings", {}, "'input'"),
        ("/v1/images/generations", {}, "'prompt'"),
        ("/v1/audio/speech", {"voice": "alloy"}, "'input'"),
        ("/v1/responses", {}, "'input'"),
    ],
)
def test_what_an_endpoint_cannot_do_without_is_asked_for(link, server, path, fields, message):
    response, told = ask(link, "POST", path, json.dumps({"model": "m", **fields}))
    assert response.status == 400
    assert message in json.loads(told)["error"]["message"]
    assert not server.calls


def test_a_body_in_chunks_is_put_together(link, server):
    response, _ = ask(link, "POST", PATHS["openai"], iter([CHAT[:20], CHAT[20:]]))
    assert response.status == 200
    assert server.calls[0].call.text == "hello"


def test_who_expects_100_is_told_to_continue(server):
    told = raw(
        server,
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n"
        b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(CHAT), CHAT),
    )
    assert told.startswith((b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100"))
    assert b'"content":"4"' in told


def test_who_expects_100_for_a_body_above_the_limit_is_refused_before_it_comes(server):
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=10)) as sock:
        sock.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 20000\r\n\r\n"
        )
        assert sock.recv(65_536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("chunked", [False, True])
def test_who_sends_far_more_than_the_limit_still_reads_the_refusal(link, server, chunked):
    huge = b"x" * 4_000_000
    response, told = ask(link, "POST", PATHS["openai"], iter([huge[:2_000_000], huge[2_000_000:]]) if chunked else huge)
    assert response.status == 413
    assert "10000 bytes" in json.loads(told)["error"]["message"]


def test_head_with_a_long_body_is_refused_as_well(server):
    told = raw(server, b"HEAD /v1/models HTTP/1.1\r\nhost: x\r\ncontent-length: 20000\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 413 ")
    assert told.endswith(b"\r\n\r\n")


def test_the_refusal_of_a_long_body_is_the_vendors(link):
    _, told = ask(link, "POST", PATHS["anthropic"], b"x" * 20_000)
    assert json.loads(told)["error"]["type"] == "request_too_large"


@pytest.mark.parametrize("streamed", [False, True])
def test_http_1_0_gets_an_answer_that_ends_with_the_connection(server, streamed):
    body = CHAT[:-1] + b', "stream": true}' if streamed else CHAT
    told = raw(server, b"POST /v1/chat/completions HTTP/1.0\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
    head, _, rest = told.partition(b"\r\n\r\n")
    assert b"chunked" not in head.lower()
    assert rest.endswith(b"data: [DONE]\n\n" if streamed else b"}")


def test_two_requests_at_once_on_one_connection_are_answered_in_order(server):
    one = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(CHAT), CHAT)
    told = raw(server, one + one)
    assert told.count(b"HTTP/1.1 200 OK") == 2


def test_headers_without_end_are_refused(server):
    told = raw(server, b"GET /v1/models HTTP/1.1\r\nhost: x\r\nx-long: " + b"x" * 200_000)
    assert told.startswith(b"HTTP/1.1 431 ")


def test_a_connection_that_closes_without_a_word_does_no_harm(server, link):
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=10)):
        pass
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=10)) as sock:
        sock.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf")
    assert ask(link, "POST", PATHS["openai"], CHAT)[0].status == 200


def test_a_target_with_its_host_is_taken_as_the_path(link):
    """RFC 9112, section 3.2.2: as clients write it that think they speak to a proxy."""
    response, _ = ask(link, "POST", "http://api.openai.com/v1/chat/completions?a=b", CHAT)
    assert response.status == 200
    assert ask(link, "GET", "http://api.openai.com")[0].status == 200


def test_slashes_and_queries_around_a_path_do_not_matter(link):
    for path in (
        "//v1//chat/completions",
        "/v1/chat/completions/",
        "/v1/chat/completions?a=b",
        "/v1/chat%2Fcompletions",
    ):
        assert ask(link, "POST", path, CHAT)[0].status == 200
