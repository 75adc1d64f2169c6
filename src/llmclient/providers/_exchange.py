"""One call to a vendor, from request to response: encode, send through the SDK, read, decode, and name what failed.

A vendor is described by a `Wire`: its path, its encoder, its decoders and its error rows; everything else is here,
once, in two flavours (sync and async) that share every decision. A stream is a loop over three pure pieces: the SSE
reader cuts bytes into events, the vendor's decoder turns events into chunks, the accumulator keeps the response so
far. What goes wrong becomes one of our errors, with the partial response; no exception of httpx or of JSON escapes.

Time to the first event and between events is measured here, on events with data: comments that a gateway sends to
keep a connection open reset a socket's timeout, but not these.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn, Protocol, Self, TypedDict, cast

from llmclient.clock import SystemClock
from llmclient.errors import (
    FRAME_LIMIT,
    APIConnectionError,
    LLMClientError,
    MalformedResponseError,
    ProviderError,
    RequestTimeoutError,
    StreamInterruptedError,
)
from llmclient.providers._accumulate import ResponseAccumulator, chunks_of
from llmclient.providers._errors import (
    ErrorFacts,
    ErrorRow,
    TimeoutPhase,
    classify,
    header_request_id,
    make_error,
    read_facts,
    translate,
)
from llmclient.providers._sse import ServerSentEvent, SSEReader

if TYPE_CHECKING:
    from llmclient.protocols import Clock
    from llmclient.providers._sdk import SDKClients
    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse
    from llmclient.types.stream import StreamChunk


_DONE = b"[DONE]"
_KEEP_ALIVE = "ping"


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


class StreamError(Exception):
    """Raised by an event decoder on an event that reports an error; `body` is the event's JSON."""

    def __init__(self, body: Mapping[str, object], status_code: int | None = None) -> None:
        super().__init__("error event")
        self.body = body
        self.status_code = status_code


class Wire(Protocol):
    """What tells one vendor's chat API from another's."""

    path: str
    error_rows: Sequence[ErrorRow]

    def encode(self, request: ChatRequest) -> Mapping[str, object]:
        """The body to send. Raises `RequestError`."""
        ...

    def decode(self, body: bytes) -> ModelResponse:
        """Read a whole answer. Raises `StreamError` for an error in it, `ValueError` where it cannot be read."""
        ...

    def event_decoder(self) -> EventDecoder:
        """A decoder for one stream."""
        ...


class Exchange:
    """One request on its way: knows how to send it and how to name whatever fails."""

    def __init__(self, provider: str, wire: Wire, clients: SDKClients, request: ChatRequest) -> None:
        self.provider = provider
        self.wire = wire
        self.clients = clients
        self.request = request
        self.clock: Clock = request.clock or SystemClock()

    # --- plain ---

    async def complete(self) -> ModelResponse:
        """Send and read the whole answer."""
        body = self.wire.encode(self.request)
        client = await self.clients.for_async()
        try:
            response = await client.post(self.wire.path, **self._arguments(body, stream=False))
        except Exception as error:  # noqa: BLE001 - every exception of the SDK is translated, others are raised again
            self.fail(error)
        return self.decode(response.content, response.headers)

    def complete_sync(self) -> ModelResponse:
        """Send and read the whole answer."""
        body = self.wire.encode(self.request)
        client = self.clients.for_sync()
        try:
            response = client.post(self.wire.path, **self._arguments(body, stream=False))
        except Exception as error:  # noqa: BLE001 - every exception of the SDK is translated, others are raised again
            self.fail(error)
        return self.decode(response.content, response.headers)

    # --- streamed ---

    async def stream(self) -> AsyncEventStream:
        """Send, and return the stream once the vendor has accepted the request."""
        body = self.wire.encode(self.request)
        client = await self.clients.for_async()
        stream_class: object = self.clients.sdk.module.AsyncStream
        started = self.clock.monotonic()
        try:
            response = await client.post(
                self.wire.path, **self._arguments(body, stream=True, stream_class=stream_class)
            )
        except Exception as error:  # noqa: BLE001 - every exception of the SDK is translated, others are raised again
            self.fail(error, phase="first_token")
        return AsyncEventStream(self, cast("_AsyncBody", response), started)

    def stream_sync(self) -> SyncEventStream:
        """Send, and return the stream once the vendor has accepted the request."""
        body = self.wire.encode(self.request)
        client = self.clients.for_sync()
        stream_class: object = self.clients.sdk.module.Stream
        started = self.clock.monotonic()
        try:
            response = client.post(self.wire.path, **self._arguments(body, stream=True, stream_class=stream_class))
        except Exception as error:  # noqa: BLE001 - every exception of the SDK is translated, others are raised again
            self.fail(error, phase="first_token")
        return SyncEventStream(self, cast("_SyncBody", response), started)

    # --- shared ---

    def _arguments(self, body: Mapping[str, object], *, stream: bool, stream_class: object = None) -> _PostArguments:
        options: dict[str, object] = {"max_retries": 0}
        if self.request.extra_headers:
            options["headers"] = dict(self.request.extra_headers)
        timeout = self._timeout(stream=stream)
        if timeout is not None:
            options["timeout"] = timeout
        return {
            "cast_to": self.clients.sdk.http.Response,
            "body": body,
            "options": options,
            "stream": stream,
            "stream_cls": stream_class,
        }

    def _timeout(self, *, stream: bool) -> object:
        limits = self.request.timeouts
        if limits is None:
            return None
        read = limits.total
        if stream:
            # One read may wait for the first event or for the next one: the socket gets the longer of the two, and
            # the event clock below is exact.
            waits = [limits.first_token or limits.idle, limits.idle]
            read = None if None in waits else max(cast("list[float]", waits))
            read = limits.total if read is None else min(read, limits.total or read)
        return self.clients.sdk.http.Timeout(limits.total, connect=limits.connect, read=read)

    def decode(self, body: bytes, headers: Mapping[str, str]) -> ModelResponse:
        """Read a whole answer, or raise the error that it is."""
        try:
            decoded = self.wire.decode(body)
        except StreamError as error:
            raise self.reported(error, headers) from None
        except ValueError as error:
            raise self.malformed(body, error, headers) from error
        decoded.provider = self.provider
        decoded.request_id = header_request_id(headers) or decoded.request_id
        decoded.attach(raw=body)
        return decoded

    def secrets(self) -> tuple[str, ...]:
        """Values that must not be shown."""
        return (self.clients.settings.api_key,)

    def fail(self, error: Exception, *, phase: TimeoutPhase | None = None) -> NoReturn:
        """Raise our error for one of the SDK's or of httpx; anything else as it is."""
        translated = self.translate(error, phase=phase)
        raise error if translated is None else translated from error

    def translate(self, error: Exception, *, phase: TimeoutPhase | None = None) -> LLMClientError | None:
        """Our error for one of the SDK's or of httpx, None for anything else."""
        translated = translate(
            error,
            self.wire.error_rows,
            provider=self.provider,
            model=self.request.model,
            known=self.secrets(),
            now=self.clock.now(),
        )
        if isinstance(translated, RequestTimeoutError) and translated.phase == "read" and phase is not None:
            translated.phase = phase
        return translated

    def reported(self, error: StreamError, headers: Mapping[str, str]) -> ProviderError:
        """The error that an answer or an event reports in its body."""
        facts = read_facts(error.body, status_code=error.status_code, headers=headers, now=self.clock.now())
        return self._make(classify(facts, self.wire.error_rows), facts)

    def malformed(self, frame: bytes, why: Exception | None, headers: Mapping[str, str]) -> MalformedResponseError:
        """The error for an answer, or a part of one, that cannot be read."""
        text = frame[: FRAME_LIMIT * 4].decode("utf-8", "replace")[:FRAME_LIMIT]
        what = "an empty answer" if not frame.strip() else f"an answer that cannot be read ({why}): {text!r}"
        facts = ErrorFacts(message=what, metadata={}, body=text, request_id=header_request_id(headers))
        error = cast("MalformedResponseError", self._make(MalformedResponseError, facts))
        error.frame = str(error.body)
        return error

    def _make(self, cls: type[ProviderError], facts: ErrorFacts) -> ProviderError:
        return make_error(cls, facts, provider=self.provider, model=self.request.model, known=self.secrets())


class _PostArguments(TypedDict):
    cast_to: object
    body: object
    options: Mapping[str, object]
    stream: bool
    stream_cls: object


class _AsyncBody(Protocol):
    headers: Mapping[str, str]

    def aiter_bytes(self) -> AsyncIterator[bytes]: ...
    async def aclose(self) -> None: ...


class _SyncBody(Protocol):
    headers: Mapping[str, str]

    def iter_bytes(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


class _EventStream:
    """What both flavours of a stream share: every decision, and no I/O."""

    def __init__(self, exchange: Exchange, headers: Mapping[str, str], started: float) -> None:
        self._exchange = exchange
        self._headers = headers
        self._reader = SSEReader()
        self._decoder = exchange.wire.event_decoder()
        self._ready: deque[StreamChunk] = deque()
        self._accumulator = ResponseAccumulator(header_request_id(headers))
        self._frames: list[bytes] = []
        self._head: list[bytes] = []
        self._seen = False
        self._last_event = started
        self._closed = False
        content_type = headers.get("content-type", "")
        self._whole = "json" in content_type or "html" in content_type

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived."""
        return self._accumulator.response(self._frames)

    @property
    def _over(self) -> bool:
        return self._decoder.done or self._closed

    def _take(self, data: bytes) -> None:
        """Take bytes off the connection; chunks that are complete become ready."""
        if self._whole:
            self._head.append(data)
            return
        if not self._seen:
            self._head.append(data)
        progress = False
        for event in self._reader.feed(data):
            if not self._decoder.done:
                self._take_event(event)
            progress = progress or event.name != _KEEP_ALIVE
        if progress:
            self._last_event = self._exchange.clock.monotonic()
        else:
            self._check_clock()

    def _take_event(self, event: ServerSentEvent) -> None:
        try:
            chunks = self._decoder.decode(event)
        except StreamError as error:
            raise self._with_partial(self._exchange.reported(error, self._headers)) from None
        except ValueError as error:
            raise self._with_partial(self._exchange.malformed(event.data, error, self._headers)) from error
        self._seen = True
        if event.data != _DONE:
            self._frames.append(event.data)
        for chunk in chunks:
            chunk.provider = self._exchange.provider
            self._accumulator.add(chunk)
            self._ready.append(chunk)

    def _check_clock(self) -> None:
        limits = self._exchange.request.timeouts
        if limits is None:
            return
        phase: TimeoutPhase = "idle" if self._seen else "first_token"
        limit = limits.idle if self._seen else (limits.first_token or limits.idle)
        if limit is not None and self._exchange.clock.monotonic() - self._last_event > limit:
            raise self._late(phase, limit)

    def _late(self, phase: TimeoutPhase, limit: float) -> ProviderError:
        facts = ErrorFacts(message=f"no event for {limit:g} s ({phase})", metadata={})
        error = RequestTimeoutError(facts.message, provider=self._exchange.provider, model=self._exchange.request.model)
        error.phase = phase
        return self._with_partial(error)

    def _finish(self) -> None:
        """The connection is at its end: make sure that this is the end of the answer as well."""
        if self._whole or not self._seen:
            self._finish_without_events()
        elif not self._decoder.done:
            rest = self._reader.finish()
            if rest is not None:
                self._finish_event(rest)
        if not self._decoder.done and not self._accumulator.finished:
            raise self._interrupted("the stream ended before its end")

    def _finish_event(self, event: ServerSentEvent) -> None:
        """A last event without its blank line: taken when it is whole, else the stream was cut inside it."""
        try:
            self._take_event(event)
        except MalformedResponseError as error:
            raise self._interrupted("the stream ended inside an event") from error

    def _finish_without_events(self) -> None:
        """No event came: an error body, a whole answer, one event without its blank line, or nothing."""
        body = b"".join(self._head)
        rest = self._reader.finish()
        if rest is not None and not self._whole:
            self._finish_event(rest)
            return
        whole = self._exchange.decode(body, self._headers)
        self._frames.append(body)
        for chunk in chunks_of(whole):
            self._accumulator.add(chunk)
            self._ready.append(chunk)
        self._decoder.done = True

    def _interrupted(self, what: str) -> StreamInterruptedError:
        arrived = len(self._accumulator.response().text)
        error = StreamInterruptedError(
            f"{what}, after {arrived} characters of text; `.partial` holds them",
            provider=self._exchange.provider,
            model=self._exchange.request.model,
            request_id=self._accumulator.request_id,
        )
        self._with_partial(error)
        return error

    def _with_partial(self, error: ProviderError) -> ProviderError:
        error.partial = self.response if self._accumulator.started else None
        return error

    def _broken(self, error: Exception) -> LLMClientError | None:
        """Our error for a connection that broke while the answer was read."""
        phase: TimeoutPhase = "idle" if self._seen else "first_token"
        translated = self._exchange.translate(error, phase=phase)
        if isinstance(translated, APIConnectionError):
            return self._interrupted(f"the connection broke ({translated.message})")
        if isinstance(translated, ProviderError):
            return self._with_partial(translated)
        return translated


class AsyncEventStream(_EventStream):
    """An open stream of one async call."""

    def __init__(self, exchange: Exchange, response: _AsyncBody, started: float) -> None:
        super().__init__(exchange, response.headers, started)
        self._body = response
        self._bytes = response.aiter_bytes()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StreamChunk:
        while not self._ready:
            if self._closed:
                raise StopAsyncIteration
            await self._read()
        return self._ready.popleft()

    async def _read(self) -> None:
        try:
            data = await anext(self._bytes, None)
            if data is not None:
                self._take(data)
            else:
                self._finish()
        except LLMClientError:
            await self.aclose()
            raise
        except Exception as error:
            if self._over:
                await self.aclose()
                return
            translated = self._broken(error)
            await self.aclose()
            raise error if translated is None else translated from error
        if data is None:
            await self.aclose()

    async def aclose(self) -> None:
        """Close the connection; harmless when called again."""
        if not self._closed:
            self._closed = True
            await self._body.aclose()


class SyncEventStream(_EventStream):
    """An open stream of one sync call."""

    def __init__(self, exchange: Exchange, response: _SyncBody, started: float) -> None:
        super().__init__(exchange, response.headers, started)
        self._body = response
        self._bytes = response.iter_bytes()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> StreamChunk:
        while not self._ready:
            if self._closed:
                raise StopIteration
            self._read()
        return self._ready.popleft()

    def _read(self) -> None:
        try:
            data = next(self._bytes, None)
            if data is not None:
                self._take(data)
            else:
                self._finish()
        except LLMClientError:
            self.close()
            raise
        except Exception as error:
            if self._over:
                self.close()
                return
            translated = self._broken(error)
            self.close()
            raise error if translated is None else translated from error
        if data is None:
            self.close()

    def close(self) -> None:
        """Close the connection; harmless when called again."""
        if not self._closed:
            self._closed = True
            self._body.close()
