"""OpenRouter, through the openai SDK: its endpoint, its quirks, and what its error codes mean.

Source: OpenRouter documentation (API reference, errors, reasoning tokens, usage accounting).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient.errors import ContentPolicyError, ContextWindowExceededError, QuotaExceededError, ServerError
from llmclient.protocols import Capability
from llmclient.providers._endpoint import Endpoint
from llmclient.providers._errors import ErrorRow
from llmclient.providers.openai.embeddings import EmbeddingsPart
from llmclient.providers.openai.errors import OPENAI_ROWS
from llmclient.providers.openai.models import ModelsPart
from llmclient.providers.openai.provider import CompatibleProvider
from llmclient.providers.openai.responses.wire import ResponsesPart

if TYPE_CHECKING:
    from llmclient.providers.config import ProviderConfig

OPENROUTER = Endpoint(
    name="openrouter",
    base_url="https://openrouter.ai/api/v1",
    key_variable="OPENROUTER_API_KEY",
    url_variable="OPENROUTER_BASE_URL",
    quirks=frozenset({"cache_control", "reasoning_history", "reasoning_object"}),
    capabilities=frozenset({Capability.EMBEDDINGS, Capability.MODEL_LISTING, Capability.RESPONSES}),
)

OPENROUTER_ROWS: tuple[ErrorRow, ...] = (
    ErrorRow(status=402, error=QuotaExceededError),
    ErrorRow(status=403, has="reasons", error=ContentPolicyError),
    ErrorRow(status=400, text="maximum context length", error=ContextWindowExceededError),
    ErrorRow(status=502, error=ServerError),
    ErrorRow(status=503, error=ServerError),
    *OPENAI_ROWS,
)


class OpenRouterProvider(EmbeddingsPart, ModelsPart, ResponsesPart, CompatibleProvider):
    """OpenRouter."""

    def __init__(self, name: str, config: ProviderConfig) -> None:
        super().__init__(name, config, OPENROUTER, OPENROUTER_ROWS)
