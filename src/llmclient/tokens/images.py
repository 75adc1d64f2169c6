"""What an image costs, by the rules its vendor documents; one row a family of models.

*Tiles* (OpenAI, images and vision): the image is fitted into 2048 by 2048, then its shorter side to 768; every tile of
512 costs, on top of a base; low detail costs the base. *Patches* (the same page): squares of 32, at most 1536 after
shrinking, times the model's factor; at low detail the model gets the image fitted into 512 by 512. *Pixels* (Anthropic,
vision): width times height over 750, the longer side at most 1568. An image behind a URL is not fetched: it counts as
if it were small, and the count is an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING, Final

from llmclient.tokens.encodings import Family, bare_name

if TYPE_CHECKING:
    from llmclient.tokens.image_size import Size


@dataclass(frozen=True, slots=True)
class Tiles:
    """Tokens of a family that counts tiles."""

    base: int
    tile: int


@dataclass(frozen=True, slots=True)
class Patches:
    """Factor and limit of a family that counts patches."""

    factor: float
    limit: int = 1536


_SIDE: Final = 2048
_LOW_SIDE: Final = 512
_SHORT_SIDE: Final = 768
_TILE: Final = 512
_PATCH: Final = 32
_ANTHROPIC_SIDE: Final = 1568
_ANTHROPIC_PIXELS: Final = 750
_ANTHROPIC_LIMIT: Final = 1600
_ANTHROPIC_UNKNOWN: Final = 270

_STARTS: Final[tuple[tuple[str, Tiles | Patches], ...]] = (
    ("gpt-4o-mini", Tiles(2833, 5667)),
    ("gpt-4.1-mini", Patches(1.62)),
    ("gpt-4.1-nano", Patches(2.46)),
    ("o4-mini", Patches(1.72)),
    ("gpt-5-mini", Patches(1.62)),
    ("gpt-5-nano", Patches(2.46)),
    ("gpt-5.2", Patches(1.2)),
    ("gpt-5.4", Patches(1.2, 2500)),
    ("gpt-5.5", Patches(1.2, 2500)),
    ("gpt-5.6", Patches(1.2, 2500)),
    ("gpt-6", Patches(1.2, 2500)),
    ("gpt-5", Tiles(70, 140)),
    ("o1", Tiles(75, 150)),
    ("o3", Tiles(75, 150)),
    ("computer-use-preview", Tiles(65, 129)),
)
_DEFAULT: Final = Tiles(85, 170)


def image_tokens(model: str, size: Size | None, *, detail: str, family: Family) -> int:
    """Tokens of one image.

    Args:
        model: any name of the model.
        size: width and height in pixels, None where unknown.
        detail: "low", "high" or "auto", as OpenAI's messages have it.
        family: whose rules hold.
    """
    if family == "anthropic":
        return _ANTHROPIC_UNKNOWN if size is None else _pixels(*size)
    name = bare_name(model)
    rule = next((rule for start, rule in _STARTS if name.startswith(start)), _DEFAULT)
    if isinstance(rule, Patches):
        side = _LOW_SIDE if detail == "low" else _SIDE
        return ceil(_patches(*(size or (_LOW_SIDE, _LOW_SIDE)), rule.limit, side) * rule.factor)
    if detail == "low" or (size is None and detail != "high"):
        return rule.base
    return rule.base + rule.tile * (1 if size is None else _tiles(*size))


def _tiles(width: int, height: int) -> int:
    scale = min(1.0, _SIDE / max(width, height))
    scale = min(scale, _SHORT_SIDE / min(width, height))
    return ceil(int(width * scale) / _TILE) * ceil(int(height * scale) / _TILE)


def _patches(width: int, height: int, limit: int, side: int) -> int:
    scale = min(1.0, side / max(width, height))
    wide, high = width * scale, height * scale
    if ceil(wide / _PATCH) * ceil(high / _PATCH) > limit:
        shrink = sqrt(_PATCH * _PATCH * limit / (wide * high))
        fitted = (wide * shrink / _PATCH, high * shrink / _PATCH)
        shrink *= min(max(int(side), 1) / side for side in fitted)
        wide, high = wide * shrink, high * shrink
    return min(ceil(round(wide, 6) / _PATCH) * ceil(round(high, 6) / _PATCH), limit)


def _pixels(width: int, height: int) -> int:
    scale = min(1.0, _ANTHROPIC_SIDE / max(width, height))
    return min(ceil(width * scale * height * scale / _ANTHROPIC_PIXELS), _ANTHROPIC_LIMIT)
