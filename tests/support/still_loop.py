"""An event loop that watches nothing: no socket, no pipe, no timer. It steps coroutines, on virtual time.

When nothing is ready any more it could only wait for ever; it says so instead, and a hang is a failed test.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


class _Nothing:
    def select(self, timeout: float | None) -> list[object]:
        assert timeout == 0, "everybody waits, and nothing is left that could happen"
        return []


class StillLoop(asyncio.BaseEventLoop):
    def __init__(self) -> None:
        super().__init__()
        self._selector = _Nothing()

    def _process_events(self, events) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


def run_still(work: Coroutine[object, object, T]) -> T:
    """Run `work` to its end; it may leave no task behind."""
    loop = StillLoop()
    try:
        result = loop.run_until_complete(work)
        left = asyncio.all_tasks(loop)
        assert not left, f"left behind: {left}"
    finally:
        loop.close()
    return result
