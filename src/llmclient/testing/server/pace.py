"""Keeps a server thread and a client of the same process in step, so that virtual time moves as real time would.

A server that sleeps on a virtual clock is at the end of its answer before the client has read the beginning, and the
client would find all that time passed at its first look. So before it moves the time, the server waits until the
client has taken what was sent and asks for more. A wait is then slept on the client's own event loop, where it has one,
among whatever else is due there; and while bytes are on their way, that loop's time is held. So a limit of the client's
that runs out at the same moment comes first, and calls side by side take the time of one, as at the other doors. When
the client closes, no more time passes.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from llmclient.testing.clock import VirtualClock

_PATIENCE = 10.0
"""Real seconds after which the server goes on by itself: the client is stuck, and its own limits will tell."""


class Pace:
    """How far a client has read the body of one answer.

    Args:
        clock: the time that both take.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._taken = 0
        self._left = False
        self._changed = threading.Condition()
        self._asking = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._release: Callable[[], None] | None = None

    # --- the client ---

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """The client sends its request, on this loop."""
        self._loop = loop
        self._hold()

    def ask(self) -> None:
        """The client has begun to read, or has dealt with what it read and wants more."""
        with self._changed:
            self._asking = True
            self._hold()
            self._changed.notify_all()

    def take(self, count: int) -> None:
        """The client has been given the answer's beginning, or so many bytes more."""
        with self._changed:
            self._taken += count
            self._asking = False
            self._let_go()

    def leave(self) -> None:
        """The client reads no more."""
        with self._changed:
            self._left = True
            self._let_go()
            self._changed.notify_all()

    # --- the server ---

    def wait(self, sent: int) -> bool:
        """Return when the client has dealt with the first `sent` bytes, or has left: then False."""
        with self._changed:
            self._changed.wait_for(lambda: self._left or (self._asking and self._taken >= sent), _PATIENCE)
            return not self._left

    def sleep(self, seconds: float) -> bool:
        """Let time pass; False where the client left before it had."""
        if self._loop is None:
            self._clock.sleep(seconds)
            return True
        over = threading.Event()

        def wake() -> None:
            with self._changed:
                if not self._left:
                    self._hold()
                over.set()
                self._changed.notify_all()

        try:
            timer = self._clock.sleep_on(self._loop, seconds, wake)
        except RuntimeError:  # the loop was closed, and the client with it
            return False
        with self._changed:
            self._let_go()
            self._changed.wait_for(lambda: self._left or over.is_set(), _PATIENCE)
        timer.cancel()
        return over.is_set()

    # --- time ---

    def _hold(self) -> None:
        """Bytes are on their way."""
        if self._loop is not None and self._release is None:
            self._release = self._clock.hold(self._loop)

    def _let_go(self) -> None:
        """They have arrived, or none are coming now."""
        release, self._release = self._release, None
        if release is not None:
            release()
