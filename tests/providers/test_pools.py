"""Many async calls at once are spread over several connection pools; a few share one, and no place is lost."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from llmclient import ProviderConfig, RequestTimeoutError, Timeouts, get_provider
from llmclient.providers._pools import POOLS, ROOM
from llmclient.types import ChatRequest

BODY = b'{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY)
REQUEST = ChatRequest(model="m", messages=[{"role": "user", "content": "hi"}])


class Server:
    """Answers only once `together` requests wait; counts connections, and remembers the first lines of requests."""

    def __init__(self) -> None:
        self.together = 1
        self.connections = 0
        self.lines: list[str] = []
        self.full = asyncio.Event()
        self.url = ""
        self._waiting: list[asyncio.Event] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while head := await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b"":
            self.lines.append(head.split(b"\r\n")[0].decode())
            if len(self.lines) == ROOM:
                self.full.set()
            lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            await reader.readexactly(int(lengths[0].split(b":")[1]))
            await self._gathered()
            writer.write(HEAD + BODY)
            await writer.drain()

    async def _gathered(self) -> None:
        mine = asyncio.Event()
        self._waiting.append(mine)
        if len(self._waiting) >= self.together:
            for event in self._waiting:
                event.set()
            self._waiting.clear()
        await mine.wait()


@asynccontextmanager
async def serving():
    server, tasks = Server(), set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        try:
            await server.serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    provider = get_provider("openai", ProviderConfig(api_key="sk-canary-0001", base_url=server.url))
    try:
        yield server, provider
    finally:
        await provider.aclose()
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_calls_one_after_another_share_one_connection():
    async with serving() as (server, provider):
        for _ in range(5):
            assert (await provider.complete(REQUEST)).text == "Hi"
        assert server.connections == 1


async def test_more_calls_at_once_than_all_pools_have_room_for_are_all_answered_and_leave_their_places():
    many = POOLS * ROOM + 9
    async with serving() as (server, provider):
        server.together = many
        replies = await asyncio.gather(*(provider.complete(REQUEST) for _ in range(many)))
        assert [reply.text for reply in replies] == ["Hi"] * many
        assert server.connections == many
        server.together = ROOM
        await asyncio.gather(*(provider.complete(REQUEST) for _ in range(ROOM)))
        assert server.connections == many  # those of the first pool are free again, and enough


async def test_a_call_that_fails_or_is_cancelled_gives_its_place_back():
    async with serving() as (server, provider):
        server.together = 10**6
        waiting = [asyncio.ensure_future(provider.complete(REQUEST)) for _ in range(ROOM)]
        await server.full.wait()
        for task in waiting[1:]:
            task.cancel()
        await asyncio.gather(*waiting[1:], return_exceptions=True)
        server.together = 1
        for _ in range(2 * ROOM):
            await provider.complete(REQUEST)
        assert server.connections == ROOM + 1  # one new one, in the first pool
        assert (await waiting[0]).text == "Hi"


async def test_a_timeout_while_many_wait_is_ours():
    async with serving() as (server, provider):
        server.together = 10**6
        hasty = ChatRequest(model="m", messages=REQUEST.messages, timeouts=Timeouts(total=0.05))
        with pytest.raises(RequestTimeoutError):
            await provider.complete(hasty)


async def test_a_proxy_of_the_environment_is_asked(monkeypatch):
    async with serving() as (server, _):
        monkeypatch.setenv("HTTP_PROXY", server.url)
        monkeypatch.setenv("http_proxy", server.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        behind = get_provider("openai", ProviderConfig(api_key="sk-canary-0001", base_url="http://127.0.0.1:1/v1"))
        assert (await behind.complete(REQUEST)).text == "Hi"
        await behind.aclose()
        assert server.lines == ["POST http://127.0.0.1:1/v1/chat/completions HTTP/1.1"]
