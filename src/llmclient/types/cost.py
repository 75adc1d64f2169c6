"""The money value: what a call cost, in US dollars, by part, and where the figure comes from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

ZERO = Decimal(0)

PARTS = (
    "input",
    "cached_input",
    "cache_write_5m",
    "cache_write_1h",
    "cache_write_12h",
    "output",
    "reasoning",
    "audio",
    "image",
    "per_request",
    "web_search",
)
"""Names of the parts of a cost, which add up to its total."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a call cost, in US dollars.

    Attributes:
        total: the sum; where the provider told its own figure (`source="provider"`), that figure.
        source: "provider" (charged, as the provider said), "tier" (price of the served tier), "table" (price table),
            "custom" (a price the user registered or gave).
        input: prompt tokens that no other part prices; characters where a row is priced by them.
        cached_input: prompt tokens read from a cache.
        cache_write_5m: cache writes at the base price, which holds for 5 minutes at Anthropic and 30 at OpenAI.
        cache_write_1h: cache writes that live an hour (Anthropic).
        cache_write_12h: cache writes that live twelve hours (OpenAI).
        output: completion tokens that no other part prices.
        reasoning: completion tokens spent on reasoning, where the usage tells them apart.
        audio: audio in and out, by token or second.
        image: images and video in and out, by token, picture, pixel or second.
        per_request: what each request or query costs on its own.
        web_search: searches a server-side tool made.
        row: name of the price row, empty where the provider told the figure or the caller gave the price.
        dated: ISO date of the price table, empty where it has none.
        model: the name that was priced, as it was asked for.
    """

    total: Decimal
    input: Decimal = ZERO
    cached_input: Decimal = ZERO
    cache_write_5m: Decimal = ZERO
    cache_write_1h: Decimal = ZERO
    cache_write_12h: Decimal = ZERO
    output: Decimal = ZERO
    reasoning: Decimal = ZERO
    audio: Decimal = ZERO
    image: Decimal = ZERO
    per_request: Decimal = ZERO
    web_search: Decimal = ZERO
    source: Literal["provider", "tier", "table", "custom"] = "table"
    row: str = ""
    dated: str = ""
    model: str = ""

    def __float__(self) -> float:
        return float(self.total)
