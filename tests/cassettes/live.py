"""A stand-in for the live APIs, on loopback: what it answers depends on the last thing the user says.

It shares nothing with the library. `gates` let a test decide when a stream goes on, so that nothing is timed.
"""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
ANTHROPIC_USAGE = {"input_tokens": 3, "output_tokens": 5}


class Live(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hits = []
        self.gates = {}
        self.headers = {}
        self.refused = 0
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def stop(self):
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request, client_address):
        pass  # a client that goes away is part of the tests


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        body = json.loads(raw) if raw.startswith(b"{") else {}
        said = _last_words(body)
        self.server.hits.append((self.path, dict(self.headers), body))
        anthropic = self.path.endswith("/messages")
        if "too fast" in said and self.server.refused < 1:
            self.server.refused += 1
            self._send(429, _error(anthropic, "rate_limit_error", f"slow down, {self._key()}"), {"retry-after": "7"})
        elif "wrong key" in said:
            self._send(401, _error(anthropic, "authentication_error", f"Incorrect API key provided: {self._key()}"))
        elif body.get("stream"):
            self._stream(said, _anthropic_events(said, body) if anthropic else _openai_events(said, body))
        else:
            answer = _anthropic_answer(said, body) if anthropic else _openai_answer(said, body)
            self._send(200, answer, packed="packed" in said)

    def _key(self):
        return self.headers.get("x-api-key") or self.headers.get("authorization", "").removeprefix("Bearer ")

    def _send(self, status, document, headers=(), *, packed=False):
        data = json.dumps(document, ensure_ascii=False).encode()
        if packed:
            data = gzip.compress(data)
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        if packed:
            self.send_header("content-encoding", "gzip")
        for name, value in {**self.server.headers, **dict(headers)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, said, events):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        packer = gzip_stream() if "packed" in said else None
        if packer:
            self.send_header("content-encoding", "gzip")
        self.end_headers()
        gate = next((gate for word, gate in self.server.gates.items() if word in said), None)
        for number, event in enumerate(events):
            if "cut" in said and number == 3:
                self.close_connection = True
                self.connection.shutdown(2)
                return
            self._chunk(packer(event) if packer else event)
            if gate and number == 1:
                gate.wait(20)
        if packer:
            self._chunk(packer(None))
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, data):
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()


def gzip_stream():
    import zlib

    packer = zlib.compressobj(wbits=31)
    return lambda data: packer.flush() if data is None else packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


def _last_words(body):
    messages = body.get("messages") or [{"content": ""}]
    content = messages[-1].get("content")
    return content if isinstance(content, str) else json.dumps(content)


def _error(anthropic, kind, message):
    if anthropic:
        return {"type": "error", "error": {"type": kind, "message": message}}
    return {"error": {"type": kind, "message": message, "code": kind}}


def _openai_answer(said, body):
    message = {"role": "assistant", "content": f"echo {said}"}
    if "tool" in said:
        call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"at": "é😀"}'}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if "tool" in said else "stop"}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": body.get("model"),
        "choices": [choice],
        "usage": USAGE,
    }


def _openai_events(said, body):
    deltas = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word} for word in ("echo ", *said.partition(" "), " é😀") if word]
    for delta in [*deltas, None]:
        choice = {"index": 0, "delta": delta or {}, "finish_reason": None if delta else "stop"}
        chunk = {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": body["model"],
            "choices": [choice],
        }
        yield f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()
    yield b"data: [DONE]\n\n"


def _anthropic_answer(said, body):
    content = [{"type": "text", "text": f"echo {said}"}]
    if "tool" in said:
        content = [{"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "é😀"}}]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body.get("model"),
        "content": content,
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": ANTHROPIC_USAGE,
    }


def _anthropic_events(said, body):
    start = {**_anthropic_answer(said, body), "content": [], "stop_reason": None}
    events = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    ]
    events += [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
        for word in ("echo ", *said.partition(" "), " é😀")
        if word
    ]
    events += [
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": ANTHROPIC_USAGE,
        },
        {"type": "message_stop"},
    ]
    for event in events:
        yield f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
