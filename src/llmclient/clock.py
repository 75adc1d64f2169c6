"""Real time. Everything that waits or measures takes a `Clock`; this is the one that production hands in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmclient.protocols import Timer


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block the thread."""
        time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Suspend the task."""
        import asyncio

        await asyncio.sleep(seconds)

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """Call `callback` once on the running event loop, `seconds` from now, unless cancelled."""
        import asyncio

        return asyncio.get_running_loop().call_later(seconds, callback)

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        """Block the thread until `event` is set or `seconds` are over; returns whether it is set."""
        return event.wait(seconds)
