"""Spreads the async requests of one client over several connection pools.

A pool of httpx looks at every connection it has whenever a request begins or ends, idle sockets included: its work
grows with the square of the calls under way, and from about fifty on it outweighs everything else in a call. A few
small pools side by side do the same for less. A request goes to the first pool with room, so that calls one after
another share one connection; only where all are busy the emptiest takes more.

Both httpx have the same two base classes, and a transport must be made of those of the client that it serves.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from functools import cache
from types import ModuleType, TracebackType, new_class
from typing import TYPE_CHECKING, Protocol, Self, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOM = 8
"""Requests under way that a pool takes before the next pool is used, and idle connections that it keeps."""

POOLS = 16
"""Pools at the most."""

CONNECTIONS = 1000
"""Connections at the most, over all pools: the SDKs' own limit (their `_constants.py`)."""

_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 60), ("TCP_KEEPCNT", 5))
"""What the anthropic SDK sets on its sockets, so that no network drops a connection while a model thinks."""


class _Stream(Protocol):
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def aclose(self) -> None: ...


class _Response(Protocol):
    stream: _Stream


class _Transport(Protocol):
    async def handle_async_request(self, request: object) -> _Response: ...
    async def aclose(self) -> None: ...


class _Pool:
    """A pool and the number of requests it has under way."""

    __slots__ = ("busy", "transport")

    def __init__(self, transport: _Transport) -> None:
        self.transport = transport
        self.busy = 0


class _CountedBody:
    """The body of an answer, which frees its pool's place when it is closed."""

    def __init__(self, stream: _Stream, pool: _Pool) -> None:
        self._stream = stream
        self._pool: _Pool | None = pool

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream.__aiter__()

    async def aclose(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.busy -= 1
        await self._stream.aclose()


class _Pools:
    """The transport."""

    def __init__(self, make: Callable[[], _Transport], body: Callable[[_Stream, _Pool], _Stream]) -> None:
        self._make = make
        self._body = body
        self._pools: list[_Pool] = []

    async def handle_async_request(self, request: object) -> _Response:
        pool = self._choose()
        pool.busy += 1
        try:
            response = await pool.transport.handle_async_request(request)
        except BaseException:
            pool.busy -= 1
            raise
        response.stream = self._body(response.stream, pool)
        return response

    def _choose(self) -> _Pool:
        for pool in self._pools:
            if pool.busy < ROOM:
                return pool
        if len(self._pools) < POOLS:
            self._pools.append(_Pool(self._make()))
            return self._pools[-1]
        return min(self._pools, key=lambda pool: pool.busy)

    async def aclose(self) -> None:
        pools, self._pools = self._pools, []
        for pool in pools:
            await pool.transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self.aclose()


def spread_over_pools(http: ModuleType, ssl_context: object) -> object:
    """Return an async transport for a client of `http`, which is httpx or httpx2."""
    transport, body = _classes(http)
    limits: object = http.Limits(max_connections=CONNECTIONS // POOLS, max_keepalive_connections=ROOM)
    options = _socket_options()

    def make() -> _Transport:
        return cast("_Transport", http.AsyncHTTPTransport(verify=ssl_context, limits=limits, socket_options=options))

    return transport(make, body)


@cache
def _classes(http: ModuleType) -> tuple[type[_Pools], Callable[[_Stream, _Pool], _Stream]]:
    """The two classes of this file, made of those of `http`."""
    body = new_class("CountedBody", (_CountedBody, http.AsyncByteStream))
    transport = new_class("PoolsTransport", (_Pools, http.AsyncBaseTransport))
    return cast("type[_Pools]", transport), cast("Callable[[_Stream, _Pool], _Stream]", body)


def _socket_options() -> Sequence[tuple[int, int, int]]:
    known = [(name, value) for name, value in _KEEPALIVE if hasattr(socket, name)]
    own = [(socket.IPPROTO_TCP, int(getattr(socket, name)), value) for name, value in known]
    return [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), *own]
