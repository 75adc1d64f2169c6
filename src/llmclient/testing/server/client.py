"""The way a router of this process goes to the server door: over a real socket, in virtual time.

Two things cannot be had from a server on loopback. What happens before a connection is there (a name that does not
resolve, a certificate, a refusal) cannot be played by who has accepted it already; and a client's patience ends in real
time. For clients of our own process the server notes what a cut connection stands for, and this transport, wrapped
around httpx's own, raises it. The socket itself gets a time limit of its own that no test should meet.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from llmclient.testing.dialects.wire import NoAnswer
from llmclient.testing.server.app import CALL_HEADER
from llmclient.testing.server.connection import TIMEOUT_HEADER
from llmclient.testing.transport import time_limits

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from types import ModuleType

    from llmclient.protocols import Clock
    from llmclient.providers.config import Flavour, HTTPClientFactory
    from llmclient.testing.server.app import FakeServer

REAL_LIMIT = 60.0
"""Real seconds after which a socket gives up: something is broken then, and it is no fault of a script."""

_numbers = itertools.count(1)


class _Request(Protocol):
    headers: MutableMapping[str, str]
    extensions: MutableMapping[str, object]


class _SyncStream(Protocol):
    def __iter__(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


class _AsyncStream(Protocol):
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def aclose(self) -> None: ...


class _Response(Protocol):
    stream: object


class _Inner(Protocol):
    def handle_request(self, request: object) -> _Response: ...
    def close(self) -> None: ...
    async def handle_async_request(self, request: object) -> _Response: ...
    async def aclose(self) -> None: ...


class _Exchange:
    """One request, and what became of it."""

    def __init__(self, http: ModuleType, server: FakeServer, request: object) -> None:
        self._http = http
        self._server = server
        self._request = request
        self._number = str(next(_numbers))
        self.pace = server.pace(self._number)
        sent = cast("_Request", request)
        self._limits = time_limits(request)
        sent.headers[CALL_HEADER] = self._number
        sent.headers.pop(TIMEOUT_HEADER, None)
        if self._limits.get("read") is not None:
            sent.headers[TIMEOUT_HEADER] = str(self._limits["read"])
        sent.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), REAL_LIMIT)

    def refused(self) -> Exception | None:
        """What the script raised instead of answering this request."""
        return self._server.script_error(self._number)

    def told(self) -> tuple[float, Exception] | None:
        """Virtual seconds that pass, and the exception that the server noted for this request."""
        failure = self._server.failure(self._number)
        if failure is None:
            return None
        if isinstance(failure, NoAnswer):
            phase = {"ConnectTimeout": "connect", "ReadTimeout": "read"}.get(failure.fault.exception)
            seconds = self._limits.get(phase) if phase is not None else None
            return seconds or 0.0, self._make(failure.fault.exception, failure.fault.text)
        return self._limits.get("read") or 0.0, self._make("ReadTimeout", "The read operation timed out")

    def _make(self, name: str, text: str) -> Exception:
        error: Exception = getattr(self._http, name)(text, request=self._request)
        return error


class _Body:
    """The server's body, with failures raised as what they stand for."""

    def __init__(self, exchange: _Exchange, clock: Clock, inner: object) -> None:
        self._exchange = exchange
        self._clock = clock
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        pace = self._exchange.pace
        try:
            pace.ask()
            for data in cast("_SyncStream", self._inner):
                pace.take(len(data))
                yield data
                pace.ask()
        except Exception:
            told = self._exchange.told()
            if told is None:
                raise
            self._clock.sleep(told[0])
            raise told[1] from None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pace = self._exchange.pace
        try:
            pace.ask()
            async for data in cast("_AsyncStream", self._inner):
                pace.take(len(data))
                yield data
                pace.ask()
            pace.leave()
        except Exception:
            pace.leave()
            told = self._exchange.told()
            if told is None:
                raise
            await self._clock.async_sleep(told[0])
            raise told[1] from None

    def close(self) -> None:
        """Give the connection back."""
        self._exchange.pace.leave()
        cast("_SyncStream", self._inner).close()

    async def aclose(self) -> None:
        """Give the connection back."""
        self._exchange.pace.leave()
        await cast("_AsyncStream", self._inner).aclose()


class _Transport:
    """httpx's own transport, with failures raised as what they stand for."""

    _http: ModuleType

    def __init__(self, server: FakeServer, inner: object) -> None:
        self._server = server
        self._inner = cast("_Inner", inner)

    def handle_request(self, request: object) -> object:
        exchange = _Exchange(self._http, self._server, request)
        clock = self._server.harness.clock
        try:
            response = self._inner.handle_request(request)
        except Exception:
            exchange.pace.leave()
            told = exchange.told()
            if told is None:
                raise
            clock.sleep(told[0])
            raise told[1] from None
        if refused := exchange.refused():
            cast("_SyncStream", response.stream).close()
            raise refused
        response.stream = _body_class(self._http)(exchange, clock, response.stream)
        return response

    async def handle_async_request(self, request: object) -> object:
        import asyncio

        exchange = _Exchange(self._http, self._server, request)
        exchange.pace.begin(asyncio.get_running_loop())
        clock = self._server.harness.clock
        try:
            response = await self._inner.handle_async_request(request)
        except BaseException as error:
            exchange.pace.leave()
            told = exchange.told() if isinstance(error, Exception) else None
            if told is None:
                raise
            await clock.async_sleep(told[0])
            raise told[1] from None
        exchange.pace.take(0)
        if refused := exchange.refused():
            await cast("_AsyncStream", response.stream).aclose()
            raise refused
        response.stream = _body_class(self._http)(exchange, clock, response.stream)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


@cache
def _body_class(http: ModuleType) -> type[_Body]:
    return cast("type[_Body]", type("ServerBody", (_Body, http.SyncByteStream, http.AsyncByteStream), {}))


@cache
def _transport_class(http: ModuleType) -> type[_Transport]:
    bases = (_Transport, http.BaseTransport, http.AsyncBaseTransport)
    return cast("type[_Transport]", type("ServerTransport", bases, {"_http": http}))


def client_factory(server: FakeServer) -> HTTPClientFactory:
    """Make the function that `ProviderConfig(http_client=)` takes, for clients that go to `server`."""

    def make(http: ModuleType, flavour: Flavour) -> object:
        sync = flavour == "sync"
        # The server speaks plain HTTP: without `verify` no store of certificates is read (15 ms a client).
        inner: object = (http.HTTPTransport if sync else http.AsyncHTTPTransport)(verify=False)
        transport = _transport_class(http)(server, inner)
        client: object = (http.Client if sync else http.AsyncClient)(transport=transport)
        return client

    return make
