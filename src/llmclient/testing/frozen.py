"""The bridge to freezegun: what it froze the time at, and how to move it. It is never imported from here."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

FREEZEGUN = "freezegun.api"
"""The module that holds frozen times, where anybody imported it."""


class _Factory(Protocol):
    """What stands on freezegun's stack: one of its three kinds of frozen time."""

    time_to_freeze: datetime

    def __call__(self) -> datetime: ...

    def tick(self, delta: timedelta) -> object: ...


class FrozenTime:
    """Freezegun's innermost frozen time."""

    def __init__(self, factory: _Factory) -> None:
        self._factory = factory

    def timestamp(self) -> float:
        """Seconds since the epoch."""
        factory = self._factory
        # One that ticks by itself moves when it is called, so its state is read; one that runs only knows when called.
        running = type(factory).__name__ == "TickingDateTimeFactory"
        moment = factory() if running else factory.time_to_freeze
        return moment.replace(tzinfo=UTC).timestamp()

    def tick(self, seconds: float) -> None:
        """Move it by `seconds`."""
        self._factory.tick(timedelta(seconds=seconds))


def frozen_time() -> FrozenTime | None:
    """The frozen time in force, None where freezegun is not loaded or not active."""
    api = sys.modules.get(FREEZEGUN)
    stack = cast("list[_Factory]", getattr(api, "freeze_factories", None) or [])
    return FrozenTime(stack[-1]) if stack else None


@contextmanager
def asyncio_unfrozen() -> Generator[None, None, None]:
    """Keep event loops on real time while freezegun holds everything else: a loop whose time stands still hangs.

    Source: freezegun's own option `real_asyncio`, which does the same, and is off by default.
    """
    import asyncio

    loops = asyncio.BaseEventLoop
    original = loops.time
    loops.time = _loop_time  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        loops.time = original  # type: ignore[method-assign]


def _loop_time(_loop: object) -> float:
    api = sys.modules.get(FREEZEGUN)
    return cast("float", (getattr(api, "real_monotonic", None) or time.monotonic)())
