"""aiohttp, beneath the SDKs' aiohttp transports or on its own: caught in `ClientSession._request`, as vcrpy does.

A replayed response is vcrpy's stand-in with a body that arrives in the recorded pieces. A live response keeps its
class; its body is read through a reader that pulls from the real one and tells the ticket. aiohttp and vcrpy are
reached by `import_module`: this module is loaded only where both are installed, and neither is a dependency.
"""

# pyright: reportPrivateUsage=false
# A session prepares its request in private methods, and vcrpy's stand-in keeps its body in a private field.

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from llmclient.testing.cassettes import scope
from llmclient.testing.cassettes._vcr import make_request
from llmclient.testing.cassettes.httpx_transport import ended_early, pieces
from llmclient.testing.cassettes.recording import Asked, Recording
from llmclient.testing.cassettes.transports import Patch

if TYPE_CHECKING:
    from llmclient.testing.cassettes.deck import Deck, Ticket

_aiohttp = import_module("aiohttp")
_stubs = import_module("vcr.stubs.aiohttp_stubs")

Pull = Callable[[], Awaitable[bytes]]


class _Body(Protocol):
    async def readany(self) -> bytes: ...
    async def read(self) -> bytes: ...


class _Response(Protocol):
    content: _Body
    _body: bytes | None

    @property
    def status(self) -> int: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class _URL(Protocol):
    def extend_query(self, query: object) -> _URL: ...


class _Session(Protocol):
    auto_decompress: bool

    def _prepare_headers(self, headers: object) -> Mapping[str, str]: ...
    def _build_url(self, url: object) -> _URL: ...
    def _json_serialize(self, document: object) -> str: ...


_Send = Callable[..., Awaitable[_Response]]
_Options = MutableMapping[str, object]


def aiohttp_patches() -> list[Patch]:
    """The one method that every request goes through."""
    return [Patch(_aiohttp.ClientSession, "_request", _wrap)]


def _wrap(real: Callable[..., object]) -> Callable[..., object]:
    send = cast("_Send", real)

    async def request(session: _Session, method: str, url: object, **options: object) -> object:
        __tracebackhide__ = True
        deck = scope.current_deck()
        if deck is None:
            return await send(session, method, url, **options)
        asked = await _asked(session, method, url, options)
        answer = deck.answer(asked)
        if answer is None:
            return await send(session, method, url, **options)
        check = options.pop("raise_for_status", None)
        if isinstance(answer, Recording):
            if deck.clock is not None:
                await deck.clock.async_sleep(answer.after)
            response = _replayed(asked, answer, deck)
        else:
            response = await _sent(send(session, method, url, raise_for_status=False, **options), answer)
            unpacked = options.get("auto_decompress")
            _listen(response, answer, unpacked=session.auto_decompress if unpacked is None else bool(unpacked))
        await _stubs._raise_for_status(session, check, response)  # noqa: SLF001 - vcrpy's rule for its own patch
        return response

    return request


async def _sent(sending: Awaitable[_Response], ticket: Ticket) -> _Response:
    try:
        return await sending
    except BaseException:
        ticket.failed()
        raise


async def _asked(session: _Session, method: str, url: object, options: _Options) -> Asked:
    """The request as it will leave; a body that can be read once is put back as bytes."""
    headers = [(str(name), str(value)) for name, value in session._prepare_headers(options.get("headers")).items()]  # noqa: SLF001
    address = session._build_url(url)  # noqa: SLF001 - what the real method does with the same arguments
    if options.get("params"):
        address = address.extend_query(options["params"])
    document = options.get("json")
    if document is not None and options.get("data") is None:
        body = session._json_serialize(document).encode()  # noqa: SLF001 - as above
        headers.append(("content-type", "application/json"))
    else:
        body = await _bytes_of(options.get("data"), options)
    return Asked(method=method, url=str(address), headers=headers, body=body)


async def _bytes_of(data: object, options: _Options) -> bytes:
    if data is None:
        return b""
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, (bytes, bytearray)):
        return bytes(data)
    if isinstance(data, memoryview):
        return data.tobytes()
    if hasattr(data, "__aiter__"):
        body = b"".join([piece async for piece in cast("_Pieces", data)])
        options["data"] = body
        return body
    form = data if isinstance(data, _aiohttp.FormData) else _aiohttp.FormData(data)
    payload = cast("Callable[[], _Payload]", form)()
    options["data"] = payload
    return await payload.as_bytes()


class _Pieces(Protocol):
    def __aiter__(self) -> _Pieces: ...
    async def __anext__(self) -> bytes: ...


class _Payload(Protocol):
    async def as_bytes(self) -> bytes: ...


def _listen(response: _Response, ticket: Ticket, *, unpacked: bool) -> None:
    """Let the ticket hear what is read from a live response."""
    headers = list(response.headers.items())
    if unpacked:  # the header stays, although aiohttp has taken the encoding off
        headers = [pair for pair in headers if pair[0].lower() != "content-encoding"]
    ticket.began(response.status, response.reason or "", headers)
    live = response.content

    async def pull() -> bytes:
        try:
            piece = await live.readany()
        except Exception as error:
            ticket.cut(error)
            raise
        if piece:
            ticket.piece(piece)
        else:
            ticket.whole()
        return piece

    response.content = _reader(pull)


class _Feed(Protocol):
    _pull: Pull

    def feed_data(self, data: bytes) -> None: ...
    def feed_eof(self) -> None: ...


async def _wait(reader: _Feed, func_name: str) -> None:  # noqa: ARG001 - aiohttp's signature
    piece = await reader._pull()  # noqa: SLF001 - this is a method of the reader
    if piece:
        reader.feed_data(piece)
    else:
        reader.feed_eof()


_Reader: type = type(
    "PullingReader", (import_module("aiohttp.streams").StreamReader,), {"__slots__": ("_pull",), "_wait": _wait}
)
"""aiohttp's reader, with all its ways of reading, over a function that gives the next piece; b"" is the end."""


def _reader(pull: Pull) -> _Body:
    reader = _Reader(_stubs._NoConnection(), 2**20, loop=asyncio.get_running_loop())  # noqa: SLF001 - as vcrpy's own
    reader._pull = pull  # noqa: SLF001 - the class is built above
    return cast("_Body", reader)


async def _read(response: _Response) -> bytes:
    if response._body is None:  # noqa: SLF001 - this is a method of the response
        response._body = await response.content.read()  # noqa: SLF001 - the same
    return response._body  # noqa: SLF001 - the same


async def _text(response: _Response, encoding: str = "utf-8", errors: str = "strict") -> str:
    return (await _read(response)).decode(encoding, errors)


async def _json(response: _Response, **options: object) -> object:
    await _read(response)
    document: object = await _stubs.MockClientResponse.json(response, **options)
    return document


_Replayed: type = type("ReplayedResponse", (_stubs.MockClientResponse,), {"read": _read, "text": _text, "json": _json})
"""vcrpy's stand-in, which reads its body instead of having it, so that a cut is a cut here too."""


def _replayed(asked: Asked, recording: Recording, deck: Deck) -> _Response:
    headers: dict[str, list[str]] = {}
    for name, value in recording.headers:
        headers.setdefault(name, []).append(value)
    status = {"code": recording.status, "message": recording.reason}
    stored = {"status": status, "headers": headers, "body": {"string": b""}}
    response = _stubs.build_response(make_request(asked.method, asked.url, b"", dict(asked.headers)), stored, [])
    response.__class__ = _Replayed
    response._body = None  # noqa: SLF001 - vcrpy's stand-in holds its body there
    response.content = _reader(_player(recording, deck))
    return cast("_Response", response)


def _player(recording: Recording, deck: Deck) -> Pull:
    waiting: Iterator[tuple[float, bytes]] = pieces(recording)

    async def pull() -> bytes:
        wait, piece = next(waiting, (0.0, b""))
        if deck.clock is not None and wait > 0:
            await deck.clock.async_sleep(wait)
        if not piece and recording.end == "cut":
            text = recording.error or "the connection was cut while this was recorded"
            raise cast("type[Exception]", _aiohttp.ClientPayloadError)(text)
        if not piece and recording.end == "closed":
            raise ended_early(deck)
        return piece

    return pull
