"""Time in a replay: nobody waits for what was waited for when it was recorded."""

from __future__ import annotations

import asyncio
import threading
import time

from llmclient.clock import SystemClock
from llmclient.testing.cassettes import scope
from llmclient.testing.cassettes.errors import AmbiguousCassetteError

_MOMENT = 0.01
"""Seconds of real time that `wait` gives other threads."""


class ReplayClock(SystemClock):
    """The system's clock, on which waiting takes no time where a cassette is replayed: time is moved on instead.

    Whether it is, depends on the cassette of the thread or task that waits: once it has gone live, waits are real.
    """

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since the epoch, and what was skipped."""
        return time.time() + self._ahead

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back, and what was skipped."""
        return time.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Move time on; block the thread where requests go live."""
        if _replaying():
            self._ahead += max(0.0, seconds)
        else:
            time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """As `sleep`; other tasks get a turn."""
        if _replaying():
            self._ahead += max(0.0, seconds)
            seconds = 0.0
        await asyncio.sleep(seconds)

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        """Give other threads a moment, then move time on; wait for good where requests go live or without a limit."""
        if seconds is None or not _replaying():
            return event.wait(seconds)
        if not event.wait(min(seconds, _MOMENT)):
            self._ahead += seconds
        return event.is_set()


def _replaying() -> bool:
    try:
        deck = scope.current_deck()
    except AmbiguousCassetteError:
        return False
    return deck is not None and not deck.went_live
