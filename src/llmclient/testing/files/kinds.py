"""What the plain values of a script file may be: a row each, for the loader (words, check) and for the schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast, get_args

from llmclient._narrow import is_list, is_mapping
from llmclient.testing.faults.base import RetryAfterForm

FORMS: tuple[str, ...] = get_args(RetryAfterForm)


@dataclass(frozen=True, slots=True)
class ValueKind:
    """One kind of value.

    Attributes:
        words: what it is, for people.
        takes: whether a value is one.
        schema: the same as a JSON Schema.
    """

    words: str
    takes: Callable[[object], bool]
    schema: Mapping[str, object]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return _is_number(value) and cast("float", value) % 1 == 0


def _from(least: float) -> Callable[[object], bool]:
    return lambda value: _is_whole(value) and cast("float", value) >= least


def _is_pattern(value: object) -> bool:
    try:
        re.compile(cast("str", value))
    except (re.error, TypeError):
        return False
    return True


def _all(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: is_list(value) and all(check(item) for item in value)


_TEXT: Mapping[str, object] = {"type": "string"}
_FROM_ONE: Mapping[str, object] = {"type": "integer", "minimum": 1}

KINDS: Mapping[str, ValueKind] = {
    "text": ValueKind("a text", _is_text, _TEXT),
    "pattern": ValueKind("a regular expression", _is_pattern, {"type": "string", "format": "regex"}),
    "count": ValueKind("a whole number from 0", _from(0), {"type": "integer", "minimum": 0}),
    "from_one": ValueKind("a whole number from 1", _from(1), _FROM_ONE),
    "status": ValueKind(
        "a status from 400 to 599",
        lambda value: _is_whole(value) and 400 <= cast("float", value) <= 599,  # noqa: PLR2004 - RFC 9110 15.5 and 15.6
        {"type": "integer", "minimum": 400, "maximum": 599},
    ),
    "number": ValueKind("a number", _is_number, {"type": "number"}),
    "amount": ValueKind(
        "a number from 0",
        lambda value: _is_number(value) and cast("float", value) >= 0,
        {"type": "number", "minimum": 0},
    ),
    "rate": ValueKind(
        "a number above 0",
        lambda value: _is_number(value) and cast("float", value) > 0,
        {"type": "number", "exclusiveMinimum": 0},
    ),
    "yes_no": ValueKind("true or false", lambda value: isinstance(value, bool), {"type": "boolean"}),
    "texts": ValueKind("a list of texts", _all(_is_text), {"type": "array", "items": _TEXT}),
    "mapping": ValueKind("a mapping", is_mapping, {"type": "object"}),
    "headers": ValueKind(
        "a mapping of texts",
        lambda value: is_mapping(value) and all(isinstance(item, str) for item in value.values()),
        {"type": "object", "additionalProperties": _TEXT},
    ),
    "times": ValueKind(
        'a whole number from 1, or "always"',
        lambda value: value == "always" or _from(1)(value),
        {"anyOf": [_FROM_ONE, {"const": "always"}]},
    ),
    "vectors": ValueKind(
        "a list of lists of numbers",
        _all(_all(_is_number)),
        {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
    ),
    "form": ValueKind(f"one of {', '.join(FORMS)}", lambda value: value in FORMS, {"enum": list(FORMS)}),
    "any": ValueKind("anything", lambda _: True, {}),
    "text_or_yes_no": ValueKind(
        "a text, true or false", lambda value: isinstance(value, str | bool), {"type": ["string", "boolean"]}
    ),
}
"""Every kind by its name; a whole number may be written as 2.0, as JSON Schema has it."""

WHOLE = frozenset({"count", "from_one", "status", "times"})
"""Kinds whose numbers are whole."""
