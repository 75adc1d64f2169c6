"""OpenAI, and any endpoint that speaks its chat completions, through the openai SDK."""

from __future__ import annotations

import os
from functools import cache, partial
from types import new_class
from typing import TYPE_CHECKING, cast

from llmclient.protocols import Capability
from llmclient.providers._endpoint import Endpoint, resolve
from llmclient.providers._exchange import Exchange
from llmclient.providers._provider import SDKProvider
from llmclient.providers.gateways import GATEWAYS
from llmclient.providers.openai.answers import (
    AnswerToolDecoder,
    Way,
    ask_by_prompt,
    ask_by_tool,
    untold,
    way_of,
)
from llmclient.providers.openai.decode import ChatEventDecoder, decode_chat
from llmclient.providers.openai.embeddings import EmbeddingsPart
from llmclient.providers.openai.encode import encode_chat
from llmclient.providers.openai.errors import OPENAI_ROWS
from llmclient.providers.openai.images import ImagesPart
from llmclient.providers.openai.models import ModelsPart
from llmclient.providers.openai.part import CompatiblePart
from llmclient.providers.openai.responses.wire import ResponsesPart, ResponsesWire, needs_responses
from llmclient.providers.openai.speech import SpeechPart
from llmclient.providers.openai.transcription import TranscriptionPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmclient.providers._errors import ErrorRow
    from llmclient.providers._exchange import EventDecoder
    from llmclient.providers._sdk import ClientSettings
    from llmclient.providers.config import ProviderConfig
    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse

OPENAI = Endpoint(
    name="openai",
    base_url="https://api.openai.com/v1",
    key_variable="OPENAI_API_KEY",
    url_variable="OPENAI_BASE_URL",
    quirks=frozenset({"strict_parameters"}),
    capabilities=frozenset(Capability),
)


class ChatCompletionsWire:
    """`POST /chat/completions`, as one endpoint takes it."""

    path = "/chat/completions"

    def __init__(self, endpoint: Endpoint, error_rows: Sequence[ErrorRow] = OPENAI_ROWS) -> None:
        self.endpoint = endpoint
        self.error_rows = error_rows

    def encode(self, request: ChatRequest) -> dict[str, object]:
        """The body to send."""
        return encode_chat(request, self.endpoint)

    def decode(self, body: bytes) -> ModelResponse:
        """Read a whole answer."""
        return decode_chat(body)

    def event_decoder(self) -> EventDecoder:
        """A decoder for one stream."""
        return ChatEventDecoder()


class AnswerToolWire(ChatCompletionsWire):
    """`POST /chat/completions`, for one request whose answer comes through a tool, or as the prompt tells."""

    def __init__(self, wire: ChatCompletionsWire, way: Way) -> None:
        super().__init__(wire.endpoint, wire.error_rows)
        self._way = way
        self._tool = ""

    def encode(self, request: ChatRequest) -> dict[str, object]:
        """The body to send."""
        body = super().encode(request)
        if self._way == "tool":
            self._tool = ask_by_tool(body)
        else:
            ask_by_prompt(body)
        return body

    def decode(self, body: bytes) -> ModelResponse:
        """Read a whole answer."""
        return untold(super().decode(body), self._tool)

    def event_decoder(self) -> EventDecoder:
        """A decoder for the stream."""
        decoder = super().event_decoder()
        return AnswerToolDecoder(decoder, self._tool) if self._tool else decoder


class CompatibleProvider(CompatiblePart, SDKProvider):
    """An endpoint that speaks OpenAI's chat completions.

    Args:
        name: the registered name.
        config: how to reach it.
        endpoint: where it is and what it does differently.
        error_rows: what its error codes mean.
    """

    def __init__(
        self, name: str, config: ProviderConfig, endpoint: Endpoint, error_rows: Sequence[ErrorRow] = OPENAI_ROWS
    ) -> None:
        self.endpoint = endpoint
        self.error_rows = error_rows
        self._wire = ChatCompletionsWire(endpoint, error_rows)
        self._responses_wire = ResponsesWire(name, error_rows)
        self._api = config.api
        super().__init__(name, package="openai", settings=partial(_settings, endpoint, config))

    def _exchange(self, request: ChatRequest) -> Exchange:
        by_itself = "strict_parameters" in self.endpoint.quirks and needs_responses(request.model)
        api = self._api or ("responses" if by_itself else "chat")
        if api == "responses":
            return Exchange(self.name, self._responses_wire, self._clients, request)
        way = way_of(self.endpoint, request) if "response_format" in request.params else "native"
        wire = self._wire if way == "native" else AnswerToolWire(self._wire, way)
        return Exchange(self.name, wire, self._clients, request)


def _settings(endpoint: Endpoint, config: ProviderConfig) -> ClientSettings:
    # The SDK puts OPENAI_ORG_ID and OPENAI_PROJECT_ID into every request; only OpenAI itself may see them.
    own = endpoint.name == "openai"
    organization = config.organization or (os.environ.get("OPENAI_ORG_ID") if own else None)
    project = config.project or (os.environ.get("OPENAI_PROJECT_ID") if own else None)
    return resolve(endpoint, config, {"organization": organization, "project": project})


_PARTS: dict[Capability, type[CompatiblePart]] = {
    Capability.EMBEDDINGS: EmbeddingsPart,
    Capability.IMAGES: ImagesPart,
    Capability.SPEECH: SpeechPart,
    Capability.TRANSCRIPTION: TranscriptionPart,
    Capability.MODEL_LISTING: ModelsPart,
    Capability.RESPONSES: ResponsesPart,
}


@cache
def class_with(capabilities: frozenset[Capability]) -> type[CompatibleProvider]:
    """The provider class that has these capabilities beside chat, one for each set."""
    parts = [part for capability, part in _PARTS.items() if capability in capabilities]
    return cast("type[CompatibleProvider]", new_class("CompatibleProvider", (*parts, CompatibleProvider)))


def compatible_provider(
    name: str, config: ProviderConfig, endpoint: Endpoint, error_rows: Sequence[ErrorRow] = OPENAI_ROWS
) -> CompatibleProvider:
    """The provider for an endpoint, with the capabilities of its row."""
    return class_with(endpoint.capabilities)(name, config, endpoint, error_rows)


class OpenAIProvider(
    EmbeddingsPart, ImagesPart, ModelsPart, ResponsesPart, SpeechPart, TranscriptionPart, CompatibleProvider
):
    """OpenAI."""

    def __init__(self, name: str, config: ProviderConfig) -> None:
        super().__init__(name, config, OPENAI)


def gateway_provider(name: str, config: ProviderConfig) -> CompatibleProvider:
    """The provider for a row of the table of gateways."""
    return compatible_provider(name, config, GATEWAYS[name])
