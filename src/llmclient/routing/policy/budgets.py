"""Money and tokens: reserved before a try is sent, settled on what it cost. Pure functions over a stored document."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

if TYPE_CHECKING:
    from llmclient.routing.policy.settings import Budget
    from llmclient.routing.policy.store import Document


class Spending(TypedDict, total=False):
    """The document."""

    since: float  # start of the period
    usd: float
    tokens: int
    held: dict[str, list[float]]  # lease -> [usd, tokens] reserved


def reserve(document: Document, budget: Budget, *, now: float, lease: str, usd: float, tokens: int) -> str:
    """Reserve what a try may cost; returns what is spent, as text, where that would go over the budget, else ""."""
    spending = cast("Spending", document)
    since = spending.setdefault("since", now)
    if budget.seconds is not None and since + budget.seconds <= now:
        periods = (now - since) // budget.seconds
        spending.update({"since": since + periods * budget.seconds, "usd": 0.0, "tokens": 0})
    held = spending.setdefault("held", {})
    spent_usd = spending.get("usd", 0.0) + sum(amounts[0] for amounts in held.values())
    spent_tokens = spending.get("tokens", 0) + int(sum(amounts[1] for amounts in held.values()))
    if budget.usd is not None and (spent_usd >= budget.usd or spent_usd + usd > budget.usd):
        return f"${spent_usd:.6g} spent, about ${usd:.6g} more asked"
    if budget.tokens is not None and (spent_tokens >= budget.tokens or spent_tokens + tokens > budget.tokens):
        return f"{spent_tokens} tokens spent, about {tokens} more asked"
    held[lease] = [usd, float(tokens)]
    return ""


def settle(document: Document, *, lease: str, usd: float | None, tokens: int | None) -> None:
    """Replace a reservation by what was spent; None keeps the estimate."""
    spending = cast("Spending", document)
    reserved = spending.get("held", {}).pop(lease, [0.0, 0.0])
    spending["usd"] = spending.get("usd", 0.0) + (reserved[0] if usd is None else usd)
    spending["tokens"] = spending.get("tokens", 0) + (int(reserved[1]) if tokens is None else tokens)
