"""A response class, where LiteLLM's users also import it from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.compat.litellm._responses import ModelResponse as ModelResponse

__all__ = [
    "ModelResponse",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "ModelResponse": "llmclient.compat.litellm._responses",
    },
)
