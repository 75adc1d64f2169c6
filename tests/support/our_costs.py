"""Our answer to a drawn call."""

from __future__ import annotations

import json
import zlib

from llmclient.costs import Cost, calculate_cost, get_cost_database
from llmclient.costs.schema import is_price
from support.drawn_usages import Call


def our_cost(model: str, call: Call) -> Cost | None:
    """What we say the call cost: by the unit that the model's row has a price for, else by its tokens."""
    priced = get_cost_database().find(model)
    row = {} if priced is None else priced.row
    mode = row.get("mode")
    if mode == "audio_speech" and "input_cost_per_character" in row:
        return calculate_cost(model, characters=call.characters)
    if mode == "audio_transcription" and "input_cost_per_token" not in row:
        return calculate_cost(model, audio_seconds=call.seconds)
    if mode == "video_generation":
        return calculate_cost(model, video_seconds=call.seconds)
    if mode == "image_generation" and "input_cost_per_image" in row:
        return calculate_cost(model, images=call.images)
    return calculate_cost(
        model, call.usage, service_tier=call.tier or "default", region=call.region, web_searches=call.searches
    )


def row_mark(model: str) -> int | None:
    """A mark of a model's row: it changes when a price of it does."""
    priced = get_cost_database().find(model)
    if priced is None:
        return None
    row = priced.row
    prices = {field: row[field] for field in row if is_price(field) or field == "provider_specific_entry"}
    return zlib.crc32(json.dumps(prices, sort_keys=True).encode())
