"""The money value: what a call cost, in US dollars, by part, and where the figure comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a call cost, in US dollars.

    Attributes:
        total: the sum; where the provider told its own figure (`source="provider"`), that figure.
        source: "provider" (charged, as the provider said), "tier" (price of the served tier), "table" (price table),
            "custom" (a price the user registered or gave).
        row: name of the price row, empty where the provider told the figure.
        dated: ISO date of the price table, empty where it has none.
    """

    total: Decimal
    input: Decimal = ZERO
    cached_input: Decimal = ZERO
    cache_write_5m: Decimal = ZERO
    cache_write_1h: Decimal = ZERO
    output: Decimal = ZERO
    reasoning: Decimal = ZERO
    audio: Decimal = ZERO
    image: Decimal = ZERO
    per_request: Decimal = ZERO
    web_search: Decimal = ZERO
    source: Literal["provider", "tier", "table", "custom"] = "table"
    row: str = ""
    dated: str = ""
    model: str = field(default="", kw_only=True)

    def __float__(self) -> float:
        return float(self.total)
