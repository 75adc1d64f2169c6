"""Listing of models: `GET /models`. Some hosts answer with a bare list. Source: OpenAI API reference, models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmclient.providers._exchange import PlainExchange
from llmclient.providers.openai.part import CompatiblePart, read_reply

if TYPE_CHECKING:
    from llmclient.providers._errors import ErrorRow
    from llmclient.types.models import ModelInfo, ModelList, ModelListRequest

_WINDOW_FIELDS = ("context_window", "context_length", "max_context_length", "max_model_len")
"""What hosts call the context window: Groq, OpenRouter and Together, Mistral, vLLM."""


class ModelsWire:
    """`GET /models`."""

    path = "/models"

    def __init__(self, provider: str, error_rows: Sequence[ErrorRow]) -> None:
        self.error_rows = error_rows
        self._provider = provider

    def encode(self, request: ModelListRequest) -> None:
        """Nothing to send."""

    def decode(self, body: bytes) -> ModelList:
        """Read the models."""
        from llmclient.types.models import ModelList

        reply = read_reply(ModelList, body)
        for entry in reply.data:
            entry.provider = self._provider
            entry.context_window = _window(entry)
        return reply


def _window(entry: ModelInfo) -> int | None:
    for name in _WINDOW_FIELDS:
        size: object = getattr(entry, name, None)
        if isinstance(size, int):
            return size
    return None


class ModelsPart(CompatiblePart):
    """The models of an OpenAI-compatible endpoint."""

    async def list_models(self, request: ModelListRequest) -> ModelList:
        """Return the models this key may ask."""
        return await self._models(request).complete()

    def list_models_sync(self, request: ModelListRequest) -> ModelList:
        """Return the models this key may ask."""
        return self._models(request).complete_sync()

    def _models(self, request: ModelListRequest) -> PlainExchange[ModelListRequest, ModelList]:
        return PlainExchange(self.name, ModelsWire(self.name, self.error_rows), self._clients, request)
