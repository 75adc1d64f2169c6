"""Keeps a server thread and a client of the same process in step, so that virtual time moves as real time would.

A server that sleeps on a virtual clock is at the end of its answer before the client has read the beginning, and the
client would find all that time passed at its first look. So before it moves the time, the server waits until the
client has taken what was sent and asks for more. When the client closes, no more time passes.
"""

from __future__ import annotations

import threading

_PATIENCE = 10.0
"""Real seconds after which the server goes on by itself: the client is stuck, and its own limits will tell."""


class Pace:
    """How far a client has read the body of one answer."""

    def __init__(self) -> None:
        self._taken = 0
        self._left = False
        self._changed = threading.Condition()
        self._asking = False

    def ask(self) -> None:
        """The client has begun to read, or has dealt with what it read and wants more."""
        with self._changed:
            self._asking = True
            self._changed.notify_all()

    def take(self, count: int) -> None:
        """The client has been given so many bytes more."""
        with self._changed:
            self._taken += count
            self._asking = False

    def leave(self) -> None:
        """The client reads no more."""
        with self._changed:
            self._left = True
            self._changed.notify_all()

    def wait(self, sent: int) -> bool:
        """Return when the client has dealt with the first `sent` bytes, or has left: then False."""
        with self._changed:
            self._changed.wait_for(lambda: self._left or (self._asking and self._taken >= sent), _PATIENCE)
            return not self._left
