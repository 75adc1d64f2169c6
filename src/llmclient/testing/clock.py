"""Virtual time: sleeping takes none of the real kind.

A sync sleep moves the time and returns. Async sleepers wait in the order of their deadlines: the earliest is woken when
its event loop has nothing else to run, so that what a task does between two sleeps happens before anybody's later
deadline. No timer of the event loop is used: frozen or real, the loop cannot hang on one.
"""

from __future__ import annotations

import heapq
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

EPOCH = 1_735_689_600.0
"""Where virtual time begins: 2025-01-01T00:00:00Z."""

PASSES = 20
"""How many rounds of an event loop that does not show its ready queue count as nothing left to run."""


class VirtualClock:
    """Time that moves only when somebody sleeps or a test says so.

    Args:
        start: seconds since the epoch at which it begins. Default 2025-01-01T00:00:00Z.
    """

    def __init__(self, start: float = EPOCH) -> None:
        self._now = start
        self._monotonic = 0.0
        self._sleeps: list[float] = []
        self._lock = threading.RLock()
        self._sleepers: dict[asyncio.AbstractEventLoop, _Sleepers] = {}

    @property
    def sleeps(self) -> list[float]:
        """Seconds of every sleep so far, in the order they were begun."""
        return list(self._sleeps)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._now

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Move the time; sleepers whose deadline has come wake at their loop's next turn."""
        if seconds < 0:
            raise ValueError(f"advance({seconds!r}): time does not go back; give seconds of 0 or more")
        with self._lock:
            self._now += seconds
            self._monotonic += seconds

    def sleep(self, seconds: float) -> None:
        """Move the time by `seconds` and return."""
        with self._lock:
            self._sleeps.append(seconds)
            if seconds > 0:
                self.advance(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Let every other task run as far as it can, then move the time and return."""
        import asyncio

        with self._lock:
            self._sleeps.append(seconds)
        loop = asyncio.get_running_loop()
        sleepers = self._sleepers.get(loop)
        if sleepers is None:
            sleepers = self._sleepers[loop] = _Sleepers(self, loop)
        await sleepers.wait(self._monotonic + max(0.0, seconds))

    def reach(self, moment: float) -> None:
        """Move the time forward to `moment` of the monotonic kind; nothing where it has passed."""
        with self._lock:
            ahead = moment - self._monotonic
            if ahead > 0:
                self.advance(ahead)


class _Sleepers:
    """The sleepers of one event loop."""

    def __init__(self, clock: VirtualClock, loop: asyncio.AbstractEventLoop) -> None:
        self._clock = clock
        self._loop = loop
        self._heap: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0
        self._watching = False

    async def wait(self, deadline: float) -> None:
        future: asyncio.Future[None] = self._loop.create_future()
        self._count += 1
        heapq.heappush(self._heap, (deadline, self._count, future))
        if not self._watching:
            self._watching = True
            self._loop.call_soon(self._watch, PASSES)
        await future

    def _watch(self, passes: int) -> None:
        """Wake the earliest sleeper as soon as nothing else is ready, then begin anew while there are any."""
        ready = getattr(self._loop, "_ready", None)
        busy = bool(ready) if ready is not None else passes > 0
        if busy:
            self._loop.call_soon(self._watch, passes - 1)
            return
        while self._heap:
            deadline, _, future = heapq.heappop(self._heap)
            if future.done():
                continue
            self._clock.reach(deadline)
            future.set_result(None)
            break
        if self._heap:
            self._loop.call_soon(self._watch, PASSES)
        else:
            self._watching = False
