"""Where the state that several calls share is kept: documents of plain JSON values, changed atomically.

A store knows nothing of breakers, limits or budgets: it hands a document to a function that changes it in place, and
keeps the result. One shared by processes (Redis: WATCH, GET, run the function, MULTI SET EXEC, again when it lost the
race) is one class with these two methods.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeAlias, TypeVar

T = TypeVar("T")

Document: TypeAlias = "dict[str, object]"
"""A JSON object."""


class Store(Protocol):
    """Shared state of a router, by key.

    Attributes:
        shared: whether other processes see the documents too. If so, times in them are seconds since the epoch, and the
            async router calls the store in a worker thread, because it may block.
    """

    @property
    def shared(self) -> bool:
        """Whether other processes see it."""
        ...

    def update(self, key: str, change: Callable[[Document], T]) -> T:
        """Run `change` on the document under `key`, an empty one where there is none, and keep what it made of it.

        Nobody else may see or change the document meanwhile. `change` touches the document only, returns at once, and
        may be run again on a fresh copy when the store lost a race; what it returned last is returned.
        """
        ...

    def read(self, key: str) -> Document:
        """Return a copy of the document, an empty one where there is none."""
        ...


class MemoryStore:
    """Documents in this process, safe to use from any thread."""

    shared = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._documents: dict[str, Document] = {}

    def update(self, key: str, change: Callable[[Document], T]) -> T:
        """Run `change` on the document under `key`."""
        with self._lock:
            document = self._documents.get(key)
            if document is None:
                document = self._documents[key] = {}
            return change(document)

    def read(self, key: str) -> Document:
        """Return a copy of the document."""
        import copy

        with self._lock:
            return copy.deepcopy(self._documents.get(key, {}))
