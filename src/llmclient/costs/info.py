"""What a model can do and how much it takes, from the same rows as the prices; and prices of your own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast, get_args

from llmclient.costs.database import Priced, get_cost_database
from llmclient.costs.rates import number
from llmclient.errors import ConfigurationError

if TYPE_CHECKING:
    from llmclient.costs.rows import PriceRow

Feature: TypeAlias = Literal[
    "tools",
    "parallel_tools",
    "tool_choice",
    "vision",
    "json_schema",
    "reasoning",
    "audio",
    "audio_input",
    "audio_output",
    "video",
    "pdf",
    "prompt_caching",
    "web_search",
    "computer_use",
    "system_messages",
    "assistant_prefill",
    "adaptive_thinking",
    "forced_tool_use",
    "sampling_params",
]
"""Features that `supports` knows by a name of ours. Any other name is looked up as `supports_<name>`."""

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "tools": ("supports_function_calling",),
    "parallel_tools": ("supports_parallel_function_calling",),
    "vision": ("supports_vision", "supports_image_input"),
    "json_schema": ("supports_response_schema", "supports_native_structured_output"),
    "audio": ("supports_audio_input", "supports_audio_output"),
    "video": ("supports_video_input",),
    "pdf": ("supports_pdf_input",),
}
"""Features whose field has another name; a feature is there where one of its fields is true."""

FEATURES: Final[tuple[str, ...]] = get_args(Feature)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """What the price table knows of a model.

    Attributes:
        name: name of the row.
        provider: the row's provider, such as "openai".
        mode: "chat", "embedding", "image_generation", "audio_transcription", …
        context_window: tokens a request may hold, None where unknown.
        max_output_tokens: tokens an answer may hold, None where unknown.
        input_price: US dollars for a million prompt tokens, None where it is not priced by the token.
        output_price: US dollars for a million completion tokens.
        cached_input_price: US dollars for a million prompt tokens read from a cache.
        features: names of what it supports, sorted.
        deprecated: ISO date the provider stops serving it, empty where none is announced.
        dated: ISO date of the price table.
        row: the whole row, in the table's own fields.
    """

    name: str
    provider: str
    mode: str
    context_window: int | None
    max_output_tokens: int | None
    input_price: Decimal | None
    output_price: Decimal | None
    cached_input_price: Decimal | None
    features: tuple[str, ...]
    deprecated: str = ""
    dated: str = ""
    row: PriceRow = field(repr=False)


def get_model_info(model: str) -> ModelInfo | None:
    """Return what the table knows of a model under any of its names, None where it does not know it."""
    priced = get_cost_database().find(model)
    return None if priced is None else _info(priced)


def _info(priced: Priced) -> ModelInfo:
    row = priced.row
    return ModelInfo(
        name=priced.name,
        provider=str(row.get("litellm_provider", "")),
        mode=str(row.get("mode", "")),
        context_window=_limit(row, "max_input_tokens", "max_tokens"),
        max_output_tokens=_limit(row, "max_output_tokens", "max_tokens"),
        input_price=_million(row, "input_cost_per_token"),
        output_price=_million(row, "output_cost_per_token"),
        cached_input_price=_million(row, "cache_read_input_token_cost"),
        features=tuple(sorted(feature for feature in FEATURES if _has(row, feature))),
        deprecated=str(row.get("deprecation_date", "")),
        dated=priced.dated,
        row=MappingProxyType(dict(row)),
    )


def _million(row: PriceRow, name: str) -> Decimal | None:
    price = number(row, name)
    return None if price is None else price * 1_000_000


def _limit(row: PriceRow, *names: str) -> int | None:
    for name in names:
        limit = row.get(name)
        if isinstance(limit, int | float) and limit > 0:
            return int(limit)
    return None


def _has(row: PriceRow, feature: str) -> bool:
    return any(row.get(name) is True for name in FIELDS.get(feature, (f"supports_{feature}",)))


def supports(model: str, feature: Feature | str) -> bool | None:
    """Return whether a model supports a feature, None where the table does not know the model.

    A known model whose row does not mention the feature does not support it, as far as the table knows.

    Args:
        model: any name of the model.
        feature: one of `Feature`, or the rest of a field's name ("url_context" reads "supports_url_context").
    """
    priced = get_cost_database().find(model)
    return None if priced is None else _has(priced.row, feature)


def context_window(model: str) -> int | None:
    """Return how many tokens a request to a model may hold, None where unknown."""
    priced = get_cost_database().find(model)
    return None if priced is None else _limit(priced.row, "max_input_tokens", "max_tokens")


def max_output_tokens(model: str) -> int | None:
    """Return how many tokens an answer of a model may hold, None where unknown."""
    priced = get_cost_database().find(model)
    return None if priced is None else _limit(priced.row, "max_output_tokens", "max_tokens")


def list_models(*, provider: str | None = None, capability: Feature | str | None = None) -> list[ModelInfo]:
    """Return the models of the table, sorted by name.

    Args:
        provider: only rows of this provider, such as "anthropic". Default: all.
        capability: only models that support this feature or have this mode ("embedding"). Default: all.
    """
    database = get_cost_database()
    found = (_info(priced) for name in database if (priced := database.find(name)) is not None)
    return sorted(
        (
            info
            for info in found
            if (provider is None or info.provider == provider)
            and (capability is None or info.mode == capability or _has(info.row, capability))
        ),
        key=lambda info: info.name,
    )


def register_price(model: str, row: Mapping[str, object] | None = None, **prices: float) -> None:
    """Set prices for a model in this process, in front of the table's.

    Fields that are not given stay as the table has them, so that a discount on input is one field. They apply to this
    name, with or without the provider's prefix, not to dated or fine-tuned names that have rows of their own.

    Args:
        model: name of the model, such as "openai/gpt-4o" or one of your own.
        row: fields as in the table, limits and abilities too ("max_input_tokens", "supports_vision").
        **prices: the same by name: `register_price("vllm/my-model", input_cost_per_token=1e-7)`.

    Raises:
        ConfigurationError: a price is no number of US dollars, or negative.
    """
    from llmclient.costs.schema import InvalidTableError, rows_of

    fields: dict[str, object] = {**(row or {}), **prices}
    try:
        rows_of({model: fields})
    except InvalidTableError as error:
        message = f"cannot register a price for {model!r}: {error}"
        raise ConfigurationError(message) from error
    get_cost_database().register(model, cast("PriceRow", fields))
