"""A stream that is left early, cancelled or forgotten closes its connection, through the router and the real SDK."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
from contextlib import suppress

import pytest

from llmclient import ModelRouter, ProviderConfig, SyncModelRouter
from support.canned import Answer, Canned

FRAME = b'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'
EVENT_STREAM = {"content-type": "text/event-stream"}


class Endless:
    """Frames for ever."""

    def __iter__(self):
        while True:
            yield FRAME


def reached(canned: Canned) -> dict:
    return {"openai": ProviderConfig(api_key="sk-canary-0001", base_url="http://h", http_client=canned)}


@pytest.fixture
def canned() -> Canned:
    return Canned(Answer(Endless(), headers=EVENT_STREAM))


async def test_leaving_the_block_early_closes_the_connection(canned):
    async with ModelRouter("openai/m", providers=reached(canned)) as router:
        async with router.stream("hi") as stream:
            async for _ in stream:
                break
        assert (canned.opened, canned.closed) == (1, 1)
        assert stream.response.text == "x"


async def test_an_error_in_the_block_closes_the_connection(canned):
    async with ModelRouter("openai/m", providers=reached(canned)) as router:
        with pytest.raises(KeyError):
            async with router.stream("hi") as stream:
                await anext(stream)
                raise KeyError("mine")
        assert (canned.opened, canned.closed) == (1, 1)


async def test_a_cancelled_reader_closes_the_connection(canned):
    async with ModelRouter("openai/m", providers=reached(canned)) as router:
        begun = asyncio.Event()

        async def read() -> None:
            async with router.stream("hi") as stream:
                await anext(stream)
                begun.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(read())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (canned.opened, canned.closed) == (1, 1)


async def test_a_call_cancelled_before_its_answer_leaves_nothing_open():
    started = asyncio.Event()
    closed = []

    class Silent:
        def __init__(self, http):
            class Transport(http.AsyncBaseTransport):
                async def handle_async_request(self, request):
                    started.set()
                    try:
                        await asyncio.Event().wait()
                    finally:
                        closed.append(True)

            self.client = http.AsyncClient(transport=Transport())

    config = ProviderConfig(api_key="k", base_url="http://h", http_client=lambda http, _: Silent(http).client)
    async with ModelRouter("openai/m", providers={"openai": config}) as router:
        task = asyncio.create_task(router.complete("hi"))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert closed == [True]


def test_a_sync_stream_left_early_closes_the_connection(canned):
    with SyncModelRouter("openai/m", providers=reached(canned)) as router:
        with router.stream("hi") as stream:
            next(stream)
        assert (canned.opened, canned.closed) == (1, 1)


def test_routers_in_loops_that_come_and_go_leave_no_open_socket(canned):
    async def one() -> None:
        router = ModelRouter("openai/m", providers=reached(canned))
        async with router.stream("hi") as stream:
            await anext(stream)

    for _ in range(3):
        asyncio.run(one())
    gc.collect()
    assert canned.opened == canned.closed == 3


class Talker:
    """A server on the loopback interface that streams for ever, and knows when its client hung up."""

    def __init__(self) -> None:
        self.hung_up = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self) -> None:
        connection, _ = self.socket.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + FRAME)
            connection.settimeout(20)
            while connection.recv(65536):
                pass  # the rest of the request
            self.hung_up.set()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.socket.close()
        self.thread.join()


@pytest.mark.parametrize("end", ["break", "error", "cancel"])
async def test_a_stream_over_a_socket_that_is_left_hangs_up(end):
    with Talker() as talker:
        config = ProviderConfig(api_key="sk-canary-0001", base_url=talker.url)
        async with ModelRouter("openai/m", providers={"openai": config}) as router:

            async def read() -> None:
                async with router.stream("hi") as stream:
                    await anext(stream)
                    if end == "error":
                        raise KeyError("mine")
                    if end == "cancel":
                        asyncio.current_task().cancel()
                        await anext(stream)

            with suppress(KeyError, asyncio.CancelledError):
                await asyncio.create_task(read())
            assert await asyncio.to_thread(talker.hung_up.wait, 20), "the connection is still open"


def test_a_sync_stream_over_a_socket_that_is_left_hangs_up():
    with Talker() as talker:
        config = ProviderConfig(api_key="sk-canary-0001", base_url=talker.url)
        with SyncModelRouter("openai/m", providers={"openai": config}) as router:
            with router.stream("hi") as stream:
                next(stream)
            assert talker.hung_up.wait(20), "the connection is still open"
