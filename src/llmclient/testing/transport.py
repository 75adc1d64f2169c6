"""Door 2: a transport beneath the vendors' SDKs that plays a script as wire bytes, without a network.

One class for httpx and httpx2, sync and async: the behaviour stands in mixins here, and `transport_for` joins them
with the base classes of the httpx that the SDK speaks. They are subclasses of `BaseTransport`, since a
`MockTransport` is itself patched by vcrpy. Steps that misbehave raise what httpx raises at a real socket, with its
own words; waiting moves the clock that is handed in, and a wait longer than the client's read timeout ends with it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import unquote

from llmclient.testing.dialects.wire import (
    Cut,
    Hang,
    NoAnswer,
    Send,
    Step,
    Wait,
    WireAnswer,
    WireRequest,
    WireResponse,
)

if TYPE_CHECKING:
    from types import ModuleType

    from llmclient.protocols import Clock
    from llmclient.providers.config import Flavour, HTTPClientFactory

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"(?:[^\x00\s]+(?:[ \t]+[^\x00\s]+)*)?")
"""What h11, which writes httpx's requests, takes as the name and as the value of a header (its `_abnf.py`)."""
_CUT = "peer closed connection without sending complete message body (incomplete chunked read)"
_SHORT = "peer closed connection without sending complete message body (received {} bytes, expected {})"


class Player(Protocol):
    """Answers requests: the script, spoken in a dialect."""

    @property
    def clock(self) -> Clock:
        """What time it is, and how waiting is done."""
        ...

    def answer(self, request: WireRequest) -> WireAnswer:
        """Play the next turn for this request."""
        ...

    async def answer_async(self, request: WireRequest) -> WireAnswer:
        """Play the next turn for this request; a turn may be a coroutine function."""
        ...


class _Request(Protocol):
    """The part of an httpx request that is read here; both httpx have it."""

    method: str
    headers: Mapping[str, str]
    extensions: Mapping[str, object]
    url: _URL

    def read(self) -> bytes: ...
    async def aread(self) -> bytes: ...


class _URL(Protocol):
    raw_path: bytes


def wire_request(request: object, body: bytes, provider: str) -> WireRequest:
    """Read an httpx request."""
    sent = cast("_Request", request)
    return WireRequest(
        method=sent.method,
        path=unquote(sent.url.raw_path.partition(b"?")[0].decode("ascii")),
        headers={name.lower(): value for name, value in sent.headers.items()},
        body=body,
        provider=provider,
        read_timeout=time_limits(request).get("read"),
    )


def time_limits(request: object) -> Mapping[str, float | None]:
    """The seconds a client gives each phase of an httpx request; without an entry it waits for ever."""
    timeouts = cast("_Request", request).extensions.get("timeout")
    return cast("Mapping[str, float | None]", timeouts) if isinstance(timeouts, Mapping) else dict[str, float | None]()


class Performance:
    """One answer being performed to one request; what both flavours share."""

    def __init__(self, http: ModuleType, request: object, clock: Clock) -> None:
        self.http = http
        self.request = request
        self.clock = clock
        self._limits = time_limits(request)

    def broken(self, name: str, text: str) -> Exception:
        """An exception of httpx's."""
        raised: Exception = getattr(self.http, name)(text, request=self.request)
        return raised

    def waits(self, step: Step) -> tuple[float, Exception | None]:
        """How long to wait, and the exception by which the client's patience ends with it."""
        limit = self._limits.get("read")
        seconds = step.seconds if isinstance(step, Wait) else 0.0
        if isinstance(step, Hang) or (limit is not None and seconds > limit):
            return limit or 0.0, self.broken("ReadTimeout", "The read operation timed out")
        return seconds, None

    def unreached(self, answer: NoAnswer) -> tuple[float, Exception]:
        """How long to wait, and the exception that comes instead of an answer."""
        fault = answer.fault
        limit = {"ConnectTimeout": "connect", "ReadTimeout": "read"}.get(fault.exception)
        seconds = self._limits.get(limit) if limit is not None else None
        error = self.broken(fault.exception, fault.text)
        if answer.done is not None:
            answer.done(error)
        return seconds or 0.0, error


class Body:
    """The body of an answer: performs the steps when it is read, by either kind of client."""

    def __init__(self, performance: Performance, response: WireResponse) -> None:
        self._performance = performance
        self._steps = response.steps
        self._done = response.done
        declared = response.header("content-length")
        self._declared = int(declared) if declared is not None else None
        self._sent = 0

    def _send(self, step: Step, over: Exception | None) -> bytes:
        if over is not None:
            raise over
        if isinstance(step, Cut):
            raise self._cut()
        data = step.data if isinstance(step, Send) else b""
        if self._declared is not None and self._sent + len(data) > self._declared:
            data = data[: self._declared - self._sent]
        self._sent += len(data)
        return data

    def _cut(self) -> Exception:
        text = _CUT if self._declared is None else _SHORT.format(self._sent, self._declared)
        return self._performance.broken("RemoteProtocolError", text)

    def _end(self, error: BaseException | None) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(error)

    def __iter__(self) -> Iterator[bytes]:
        performance = self._performance
        try:
            for step in self._steps:
                seconds, over = performance.waits(step)
                if seconds > 0:
                    performance.clock.sleep(seconds)
                if data := self._send(step, over):
                    yield data
            self._check_length()
        except BaseException as error:
            self._end(error)
            raise
        self._end(None)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        performance = self._performance
        try:
            for step in self._steps:
                seconds, over = performance.waits(step)
                if seconds > 0:
                    await performance.clock.async_sleep(seconds)
                if data := self._send(step, over):
                    yield data
            self._check_length()
        except BaseException as error:
            self._end(error)
            raise
        self._end(None)

    def _check_length(self) -> None:
        if self._declared is not None and self._sent < self._declared:
            raise self._cut()

    def close(self) -> None:
        """The client needs no more."""
        self._end(None)

    async def aclose(self) -> None:
        """The client needs no more."""
        self._end(None)


class _Transport:
    """Answers requests from a player."""

    _http: ModuleType

    def __init__(self, player: Player, provider: str) -> None:
        self._player = player
        self._provider = provider

    def handle_request(self, request: object) -> object:
        self._check(request)
        wire = wire_request(request, cast("_Request", request).read(), self._provider)
        answer = self._player.answer(wire)
        performance = Performance(self._http, request, self._player.clock)
        if isinstance(answer, NoAnswer):
            seconds, error = performance.unreached(answer)
            if seconds > 0:
                self._player.clock.sleep(seconds)
            raise error
        return self._respond(performance, answer)

    async def handle_async_request(self, request: object) -> object:
        self._check(request)
        wire = wire_request(request, await cast("_Request", request).aread(), self._provider)
        answer = await self._player.answer_async(wire)
        performance = Performance(self._http, request, self._player.clock)
        if isinstance(answer, NoAnswer):
            seconds, error = performance.unreached(answer)
            if seconds > 0:
                await self._player.clock.async_sleep(seconds)
            raise error
        return self._respond(performance, answer)

    def _check(self, request: object) -> None:
        """Refuse what httpx would refuse to write on a socket."""
        for name, value in cast("_Request", request).headers.items():
            if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
                raise cast("Exception", self._http.LocalProtocolError(f"Illegal header {name!r}: {value!r}"))

    def _respond(self, performance: Performance, answer: WireResponse) -> object:
        body = _body_class(self._http)(performance, answer)
        headers = [(name.encode("ascii"), value.encode("utf-8")) for name, value in answer.headers]
        response: object = self._http.Response(answer.status, headers=headers, stream=body, request=performance.request)
        return response

    def close(self) -> None:
        """Nothing is held."""

    async def aclose(self) -> None:
        """Nothing is held."""


@cache
def _body_class(http: ModuleType) -> type[Body]:
    bases = (Body, http.SyncByteStream, http.AsyncByteStream)
    return cast("type[Body]", type("ScriptedBody", bases, {}))


@cache
def _transport_class(http: ModuleType) -> type[_Transport]:
    bases = (_Transport, http.BaseTransport, http.AsyncBaseTransport)
    return cast("type[_Transport]", type("ScriptedTransport", bases, {"_http": http}))


def transport_for(http: ModuleType, player: Player, provider: str = "openai") -> object:
    """Make a transport for a client of that httpx, sync or async.

    Args:
        http: the module, `httpx` or `httpx2`.
        player: what answers.
        provider: who is played, such as "anthropic"; it chooses the dialect.

    Returns:
        An object that is both a `BaseTransport` and an `AsyncBaseTransport` of that module.
    """
    return _transport_class(http)(player, provider)


def client_factory(player: Player, provider: str) -> HTTPClientFactory:
    """Make the function that `ProviderConfig(http_client=)` takes, for clients that are answered by `player`."""

    def make(http: ModuleType, flavour: Flavour) -> object:
        transport = transport_for(http, player, provider)
        client: object = (http.Client if flavour == "sync" else http.AsyncClient)(transport=transport)
        return client

    return make
