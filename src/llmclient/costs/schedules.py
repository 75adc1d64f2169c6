"""Prices that depend on more than the model: tables by prompt length (`tiered_pricing`), and cheaper hours.

A tier table is all or nothing: one tier is chosen by the prompt's length (`start < tokens <= end`, the last for what
is longer), and every token of the call costs its rate. Off-peak rates replace those that would hold else, at the times
the row lists in UTC; a window may pass midnight, and one that starts when it ends is the whole day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

from llmclient._narrow import as_list, as_mapping
from llmclient.costs.rates import HALF, Rates, number, scaled

if TYPE_CHECKING:
    from llmclient.costs.rows import PriceRow

_INPUT: Final = "input_cost_per_token"
_OUTPUT: Final = "output_cost_per_token"
_READ: Final = "cache_read_input_token_cost"
_WRITE: Final = "cache_creation_input_token_cost"
_REASONING: Final = "output_cost_per_reasoning_token"


def scheduled(rates: Rates, row: PriceRow, *, prompt_tokens: int, batch: bool, at: datetime | None) -> Rates:
    """The rates of a row that has a tier table or off-peak hours, for a call at a time (default: now)."""
    tier = _tier(row.get("tiered_pricing"), prompt_tokens)
    if tier is not None:
        rates = _by_tier(rates, tier)
        if batch:
            rates = scaled(rates, HALF)
    off_peak = row.get("off_peak_pricing")
    if isinstance(off_peak, dict) and not batch:
        cheap = cast("Mapping[str, object]", off_peak)
        if _is_off_peak(cheap, at or datetime.now(tz=UTC)):
            rates = _off_peak(rates, cheap, has_reasoning=tier is not None or row.get(_REASONING) is not None)
    return rates


def _tier(table: object, prompt_tokens: int) -> Mapping[str, object] | None:
    if prompt_tokens <= 0:
        return None
    ranges = [(limits, as_mapping(tier)) for tier in as_list(table) if (limits := _range(as_mapping(tier)))]
    ranges.sort(key=lambda entry: entry[0])
    found = next((tier for (start, end), tier in ranges if start < prompt_tokens <= end), None)
    if found is None and ranges:
        found = ranges[-1][1]
    return found if found is not None and _INPUT in found else None


def _range(tier: Mapping[str, object]) -> tuple[float, float] | None:
    """The lengths of a tier, None where they are not two numbers."""
    match as_list(tier.get("range")):
        case [int() | float() as start, int() | float() as end]:
            return start, end
        case _:
            return None


def _by_tier(rates: Rates, tier: Mapping[str, object]) -> Rates:
    base = _rate(tier, _INPUT, rates.input)
    output = _rate(tier, _OUTPUT, rates.output)
    write = _rate(tier, _WRITE, base)
    read = _rate(tier, _READ, base)
    return rates._replace(
        input=base,
        output=output,
        cache_read=read,
        cache_read_audio=read,
        cache_read_image=read,
        cache_write=write,
        cache_write_1h=_rate(tier, _WRITE + "_above_1hr", write),
        cache_write_12h=_rate(tier, _WRITE + "_above_12hr", write),
        reasoning=_rate(tier, _REASONING, output),
        audio=base,
        image=base,
        video=base,
        output_audio=output,
        output_image=output,
        output_video=output,
    )


def _off_peak(rates: Rates, cheap: Mapping[str, object], *, has_reasoning: bool) -> Rates:
    output = _rate(cheap, _OUTPUT, rates.output)
    return rates._replace(
        input=_rate(cheap, _INPUT, rates.input),
        output=output,
        cache_read=_rate(cheap, _READ, rates.cache_read),
        cache_write=_rate(cheap, _WRITE, rates.cache_write),
        reasoning=_rate(cheap, _REASONING, rates.reasoning if has_reasoning else output),
    )


def _rate(table: Mapping[str, object], field: str, otherwise: Decimal) -> Decimal:
    rate = number(table, field)
    return otherwise if rate is None else rate


def _is_off_peak(rules: Mapping[str, object], at: datetime) -> bool:
    now = at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
    if _in_hours(rules.get("hours_utc"), now.time()):
        return True
    zone = _zone(rules.get("weekday_timezone"))
    for entry in as_list(rules.get("windows")):
        window = as_mapping(entry)
        days = window.get("weekdays")
        if (days is None or now.astimezone(zone).isoweekday() in as_list(days)) and _in_hours(
            window.get("hours_utc"), now.time()
        ):
            return True
    return False


def _zone(name: object) -> tzinfo:
    if not isinstance(name, str) or not name:
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return UTC  # without a time zone database the weekday is UTC's


def _in_hours(hours: object, now: time) -> bool:
    for window in [hours] if isinstance(hours, str) else as_list(hours):
        try:
            start, end = (time.fromisoformat(part.strip()) for part in str(window).split("-"))
        except ValueError:
            continue  # a window that cannot be read is none
        if (start <= now < end) if start < end else (now >= start or now < end):
            return True
    return False
