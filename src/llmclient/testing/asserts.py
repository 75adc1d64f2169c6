"""Assertions over the journal, whose failures show what was asked beside what was expected."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from typing import cast

from llmclient.testing.call import matches_model
from llmclient.testing.journal import Calls, RecordedCall


class JournalAsserts:
    """What a test may claim of the calls so far. Calls that a claim covered are settled.

    Args:
        calls: the journal.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._settled: set[int] = set()

    def assert_called(self, model: str | None = None, *, contains: str | None = None, times: int | None = None) -> None:
        """Claim that calls were made.

        Args:
            model: pattern for "provider/model". Default any.
            contains: their last user message contains this. Default any.
            times: exactly so many. Default at least one.

        Raises:
            AssertionError: it is not so; lists the calls.
        """
        __tracebackhide__ = True
        found = [call for call in self._calls if _fits(call, model, contains)]
        if (found and times is None) or len(found) == times:
            self._settled.update(call.number for call in found)
            return
        claim = " ".join(
            part for part in (f"to {model!r}" if model else "", f"containing {contains!r}" if contains else "") if part
        )
        wanted = "at least one call" if times is None else f"{times} calls" if times != 1 else "1 call"
        raise AssertionError(
            f"expected {wanted} {claim}, found {len(found)}\n{self._listing(found)}".replace(" ,", ",")
        )

    def assert_tool_called(self, name: str, **arguments: object) -> None:
        """Claim that a model called a tool, with at least these arguments.

        Raises:
            AssertionError: it is not so; lists the tool calls.
        """
        __tracebackhide__ = True
        made = [(call, tool) for call in self._calls if call.reply is not None for tool in call.reply.tool_calls]
        for call, tool in made:
            if tool.name == name and _contains(tool.arguments, arguments):
                self._settled.add(call.number)
                return
        shown = "".join(f"\n  call {call.number}: {tool.name}({tool.arguments})" for call, tool in made) or "\n  none"
        wanted = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        raise AssertionError(f"expected a call of tool {name}({wanted}); tool calls made:{shown}")

    def assert_sequence(self, expected: Sequence[str]) -> None:
        """Claim that exactly these calls were made, in this order.

        Args:
            expected: for each call a pattern for its "provider/model", or text that its last user message contains.

        Raises:
            AssertionError: it is not so; shows the difference.
        """
        __tracebackhide__ = True
        calls = list(self._calls)
        same = len(calls) == len(expected) and all(
            _is_meant(call, wanted) for call, wanted in zip(calls, expected, strict=True)
        )
        if same:
            self._settled.update(call.number for call in calls)
            return
        made = [
            next((wanted for wanted in expected if _is_meant(call, wanted)), f"{call.model}: {call.text!r}")
            for call in calls
        ]
        lines = "\n  ".join(line for line in difflib.ndiff(list(expected), made) if not line.startswith("?"))
        raise AssertionError(f"the calls differ (- expected, + made):\n  {lines}\n{self._listing(())}")

    def assert_no_more_calls(self) -> None:
        """Claim that every call so far has been the subject of one of the claims above.

        Raises:
            AssertionError: some have not; lists them.
        """
        __tracebackhide__ = True
        rest = [call for call in self._calls if call.number not in self._settled]
        if rest:
            lines = "".join(f"\n  {_line(call)}" for call in rest)
            count = "1 call" if len(rest) == 1 else f"{len(rest)} calls"
            raise AssertionError(f"{count} that nothing claimed:{lines}")

    def _listing(self, found: Sequence[RecordedCall]) -> str:
        if not self._calls:
            return "calls made: none"
        chosen = {call.number for call in found}
        lines = "".join(f"\n{'>' if call.number in chosen else ' '} {_line(call)}" for call in self._calls)
        return f"calls made:{lines}"


def _line(call: RecordedCall) -> str:
    return f"{call.number}. {call.model}: {call.text!r}"


def _fits(call: RecordedCall, model: str | None, contains: str | None) -> bool:
    return (model is None or matches_model(model, call.call)) and (contains is None or contains in call.text)


def _is_meant(call: RecordedCall, wanted: str) -> bool:
    return matches_model(wanted, call.call) or wanted in call.text


def _contains(text: str, wanted: dict[str, object]) -> bool:
    try:
        parsed: object = json.loads(text or "{}")
    except ValueError:
        return False
    if not isinstance(parsed, dict):
        return False
    made = cast("dict[str, object]", parsed)
    return all(key in made and made[key] == wanted[key] for key in wanted)
