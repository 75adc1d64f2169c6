"""What is not priced by the token: characters, seconds, pictures, pixels, queries, searches.

One row a unit: the count it takes from the usage, the fields that may price it (the first that the model's row has
above zero), and the part of the cost it belongs to.
"""

# Annotations are evaluated here: as text, typing would compile each field of a class anew in every process.

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, cast

from llmclient.costs.rates import ZERO, number

if TYPE_CHECKING:
    from llmclient.costs.counts import Counts
    from llmclient.costs.rows import PriceRow

Part: TypeAlias = Literal["input", "audio", "image", "per_request", "web_search"]


class Unit(NamedTuple):
    """One unit, the price fields it goes by, and the part it is added to."""

    counted: str
    fields: tuple[str, ...]
    part: Part


UNITS: Final = (
    Unit("characters", ("input_cost_per_character",), "input"),
    Unit(
        "audio_seconds", ("input_cost_per_audio_per_second", "output_cost_per_second", "input_cost_per_second"), "audio"
    ),
    Unit(
        "video_seconds",
        ("input_cost_per_video_per_second", "output_cost_per_video_per_second", "output_cost_per_second"),
        "image",
    ),
    Unit("images", ("input_cost_per_image", "output_cost_per_image"), "image"),
    Unit("pixels", ("input_cost_per_pixel", "output_cost_per_pixel"), "image"),
    Unit("queries", ("input_cost_per_query",), "per_request"),
)

FILE_SEARCH: Final[Mapping[str, Decimal]] = {"openai": Decimal("0.0025")}
"""US dollars for a call of the file search tool, by the row's provider (OpenAI, pricing, built-in tools: $2.50 for a
thousand). The price map has no field for it."""

_SEARCH: Final = "search_context_cost_per_query"
_PICTURE_FIELDS: Final = UNITS[3].fields


def unit_price(row: "PriceRow", unit: Unit) -> Decimal | None:
    """What one of a unit costs in this row, None where it has no price for it."""
    if unit.counted == "pixels" and any(row.get(field) is not None for field in _PICTURE_FIELDS):
        return None  # the picture is priced, not its pixels
    found = [price for field in unit.fields if (price := number(row, field)) is not None]
    return next((price for price in found if price), found[0] if found else None)


def search_price(row: "PriceRow", size: str = "medium") -> Decimal | None:
    """What one web search costs, at a size of search context."""
    sizes = row.get(_SEARCH)
    return (
        number(cast("Mapping[str, object]", sizes), f"search_context_size_{size}") if isinstance(sizes, dict) else None
    )


def unit_costs(row: "PriceRow", counts: "Counts") -> dict[Part, Decimal] | None:
    """Costs by part; None where the row has no price for any of it."""
    costs: dict[Part, Decimal] = {}
    for unit in UNITS:
        amount = cast("float", getattr(counts, unit.counted))
        price = unit_price(row, unit) if amount else None
        if price is not None:
            costs[unit.part] = costs.get(unit.part, ZERO) + price * Decimal(str(amount))
    per_request = number(row, "input_cost_per_request")
    if per_request is not None:
        costs["per_request"] = costs.get("per_request", ZERO) + per_request
    price = FILE_SEARCH.get(str(row.get("litellm_provider"))) if counts.file_searches else None
    if price is not None:
        costs["per_request"] = costs.get("per_request", ZERO) + price * Decimal(str(counts.file_searches))
    price = search_price(row) if counts.web_searches else None
    if price is not None:
        costs["web_search"] = price * Decimal(str(counts.web_searches))
    return costs or None
