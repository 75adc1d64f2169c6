"""Which cassette a request belongs to.

The context's own, else the only one that is open. A context variable follows tasks and whoever copies the context, so
threads and tasks each keep their own cassette; a thread that was started without a context takes the innermost open
one, as long as there is just one innermost. Cassettes that were opened in one another count as one.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING

from llmclient.testing.cassettes.errors import AmbiguousCassetteError

if TYPE_CHECKING:
    from llmclient.testing.cassettes.deck import Deck


class Scope:
    """The time for which a cassette is open, in the context that opened it."""

    def __init__(self, deck: Deck, parent: Scope | None) -> None:
        self.deck = deck
        self.parent = parent
        self.open = True


_current: ContextVar[Scope | None] = ContextVar("llmclient_cassette", default=None)
_open: list[Scope] = []
_lock = threading.Lock()


def _nearest_open(scope: Scope | None) -> Scope | None:
    while scope is not None and not scope.open:
        scope = scope.parent
    return scope


def enter(deck: Deck) -> Scope:
    """Make `deck` the cassette of this context."""
    scope = Scope(deck, _nearest_open(_current.get()))
    with _lock:
        _open.append(scope)
    _current.set(scope)
    return scope


def leave(scope: Scope) -> None:
    """Close it. This may happen in another context than the one that opened it, as fixtures do."""
    scope.open = False
    with _lock:
        _open.remove(scope)
    if _current.get() is scope:
        _current.set(_nearest_open(scope))


def current_deck() -> Deck | None:
    """The cassette that a request made here and now belongs to; None where none is open.

    Raises:
        AmbiguousCassetteError: several are open, and none of them is this context's own.
    """
    scope = _nearest_open(_current.get())
    if scope is not None:
        return scope.deck
    with _lock:
        parents = {id(scope.parent) for scope in _open}
        innermost = [scope for scope in _open if id(scope) not in parents]
    if len(innermost) > 1:
        raise AmbiguousCassetteError([scope.deck.path for scope in innermost])
    return innermost[0].deck if innermost else None
