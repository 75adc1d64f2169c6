"""Generators around a call or around an attempt; `base` says what one is, the other files are those that ship."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.middleware.base import Around as Around
    from llmclient.middleware.base import ChunkFunction as ChunkFunction
    from llmclient.middleware.base import Flow as Flow
    from llmclient.middleware.base import Middleware as Middleware
    from llmclient.middleware.base import MiddlewareFunction as MiddlewareFunction
    from llmclient.middleware.base import middleware as middleware
    from llmclient.middleware.cache import CacheStore as CacheStore
    from llmclient.middleware.cache import DiskCacheStore as DiskCacheStore
    from llmclient.middleware.cache import MemoryStore as MemoryStore
    from llmclient.middleware.cache import SQLiteStore as SQLiteStore
    from llmclient.middleware.cache import cache_responses as cache_responses
    from llmclient.middleware.events import EventName as EventName
    from llmclient.middleware.events import Hook as Hook
    from llmclient.middleware.events import RouterEvent as RouterEvent
    from llmclient.middleware.logs import log_calls as log_calls
    from llmclient.middleware.redaction import redact as redact
    from llmclient.middleware.spending import SpendingLimit as SpendingLimit
    from llmclient.middleware.tracing import trace as trace

__all__ = [
    "Around",
    "CacheStore",
    "ChunkFunction",
    "DiskCacheStore",
    "EventName",
    "Flow",
    "Hook",
    "MemoryStore",
    "Middleware",
    "MiddlewareFunction",
    "RouterEvent",
    "SQLiteStore",
    "SpendingLimit",
    "cache_responses",
    "log_calls",
    "middleware",
    "redact",
    "trace",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "Around": "llmclient.middleware.base",
        "CacheStore": "llmclient.middleware.cache",
        "ChunkFunction": "llmclient.middleware.base",
        "DiskCacheStore": "llmclient.middleware.cache",
        "EventName": "llmclient.middleware.events",
        "Flow": "llmclient.middleware.base",
        "Hook": "llmclient.middleware.events",
        "MemoryStore": "llmclient.middleware.cache",
        "Middleware": "llmclient.middleware.base",
        "MiddlewareFunction": "llmclient.middleware.base",
        "RouterEvent": "llmclient.middleware.events",
        "SQLiteStore": "llmclient.middleware.cache",
        "SpendingLimit": "llmclient.middleware.spending",
        "cache_responses": "llmclient.middleware.cache",
        "log_calls": "llmclient.middleware.logs",
        "middleware": "llmclient.middleware.base",
        "redact": "llmclient.middleware.redaction",
        "trace": "llmclient.middleware.tracing",
    },
)
