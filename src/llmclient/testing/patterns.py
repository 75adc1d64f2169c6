"""The shortest example of a regular expression, for what schemas use: literals, classes, repeats, groups, choices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import cycle
from typing import cast

_CATEGORIES = {
    "CATEGORY_DIGIT": "0",
    "CATEGORY_WORD": "a",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_NOT_SPACE": "a",
    "CATEGORY_NOT_WORD": " ",
}


_LETTERS = "aA0!"
"""What stands for any letter, in turn: so a look ahead for each kind of them finds one."""


def example_of(pattern: str, more: int = 0, *, least: int = 0) -> str:
    """A text in which `pattern` is found; empty where it uses something that is not known here.

    Args:
        pattern: a regular expression.
        more: how often what may be repeated is repeated beyond what it must be. Default 0.
        least: characters the text must have. Default 0.
    """
    from re import _parser  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType] - the only parser of Python's own syntax

    try:
        parsed = cast("list[tuple[object, object]]", list(_parser.parse(pattern)))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - as above
    except re.error:
        return ""
    for longer in range(more, more + least + 1):
        example = _Builder(longer).build(parsed)
        if len(example) >= least and re.search(pattern, example):
            return example
    return ""


class _Builder:
    """Builds one text."""

    def __init__(self, more: int) -> None:
        self._more = more
        self._letters = cycle(_LETTERS)

    def build(self, tokens: Iterable[tuple[object, object]]) -> str:
        return "".join(self._one(str(operation), argument) for operation, argument in tokens)

    def _one(self, operation: str, argument: object) -> str:
        if operation.endswith("_REPEAT"):
            least, most, inner = cast("tuple[int, int, list[tuple[object, object]]]", argument)
            return "".join(self.build(inner) for _ in range(max(least, min(int(most), least + self._more))))
        if operation == "SUBPATTERN":
            return self.build(cast("tuple[object, object, object, list[tuple[object, object]]]", argument)[-1])
        if operation == "BRANCH":
            return self.build(cast("tuple[object, list[list[tuple[object, object]]]]", argument)[1][0])
        if operation == "ANY":
            return next(self._letters)
        make = _EXAMPLES.get(operation)
        return make(argument) if make is not None else ""


def _of_class(argument: object) -> str:
    members = cast("list[tuple[object, object]]", argument)
    if str(members[0][0]) == "NEGATE":
        return next(letter for letter in _CANDIDATES if not any(_holds(member, letter) for member in members[1:]))
    kind, value = str(members[0][0]), members[0][1]
    if kind == "RANGE":
        return chr(cast("tuple[int, int]", value)[0])
    return chr(cast("int", value)) if kind == "LITERAL" else _CATEGORIES.get(str(value), "a")


def _holds(member: tuple[object, object], letter: str) -> bool:
    kind, value = str(member[0]), member[1]
    if kind == "RANGE":
        first, last = cast("tuple[int, int]", value)
        return first <= ord(letter) <= last
    if kind == "LITERAL":
        return ord(letter) == value
    return re.fullmatch(_CLASSES.get(str(value), "(?!)"), letter) is not None


_CANDIDATES = [chr(code) for code in (97, 48, *range(32, 1000))]
_CLASSES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_NOT_WORD": r"\W",
}


_EXAMPLES: Mapping[str, Callable[[object], str]] = {
    "LITERAL": lambda argument: chr(cast("int", argument)),
    "NOT_LITERAL": lambda argument: "b" if argument == ord("a") else "a",
    "IN": _of_class,
}
