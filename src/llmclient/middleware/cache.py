"""A cache of responses: the same question is answered from it, as a stream where one is asked for.

The key is the meaning of a request: what is asked of which model with which parameters, in any order, without headers,
time limits or whether it streams. Errors are never kept.
An answer out of the cache has no attempts, and so no cost. A store that fails breaks no call: the log has it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import fields
from os import PathLike
from typing import TYPE_CHECKING, Protocol, cast

from llmclient.middleware.base import Around, Middleware
from llmclient.protocols import Capability

if TYPE_CHECKING:
    from llmclient.middleware.base import Flow
    from llmclient.types.reply import Reply

logger: logging.Logger = logging.getLogger(__name__)

_STEERING = frozenset({"extra_headers", "drop_unsupported", "timeouts", "clock", "stream", "done"})
"""Attributes of a request that say nothing of what is asked."""


class CacheStore(Protocol):
    """Where answers are kept. `diskcache.Cache` is one, through `DiskCacheStore`."""

    def get(self, key: str) -> tuple[float | None, bytes] | None:
        """When an entry expires (seconds since the epoch, None for never) and the entry; None where there is none."""
        ...

    def set(self, key: str, expires: float | None, value: bytes) -> None:
        """Keep an entry."""
        ...


class MemoryStore:
    """Entries in this process, the least recently used of them dropped first.

    Args:
        most: entries to keep. Default 1,000.
    """

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._entries: OrderedDict[str, tuple[float | None, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> tuple[float | None, bytes] | None:
        """The entry of a key."""
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
            return found

    def set(self, key: str, expires: float | None, value: bytes) -> None:
        """Keep an entry."""
        with self._lock:
            self._entries[key] = (expires, value)
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)


class SQLiteStore:
    """Entries in a file, shared by the processes of a machine.

    Args:
        path: of the file; it is made where it is missing.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._lock = threading.Lock()
        with self._lock:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, expires REAL, value BLOB)"
            )

    def get(self, key: str) -> tuple[float | None, bytes] | None:
        """The entry of a key."""
        with self._lock:
            row = self._connection.execute("SELECT expires, value FROM answers WHERE key = ?", (key,)).fetchone()
        return None if row is None else cast("tuple[float | None, bytes]", row)

    def set(self, key: str, expires: float | None, value: bytes) -> None:
        """Keep an entry."""
        with self._lock:
            self._connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, expires, value))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class _Cache(Protocol):
    def get(self, key: str) -> object: ...
    def set(self, key: str, value: object) -> object: ...


class DiskCacheStore:
    """Entries in a `diskcache.Cache`, or anything with its `get` and `set`; its eviction is yours to configure."""

    def __init__(self, cache: _Cache) -> None:
        self._cache = cache

    def get(self, key: str) -> tuple[float | None, bytes] | None:
        """The entry of a key."""
        return cast("tuple[float | None, bytes] | None", self._cache.get(key))

    def set(self, key: str, expires: float | None, value: bytes) -> None:
        """Keep an entry."""
        self._cache.set(key, (expires, value))


def cache_responses(store: CacheStore | None = None, *, ttl: float | None = None) -> Middleware:
    """Answer what was asked before without asking again. Chat, embeddings, images and transcripts; speech is not kept.

    Args:
        store: where answers are kept. Default a `MemoryStore()`.
        ttl: seconds an answer is good for; None, the default, is without end.
    """
    kept = MemoryStore() if store is None else store

    def cache(around: Around) -> Flow:
        reply_class = _reply_class(around.capability)
        if reply_class is None:
            yield
            return None
        key = key_of(around)
        found = _found(kept, key, around.clock.now(), reply_class)
        if found is not None:
            return found
        reply = yield
        expires = None if ttl is None else around.clock.now() + ttl
        try:
            kept.set(key, expires, reply.model_dump_json(exclude_unset=True).encode())
        except Exception:
            logger.exception("the cache could not keep an answer")
        return None

    return Middleware(cache, "call")


def _found(store: CacheStore, key: str, now: float, reply_class: type[Reply]) -> Reply | None:
    """The answer that is kept; a store that is broken, or an entry that cannot be read, has none."""
    try:
        entry = store.get(key)
        if entry is None or (entry[0] is not None and entry[0] <= now):
            return None
        return reply_class.model_validate_json(entry[1])
    except Exception:
        logger.exception("the cache could not give an answer; it is asked for")
        return None


def key_of(around: Around) -> str:
    """The meaning of a request, as a hash."""
    request = around.request
    meaning: dict[str, object] = {"capability": str(around.capability)}
    for attribute in fields(request):
        if attribute.name not in _STEERING:
            meaning[attribute.name] = getattr(request, attribute.name)
    return hashlib.sha256(json.dumps(meaning, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    data = getattr(value, "data", None)
    if isinstance(data, bytes):
        return hashlib.sha256(data).hexdigest()
    return repr(value)


def _reply_class(capability: Capability) -> type[Reply] | None:
    from llmclient.types import EmbeddingResponse, ImageResponse, ModelResponse, TranscriptionResponse

    rows: dict[Capability, type[Reply]] = {
        Capability.CHAT: ModelResponse,
        Capability.EMBEDDINGS: EmbeddingResponse,
        Capability.IMAGES: ImageResponse,
        Capability.TRANSCRIPTION: TranscriptionResponse,
    }
    return rows.get(capability)
