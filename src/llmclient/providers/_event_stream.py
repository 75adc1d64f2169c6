"""An open stream of one chat call: a loop over three pure pieces, in two flavours that share every decision.

The SSE reader cuts bytes into events, the vendor's decoder turns events into chunks, the accumulator keeps the
response so far. Time to the first event and between events is measured here, on events with data: comments that a
gateway sends to keep a connection open reset a socket's timeout, but not these.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from llmclient.errors import (
    APIConnectionError,
    LLMClientError,
    MalformedResponseError,
    ProviderError,
    RequestTimeoutError,
    StreamInterruptedError,
)
from llmclient.providers._accumulate import ResponseAccumulator
from llmclient.providers._call import AsyncBody, StreamError, SyncBody
from llmclient.providers._errors import ErrorFacts, TimeoutPhase, header_request_id
from llmclient.providers._sse import ServerSentEvent, SSEReader
from llmclient.types.replay import chunks_of

if TYPE_CHECKING:
    from llmclient.providers._exchange import Exchange
    from llmclient.types.response import ModelResponse
    from llmclient.types.stream import StreamChunk

_DONE = b"[DONE]"
_WHOLE = b'{[<"'
"""How JSON and HTML begin, and no line of an event stream."""
_KEEP_ALIVE = "ping"


class _EventStream:
    """What both flavours of a stream share: every decision, and no I/O."""

    def __init__(self, exchange: Exchange, headers: Mapping[str, str], started: float) -> None:
        self._exchange = exchange
        self._headers = headers
        self._reader = SSEReader()
        self._decoder = exchange.wire.event_decoder()
        self.ready: deque[StreamChunk] = deque()
        self._failure: LLMClientError | None = None
        self._accumulator = ResponseAccumulator(header_request_id(headers))
        self._frames: list[bytes] = []
        self._answer: bytes | None = None
        self._head: list[bytes] = []
        self._seen = False
        self._last_event = started
        self._closed = False
        content_type = headers.get("content-type", "")
        self._whole = self._untold = "json" in content_type or "html" in content_type

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived."""
        return self._accumulator.response(self._frames if self._answer is None else self._answer)

    def _raise_failure(self) -> None:
        """Raise what the last bytes came to, now that every chunk before it was given."""
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    @property
    def _over(self) -> bool:
        return self._decoder.done or self._closed

    def _take(self, data: bytes) -> None:
        """Take bytes off the connection; chunks that are complete become ready."""
        if self._untold:
            # What a body is labelled with is not always what it is: its first character tells.
            first = data.lstrip()[:1]
            self._untold, self._whole = not first, first in _WHOLE
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
            self.ready.append(chunk)

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
        if not self._accumulator.answered:
            frames = b"\n".join(self._frames)
            raise self._exchange.malformed(frames, ValueError("a stream without choices"), self._headers)

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
        self._answer = body
        for chunk in chunks_of(whole):
            chunk.provider = self._exchange.provider
            self._accumulator.add(chunk)
            self.ready.append(chunk)
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

    def __init__(self, exchange: Exchange, response: AsyncBody, started: float) -> None:
        super().__init__(exchange, response.headers, started)
        self._body = response
        self._bytes = response.aiter_bytes()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StreamChunk:
        while not self.ready:
            self._raise_failure()
            if self._closed:
                raise StopAsyncIteration
            await self._read()
        return self.ready.popleft()

    async def _read(self) -> None:
        try:
            data = await anext(self._bytes, None)
            if data is not None:
                self._take(data)
            else:
                self._finish()
        except LLMClientError as error:
            await self.aclose()
            self._failure = error
        except Exception as error:
            if self._over:
                await self.aclose()
                return
            translated = self._broken(error)
            await self.aclose()
            raise error if translated is None else translated from error
        else:
            if data is None:
                await self.aclose()

    async def aclose(self) -> None:
        """Close the connection; harmless when called again."""
        if not self._closed:
            self._closed = True
            await self._body.aclose()


class SyncEventStream(_EventStream):
    """An open stream of one sync call."""

    def __init__(self, exchange: Exchange, response: SyncBody, started: float) -> None:
        super().__init__(exchange, response.headers, started)
        self._body = response
        self._bytes = response.iter_bytes()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> StreamChunk:
        while not self.ready:
            self._raise_failure()
            if self._closed:
                raise StopIteration
            self._read()
        return self.ready.popleft()

    def _read(self) -> None:
        try:
            data = next(self._bytes, None)
            if data is not None:
                self._take(data)
            else:
                self._finish()
        except LLMClientError as error:
            self.close()
            self._failure = error
        except Exception as error:
            if self._over:
                self.close()
                return
            translated = self._broken(error)
            self.close()
            raise error if translated is None else translated from error
        else:
            if data is None:
                self.close()

    def close(self) -> None:
        """Close the connection; harmless when called again."""
        if not self._closed:
            self._closed = True
            self._body.close()
