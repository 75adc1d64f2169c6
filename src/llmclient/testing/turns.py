"""The script: turns, when each applies, which one answers a call, and the error when none does.

A turn is a value; how often it has been used is kept by the script that plays it. Of the turns that match and are not
used up, the most specific answers: the one with more conditions (a model pattern other than "*" is one), then the one
whose pattern has more literal characters, then the earlier one.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import threading
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from llmclient.testing.call import Call, matches_model
from llmclient.testing.faults.base import Fault, StreamFault
from llmclient.testing.reply import Reply

Outcome: TypeAlias = Reply | Fault
"""What a turn comes to. A door never meets a bare `StreamFault`: it stands in the reply that it damages."""

_OUTCOMES = (Reply, Fault)

Action: TypeAlias = "Outcome | Callable[[Call], object]"
"""What a turn does: a reply, a fault, or a function of the call, sync or async, that returns a reply, a fault or a
text."""

NEAREST = 3
"""How many turns a `NoTurnError` shows."""

DAMAGED = Reply(text="This is the answer that was on its way when it went wrong.")
"""What a stream fault damages when a turn fails with it alone."""


class NoTurnError(AssertionError):
    """No turn of the script answers this call. Shows the call and the nearest turns, each with what failed.

    It is no error of a provider, so a router neither retries it nor goes on to the next model.
    """

    def __init__(self, script: str, call: Call, reasons: Iterable[str]) -> None:
        self.call = call
        self.reasons: tuple[str, ...] = tuple(reasons)
        nearest = "; ".join(self.reasons) or "it has no turns; write one with llm.on(...).reply(...)"
        super().__init__(
            f"script {script!r} has no turn for this call ({call.brief()}); nearest: {nearest}"
            if self.reasons
            else f"script {script!r} has no turn for this call ({call.brief()}): {nearest}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The conditions of a turn besides the model; all that are given must hold.

    Args:
        contains: the last user message's text contains this.
        matches: this regular expression is found in the last user message's text.
        system: the text of the system and developer messages contains this.
        has_tool: a tool of this name is offered.
        tool_result: True: the conversation ends with results of tools; False: it does not; a text: it ends with a
            result of the tool of that name, or with one that contains the text.
        turn: the turn of the conversation, from 1: one more than the assistant messages so far.
        where: a function of the call that says so.
    """

    contains: str | None = None
    matches: str | re.Pattern[str] | None = None
    system: str | None = None
    has_tool: str | None = None
    tool_result: bool | str | None = None
    turn: int | None = None
    where: Callable[[Call], bool] | None = None

    def __post_init__(self) -> None:
        """Turns count from 1, and a pattern can be read.

        Raises:
            ValueError: they do not, or it cannot.
        """
        if self.turn is not None and self.turn < 1:
            raise ValueError(f"turn={self.turn!r}: turns of a conversation count from 1")
        if isinstance(self.matches, str):
            try:
                re.compile(self.matches)
            except re.error as error:
                raise ValueError(f"matches={self.matches!r} is no regular expression: {error}") from error

    def count(self) -> int:
        """How many conditions are given."""
        given = (self.contains, self.matches, self.system, self.has_tool, self.tool_result, self.turn, self.where)
        return sum(condition is not None for condition in given)

    def holds(self, call: Call) -> bool:
        """Whether all that are given hold."""
        return self is ALWAYS or all(holds for holds, _ in self._checks(call))

    def failures(self, call: Call) -> list[str]:
        """Every condition that does not hold, in words."""
        return [words for holds, words in self._checks(call) if not holds]

    def _checks(self, call: Call) -> Iterable[tuple[bool, str]]:
        if self.turn is not None:
            yield self.turn == call.turn, f"turn {call.turn} != {self.turn}"
        if self.contains is not None:
            yield (
                self.contains in call.text,
                f"last user message {_short(call.text)} does not contain {self.contains!r}",
            )
        if self.matches is not None:
            pattern = self.matches if isinstance(self.matches, str) else self.matches.pattern
            found = re.search(self.matches, call.text) is not None
            yield found, f"last user message {_short(call.text)} does not match {pattern!r}"
        if self.system is not None:
            yield self.system in call.system, f"system text {_short(call.system)} does not contain {self.system!r}"
        if self.has_tool is not None:
            offered = ", ".join(call.tool_names) or "none"
            yield self.has_tool in call.tool_names, f"tool {self.has_tool!r} is not offered (offered: {offered})"
        if self.tool_result is not None:
            yield _has_result(call, self.tool_result), _result_words(call, self.tool_result)
        if self.where is not None:
            yield bool(self.where(call)), f"where={getattr(self.where, '__name__', 'function')} said no"


ALWAYS = When()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One entry of a script.

    Attributes:
        action: what happens.
        on: `fnmatch` pattern for "provider/model"; one without a slash is matched against the model alone.
        when: further conditions.
        times: how often it may answer; None is without end.
        source: where it was written, such as "fakes/weather.yaml:7"; empty where it is not known.
        optional: whether it may stay unused even under `strict`.
    """

    action: Action
    on: str = "*"
    when: When = ALWAYS
    times: int | None = 1
    source: str = ""
    optional: bool = False

    def matches_model(self, call: Call) -> bool:
        """Whether the pattern fits the call's model."""
        return matches_model(self.on, call)

    @property
    def rank(self) -> tuple[int, int, bool]:
        """How specific it is; the greater wins."""
        if self.on == "*":
            return self.when.count(), 0, False
        literal = sum(character not in "*?[]" for character in self.on)
        return self.when.count() + 1, literal, literal == len(self.on)


@dataclass(slots=True)
class _Use:
    turn: Turn
    used: int = 0

    @property
    def spent(self) -> bool:
        return self.turn.times is not None and self.used >= self.turn.times


@dataclass(slots=True)
class Script:
    """A list of turns, and how often each has been used. Safe to use from several threads.

    Attributes:
        name: what errors call it.
        fallback: answers where no turn does; None makes that a `NoTurnError`.
    """

    name: str = "script"
    fallback: Callable[[Call], Reply] | None = None
    _uses: list[_Use] = field(default_factory=list[_Use])
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, *turns: Turn) -> None:
        """Append turns."""
        with self._lock:
            self._uses.extend(_Use(turn) for turn in turns)

    def replace(self, old: Turn, new: Turn) -> None:
        """Put `new` where `old`, the same object, stands; how often it was used is kept."""
        with self._lock:
            for use in self._uses:
                if use.turn is old:
                    use.turn = new

    @property
    def turns(self) -> list[Turn]:
        """The turns, in order."""
        return [use.turn for use in self._uses]

    @property
    def unused(self) -> list[tuple[int, Turn, int]]:
        """`(number, turn, how often used)` of the turns that answered less often than they may, numbers from 1.

        Turns without end count as unused only where they never answered; optional turns never do.
        """
        return [
            (number, use.turn, use.used)
            for number, use in enumerate(self._uses, 1)
            if not use.turn.optional and use.used < (1 if use.turn.times is None else use.turn.times)
        ]

    def reset(self) -> None:
        """Forget what has been used."""
        with self._lock:
            for use in self._uses:
                use.used = 0

    def take(self, call: Call) -> Turn | None:
        """Use the turn that answers `call` once and return it; None where the fallback answers.

        Raises:
            NoTurnError: no turn matches, or those that do are used up, and there is no fallback.
        """
        with self._lock:
            best: _Use | None = None
            for use in self._uses:
                turn = use.turn
                if use.spent or not turn.matches_model(call) or not turn.when.holds(call):
                    continue
                if best is None or turn.rank > best.turn.rank:
                    best = use
            if best is not None:
                best.used += 1
                return best.turn
        if self.fallback is None:
            raise NoTurnError(self.name, call, self._nearest(call))
        return None

    def answer(self, call: Call) -> Outcome:
        """What `call` gets. An async action is run to its end on a loop of its own.

        Raises:
            NoTurnError: nothing answers.
        """
        result = self._act(call)
        if not isinstance(result, _OUTCOMES) and inspect.isawaitable(result):
            result = _run(result)
        return as_outcome(result)

    async def answer_async(self, call: Call) -> Outcome:
        """As `answer`, on the running loop."""
        result = self._act(call)
        if not isinstance(result, _OUTCOMES) and inspect.isawaitable(result):
            result = await result
        return as_outcome(result)

    def _act(self, call: Call) -> object:
        turn = self.take(call)
        if turn is None:
            return self.fallback(call) if self.fallback is not None else None
        action = turn.action
        return action if isinstance(action, _OUTCOMES) else action(call)

    def _nearest(self, call: Call) -> list[str]:
        """The nearest turns, those with the fewest failed conditions first, in words."""
        described: list[tuple[int, int, str]] = []
        for number, use in enumerate(self._uses, 1):
            turn = use.turn
            failures = turn.when.failures(call)
            if not turn.matches_model(call):
                failures.insert(0, f"model {call.name!r} does not match {turn.on!r}")
            if use.spent:
                failures.append(f"used up ({use.used} of {turn.times})")
            where = f" at {turn.source}" if turn.source else ""
            described.append((len(failures), number, f"turn {number}{where} ({'; '.join(failures)})"))
        return [words for _, _, words in sorted(described)[:NEAREST]]


def as_outcome(result: object) -> Outcome:
    """A result of a turn as doors want it: a text is a reply, a stream fault alone damages a reply of a few words.

    Raises:
        TypeError: it is none of these.
    """
    if isinstance(result, str):
        return Reply(text=result)
    if isinstance(result, StreamFault):
        return Reply(text=DAMAGED.text, fault=result)
    if isinstance(result, _OUTCOMES):
        return result
    raise TypeError(f"a turn's function must return a text, a Reply or a fault, not {result!r}")


def _run(awaitable: Awaitable[object]) -> object:
    async def wait() -> object:
        return await awaitable

    results: list[object] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            results.append(asyncio.run(wait()))
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that asked
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]


def _short(text: str, limit: int = 60) -> str:
    return repr(text if len(text) <= limit else f"{text[: limit - 1]}…")


def _has_result(call: Call, wanted: bool | str) -> bool:  # noqa: FBT001 - the value of a condition, not a switch
    results = call.tool_results
    if isinstance(wanted, bool):
        return bool(results) is wanted
    return any(name == wanted or wanted in text for name, text in results)


def _result_words(call: Call, wanted: bool | str) -> str:  # noqa: FBT001 - the value of a condition, not a switch
    results = call.tool_results
    ends = f"with results of {', '.join(name or '?' for name, _ in results)}" if results else "without a tool result"
    if isinstance(wanted, bool):
        return f"the conversation ends {ends}"
    return f"the conversation ends {ends}, none of tool or text {wanted!r}"
