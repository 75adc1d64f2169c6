"""What a price map must look like before it may replace a good one.

LiteLLM's map is one JSON object, a row a model. A row that is wrong in a field that matters (a price that is no number
or negative, a limit that is no whole number) condemns the whole map: half-right prices are worse than old ones.
Fields that are not about prices or limits are kept as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeGuard, cast

if TYPE_CHECKING:
    from llmclient.costs.rows import PriceRow

NOT_MODELS: Final = frozenset({"sample_spec", "fallback_generalizations"})
"""Entries of the map that describe no model."""

_ALIAS: Final = "alias_of"
"""A row with this field is another name of the row that it names; one that names nothing is left out."""

LIMITS: Final = ("max_tokens", "max_input_tokens", "max_output_tokens", "output_vector_size")
MOVE_LIMIT: Final = 10.0
"""A price that moves by this factor or more is taken for poison."""


class InvalidTableError(ValueError):
    """The data is no price map, or would damage a good one."""


class MovedPriceError(InvalidTableError):
    """A price moves tenfold: poison, or a correction by the source, which a person may tell."""


def rows_of(data: object) -> dict[str, PriceRow]:
    """Check parsed JSON and return its models' rows.

    Raises:
        InvalidTableError: names the first row and field that is wrong.
    """
    if not isinstance(data, dict):
        message = f"a price map is a JSON object, this is a {type(data).__name__}"
        raise InvalidTableError(message)
    entries = cast("dict[str, object]", data)
    rows: dict[str, PriceRow] = {}
    aliases: dict[str, str] = {}
    for name, row in entries.items():
        if name in NOT_MODELS:
            continue
        if not isinstance(row, dict):
            message = f"row {name!r} is a {type(row).__name__}, not an object"
            raise InvalidTableError(message)
        checked = cast("dict[str, object]", row)
        if isinstance(checked.get(_ALIAS), str):
            aliases[name] = str(checked[_ALIAS])
            continue
        _check_row(name, checked)
        rows[name] = checked
    rows |= {name: rows[target] for name, target in aliases.items() if target in rows}
    if not rows:
        message = "a price map without a model"
        raise InvalidTableError(message)
    return rows


def _check_row(name: str, row: Mapping[str, object]) -> None:
    if not isinstance(row.get("litellm_provider", ""), str):
        message = f"row {name!r}: litellm_provider is {row['litellm_provider']!r}"
        raise InvalidTableError(message)
    for field, price in _prices(row):
        if not _is_amount(price):
            message = f"row {name!r}: {field} is {price!r}, not a price"
            raise InvalidTableError(message)
    for field in LIMITS:
        limit = row.get(field)
        if limit is not None and not (_is_amount(limit) and limit == int(limit)):
            message = f"row {name!r}: {field} is {limit!r}, not a number of tokens"
            raise InvalidTableError(message)


def _is_amount(value: object) -> TypeGuard[float]:
    """Whether this is a number that something can cost or measure: finite, and not negative."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= sys.float_info.max


def is_price(field: str) -> bool:
    """Whether a field of a row is a price or a factor on prices."""
    return "cost" in field or "multiplier" in field


def _prices(row: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Every price of a row, with those of its nested tables: search sizes, tiers by length, off-peak hours, factors."""
    for field, value in row.items():
        if value is None:
            continue
        if field == "tiered_pricing":
            for place, tier in enumerate(cast("list[object]", value) if isinstance(value, list) else [value]):
                yield from _nested(f"{field}[{place}]", tier, only_prices=True)
        elif field == "off_peak_pricing":
            yield from _nested(field, value, only_prices=True)
        elif field == "provider_specific_entry" and isinstance(value, dict):
            factors = cast("dict[str, object]", value)
            yield from (
                (f"{field}.{key}", factor) for key, factor in factors.items() if isinstance(factor, int | float)
            )
        elif is_price(field) and isinstance(value, dict):
            yield from _nested(field, cast("object", value), only_prices=False)
        elif is_price(field):
            yield field, value


def _nested(field: str, table: object, *, only_prices: bool) -> Iterator[tuple[str, object]]:
    if not isinstance(table, dict):
        yield field, f"{table!r} instead of a table"  # which is no price, and is refused as such
        return
    for key, value in cast("dict[str, object]", table).items():
        if not only_prices or is_price(key):
            yield f"{field}.{key}", value


def check_against(rows: Mapping[str, PriceRow], *, known: Mapping[str, PriceRow], accept_moves: bool = False) -> None:
    """Refuse rows that would lose more than half of the known models, or move a price tenfold.

    Prices of zero on either side are not compared: models become free, and stop being free.

    Raises:
        InvalidTableError: says which limit was crossed, and by what.
    """
    gone = sum(1 for name in known if name not in rows)
    if gone * 2 > len(known):
        message = f"{gone} of {len(known)} known models are missing"
        raise InvalidTableError(message)
    for name, old in () if accept_moves else known.items():
        new = dict(_prices(rows.get(name, {})))
        for field, before in _prices(old):
            after = new.get(field)
            if _is_amount(before) and _is_amount(after):
                low, high = sorted((before, after))
                if low > 0 and high >= low * MOVE_LIMIT:
                    message = f"row {name!r}: {field} moves from {before!r} to {after!r}"
                    raise MovedPriceError(message)
