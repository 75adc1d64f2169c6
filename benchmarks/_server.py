"""A server of the smallest kind, in a process of its own, so that its CPU time is nobody's."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from multiprocessing.connection import Connection

REPLY = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-5-mini-2025-08-07",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Primes: 2, 3, 5.", "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 12,
            "completion_tokens": 9,
            "total_tokens": 21,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_1",
    }
).encode()
PLAIN_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(REPLY)
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def _chunk(delta: dict, finish: str | None = None) -> bytes:
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "gpt-5-mini-2025-08-07",
        "service_tier": "default",
        "system_fingerprint": "fp_1",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
        "usage": None,
        "obfuscation": "x7Qp",
    }
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def _stream(chunks: int) -> bytes:
    head = _chunk({"role": "assistant", "content": "", "refusal": None})
    words = b"".join(_chunk({"content": f" token {number}"}) for number in range(chunks))  # litellm stops a repetition
    return head + words + _chunk({}, "stop") + b"data: [DONE]\n\n"


async def _serve(pipe: Connection, chunks: int) -> None:
    stream = _stream(chunks)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.lower().split(b"\r\n")
                length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
                body = await reader.readexactly(length)
                if b'"stream":true' in body.replace(b" ", b""):
                    writer.write(STREAM_HEAD)
                    for start in range(0, len(stream), 4096):
                        piece = stream[start : start + 4096]
                        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    writer.write(b"0\r\n\r\n")
                else:
                    writer.write(PLAIN_HEAD + REPLY)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _main(pipe: Connection, chunks: int) -> None:
    asyncio.run(_serve(pipe, chunks))


class Server:
    """`with Server() as url:` serves OpenAI's chat completions under `url`."""

    def __init__(self, chunks: int = 5000) -> None:
        self._receive, send = multiprocessing.Pipe(duplex=False)
        self._process = multiprocessing.Process(target=_main, args=(send, chunks), daemon=True)

    def __enter__(self) -> str:
        self._process.start()
        return f"http://127.0.0.1:{self._receive.recv()}/v1"

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()
