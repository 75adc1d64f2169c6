"""Calls drawn by number: the same number gives the same call in every version of Python and on every machine.

Only `random.random` is used, whose sequence for a seed is promised. A call is consistent as real ones are: its parts
are within its total. Lengths lie around every threshold that the price map knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

Item = TypeVar("Item")

LENGTHS = (0, 1, 17, 900, 4096, 32_000, 100_000, 128_000, 200_000, 256_000, 272_000, 512_000, 900_000, 2_000_000)
TIERS = (None, None, None, "default", "flex", "priority", "fast", "balanced", "ultrafast", "batch")
REGIONS = (None, None, None, "eu", "us", "fedramp", "moon")


@dataclass
class Call:
    """A call: its usage in this library's shape, the tier that served it, and where."""

    usage: dict[str, object]
    tier: str | None = None
    region: str | None = None
    searches: int = 0
    seconds: float = 0.0
    characters: int = 0
    images: int = 1
    details: dict[str, object] = field(default_factory=dict)


def draw(seed: int, *, provider: str) -> Call:
    """Draw the call of a number, as a provider would report it."""
    random = Random(f"{provider} {seed}")  # noqa: S311 - not for secrets
    prompt = max(0, _one(random, LENGTHS) + _one(random, (-1, 0, 0, 1, 13)))
    prompt_details = _input_parts(random, prompt, provider)
    completion = _one(random, (0, 1, 25, 800, 16_000, 130_000))
    completion_details = _output_parts(random, completion, provider)
    usage: dict[str, object] = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": prompt_details,
        "completion_tokens_details": completion_details,
    }
    if provider == "anthropic":
        written = int(str(prompt_details.get("cache_write_tokens", 0)))
        long_lived = int(written * random.random())
        usage["cache_creation"] = {
            "ephemeral_5m_input_tokens": written - long_lived,
            "ephemeral_1h_input_tokens": long_lived,
        }
        usage["inference_geo"] = _one(random, ("global", "us", "not_available"))
        usage["speed"] = _one(random, ("standard", "standard", "fast"))
    return Call(
        usage=usage,
        tier=_one(random, TIERS),
        region=_one(random, REGIONS) if provider != "anthropic" else None,
        searches=_one(random, (0, 0, 1, 7)) if provider == "anthropic" else 0,
        seconds=round(random.random() * 4000, 3),
        characters=int(random.random() * 5000),
        images=1 + int(random.random() * 9),
    )


def _one(random: Random, items: Sequence[Item]) -> Item:
    return items[int(random.random() * len(items))]


def _part(random: Random, left: int, chance: float) -> int:
    return int(left * random.random()) if random.random() < chance else 0


def _input_parts(random: Random, prompt: int, provider: str) -> dict[str, object]:
    cached = _part(random, prompt, 0.6)
    written = _part(random, prompt - cached, 0.4)
    left = prompt - cached - written
    audio = image = 0
    if provider != "anthropic":
        audio = _part(random, left, 0.3)
        image = _part(random, left - audio, 0.3)
    parts: dict[str, object] = {
        "cached_tokens": cached,
        "cache_write_tokens": written,
        "audio_tokens": audio,
        "image_tokens": image,
    }
    if random.random() < 0.2:  # some providers say of a part that they do not count it
        parts["audio_tokens"] = audio or None
    if random.random() < 0.2:  # some providers count the text, some count what was cached as text too
        parts["text_tokens"] = left - audio - image + _one(random, (0, cached))
    return parts


def _output_parts(random: Random, completion: int, provider: str) -> dict[str, object]:
    reasoning = _part(random, completion, 0.5)
    audio = image = 0
    if provider != "anthropic":
        audio = _part(random, completion - reasoning, 0.2)
        image = _part(random, completion - reasoning - audio, 0.2)
    parts: dict[str, object] = {"reasoning_tokens": reasoning, "audio_tokens": audio, "image_tokens": image}
    if provider == "openai" and random.random() < 0.3:  # predictions are counted in the text, taken or not
        parts["accepted_prediction_tokens"] = _part(random, completion, 0.5)
        parts["rejected_prediction_tokens"] = _part(random, completion, 0.5)
    if random.random() < 0.2:
        parts["reasoning_tokens"] = reasoning or None
    return parts
