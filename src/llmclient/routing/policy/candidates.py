"""Whom one call may ask: its candidates in lists, in the order of asking, and what the call knows of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from llmclient.routing.policy.health import MOMENT

if TYPE_CHECKING:
    from llmclient.routing.core import Endpoint
    from llmclient.routing.policy.settings import Budget

Kept: TypeAlias = "tuple[tuple[str, Budget], ...]"
"""Budgets with the keys of their documents."""


@dataclass(slots=True, eq=False)
class Candidate:
    """A deployment, as one call sees it.

    Attributes:
        tries: how often this call asked it.
        failed_at: when it failed last, on the call's clock.
        delay: seconds from then until it may be asked again.
        insisting: whether that wait is short enough to be spent although another one is healthy.
        out: whether this call asks it no more.
        noted: whether it already stands in the attempts as passed over.
        fits: whether it was found able to take the request.
        flying: whether a try is under way.
        lease: name of what was reserved for the try that is about to begin.
        kept: the budgets reserved for it.
    """

    endpoint: Endpoint
    tries: int = 0
    failed_at: float = 0.0
    delay: float = 0.0
    insisting: bool = False
    out: bool = False
    noted: bool = False
    fits: bool = False
    flying: bool = False
    error: Exception | None = None
    lease: str = ""
    kept: Kept = ()

    def rest(self, now: float) -> float:
        """Seconds that it still rests for this call; 0 where it may be asked."""
        left = self.delay - (now - self.failed_at)
        return left if left > MOMENT else 0.0


@dataclass(slots=True, eq=False)
class Flight:
    """A try under way."""

    serial: int
    candidate: Candidate
    lease: str
    kept: Kept
    started: float
    began: float
    waited: float
    first_token: float | None = None
    delivering: bool = False


@dataclass(slots=True, eq=False)
class Later:
    """Nobody may be asked now: in how many seconds to look again (None: when called up), and in which lines to wait.

    `called` says that at least one of them cannot be told when to look.
    """

    delay: float | None = None
    keys: set[str] = field(default_factory=set[str])
    passed: list[tuple[Candidate, str, Exception]] = field(default_factory=list[tuple[Candidate, str, Exception]])
    full: bool = False
    called: bool = False
    any: bool = False

    def add(self, delay: float | None, key: str | None = None) -> None:
        """Add one reason to look again."""
        self.any = True
        self.called = self.called or delay is None
        if delay is not None and (self.delay is None or delay < self.delay):
            self.delay = delay
        if key is not None:
            self.full = True
            self.keys.add(key)


@dataclass(slots=True, eq=False)
class _Reached:
    candidates: list[Candidate]


class Stages:
    """The lists of a call. A list is put in order, by the strategy, when it is first reached."""

    __slots__ = ("_arrange", "_known", "_lists")

    def __init__(
        self, lists: Sequence[Sequence[Endpoint]], arrange: Callable[[Sequence[Endpoint]], Sequence[Endpoint]]
    ) -> None:
        self._arrange = arrange
        self._known: dict[str, Candidate] = {}
        self._lists: list[Sequence[Endpoint] | _Reached] = list(lists)

    def __iter__(self) -> Iterator[Sequence[Candidate]]:
        for position in range(len(self._lists)):
            yield self._reached(position)

    def known(self) -> Iterator[Candidate]:
        """The candidates reached so far, in the order in which they were."""
        return iter(self._known.values())

    def put_first(self, endpoints: Sequence[Endpoint]) -> None:
        """Put a list before all others."""
        self._lists.insert(0, endpoints)

    def end(self) -> None:
        """Ask nobody any more but those reached."""
        self._lists = [stage for stage in self._lists if isinstance(stage, _Reached)]

    def _reached(self, position: int) -> Sequence[Candidate]:
        stage = self._lists[position]
        if isinstance(stage, _Reached):
            return stage.candidates
        ordered = self._arrange(stage) if len(stage) > 1 else stage
        known = self._known
        reached: list[Candidate] = []
        for endpoint in ordered:
            candidate = known.get(endpoint.key)
            if candidate is None:
                candidate = known[endpoint.key] = Candidate(endpoint)
            reached.append(candidate)
        self._lists[position] = _Reached(reached)
        return reached
