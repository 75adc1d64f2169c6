"""What a call would cost: counted before it is made, and side by side for several models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Unpack

from llmclient.costs.calculate import calculate_cost
from llmclient.types.cost import Cost

if TYPE_CHECKING:
    from llmclient.costs.counts import UsageCounts
    from llmclient.types.messages import Messages, ToolParam
    from llmclient.types.response import Usage

_DOLLAR = Decimal(1)
_SIGNIFICANT = 3
_CENTS = len("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCost:
    """One line of a comparison.

    Attributes:
        model: the name as it was given.
        cost: what the call costs there, None where no price is known.
        ratio: how many times the cheapest that costs anything it is; None where that cannot be said.
    """

    model: str
    cost: Cost | None
    ratio: float | None = None


def estimate_cost(
    model: str,
    messages: Messages | None = None,
    *,
    text: str | None = None,
    response_tokens: int = 0,
    tools: Sequence[ToolParam] | None = None,
    service_tier: str | None = None,
    region: str | None = None,
) -> Cost | None:
    """Return about what a call would cost, or None where the model has no price.

    Args:
        model: any name of the model.
        messages: the conversation; a string is one user message.
        text: a bare text instead, such as one to embed: nothing is added to its tokens.
        response_tokens: tokens the answer is expected to have. Default 0: the prompt alone.
        tools: tools sent with the conversation.
        service_tier: the tier asked for, such as "flex" or "batch".
        region: where the call is processed, for models that cost more in a region.

    The tokens are counted by `llmclient.tokens`: exactly for texts at OpenAI, else estimated.
    """
    from llmclient.tokens import count_message_tokens, count_tokens

    tokens = 0
    if messages is not None:
        tokens += count_message_tokens(messages, model, tools=tools).tokens
    if text is not None:
        tokens += count_tokens(text, model).tokens
    return calculate_cost(
        model, prompt_tokens=tokens, completion_tokens=response_tokens, service_tier=service_tier, region=region
    )


def compare_model_costs(
    models: Iterable[str],
    usage: Usage | Mapping[str, object] | None = None,
    *,
    messages: Messages | None = None,
    response_tokens: int = 0,
    service_tier: str | None = None,
    **counts: Unpack[UsageCounts],
) -> list[ModelCost]:
    """Return what the same call costs at several models, cheapest first, those without a price last.

    Args:
        models: names of models.
        usage: what a call used; or
        messages: a conversation, counted for each model, with an answer of `response_tokens`; or
        response_tokens: tokens of the answer to `messages`.
        service_tier: the tier that serves the call.
        **counts: counts by name: see `UsageCounts`.
    """
    lines: list[tuple[str, Cost | None]] = []
    for model in models:
        if messages is not None:
            cost = estimate_cost(model, messages, response_tokens=response_tokens, service_tier=service_tier)
        else:
            cost = calculate_cost(model, usage, service_tier=service_tier, **counts)
        lines.append((model, cost))
    cheapest = min((cost.total for _, cost in lines if cost is not None and cost.total), default=None)
    return [
        ModelCost(model=model, cost=cost, ratio=None if cost is None or not cheapest else float(cost.total / cheapest))
        for model, cost in sorted(lines, key=lambda line: (line[1] is None, line[1].total if line[1] else 0))
    ]


def format_cost(cost: Cost | Decimal | float | None) -> str:
    """Return a cost as people read it: "$1,234.50", "$0.00123", "$0", and "unknown" for None.

    It has cents at least; below a dollar three significant digits, and never an exponent.
    """
    if cost is None:
        return "unknown"
    amount = cost.total if isinstance(cost, Cost) else Decimal(str(cost))
    if not amount:
        return "$0"
    sign = "-" if amount < 0 else ""
    amount = abs(amount)
    if amount >= _DOLLAR:
        return f"{sign}${amount:,.2f}"
    text = f"{amount:.{_SIGNIFICANT - 1 - amount.adjusted()}f}".rstrip("0")
    return f"{sign}${text.ljust(_CENTS, '0')}"
