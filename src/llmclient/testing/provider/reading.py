"""An answer of the dialects, read as the real provider reads it: decoders, limits and the naming of errors are its own.

So a stream, and whatever fails, comes to the same at this door as at the others; left out are the SDK and the wire. A
plain answer that nothing befalls does not come here: `responses.py` is quicker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from llmclient.providers._call import read_limit
from llmclient.providers._event_stream import AsyncEventStream, SyncEventStream, _EventStream  # pyright: ignore[reportPrivateUsage] - both flavours' base
from llmclient.providers._exchange import Exchange
from llmclient.testing.dialects.base import render
from llmclient.testing.dialects.errors import Family, family_of
from llmclient.testing.dialects.wire import WireAnswer, WireResponse
from llmclient.testing.player import DIALECTS
from llmclient.testing.provider.http import OpenBody, accepted, accepted_sync, performance

if TYPE_CHECKING:
    from llmclient.errors import LLMClientError, MalformedResponseError, ProviderError
    from llmclient.protocols import Clock
    from llmclient.providers._errors import ErrorRow, TimeoutPhase
    from llmclient.providers._exchange import EventDecoder, StreamError
    from llmclient.providers._sdk import SDKClients
    from llmclient.providers.anthropic.provider import MessagesWire
    from llmclient.testing.answer import Answer
    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse

E = TypeVar("E", bound=Exception)


class _Wire:
    """How a family's answers are read; nothing is encoded."""

    path = ""

    def __init__(
        self,
        decode: Callable[[bytes], ModelResponse],
        event_decoder: Callable[[], EventDecoder],
        error_rows: Sequence[ErrorRow],
    ) -> None:
        self._decode = decode
        self._event_decoder = event_decoder
        self.error_rows = error_rows

    def encode(self, request: ChatRequest) -> Mapping[str, object]:  # noqa: ARG002 - the protocol's signature
        """Nothing is sent."""
        return {}

    def decode(self, body: bytes) -> ModelResponse:
        """Read a whole answer."""
        return self._decode(body)

    def event_decoder(self) -> EventDecoder:
        """A decoder for one stream."""
        return self._event_decoder()


def _openai() -> _Wire:
    from llmclient.providers.openai.decode import ChatEventDecoder, decode_chat
    from llmclient.providers.openai.errors import OPENAI_ROWS

    return _Wire(decode_chat, ChatEventDecoder, OPENAI_ROWS)


def _anthropic() -> _Wire:
    from llmclient.providers.anthropic.decode import decode_message
    from llmclient.providers.anthropic.errors import ERROR_ROWS
    from llmclient.providers.anthropic.stream import MessageStream

    return _Wire(decode_message, MessageStream, ERROR_ROWS)


def _openrouter() -> _Wire:
    from llmclient.providers.openai.decode import ChatEventDecoder, decode_chat
    from llmclient.providers.openrouter.provider import OPENROUTER_ROWS

    return _Wire(decode_chat, ChatEventDecoder, OPENROUTER_ROWS)


_WIRES: Mapping[Family, Callable[[], _Wire]] = {"openai": _openai, "anthropic": _anthropic, "openrouter": _openrouter}


class Reading(Exchange):
    """One answer, as the provider that was asked would read it.

    Args:
        answer: what the script gives.
        request: what was asked; its limits count on the harness's clock.
        exchange: the real provider's own, where there is one. Default: the way in which its family is read.
    """

    def __init__(self, answer: Answer, request: ChatRequest, exchange: Exchange | None = None) -> None:
        family = family_of(answer.call.provider)
        reader = _WIRES[family]() if exchange is None else exchange.wire
        super().__init__(answer.call.provider, reader, cast("SDKClients", None), request)
        self.clock: Clock = answer.clock
        self._answer = answer
        self._streamed = answer.call.stream
        limits = request.timeouts
        read = None if limits is None else read_limit(limits, stream=self._streamed)
        self._performance = performance(self.clock, limits, read)
        wire = render(DIALECTS[family], _as_asked(answer) if self._streamed else answer)
        self._wire: WireAnswer = replace(wire, done=answer.finish)

    def secrets(self) -> tuple[str, ...]:
        """There is no key."""
        return ()

    def translate(self, error: Exception, *, phase: TimeoutPhase | None = None) -> LLMClientError | None:
        """Our error, which the journal keeps."""
        translated = super().translate(error, phase=phase)
        self.note(translated or error)
        return translated

    def reported(self, error: StreamError, headers: Mapping[str, str]) -> ProviderError:
        """Our error, which the journal keeps."""
        return self.note(super().reported(error, headers))

    def malformed(self, frame: bytes, why: Exception | None, headers: Mapping[str, str]) -> MalformedResponseError:
        """Our error, which the journal keeps."""
        return self.note(super().malformed(frame, why, headers))

    def note(self, error: E) -> E:
        """Tell the journal what the call came to."""
        self._answer.record.error = error
        return error

    # --- whole ---

    async def whole(self) -> bytes:
        """The body of the answer.

        Raises:
            ProviderError: it failed on its way, or has an error status.
        """
        try:
            body = await self._accepted()
            return b"".join([data async for data in body])
        except Exception as error:  # noqa: BLE001 - every exception is translated, others are raised again
            self.fail(error)

    def whole_sync(self) -> bytes:
        """As `whole`."""
        try:
            return b"".join(self._accepted_sync())
        except Exception as error:  # noqa: BLE001 - every exception is translated, others are raised again
            self.fail(error)

    async def complete(self) -> ModelResponse:
        """The answer, whole."""
        return self.decode(await self.whole(), self._headers)

    def complete_sync(self) -> ModelResponse:
        """The answer, whole."""
        return self.decode(self.whole_sync(), self._headers)

    def as_plain(self, streamed: ModelResponse) -> ModelResponse:
        """A whole answer that came as a stream, as the provider that asked for it so makes it one."""
        return cast("MessagesWire", self.wire).as_plain(streamed)

    # --- streamed ---

    async def stream(self) -> AsyncEventStream:
        """The open stream."""
        started = self.clock.monotonic()
        try:
            return _Stream(self, await self._accepted(), started)
        except Exception as error:  # noqa: BLE001 - every exception is translated, others are raised again
            self.fail(error, phase="first_token")

    def stream_sync(self) -> SyncEventStream:
        """The open stream."""
        started = self.clock.monotonic()
        try:
            return _SyncStream(self, self._accepted_sync(), started)
        except Exception as error:  # noqa: BLE001 - every exception is translated, others are raised again
            self.fail(error, phase="first_token")

    # --- what the SDK does ---

    @property
    def _headers(self) -> Mapping[str, str]:
        return dict(self._wire.headers) if isinstance(self._wire, WireResponse) else {}

    async def _accepted(self) -> OpenBody:
        return await accepted(self._performance, self._wire)

    def _accepted_sync(self) -> OpenBody:
        return accepted_sync(self._performance, self._wire)


class _Noting(_EventStream):
    """A stream whose errors the journal keeps."""

    def _with_partial(self, error: ProviderError) -> ProviderError:
        return cast("Reading", self._exchange).note(super()._with_partial(error))


class _Stream(_Noting, AsyncEventStream):
    """An async one."""


class _SyncStream(_Noting, SyncEventStream):
    """A sync one."""


def _as_asked(answer: Answer) -> Answer:
    """The answer to a streamed call whose body asks for usage, as providers do where the host can tell it."""
    from llmclient.providers.gateways import GATEWAYS

    call = answer.call
    if call.body:
        return answer
    gateway = GATEWAYS.get(call.provider)
    if gateway is not None and "no_stream_usage" in gateway.quirks:
        return answer
    given = cast("Mapping[str, object]", call.params.get("stream_options") or {})
    return replace(answer, call=replace(call, body={"stream_options": {"include_usage": True, **given}}))
