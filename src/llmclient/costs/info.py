"""What the price table knows of a model, the list of all models, and prices of your own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from llmclient.costs.capabilities import FEATURES, Feature, has, limit
from llmclient.costs.database import Priced, get_cost_database
from llmclient.costs.rates import number

if TYPE_CHECKING:
    from llmclient.costs.rows import PriceRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
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


def get_model_info(model: str) -> ModelFacts | None:
    """Return what the table knows of a model under any of its names, None where it does not know it."""
    priced = get_cost_database().find(model)
    return None if priced is None else _info(priced)


def _info(priced: Priced) -> ModelFacts:
    row = priced.row
    return ModelFacts(
        name=priced.name,
        provider=str(row.get("litellm_provider", "")),
        mode=str(row.get("mode", "")),
        context_window=limit(row, "max_input_tokens", "max_tokens"),
        max_output_tokens=limit(row, "max_output_tokens", "max_tokens"),
        input_price=_million(row, "input_cost_per_token"),
        output_price=_million(row, "output_cost_per_token"),
        cached_input_price=_million(row, "cache_read_input_token_cost"),
        features=tuple(sorted(feature for feature in FEATURES if has(row, feature))),
        deprecated=str(row.get("deprecation_date", "")),
        dated=priced.dated,
        row=MappingProxyType(dict(row)),
    )


def _million(row: PriceRow, name: str) -> Decimal | None:
    price = number(row, name)
    return None if price is None else price * 1_000_000


def list_models(*, provider: str | None = None, capability: Feature | str | None = None) -> list[ModelFacts]:
    """Return the models of the table, sorted by name.

    Args:
        provider: only rows of this provider, such as "anthropic". Default: all.
        capability: only models that support this feature or have this mode ("embedding"). Default: all.
    """
    database = get_cost_database()
    found = (priced for name in database if (priced := database.find(name)) is not None)
    chosen = (
        priced
        for priced in found
        if (provider is None or priced.row.get("litellm_provider") == provider)
        and (capability is None or priced.row.get("mode") == capability or has(priced.row, capability))
    )
    return sorted(map(_info, chosen), key=lambda info: info.name)


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
    from llmclient.errors import ConfigurationError

    fields: dict[str, object] = {**(row or {}), **prices}
    try:
        rows_of({model: fields})
    except InvalidTableError as error:
        message = f"cannot register a price for {model!r}: {error}"
        raise ConfigurationError(message) from error
    get_cost_database().register(model, cast("PriceRow", fields))
