"""The class of streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.compat.litellm._stream import CustomStreamWrapper as CustomStreamWrapper

__all__ = [
    "CustomStreamWrapper",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "CustomStreamWrapper": "llmclient.compat.litellm._stream",
    },
)
