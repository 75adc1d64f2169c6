"""A server on its own has nobody to share virtual time with: its clock keeps the machine's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient.clock import SystemClock
from llmclient.testing.clock import VirtualClock

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from llmclient.protocols import Timer


class WallClock(VirtualClock):
    """The machine's time, in the place of virtual time: delays of a script are real ones."""

    def __init__(self) -> None:
        super().__init__()
        self._system = SystemClock()

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._system.now()

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return self._system.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block the thread."""
        self._system.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Suspend the task."""
        await self._system.async_sleep(seconds)

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """Call `callback` once on the running event loop, `seconds` from now, unless cancelled."""
        return self._system.call_later(seconds, callback)

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        """Block the thread until `event` is set or `seconds` are over; returns whether it is set."""
        return self._system.wait(event, seconds)
