"""LiteLLM's `types.router`: the policies of a router."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.compat.litellm._router_options import AllowedFailsPolicy as AllowedFailsPolicy
    from llmclient.compat.litellm._router_options import RetryPolicy as RetryPolicy

__all__ = [
    "AllowedFailsPolicy",
    "RetryPolicy",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "AllowedFailsPolicy": "llmclient.compat.litellm._router_options",
        "RetryPolicy": "llmclient.compat.litellm._router_options",
    },
)
