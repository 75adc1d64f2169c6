"""Where our cost of a drawn call is not LiteLLM's on purpose: one row a reason. `docs/costs.md` explains each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from llmclient.costs import get_cost_database
from support.drawn_usages import Call

Row = Mapping[str, Any]
Details = Mapping[str, int]


def _no_token_price(row: Row, _: Call, __: Details) -> bool:
    prices = (
        "input_cost_per_token",
        "output_cost_per_token",
        "input_cost_per_image_token",
        "input_cost_per_audio_token",
    )
    units = ("input_cost_per_character", "input_cost_per_image", "output_cost_per_video_per_second")
    seconds = row.get("mode") in ("audio_transcription", "video_generation")
    return not any(name in row for name in (*prices, *units)) and not seconds


def _batch(call: Call) -> bool:
    return call.tier == "batch"


def _free_cache_in_batch(row: Row, call: Call, details: Details) -> bool:
    unpriced = "input_cost_per_token_batches" not in row and "cache_read_input_token_cost" not in row
    return _batch(call) and unpriced and details["cached_tokens"] > 0


def _long_write_in_batch(row: Row, call: Call, _: Details) -> bool:
    written: Any = call.usage.get("cache_creation") or {}
    return _batch(call) and written.get("ephemeral_1h_input_tokens", 0) > 0


def _region_in_batch(row: Row, call: Call, _: Details) -> bool:
    entry = row.get("provider_specific_entry") or {}
    return _batch(call) and call.usage.get("inference_geo") in entry


def _free_text_of_image_models_in_batch(row: Row, call: Call, _: Details) -> bool:
    return _batch(call) and "output_cost_per_token" not in row and "output_cost_per_image_token" in row


def _long_write_above_a_threshold(row: Row, call: Call, details: Details) -> bool:
    priced = any(name.startswith("cache_creation_input_token_cost_above_1hr_above_") for name in row)
    return priced and call.tier not in (None, "default", "batch")


REASONS: dict[str, Callable[[Row, Call, Details], bool]] = {
    "a model without a price for tokens costs None, not 0": _no_token_price,
    "cached tokens are not free in a batch because their price is missing": _free_cache_in_batch,
    "a region's factor holds in a batch": _region_in_batch,
    "an hour's cache write in a batch is half an hour's write, not half of five minutes'": _long_write_in_batch,
    "an image model's other output tokens are not free in a batch": _free_text_of_image_models_in_batch,
    "an hour's cache write above a threshold has the price above it at every tier": _long_write_above_a_threshold,
}


def difference(model: str, call: Call) -> str | None:
    """The reason for which the costs of a call may differ, None where they may not."""
    priced = get_cost_database().find(model)
    assert priced is not None
    details: Any = call.usage["prompt_tokens_details"]
    return next((reason for reason, holds in REASONS.items() if holds(priced.row, call, details)), None)
