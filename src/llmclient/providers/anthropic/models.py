"""What a model of Anthropic's can do, by family and version: a table of rows, the newest first row that fits counts.

A name is read for its family and version wherever they stand in it, so that dated names ("claude-opus-4-8-20260401"),
old names ("claude-3-7-sonnet-latest") and those of resellers ("anthropic.claude-sonnet-5-v1:0") find their row. A
version newer than any row has the newest row of its family. A name that shows no family is trusted with everything:
the API knows better than a table that does not know the model.

Sources: Anthropic's model pages as the price table of `shared/data` states them (`supports_*` flags, which a test
compares row by row), and recorded refusals, such as "xhigh" at claude-opus-4-6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, TypeAlias

Thinking: TypeAlias = Literal["none", "budget", "adaptive"]
"""How a model is told to think: not at all, by a number of tokens, or by itself at a level of effort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTraits:
    """What the encoder has to know of a model.

    Attributes:
        thinking: how it is told to think.
        efforts: the levels of `output_config.effort` it takes, lowest first.
        hides_thinking: whether it leaves the text of its thinking out unless asked for a summary.
        thinks_always: whether thinking cannot be turned off.
        sampling: whether it takes `temperature`, `top_p` and `top_k`.
        prefill: whether the conversation may end with the beginning of its answer.
        later_system: whether `role: system` may stand among the messages.
        output_format: whether it takes `output_config.format`.
        forced_tool: whether `tool_choice` may force a tool.
    """

    thinking: Thinking = "adaptive"
    efforts: tuple[str, ...] = ("low", "medium", "high", "xhigh", "max")
    hides_thinking: bool = False
    thinks_always: bool = False
    sampling: bool = True
    prefill: bool = True
    later_system: bool = False
    output_format: bool = True
    forced_tool: bool = True


_PLAIN = ModelTraits(thinking="none", efforts=(), output_format=False)
_BUDGET = ModelTraits(thinking="budget", efforts=(), output_format=False)
_BUDGET_FORMAT = replace(_BUDGET, output_format=True)
_ADAPTIVE = ModelTraits(efforts=("low", "medium", "high", "max"), prefill=False)
_XHIGH = ModelTraits(prefill=False, sampling=False, hides_thinking=True)
_LATER_SYSTEM = replace(_XHIGH, later_system=True)
_ALWAYS = replace(_LATER_SYSTEM, thinks_always=True)
_ALWAYS_UNFORCED = replace(_ALWAYS, forced_tool=False)
UNKNOWN_MODEL = ModelTraits()

_ROWS: dict[str, tuple[tuple[tuple[int, int], ModelTraits], ...]] = {
    "opus": (
        ((5, 5), _ALWAYS_UNFORCED),
        ((4, 8), _LATER_SYSTEM),
        ((4, 7), _XHIGH),
        ((4, 6), _ADAPTIVE),
        ((4, 1), _BUDGET_FORMAT),
        ((4, 0), _BUDGET),
        ((0, 0), _PLAIN),
    ),
    "sonnet": (
        ((5, 5), _ALWAYS_UNFORCED),
        ((5, 0), _LATER_SYSTEM),
        ((4, 6), _ADAPTIVE),
        ((4, 5), _BUDGET_FORMAT),
        ((3, 7), _BUDGET),
        ((0, 0), _PLAIN),
    ),
    "haiku": (((5, 0), _LATER_SYSTEM), ((4, 5), _BUDGET_FORMAT), ((0, 0), _PLAIN)),
    "fable": (((5, 1), _ALWAYS_UNFORCED), ((0, 0), _ALWAYS)),
    "mythos": (
        ((5, 1), _ALWAYS_UNFORCED),
        ((5, 0), _ALWAYS),
        ((0, 0), replace(_ALWAYS, later_system=False)),
    ),
}

_FAMILY_FIRST = re.compile(r"(opus|sonnet|haiku|fable|mythos)(?:-(\d{1,2}))?(?:[-.](\d{1,2}))?(?!\d)")
_VERSION_FIRST = re.compile(r"claude-(\d)(?:[-.](\d))?-(opus|sonnet|haiku)")
_FIRST_GENERATIONS = re.compile(r"claude-(?:instant|[12])\b")


@lru_cache(maxsize=256)
def traits_of(model: str) -> ModelTraits:
    """The traits of a model, by its name."""
    old = _VERSION_FIRST.search(model)
    if old is not None:
        return _row(old[3], (int(old[1]), int(old[2] or 0)))
    new = _FAMILY_FIRST.search(model)
    if new is not None:
        return _row(new[1], (int(new[2] or 0), int(new[3] or 0)))
    return _PLAIN if _FIRST_GENERATIONS.search(model) else UNKNOWN_MODEL


def _row(family: str, version: tuple[int, int]) -> ModelTraits:
    return next(traits for since, traits in _ROWS[family] if version >= since)
