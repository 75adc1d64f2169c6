"""Limits how long an async attempt may take, on any clock: `asyncio.timeout` with a moving due time.

One timer serves all attempts of a router on one event loop. It is set anew only when it goes off or an earlier limit
comes, so that neither a call nor a chunk costs a timer.
"""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING, Literal, TypeAlias

from llmclient.routing.policy.health import MOMENT

if TYPE_CHECKING:
    from llmclient.protocols import Clock, Timer
    from llmclient.routing.core import RouterCore

Phase: TypeAlias = Literal["first_token", "idle", "total"]


class Watchdog:
    """Wakes the watches of one event loop when their time is over."""

    __slots__ = ("_due", "_timer", "_watches", "clock", "loop")

    def __init__(self, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        self.clock: Clock = clock
        self.loop: asyncio.AbstractEventLoop = loop
        self._watches: set[Watch] = set()
        self._timer: Timer | None = None
        self._due: float = inf

    def guard(self, watch: Watch) -> None:
        """Look after a watch until it is let go."""
        self._watches.add(watch)
        if watch.due < self._due:
            self._set(watch.due)

    def let_go(self, watch: Watch) -> None:
        """Forget a watch. The timer stays for the next one: going off for nobody costs less than being set anew."""
        self._watches.discard(watch)

    def _set(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = self.clock.call_later(max(0.0, due - self.clock.monotonic()), self._ring)

    def _ring(self) -> None:
        self._timer, self._due = None, inf
        now = self.clock.monotonic()
        for watch in [watch for watch in self._watches if watch.due - now <= MOMENT]:
            self._watches.discard(watch)
            watch.ring()
        if self._watches:
            self._set(min(watch.due for watch in self._watches))


class Watch:
    """Cancels the task that is inside when its time is over."""

    __slots__ = ("_cancels", "_dog", "_fired", "_task", "due", "phase")

    def __init__(self, core: RouterCore, clock: Clock) -> None:
        loop = asyncio.get_running_loop()
        dog = core.watchdog
        if dog is None or dog.loop is not loop or dog.clock is not clock:
            dog = core.watchdog = Watchdog(clock, loop)
        self._dog: Watchdog = dog
        self._task: asyncio.Task[object] | None = None
        self._cancels: int = 0
        self._fired: bool = False
        self.due: float = inf
        self.phase: Phase = "total"

    def enter(self, due: float | None, phase: Phase) -> None:
        """From here on the running task may be cancelled when `due` comes; None is without limit."""
        if due is None:
            return
        task = asyncio.current_task()
        if task is None:  # pragma: no cover - coroutines of ours run in tasks
            return
        self._task, self._cancels = task, task.cancelling()
        self.due, self.phase = due, phase
        self._dog.guard(self)

    def leave(self) -> bool:
        """The task is safe again; returns whether it was cancelled because its time was over, and nothing else."""
        task, self._task = self._task, None
        self._dog.let_go(self)
        if not self._fired or task is None:
            return False
        self._fired = False
        return task.uncancel() <= self._cancels

    def ring(self) -> None:
        """The time is over."""
        if self._task is not None:
            self._fired = True
            self._task.cancel()
