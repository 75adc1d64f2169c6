"""httpx and httpx2: the same code for both, with the module handed in. They differ in nothing that is used here."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from llmclient.testing.cassettes import scope
from llmclient.testing.cassettes.errors import CassetteMissError
from llmclient.testing.cassettes.recording import Asked, Recording
from llmclient.testing.cassettes.transports import Patch

if TYPE_CHECKING:
    from llmclient.protocols import Clock
    from llmclient.testing.cassettes.deck import Deck, Ticket


class _Headers(Protocol):
    def multi_items(self) -> list[tuple[str, str]]: ...


class _Request(Protocol):
    @property
    def method(self) -> str: ...
    @property
    def url(self) -> object: ...
    @property
    def headers(self) -> _Headers: ...
    def read(self) -> bytes: ...
    async def aread(self) -> bytes: ...


class _SyncStream(Protocol):
    def __iter__(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


class _AsyncStream(Protocol):
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def aclose(self) -> None: ...


class _Response(Protocol):
    status_code: int
    stream: object

    @property
    def headers(self) -> _Headers: ...
    @property
    def reason_phrase(self) -> str: ...


def httpx_patches(name: str) -> list[Patch]:
    """The two methods of a flavour that send."""
    flavour = _Flavour(import_module(name))
    return [
        Patch(flavour.module.HTTPTransport, "handle_request", flavour.wrap_sync),
        Patch(flavour.module.AsyncHTTPTransport, "handle_async_request", flavour.wrap_async),
    ]


class _Flavour:
    """httpx or httpx2."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self._tee: Callable[[_SyncStream, Ticket], _SyncStream] = type("SyncTee", (_SyncTee, module.SyncByteStream), {})
        self._async_tee: Callable[[_AsyncStream, Ticket], _AsyncStream] = type(
            "AsyncTee", (_AsyncTee, module.AsyncByteStream), {}
        )
        self._paced: Callable[..., object] = type(
            "Paced", (_Paced, module.SyncByteStream, module.AsyncByteStream), {"errors": module}
        )

    def wrap_sync(self, real: Callable[..., object]) -> Callable[..., object]:
        def handle_request(transport: object, request: _Request) -> object:
            __tracebackhide__ = True
            deck = scope.current_deck()
            if deck is None:
                return real(transport, request)
            answer = deck.answer(_asked(request, request.read()))
            if answer is None:
                return real(transport, request)
            if isinstance(answer, Recording):
                if deck.clock is not None:
                    deck.clock.sleep(answer.after)
                return self._response(answer, deck)
            with _no_answer(answer):
                response: _Response = real(transport, request)  # type: ignore[assignment]
            _begin(answer, response)
            response.stream = self._tee(response.stream, answer)  # type: ignore[arg-type]
            return response

        handle_request.__wrapped__ = real  # type: ignore[attr-defined]
        return handle_request

    def wrap_async(self, real: Callable[..., object]) -> Callable[..., object]:
        send: Callable[..., Awaitable[_Response]] = real  # type: ignore[assignment]

        async def handle_async_request(transport: object, request: _Request) -> object:
            __tracebackhide__ = True
            deck = scope.current_deck()
            if deck is None:
                return await send(transport, request)
            answer = deck.answer(_asked(request, await request.aread()))
            if answer is None:
                return await send(transport, request)
            if isinstance(answer, Recording):
                if deck.clock is not None:
                    await deck.clock.async_sleep(answer.after)
                return self._response(answer, deck)
            with _no_answer(answer):
                response = await send(transport, request)
            _begin(answer, response)
            response.stream = self._async_tee(response.stream, answer)  # type: ignore[arg-type]
            return response

        handle_async_request.__wrapped__ = real  # type: ignore[attr-defined]
        return handle_async_request

    def _response(self, recording: Recording, deck: Deck) -> object:
        plain = recording.end == "whole" and not recording.chunks
        stream = self.module.ByteStream(recording.body) if plain else self._paced(recording, deck.clock, deck)
        extensions = {"http_version": b"HTTP/1.1"}
        if recording.reason:
            extensions["reason_phrase"] = recording.reason.encode("ascii", "replace")
        return self.module.Response(
            recording.status, headers=list(recording.headers), stream=stream, extensions=extensions
        )


def _asked(request: _Request, body: bytes) -> Asked:
    return Asked(method=request.method, url=str(request.url), headers=request.headers.multi_items(), body=body)


def _begin(ticket: Ticket, response: _Response) -> None:
    ticket.began(response.status_code, response.reason_phrase, response.headers.multi_items())


@contextlib.contextmanager
def _no_answer(ticket: Ticket) -> Generator[None, None, None]:
    try:
        yield
    except BaseException:
        ticket.failed()
        raise


class _SyncTee:
    """Passes a live body on as it arrives, and tells the ticket."""

    def __init__(self, stream: _SyncStream, ticket: Ticket) -> None:
        self._stream = stream
        self._ticket = ticket

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._stream:
                self._ticket.piece(piece)
                yield piece
        except Exception as error:
            self._ticket.cut(error)
            raise
        self._ticket.whole()

    def close(self) -> None:
        try:
            self._stream.close()
        finally:
            self._ticket.closed()


class _AsyncTee:
    """As `_SyncTee`, async."""

    def __init__(self, stream: _AsyncStream, ticket: Ticket) -> None:
        self._stream = stream
        self._ticket = ticket

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._stream:
                self._ticket.piece(piece)
                yield piece
        except Exception as error:
            self._ticket.cut(error)
            raise
        self._ticket.whole()

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            self._ticket.closed()


class _Paced:
    """A recorded body in the pieces it came in, on the recorded times where there is a clock, ended as it ended."""

    errors: ModuleType

    def __init__(self, recording: Recording, clock: Clock | None, deck: Deck) -> None:
        self._recording = recording
        self._clock = clock
        self._deck = deck

    def _pieces(self) -> Iterator[tuple[float, bytes]]:
        return pieces(self._recording)

    def __iter__(self) -> Iterator[bytes]:
        for wait, piece in pieces(self._recording):
            if self._clock is not None and wait > 0:
                self._clock.sleep(wait)
            yield piece
        self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for wait, piece in pieces(self._recording):
            if self._clock is not None and wait > 0:
                await self._clock.async_sleep(wait)
            yield piece
        self._end()

    def _end(self) -> None:
        if self._recording.end == "cut":
            name, _, text = self._recording.error.partition(": ")
            raise httpx_error(self.errors, name)(text or "the connection was cut while this was recorded")
        if self._recording.end == "closed":
            raise ended_early(self._deck)

    def close(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


def pieces(recording: Recording) -> Iterator[tuple[float, bytes]]:
    """The pieces of a body, each with the seconds to wait before it."""
    last, position = recording.after, 0
    for at, size in recording.chunks:
        yield at - last, recording.body[position : position + size]
        last, position = at, position + size
    if position < len(recording.body):
        yield 0.0, recording.body[position:]


def ended_early(deck: Deck) -> CassetteMissError:
    """The error of whoever reads on where the client that recorded had closed the stream."""
    error = CassetteMissError(
        f"the recording ends here, because the client closed this stream early when it was recorded\n"
        f"cassette: {deck.path}\nto record it whole: {deck.how_to_record}"
    )
    deck.misses.append(error)
    return error


_SAME_ERROR = {
    "ClientPayloadError": "RemoteProtocolError",
    "ServerDisconnectedError": "RemoteProtocolError",
    "ClientOSError": "ReadError",
    "ClientConnectionError": "ReadError",
    "ConnectionResetError": "ReadError",
    "SocketTimeoutError": "ReadTimeout",
    "ServerTimeoutError": "ReadTimeout",
}
"""aiohttp's errors of a broken body by httpx's names."""


def httpx_error(module: ModuleType, name: str) -> type[Exception]:
    """The flavour's error of that name, or the one that means the same; a cut nobody knows is a protocol error."""
    error = getattr(module, _SAME_ERROR.get(name, name), None)
    return error if isinstance(error, type) and issubclass(error, module.TransportError) else module.RemoteProtocolError
