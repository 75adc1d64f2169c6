"""From usage to cost: tokens of each kind times their rate, plus what is priced by other units.

Everything is decimal: a cost is the exact sum of exact products, and its parts add up to its total.
The rules are those of LiteLLM's price map, whose fields the rows have; where this differs from LiteLLM's own
arithmetic, `docs/costs.md` says where and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Unpack, cast

from llmclient.costs.counts import Counts, UsageCounts, counts_of
from llmclient.costs.database import Priced, get_cost_database
from llmclient.costs.rates import BATCH, ZERO, Rates, number, scaled
from llmclient.costs.split import split_input, split_output
from llmclient.costs.units import unit_costs
from llmclient.types.cost import PARTS, Cost

if TYPE_CHECKING:
    from datetime import datetime

    from llmclient.costs.rows import PriceRow
    from llmclient.types.response import Usage

_ONE: Final = Decimal(1)
_UPLIFTS: Final = {"fedramp": "fedramp_uplift_multiplier"}
"""Fields of regions that are not named after them."""


def calculate_cost(
    model: str,
    usage: Usage | Mapping[str, object] | None = None,
    *,
    service_tier: str | None = None,
    region: str | None = None,
    price: Mapping[str, float] | None = None,
    at: datetime | None = None,
    **counts: Unpack[UsageCounts],
) -> Cost | None:
    """Return what a call cost by the price table, or None where the model has no price.

    Args:
        model: any name of the model; `llmclient.costs.matching` says which names are understood.
        usage: what the call used. What the provider charged (`usage.cost`) is not read here: see `cost_of`.
        service_tier: the tier that served the call: "flex", "priority", "batch", …. Default: what `usage` tells, else
            the plain price.
        region: where the call was processed, for models that cost more in a region: "eu", "us" or "fedramp" of
            OpenAI, "us" of Anthropic, a location of Vertex AI. Default: what `usage` tells, else no uplift.
        price: prices to use instead of the table's, keys as in the table ("input_cost_per_token", …).
        at: when the call was made, for models with off-peak hours. Default: now.
        **counts: counts by name, instead of or over those of `usage`: see `UsageCounts`.

    Example:
        >>> calculate_cost("gpt-4o", prompt_tokens=1000, completion_tokens=500).total
        Decimal('0.0075')
    """
    used = Counts() if usage is None else counts_of(usage)
    if counts:
        used.take(counts)
    priced = get_cost_database().find(model) if price is None else Priced("", price, custom=True)
    if priced is None:
        return None
    return price_usage(priced, used, model=model, service_tier=service_tier, region=region, at=at)


def price_usage(
    priced: Priced,
    used: Counts,
    *,
    model: str,
    service_tier: str | None = None,
    region: str | None = None,
    at: datetime | None = None,
) -> Cost | None:
    """Price counts by a row; None where the row has no price for any of them, or a model asked beside it has none."""
    tier = (service_tier or used.service_tier).lower()
    rates = priced.rates(tier, used.prompt_tokens)
    if priced.has_schedule:
        from llmclient.costs.schedules import scheduled

        rates = scheduled(rates, priced.row, prompt_tokens=used.prompt_tokens, batch=tier == BATCH, at=at)
    factor = _uplift(priced.row, region or used.geo, "" if tier == BATCH else used.speed)
    if factor != _ONE:
        rates = scaled(rates, factor)
    units = unit_costs(priced.row, used) if used.has_units or priced.has_request_price else None
    if units is None and not (priced.has_token_price and (used.has_tokens or used.searches or not used.has_units)):
        return None
    parts: dict[str, Decimal] = _token_costs(rates, used, by_character=units is not None and "input" in units)
    for unit, amount in (units or {}).items():
        parts[unit] = parts.get(unit, ZERO) + amount
    if used.beside and not _add_what_stands_beside(parts, priced, used, tier=tier, region=region):
        return None
    return Cost(
        total=sum(parts.values(), ZERO),
        source="custom" if priced.custom else "tier" if rates.tiered else "table",
        row=priced.name,
        dated=priced.dated,
        model=model,
        **parts,
    )


def _add_what_stands_beside(
    parts: dict[str, Decimal], priced: Priced, used: Counts, *, tier: str, region: str | None
) -> bool:
    """Add what other models, and this one beside its answer, used; False where a price is not known."""
    for name, counts in used.beside:
        asked = get_cost_database().find(name) if name else priced
        counts.geo, counts.speed = used.geo, "" if name else used.speed
        cost = None if asked is None else price_usage(asked, counts, model=name, service_tier=tier, region=region)
        if cost is None:
            return False
        for part, amount in cost_parts(cost).items():
            parts[part] = parts.get(part, ZERO) + amount
    return True


def cost_parts(cost: Cost) -> dict[str, Decimal]:
    """The parts of a cost that are not zero, by name."""
    found = {name: getattr(cost, name) for name in PARTS}
    return {name: part for name, part in found.items() if part}


def _token_costs(rates: Rates, used: Counts, *, by_character: bool) -> dict[str, Decimal]:
    """The parts that are not zero: most calls have two."""
    text, audio, image, video = split_input(used)
    spoken = split_output(used)
    parts: dict[str, Decimal] = {}
    if text and not by_character:
        parts["input"] = text * rates.input
    if spoken.text:
        parts["output"] = spoken.text * rates.output
    if spoken.reasoning:
        parts["reasoning"] = spoken.reasoning * rates.reasoning
    if used.cached_tokens:
        plain = used.cached_tokens - used.cached_audio_tokens - used.cached_image_tokens
        parts["cached_input"] = (
            plain * rates.cache_read
            + used.cached_audio_tokens * rates.cache_read_audio
            + used.cached_image_tokens * rates.cache_read_image
        )
    if used.cache_write_tokens or used.cache_write_1h_tokens or used.cache_write_12h_tokens:
        short = used.cache_write_tokens - used.cache_write_1h_tokens - used.cache_write_12h_tokens
        parts["cache_write_5m"] = max(short, 0) * rates.cache_write
        parts["cache_write_1h"] = used.cache_write_1h_tokens * rates.cache_write_1h
        parts["cache_write_12h"] = used.cache_write_12h_tokens * rates.cache_write_12h
    if audio or spoken.audio:
        parts["audio"] = audio * rates.audio + spoken.audio * rates.output_audio
    if image or video or spoken.image or spoken.video:
        parts["image"] = (
            image * rates.image
            + video * rates.video
            + spoken.image * rates.output_image
            + spoken.video * rates.output_video
        )
    return parts


def _uplift(row: PriceRow, region: str, speed: str) -> Decimal:
    """The factor of a region or a speed on every token price, 1 where the row has none."""
    if not region and not speed:
        return _ONE
    place = region.lower()
    factor = number(row, _UPLIFTS.get(place) or f"regional_processing_uplift_multiplier_{place}") or _ONE
    if place not in ("", "global") and str(row.get("litellm_provider", "")).startswith("vertex_ai"):
        factor *= number(row, "regional_endpoint_uplift_multiplier") or _ONE
    own = row.get("provider_specific_entry")
    if isinstance(own, dict):
        entry = cast("Mapping[str, object]", own)
        for key in (place, "fast" if speed == "fast" else ""):
            if key and key != "global":
                factor *= number(entry, key) or _ONE
    return factor
