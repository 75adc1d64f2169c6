"""The token prices of a model as a sheet: a line for each kind of token and length of prompt, a column for each tier.

A price field of the map is `<kind>[_above_<n>k_tokens][_<tier>]`; what reads otherwise is no price of tokens and stays
out of the sheet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

KINDS: Final[Mapping[str, str]] = {
    "input_cost_per_token": "input",
    "cache_read_input_token_cost": "cached input",
    "cache_creation_input_token_cost": "cache write",
    "cache_creation_input_token_cost_above_1hr": "cache write, 1 h",
    "cache_creation_input_token_cost_above_12hr": "cache write, 12 h",
    "output_cost_per_token": "output",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "audio in",
    "cache_read_input_audio_token_cost": "cached audio",
    "output_cost_per_audio_token": "audio out",
    "input_cost_per_image_token": "image in",
    "cache_read_input_image_token_cost": "cached image",
    "output_cost_per_image_token": "image out",
    "input_cost_per_video_token": "video in",
    "output_cost_per_video_token": "video out",
}
"""Fields of prices by the token, in the order of their lines, and what they are called."""

TIERS: Final[Mapping[str, str]] = {
    "": "standard",
    "batches": "batch",
    "flex": "flex",
    "balanced": "balanced",
    "priority": "priority",
    "ultrafast": "ultrafast",
}
"""Ends of fields by tier, in the order of their columns, and what they are called."""

_FIELD: Final = re.compile(rf"(.+?)(?:_above_(\d+k?)_tokens)?(?:_({'|'.join(filter(None, TIERS))}))?")
_MILLION: Final = 1_000_000

Line = tuple[str, ...]


def sheet(row: Mapping[str, object]) -> tuple[Line, list[Line]]:
    """The heads and lines of a row's sheet: US dollars for a million tokens; no lines where it has no such price."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for field, price in row.items():
        place = _place(field)
        if place is not None and isinstance(price, int | float):
            kind, length, tier = place
            found.setdefault((kind, length), {})[tier] = dollars(Decimal(str(price)) * _MILLION)
    tiers = [tier for tier in TIERS if any(tier in prices for prices in found.values())]
    order = list(KINDS)
    lines = [
        (KINDS[kind] + (f" above {length}" if length else ""), *(found[kind, length].get(tier, "") for tier in tiers))
        for kind, length in sorted(found, key=lambda entry: (order.index(entry[0]), len(entry[1]), entry[1]))
    ]
    return ("$ / M tokens", *(TIERS[tier] for tier in tiers)), lines


def is_in_sheet(field: str) -> bool:
    """Whether a field's price stands in the sheet."""
    return _place(field) is not None


def _place(field: str) -> tuple[str, str, str] | None:
    match = _FIELD.fullmatch(field)
    return None if match is None or match[1] not in KINDS else (match[1], match[2] or "", match[3] or "")


def dollars(amount: Decimal | None) -> str:
    """A price, exactly, with cents at least; nothing for None."""
    if amount is None:
        return ""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"${amount:,.{places}f}"
