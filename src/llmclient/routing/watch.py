"""Limits how long an async attempt may take, on any clock: `asyncio.timeout` with a moving due time.

One timer serves a whole stream: it is set anew only when it goes off early, so that a chunk costs no timer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, TypeAlias

from llmclient.routing.policy.health import MOMENT

if TYPE_CHECKING:
    from llmclient.protocols import Clock, Timer

Phase: TypeAlias = Literal["first_token", "idle", "total"]


class Watch:
    """Cancels the task that is inside when its time is over."""

    __slots__ = ("_cancels", "_clock", "_due", "_fired", "_task", "_timer", "_timer_due", "phase")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._task: asyncio.Task[object] | None = None
        self._cancels = 0
        self._due = 0.0
        self._timer: Timer | None = None
        self._timer_due = 0.0
        self._fired = False
        self.phase: Phase = "total"

    def enter(self, due: float | None, phase: Phase) -> None:
        """From here on the running task may be cancelled when `due` comes; None is without limit."""
        if due is None:
            return
        task = asyncio.current_task()
        if task is None:  # pragma: no cover - coroutines of ours run in tasks
            return
        self._task, self._cancels = task, task.cancelling()
        self._due, self.phase = due, phase
        if self._timer is None or due < self._timer_due:
            self._set()

    def leave(self) -> bool:
        """The task is safe again; returns whether it was cancelled because its time was over, and nothing else."""
        task, self._task = self._task, None
        if not self._fired or task is None:
            return False
        self._fired = False
        return task.uncancel() <= self._cancels

    def stop(self) -> None:
        """Forget the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self) -> None:
        self.stop()
        self._timer_due = self._due
        self._timer = self._clock.call_later(max(0.0, self._due - self._clock.monotonic()), self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._task is None:
            return
        if self._due - self._clock.monotonic() > MOMENT:
            self._set()
            return
        self._fired = True
        self._task.cancel()
