"""Generators around a call or around an attempt; `base` says what one is, the other files are those that ship."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import lazy_exports

if TYPE_CHECKING:
    from llmclient.middleware.base import Around as Around
    from llmclient.middleware.base import ChunkFunction as ChunkFunction
    from llmclient.middleware.base import Flow as Flow
    from llmclient.middleware.base import Middleware as Middleware
    from llmclient.middleware.base import MiddlewareFunction as MiddlewareFunction
    from llmclient.middleware.base import middleware as middleware
    from llmclient.middleware.events import EventName as EventName
    from llmclient.middleware.events import Hook as Hook
    from llmclient.middleware.events import RouterEvent as RouterEvent

__all__ = [
    "Around",
    "ChunkFunction",
    "EventName",
    "Flow",
    "Hook",
    "Middleware",
    "MiddlewareFunction",
    "RouterEvent",
    "middleware",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "Around": "llmclient.middleware.base",
        "ChunkFunction": "llmclient.middleware.base",
        "EventName": "llmclient.middleware.events",
        "Flow": "llmclient.middleware.base",
        "Hook": "llmclient.middleware.events",
        "Middleware": "llmclient.middleware.base",
        "MiddlewareFunction": "llmclient.middleware.base",
        "RouterEvent": "llmclient.middleware.events",
        "middleware": "llmclient.middleware.base",
    },
)
