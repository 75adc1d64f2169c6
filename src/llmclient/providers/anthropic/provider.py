"""Anthropic, through the anthropic SDK.

One wire object serves one call: what the encoder decides (which tool stands in for an output format) the decoder has
to know. A plain call whose answer may be longer than ten minutes of output is sent as a stream and put together here,
as the API asks for it; the caller does not notice: its raw response is the message that a plain call would have given.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from llmclient.providers._endpoint import Endpoint, resolve
from llmclient.providers._exchange import Exchange, PlainExchange
from llmclient.providers._provider import SDKProvider
from llmclient.providers.anthropic._json import int_of
from llmclient.providers.anthropic.counting import CountTokensWire
from llmclient.providers.anthropic.decode import decode_message
from llmclient.providers.anthropic.encode import LONGEST_PLAIN_ANSWER, encode_request
from llmclient.providers.anthropic.errors import ERROR_ROWS
from llmclient.providers.anthropic.listing import ModelsWire
from llmclient.providers.anthropic.stream import MessageStream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmclient.providers._errors import ErrorRow
    from llmclient.providers.config import ProviderConfig
    from llmclient.types.messages import JSONObject
    from llmclient.types.models import ModelList, ModelListRequest
    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse

ANTHROPIC = Endpoint(
    name="anthropic",
    base_url="https://api.anthropic.com",
    key_variable="ANTHROPIC_API_KEY",
    url_variable="ANTHROPIC_BASE_URL",
)


class MessagesWire:
    """`POST /v1/messages`, for one request."""

    path = "/v1/messages"
    error_rows: Sequence[ErrorRow] = ERROR_ROWS

    def __init__(self, request: ChatRequest) -> None:
        self._encoded = encode_request(request)
        body = self._encoded.body
        if not request.stream and int_of(body.get("max_tokens")) > LONGEST_PLAIN_ANSWER:
            body["stream"] = True
        self._decoder = MessageStream(answer_tool=self._encoded.answer_tool)
        self.request: ChatRequest = replace(
            request, extra_headers=self._encoded.headers, stream=body.get("stream") is True
        )

    def encode(self, request: ChatRequest) -> JSONObject:  # noqa: ARG002 - it was made for this request
        """The body to send."""
        return self._encoded.body

    def decode(self, body: bytes) -> ModelResponse:
        """Read a whole answer."""
        return decode_message(body, answer_tool=self._encoded.answer_tool)

    def event_decoder(self) -> MessageStream:
        """The decoder of the stream."""
        return self._decoder

    def as_plain(self, streamed: ModelResponse) -> ModelResponse:
        """The response of a stream with the raw response of a plain call; one that came in one piece has it."""
        if self._decoder.message:
            streamed.attach(raw=self._decoder.message)
        return streamed


class AnthropicProvider(SDKProvider):
    """Anthropic.

    Args:
        name: the registered name.
        config: how to reach it.
    """

    def __init__(self, name: str, config: ProviderConfig) -> None:
        super().__init__(name, package="anthropic", settings=partial(resolve, ANTHROPIC, config))

    def _exchange(self, request: ChatRequest) -> Exchange:
        wire = MessagesWire(request)
        return Exchange(self.name, wire, self._clients, wire.request)

    async def count_tokens(self, request: ChatRequest) -> int:
        """Ask how many input tokens a request has; nothing is answered or charged."""
        counted = await PlainExchange(self.name, CountTokensWire(), self._clients, request).complete()
        return counted.input_tokens

    def count_tokens_sync(self, request: ChatRequest) -> int:
        """As `count_tokens`."""
        return PlainExchange(self.name, CountTokensWire(), self._clients, request).complete_sync().input_tokens

    async def complete(self, request: ChatRequest) -> ModelResponse:
        """Send one request and read the whole answer, as a stream where it may be long."""
        wire = MessagesWire(request)
        exchange = Exchange(self.name, wire, self._clients, wire.request)
        if not wire.request.stream:
            return await exchange.complete()
        stream = await exchange.stream()
        try:
            async for _ in stream:
                pass
        finally:
            await stream.aclose()
        return wire.as_plain(stream.response)

    def complete_sync(self, request: ChatRequest) -> ModelResponse:
        """As `complete`."""
        wire = MessagesWire(request)
        exchange = Exchange(self.name, wire, self._clients, wire.request)
        if not wire.request.stream:
            return exchange.complete_sync()
        stream = exchange.stream_sync()
        try:
            for _ in stream:
                pass
        finally:
            stream.close()
        return wire.as_plain(stream.response)

    async def list_models(self, request: ModelListRequest) -> ModelList:
        """Return the models this key may ask."""
        return await PlainExchange(self.name, ModelsWire(self.name), self._clients, request).complete()

    def list_models_sync(self, request: ModelListRequest) -> ModelList:
        """As `list_models`."""
        return PlainExchange(self.name, ModelsWire(self.name), self._clients, request).complete_sync()
