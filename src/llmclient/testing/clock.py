"""Virtual time: sleeping takes none of the real kind.

A sync sleep moves the time and returns. Async sleepers wait in the order of their deadlines: the earliest is woken when
its event loop has nothing else to run, so that what a task does between two sleeps happens before anybody's later
deadline. Guards (`call_later`) fire on the way, and never move time themselves. No timer of the event loop is used:
frozen or real, the loop cannot hang on one. While freezegun is active its time is this clock's, and moves with it.
"""

from __future__ import annotations

import contextlib
import heapq
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmclient.testing.frozen import FREEZEGUN, frozen_time

if TYPE_CHECKING:
    import asyncio

    from llmclient.protocols import Timer

EPOCH = 1_735_689_600.0
"""Where virtual time begins: 2025-01-01T00:00:00Z."""

PASSES = 20
"""How many rounds of an event loop that does not show its ready queue count as nothing left to run."""

DIGITS = 6
"""Decimals of a second to which moments are told apart: sums of floats differ in the later ones."""

MOMENT = 0.02
"""Real seconds that `wait` gives other threads before it moves the time."""

LONGEST_HOLD = 10.0
"""Real seconds after which time moves although something seems to be on its way: it is stuck, and limits will tell."""

_LOOK_AGAIN = 0.5


class VirtualClock:
    """Time that moves only when somebody sleeps or a test says so.

    Args:
        start: seconds since the epoch at which it begins. Default 2025-01-01T00:00:00Z.
    """

    def __init__(self, start: float = EPOCH) -> None:
        self._now = start
        self._monotonic = 0.0
        self._frozen_at: float | None = None
        self._sleeps: list[float] = []
        self._lock = threading.RLock()
        self._agendas: dict[asyncio.AbstractEventLoop, _Agenda] = {}

    @property
    def sleeps(self) -> list[float]:
        """Seconds of every sleep so far, in the order they were begun."""
        return list(self._sleeps)

    @property
    def slept(self) -> int:
        """How many sleeps there have been."""
        return len(self._sleeps)

    def now(self) -> float:
        """Seconds since the epoch."""
        self._follow()
        return self._now

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        self._follow()
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Move the time; sleepers and guards whose moment has come are served at their loop's next turn.

        Raises:
            ValueError: `seconds` is below 0.
        """
        if seconds < 0:
            raise ValueError(f"advance({seconds!r}): time does not go back; give seconds of 0 or more")
        self._move(seconds)
        for agenda in list(self._agendas.values()):
            agenda.nudge()

    def sleep(self, seconds: float) -> None:
        """Move the time by `seconds` and return."""
        self._sleeps.append(seconds)
        if seconds > 0:
            self.advance(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Let every other task run as far as it can, then move the time and return."""
        self._sleeps.append(seconds)
        agenda = self._agenda()
        future = agenda.loop.create_future()
        agenda.add(_Entry(self.monotonic() + max(0.0, seconds), future=future, sleeper=True))
        await future

    def sleep_on(self, loop: asyncio.AbstractEventLoop, seconds: float, callback: Callable[[], object]) -> Timer:
        """For another thread: sleep on a loop as a task of it would, and call `callback` there afterwards."""
        self._sleeps.append(seconds)
        entry = _Entry(self.monotonic() + seconds, callback=callback, sleeper=True)
        loop.call_soon_threadsafe(self._agenda_of(loop).add, entry)
        return entry

    def hold(self, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
        """Keep the loop's sleepers asleep while something real is on its way to one of its tasks.

        Returns:
            Ends it, from any thread; harmless when called again. A hold ends by itself after `LONGEST_HOLD`.
        """
        agenda = self._agenda_of(loop)
        token = object()
        agenda.holds[token] = time.perf_counter() + LONGEST_HOLD

        def release() -> None:
            if agenda.holds.pop(token, None) is not None:
                agenda.nudge()

        return release

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """Call `callback` once on the running event loop when somebody's sleep carries time past `seconds` from now."""
        entry = _Entry(self.monotonic() + seconds, callback=callback)
        self._agenda().add(entry)
        return entry

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        """Wait for `event`: a moment of real time, then the time moves by `seconds`. None waits in real time."""
        if seconds is None or event.wait(MOMENT):
            return event.wait()
        self.advance(seconds)
        return event.is_set()

    def reach(self, moment: float) -> None:
        """Move the time forward to `moment` of the monotonic kind; nothing where it has passed."""
        ahead = moment - self.monotonic()
        if ahead > 0:
            self._move(ahead)

    def _move(self, seconds: float) -> None:
        with self._lock:
            self._follow()
            self._now += seconds
            self._monotonic += seconds
            frozen = frozen_time()
            if frozen is not None:
                frozen.tick(seconds)
                self._now = self._frozen_at = frozen.timestamp()

    def _follow(self) -> None:
        """Take over what freezegun did to the time: the first sight sets it, later ones move it."""
        if FREEZEGUN not in sys.modules:
            return
        frozen = frozen_time()
        if frozen is None:
            self._frozen_at = None
            return
        with self._lock:
            stamp = frozen.timestamp()
            if self._frozen_at is not None:
                self._monotonic += max(0.0, stamp - self._frozen_at)
            self._now = self._frozen_at = stamp

    def _agenda(self) -> _Agenda:
        import asyncio

        return self._agenda_of(asyncio.get_running_loop())

    def _agenda_of(self, loop: asyncio.AbstractEventLoop) -> _Agenda:
        agenda = self._agendas.get(loop)
        if agenda is None:
            self._agendas = {known: kept for known, kept in self._agendas.items() if not known.is_closed()}
            agenda = self._agendas[loop] = _Agenda(self, loop)
        return agenda


@dataclass(slots=True)
class _Entry:
    """What is due at a moment: a sleeper, woken by its future or from another thread by a callback, or a guard's."""

    moment: float
    future: asyncio.Future[None] | None = None
    callback: Callable[[], object] | None = None
    sleeper: bool = False
    done: bool = False

    @property
    def stale(self) -> bool:
        return self.done or (self.future is not None and self.future.done())

    def cancel(self) -> None:
        """Forget it."""
        self.done = True

    def serve(self) -> None:
        self.done = True
        if self.future is not None:
            self.future.set_result(None)
        elif self.callback is not None:
            self.callback()


def _watches(handle: object) -> bool:
    """Whether what is ready is another clock's agenda, which waits for the same: nothing left to run."""
    callback: object = getattr(handle, "_callback", None)
    return getattr(callback, "__func__", None) is _Agenda._watch  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - its own file


class _Agenda:
    """What is due on one event loop, in order: by moment, guards before sleepers, then as they came."""

    def __init__(self, clock: VirtualClock, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._clock = clock
        self._heap: list[tuple[float, bool, int, _Entry]] = []
        self._count = 0
        self._watching = False
        self.holds: dict[object, float] = {}

    def add(self, entry: _Entry) -> None:
        self._count += 1
        heapq.heappush(self._heap, (round(entry.moment, DIGITS), entry.sleeper, self._count, entry))
        self._start()

    def nudge(self) -> None:
        """Look again, from any thread: time has moved."""
        if self._heap and not self.loop.is_closed():
            with contextlib.suppress(RuntimeError):  # closed since
                self.loop.call_soon_threadsafe(self._start)

    def _held(self) -> bool:
        """Whether something real is on its way, and has not been for too long."""
        now = time.perf_counter()
        return any(until > now for until in list(self.holds.values()))

    def _start(self) -> None:
        if not self._watching:
            self._watching = True
            self.loop.call_soon(self._watch, PASSES)

    def _watch(self, passes: int) -> None:
        """Serve the next entry as soon as nothing else is ready, then begin anew while anybody waits."""
        held = self._held()  # looked at first: whoever lets go has put what follows among what is ready
        ready: Iterable[object] | None = getattr(self.loop, "_ready", None)
        if passes > 0 if ready is None else any(not _watches(handle) for handle in list(ready)):
            self.loop.call_soon(self._watch, passes - 1)
            return
        self._watching = False
        if held:
            self.loop.call_later(_LOOK_AGAIN, self._start)
            return
        while self._heap and self._heap[0][-1].stale:
            heapq.heappop(self._heap)
        if not self._heap:
            return
        entry = self._heap[0][-1]
        someone_sleeps = any(item[-1].sleeper and not item[-1].stale for item in self._heap)
        if entry.moment > self._clock.monotonic() and not someone_sleeps:
            return  # guards alone move no time
        heapq.heappop(self._heap)
        self._clock.reach(entry.moment)
        entry.serve()
        self._start()
