"""Prices that depend on more than the model: tables by prompt length (`tiered_pricing`), and cheaper hours.

A tier table is all or nothing: one tier is chosen by the prompt's length (`start < tokens <= end`, the last for what
is longer), and every token of the call costs its rate. Off-peak rates replace those that would hold else, at the times
the row lists in UTC; a window may pass midnight, and one that starts when it ends is the whole day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

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
    if not isinstance(table, list) or prompt_tokens <= 0:
        return None
    tiers = sorted((tier for tier in cast("list[Mapping[str, object]]", table) if "range" in tier), key=_start)
    for tier in tiers:
        start, end = cast("Sequence[float]", tier["range"])
        if start < prompt_tokens <= end:
            return tier if _INPUT in tier else None
    return tiers[-1] if tiers and _INPUT in tiers[-1] else None


def _start(tier: Mapping[str, object]) -> float:
    return cast("Sequence[float]", tier["range"])[0]


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
    for window in cast("Sequence[Mapping[str, object]]", rules.get("windows") or ()):
        days = cast("Sequence[int] | None", window.get("weekdays"))
        if (days is None or now.astimezone(zone).isoweekday() in days) and _in_hours(
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
    windows = [hours] if isinstance(hours, str) else cast("Sequence[str]", hours or ())
    for window in windows:
        start, end = (time.fromisoformat(part.strip()) for part in window.split("-"))
        if (start <= now < end) if start < end else (now >= start or now < end):
            return True
    return False
