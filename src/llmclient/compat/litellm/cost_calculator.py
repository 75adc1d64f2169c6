"""LiteLLM's `cost_calculator`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.compat.litellm._pricing import completion_cost as completion_cost
    from llmclient.compat.litellm._pricing import cost_per_token as cost_per_token

__all__ = [
    "completion_cost",
    "cost_per_token",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "completion_cost": "llmclient.compat.litellm._pricing",
        "cost_per_token": "llmclient.compat.litellm._pricing",
    },
)
