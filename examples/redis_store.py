"""Breakers, limits, budgets and hedges that several processes share: a `Store` over Redis, in one file.

    pip install redis
    router = ModelRouter("openai/gpt-5-mini", store=RedisStore(redis.Redis.from_url("redis://localhost:6379/0")))

A document is one key. It is changed by optimistic locking: whoever finds that another process was faster reads it
again. A key that nobody touches for a day is forgotten, which no breaker, limit or place in flight outlives; give a
budget with a longer period a longer `keep`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

import redis

T = TypeVar("T")


class RedisStore:
    """Documents in Redis.

    Args:
        client: the connection pool to use; closing it is yours.
        prefix: before every key, so that routers that are not to share use another. Default "llmclient:".
        keep: seconds after which an untouched document is forgotten. Default a day.
    """

    shared = True

    def __init__(self, client: redis.Redis, *, prefix: str = "llmclient:", keep: int = 86_400) -> None:
        self._client = client
        self._prefix = prefix
        self._keep = keep

    def update(self, key: str, change: Callable[[dict[str, object]], T]) -> T:
        """Run `change` on the document under `key`, again and again until nobody else changed it meanwhile."""
        name = self._prefix + key
        with self._client.pipeline() as pipe:
            while True:
                try:
                    pipe.watch(name)
                    document = json.loads(pipe.get(name) or "{}")
                    result = change(document)
                    pipe.multi()
                    pipe.set(name, json.dumps(document), ex=self._keep)
                    pipe.execute()
                except redis.WatchError:
                    continue
                return result

    def read(self, key: str) -> dict[str, object]:
        """Return the document under `key`."""
        return json.loads(self._client.get(self._prefix + key) or "{}")
