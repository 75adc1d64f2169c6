"""`reasoning_effort` in Anthropic's terms, by what the model takes (see `models`).

Newer models think by themselves at a level of effort; older ones think with a number of tokens, at least 1,024 and
below `max_tokens`. A level that a model does not have becomes the nearest below it, with a log line: asking more than
was wanted costs money. Source: Anthropic's documentation, "Extended thinking", "Adaptive thinking" and "Effort".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmclient.providers.anthropic.models import ModelTraits

EFFORTS: tuple[str, ...] = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""OpenAI's levels and Anthropic's, lowest first."""

BUDGETS: dict[str, int] = {
    "minimal": 1024,
    "low": 2048,
    "medium": 8192,
    "high": 16_384,
    "xhigh": 24_576,
    "max": 24_576,
}
"""Tokens to think with, for models that take a budget. The highest leaves room for an answer within the 32,000 tokens
that the smallest of these models can put out."""

SMALLEST_BUDGET = 1024
SAID_AT_LEAST = 4096


def nearest_effort(effort: str, traits: ModelTraits) -> str:
    """The model's own level: the same, else the nearest below, else its lowest."""
    wanted = EFFORTS.index(effort)
    below = [level for level in traits.efforts if EFFORTS.index(level) <= wanted]
    return below[-1] if below else traits.efforts[0]


def budget_within(effort: str, max_tokens: int) -> int | None:
    """Tokens to think with, of an answer of `max_tokens` in all; None where there is no room to think.

    Half of it at least, or 4,096 tokens, are left for what is said; the budget is never below the smallest there is.
    """
    if max_tokens <= SMALLEST_BUDGET:
        return None
    return max(SMALLEST_BUDGET, min(BUDGETS[effort], max(max_tokens // 2, max_tokens - SAID_AT_LEAST)))
