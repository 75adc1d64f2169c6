"""Who waits for a place at a full limit, in order of arrival.

A waiting call stands in the line of every key that could serve it. The first in a key's line may try to take a place
there; those who came later may not pass it, whichever line they stood in before. A place that becomes free calls up the
first in that line. Waking up is the driver's business: it sets `wake` on the place before it waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable


class Place:
    """One call's place in the line."""

    __slots__ = ("called", "keys", "wake")

    def __init__(self, keys: frozenset[str]) -> None:
        self.keys: frozenset[str] = keys
        self.wake: Callable[[], object] | None = None
        self.called: bool = False

    def call_up(self) -> None:
        """Let its call look again."""
        self.called = True
        if self.wake is not None:
            self.wake()


class Line:
    """The calls that wait in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Place] = []

    def join(self, keys: Iterable[str]) -> Place:
        """Stand at the end of the line."""
        place = Place(frozenset(keys))
        with self._lock:
            self._waiting.append(place)
        return place

    def leave(self, place: Place) -> None:
        """Step out; those behind move up and may look again."""
        with self._lock:
            self._waiting.remove(place)
            following = [first for key in place.keys if (first := self._first(key)) is not None]
        for first in following:
            first.call_up()

    def move(self, place: Place, keys: Iterable[str]) -> None:
        """Stand in other lines, before all who came later. Whoever is first in a line that changed may look again."""
        with self._lock:
            before, place.keys = place.keys, frozenset(keys)
            following = [first for key in before ^ place.keys if (first := self._first(key)) is not None]
        for first in following:
            first.call_up()

    def freed(self, key: str) -> None:
        """Say that there may be a place at `key`."""
        if not self._waiting:
            return
        with self._lock:
            first = self._first(key)
        if first is not None:
            first.call_up()

    def may_pass(self, key: str, place: Place | None) -> bool:
        """Whether a call (with its `place`, None for a newcomer) may take a place at `key` now."""
        if not self._waiting:
            return True
        with self._lock:
            for waiting in self._waiting:
                if waiting is place:
                    return True  # whoever stands at `key` came later
                if key in waiting.keys:
                    return False
        return True

    def __len__(self) -> int:
        return len(self._waiting)

    def _first(self, key: str) -> Place | None:
        return next((place for place in self._waiting if key in place.keys), None)
