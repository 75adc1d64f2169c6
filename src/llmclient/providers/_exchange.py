"""One call to a vendor, from request to response: encode, send, read, decode.

A vendor's way to do one thing is described by a `Wire`: its path, its encoder, its decoder and its error rows.
Everything else is here, once, for every capability; sending and the naming of errors are a `Call`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from llmclient.providers._call import Call, CallRequest, Payload, StreamError
from llmclient.providers._errors import ErrorRow, header_request_id
from llmclient.types.reply import Reply
from llmclient.types.request import ChatRequest
from llmclient.types.response import ModelResponse

if TYPE_CHECKING:
    from llmclient.providers._event_stream import AsyncEventStream, SyncEventStream
    from llmclient.providers._sdk import SDKClients
    from llmclient.providers._sse import ServerSentEvent
    from llmclient.types.stream import StreamChunk

__all__ = ["EventDecoder", "Exchange", "PlainExchange", "PlainWire", "StreamError", "Wire"]

Q = TypeVar("Q", bound=CallRequest)
Q_contra = TypeVar("Q_contra", bound=CallRequest, contravariant=True)
R = TypeVar("R", bound=Reply)
R_co = TypeVar("R_co", bound=Reply, covariant=True)


class EventDecoder(Protocol):
    """A vendor's stream, event by event; a pure state machine."""

    done: bool
    """Whether the vendor's own mark of the end has come."""

    def decode(self, event: ServerSentEvent) -> Sequence[StreamChunk]:
        """Turn one event into chunks.

        Raises:
            StreamError: the event reports an error.
            ValueError: the event cannot be read.
        """
        ...


class PlainWire(Protocol[Q_contra, R_co]):
    """How one vendor does one thing that is read whole."""

    path: str
    error_rows: Sequence[ErrorRow]

    def encode(self, request: Q_contra) -> Payload | None:
        """The body to send, None for a GET. Raises `RequestError`."""
        ...

    def decode(self, body: bytes) -> R_co:
        """Read a whole answer. Raises `StreamError` for an error in it, `ValueError` where it cannot be read."""
        ...


class Wire(PlainWire[ChatRequest, ModelResponse], Protocol):
    """What tells one vendor's chat API from another's."""

    def encode(self, request: ChatRequest) -> Mapping[str, object]:
        """The body to send. Raises `RequestError`."""
        ...

    def event_decoder(self) -> EventDecoder:
        """A decoder for one stream."""
        ...


class PlainExchange(Call[Q], Generic[Q, R]):
    """One request and its answer, whole."""

    def __init__(self, provider: str, wire: PlainWire[Q, R], clients: SDKClients, request: Q) -> None:
        super().__init__(provider, clients, request, wire.error_rows)
        self._plain = wire

    async def complete(self) -> R:
        """Send and read the whole answer."""
        response = await self.send(self._plain.path, self._plain.encode(self.request))
        return self.decode(response.content, response.headers)

    def complete_sync(self) -> R:
        """Send and read the whole answer."""
        response = self.send_sync(self._plain.path, self._plain.encode(self.request))
        return self.decode(response.content, response.headers)

    def decode(self, body: bytes, headers: Mapping[str, str]) -> R:
        """Read a whole answer, or raise the error that it is."""
        try:
            decoded = self._plain.decode(body)
        except StreamError as error:
            raise self.reported(error, headers) from None
        except ValueError as error:
            raise self.malformed(body, error, headers) from error
        decoded.provider = self.provider
        decoded.request_id = header_request_id(headers) or decoded.request_id
        decoded.attach(raw=body)
        return decoded


class Exchange(PlainExchange[ChatRequest, ModelResponse]):
    """One chat request and its answer, whole or as a stream."""

    def __init__(self, provider: str, wire: Wire, clients: SDKClients, request: ChatRequest) -> None:
        super().__init__(provider, wire, clients, request)
        self.wire = wire

    async def stream(self) -> AsyncEventStream:
        """Send, and return the stream once the vendor has accepted the request."""
        from llmclient.providers._event_stream import AsyncEventStream

        body = self.wire.encode(self.request)
        started = self.clock.monotonic()
        return AsyncEventStream(self, await self.open(self.wire.path, body), started)

    def stream_sync(self) -> SyncEventStream:
        """Send, and return the stream once the vendor has accepted the request."""
        from llmclient.providers._event_stream import SyncEventStream

        body = self.wire.encode(self.request)
        started = self.clock.monotonic()
        return SyncEventStream(self, self.open_sync(self.wire.path, body), started)
