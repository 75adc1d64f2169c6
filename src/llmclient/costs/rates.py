"""What one token costs, of each kind, for one call: rates read from a price row.

Fields of a row are `<price>[_above_<n>k_tokens][_<tier>]`. A rate is looked up in this order: the served tier's field,
the plain field. The prompt's length then decides: of the thresholds it crosses, each that the row has a field for
replaces the rate, the highest last, so that the highest crossed one reprices the whole request, output too.
A missing rate falls back to that of ordinary input (cache reads and writes, audio, images) or output (reasoning).
Batches have fields of their own (`_batches`); where a row has none, a batch costs half. Where it has one for input and
none for cache reads, these cost what they cost outside of batches.

Rates are decimals, exactly as the row writes them, and are kept: a row resolves once for each tier and length.
"""

# Annotations are evaluated here: as text, typing would compile each field of a class anew in every process.

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from llmclient.costs.rows import PriceRow

ZERO: Final = Decimal(0)
HALF: Final = Decimal("0.5")
BATCH: Final = "batch"

TIER_SUFFIXES: Final[Mapping[str, str]] = {
    "flex": "_flex",
    "balanced": "_balanced",
    "priority": "_priority",
    "fast": "_priority",
    "ultrafast": "_ultrafast",
    BATCH: "_batches",
}
"""The field suffix of a served tier. Tiers not listed ("default", "standard", "scale", …) cost the plain price."""

INCLUSIVE: Final = frozenset({"xai"})
"""Providers that charge the higher price from the threshold on; for all others the prompt must be longer."""

_BY_LENGTH: Final = (
    "input_cost_per_token",
    "output_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
)
_ABOVE: Final = "_above_"
_TOKENS: Final = "_tokens"
_INPUT: Final = "input_cost_per_token"
_OUTPUT: Final = "output_cost_per_token"
_READ: Final = "cache_read_input_token_cost"
_WRITE: Final = "cache_creation_input_token_cost"
_REASONING: Final = "output_cost_per_reasoning_token"


class Rates(NamedTuple):
    """US dollars for one token of each kind.

    Attributes:
        tiered: whether the row has a price of its own for the tier that was asked for.
    """

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_read_audio: Decimal
    cache_read_image: Decimal
    cache_write: Decimal
    cache_write_1h: Decimal
    cache_write_12h: Decimal
    reasoning: Decimal
    audio: Decimal
    image: Decimal
    video: Decimal
    output_audio: Decimal
    output_image: Decimal
    output_video: Decimal
    tiered: bool = False


Threshold: TypeAlias = tuple[int, str]
"""A number of tokens, and how the row's fields write it."""


def number(row: "PriceRow", field: str) -> Decimal | None:
    """A price of a row as a decimal, exactly as it is written; None where there is none, or no number."""
    value = row.get(field)
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def thresholds(row: "PriceRow", suffix: str) -> tuple[Threshold, ...]:
    """The prompt lengths at which the row's prices change for a tier, ascending."""
    found: dict[int, str] = {}
    for field, price in row.items():
        if price is not None and field.startswith(_BY_LENGTH):
            _, above, length = field.rpartition(_ABOVE)
            size, tokens, tier = length.partition(_TOKENS)
            if above and tokens and tier in ("", suffix) and size.removesuffix("k").isdecimal():
                found[int(size.removesuffix("k")) * (1000 if size.endswith("k") else 1)] = above + size + tokens
    return tuple(sorted(found.items()))


def crossed(limits: tuple[Threshold, ...], prompt_tokens: int, *, inclusive: bool) -> tuple[Threshold, ...]:
    """Those of the thresholds that a prompt of this length crosses."""
    return tuple(limit for limit in limits if prompt_tokens > limit[0] or (inclusive and prompt_tokens == limit[0]))


class RateCard:
    """The rates of one row, resolved once for each tier and length that is asked for."""

    __slots__ = ("_inclusive", "_limits", "_rates", "_row")

    def __init__(self, row: "PriceRow") -> None:
        self._row = row
        self._inclusive = row.get("litellm_provider") in INCLUSIVE
        self._limits: dict[str, tuple[Threshold, ...]] = {}
        self._rates: dict[tuple[str, int], Rates] = {}

    def rates(self, service_tier: str, prompt_tokens: int) -> Rates:
        """The rates of a call served at this tier with a prompt of this length."""
        suffix = TIER_SUFFIXES.get(service_tier, "")
        limits = self._limits.get(suffix)
        if limits is None:
            limits = self._limits[suffix] = thresholds(self._row, suffix)
        over = crossed(limits, prompt_tokens, inclusive=self._inclusive) if limits else ()
        key = (suffix, len(over))
        rates = self._rates.get(key)
        if rates is None:
            rates = self._rates[key] = resolve(self._row, suffix=suffix, over=over)
        return rates


def resolve(row: "PriceRow", *, suffix: str, over: tuple[Threshold, ...]) -> Rates:
    """The rates of a row for a tier's suffix and the thresholds that are crossed."""
    return _batch(row, over) if suffix == TIER_SUFFIXES[BATCH] else _standard(row, suffix, over)


def _standard(row: "PriceRow", suffix: str, over: tuple[Threshold, ...]) -> Rates:
    def plain(field: str) -> Decimal | None:
        """The tier's price, else the plain one."""
        tiered = number(row, field + suffix)
        return number(row, field) if tiered is None else tiered

    def rate(field: str) -> Decimal | None:
        value = plain(field)
        for _, words in over:
            longer = plain(field + words)
            value = value if longer is None else longer
        return value

    base = rate(_INPUT) or ZERO
    output = rate(_OUTPUT) or number(row, "output_cost_per_image_token") or ZERO
    write = _or(rate(_WRITE), base)
    read = _or(rate(_READ), base)
    return Rates(
        input=base,
        output=output,
        cache_read=read,
        cache_read_audio=_or(rate("cache_read_input_audio_token_cost"), read),
        cache_read_image=_or(rate("cache_read_input_image_token_cost"), read),
        cache_write=write,
        cache_write_1h=_or(rate(_WRITE + "_above_1hr"), write),
        cache_write_12h=_or(rate(_WRITE + "_above_12hr"), write),
        reasoning=_reasoning(row, suffix, output),
        audio=_or(rate("input_cost_per_audio_token"), base),
        image=_or(rate("input_cost_per_image_token"), base),
        video=_or(rate("input_cost_per_video_token"), base),
        output_audio=_or(number(row, "output_cost_per_audio_token"), output),
        output_image=_or(plain("output_cost_per_image_token"), output),
        output_video=_or(number(row, "output_cost_per_video_token"), output),
        tiered=bool(suffix) and (row.get(_INPUT + suffix) is not None or row.get(_OUTPUT + suffix) is not None),
    )


def _reasoning(row: "PriceRow", suffix: str, output: Decimal) -> Decimal:
    """A tier with an output price of its own, and none for reasoning, charges reasoning as output."""
    own = number(row, _REASONING + suffix)
    if own is not None:
        return own
    if suffix and row.get(_OUTPUT + suffix) is not None:
        return output
    return _or(number(row, _REASONING), output)


def _batch(row: "PriceRow", over: tuple[Threshold, ...]) -> Rates:
    suffix = TIER_SUFFIXES[BATCH]
    standard = _standard(row, "", ())

    def rate(field: str) -> Decimal | None:
        value = number(row, field + suffix)
        for _, words in over:
            longer = number(row, field + words + suffix)
            value = value if longer is None else longer
        return value

    own = rate(_INPUT)
    base = standard.input * HALF if own is None else own
    output = _or(rate(_OUTPUT), standard.output * HALF)
    if own is None:
        read, write = standard.cache_read * HALF, standard.cache_write * HALF
    else:
        plain_read = base if row.get(_READ) is None else _standard(row, "", over).cache_read
        read, write = _or(rate(_READ), plain_read), _or(rate(_WRITE), base)
    image = number(row, "output_cost_per_image_token")
    return Rates(
        input=base,
        output=output,
        cache_read=read,
        cache_read_audio=_or(number(row, "cache_read_input_audio_token_cost" + suffix), read),
        cache_read_image=read,
        cache_write=write,
        cache_write_1h=_long_write(row, "_above_1hr", rate, write),
        cache_write_12h=_long_write(row, "_above_12hr", rate, write),
        reasoning=output,
        audio=_or(rate("input_cost_per_audio_token"), base),
        image=_or(rate("input_cost_per_image_token"), base),
        video=_or(rate("input_cost_per_video_token"), base),
        output_audio=output,
        output_image=_or(
            number(row, "output_cost_per_image_token" + suffix), output if image is None else image * HALF
        ),
        output_video=output,
        tiered=own is not None,
    )


def _long_write(row: "PriceRow", lifetime: str, rate: Callable[[str], Decimal | None], write: Decimal) -> Decimal:
    """A long-lived write in a batch: its own price, else half the plain one.

    Anthropic's factors for cache lifetime and batch multiply (documentation, prompt caching, pricing), so that an
    hour's write is not charged as five minutes' where the row leaves the product out.
    """
    own = rate(_WRITE + lifetime)
    if own is not None:
        return own
    plain = number(row, _WRITE + lifetime)
    return write if plain is None else plain * HALF


def _or(rate: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if rate is None else rate


def scaled(rates: Rates, factor: Decimal) -> Rates:
    """Every rate times a factor, such as a region's uplift."""
    return Rates._make((*(rate * factor for rate in rates[:-1]), rates.tiered))
