"""The shortest example of a regular expression, for what schemas use: literals, classes, repeats, groups, choices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import cast

_CATEGORIES = {
    "CATEGORY_DIGIT": "0",
    "CATEGORY_WORD": "a",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_NOT_SPACE": "a",
    "CATEGORY_NOT_WORD": " ",
}


def example_of(pattern: str) -> str:
    """A text in which `pattern` is found; empty where it uses something that is not known here."""
    from re import _parser  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType] - the only parser of Python's own syntax

    example = _build(cast("Iterable[tuple[object, object]]", _parser.parse(pattern)))  # pyright: ignore[reportUnknownMemberType] - as above
    return example if re.search(pattern, example) else ""


def _build(tokens: Iterable[tuple[object, object]]) -> str:
    return "".join(_one(str(operation), argument) for operation, argument in tokens)


def _one(operation: str, argument: object) -> str:
    make = _EXAMPLES.get(operation)
    return make(argument) if make is not None else ""


def _repeat(argument: object) -> str:
    least, _, inner = cast("tuple[int, int, Iterable[tuple[object, object]]]", argument)
    return _build(inner) * least


def _group(argument: object) -> str:
    return _build(cast("tuple[object, object, object, Iterable[tuple[object, object]]]", argument)[-1])


def _branch(argument: object) -> str:
    return _build(cast("tuple[object, list[Iterable[tuple[object, object]]]]", argument)[1][0])


def _of_class(argument: object) -> str:
    members = cast("list[tuple[object, object]]", argument)
    if str(members[0][0]) == "NEGATE":
        excluded = {chr(cast("int", value)) for kind, value in members[1:] if str(kind) == "LITERAL"}
        return next(letter for letter in "a0 -b" if letter not in excluded)
    kind, value = str(members[0][0]), members[0][1]
    if kind == "RANGE":
        return chr(cast("tuple[int, int]", value)[0])
    return chr(cast("int", value)) if kind == "LITERAL" else _CATEGORIES.get(str(value), "a")


_EXAMPLES: Mapping[str, Callable[[object], str]] = {
    "LITERAL": lambda argument: chr(cast("int", argument)),
    "NOT_LITERAL": lambda argument: "b" if argument == ord("a") else "a",
    "ANY": lambda _: "a",
    "IN": _of_class,
    "MAX_REPEAT": _repeat,
    "MIN_REPEAT": _repeat,
    "POSSESSIVE_REPEAT": _repeat,
    "SUBPATTERN": _group,
    "BRANCH": _branch,
}
