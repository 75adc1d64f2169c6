"""Where the JSON of an answer begins, and how much of it has arrived: complete values, and text that is being written.

Models without a JSON mode put their JSON between fences, or after a sentence. While it arrives, pydantic's parser
closes what is open. It cannot tell whether `12` is whole or the beginning of `123`, nor "re" from "red", so that a
number at the very end is left out and a string at the very end is marked as cut.
"""

from __future__ import annotations

import re
from typing import Final, cast

from pydantic_core import from_json

NOTHING: Final = object()
"""Where nothing valid has arrived yet."""

_FENCE = re.compile(r"```\w*[ \t]*\n")
_OBJECT = re.compile(r'\{\s*(?:["}]|\Z)')
_OBJECT_OR_LIST = re.compile(r'\{\s*(?:["}]|\Z)|\[\s*(?:[\]\[{"\d-]|true|false|null|\Z)')
_STRING = re.compile(r'\s*(?=")')
_SCALAR = re.compile(r"\s*(?=[\d-]|t(?:r|ru|rue)?\b|f(?:a|al|als|alse)?\b|n(?:u|ul|ull)?\b)")
_NUMBER_AT_END = re.compile(r"(?:^|(?<=[\s\[:,]))-?\d[\d.eE+-]*$")


class CutText(str):
    """A string whose end has not arrived."""

    __slots__ = ()


def json_start(text: str, *, objects_only: bool) -> int:
    """Where the JSON of an answer begins, -1 where it has not.

    Args:
        text: the answer, or as much as there is of it.
        objects_only: whether it is known to be an object; otherwise it may be a list, a string, a number as well.
    """
    fence = None if text.lstrip()[:1] in ("{", "[") else _FENCE.search(text)
    first = 0 if fence is None else fence.end()
    scalar = None if objects_only else _STRING.match(text, first)
    found = scalar or (_OBJECT if objects_only else _OBJECT_OR_LIST).search(text, first)
    if found is None and not objects_only:
        found = scalar = _SCALAR.match(text, first)
    if found is None:
        return -1
    return found.end() if found is scalar else found.start()


def arrived(text: str, *, objects_only: bool) -> object:
    """The JSON value in an answer as far as it has arrived; `NOTHING` where none has begun.

    Args:
        text: the answer so far; a fence or a sentence may stand before the JSON.
        objects_only: whether the value is known to be an object.
    """
    start = json_start(text, objects_only=objects_only)
    said = text[start:] if start >= 0 else ""
    found, whole = _parsed(said, cut_strings=True), _parsed(said)
    if found != whole:
        return _with_cut_end(found)
    number = _NUMBER_AT_END.search(said)
    return found if number is None else _parsed(said[: number.start()])


def _parsed(text: str, *, cut_strings: bool = False) -> object:
    try:
        return cast("object", from_json(text, allow_partial="trailing-strings" if cut_strings else True))
    except ValueError:
        return NOTHING


def _with_cut_end(value: object) -> object:
    """The same, its last string marked."""
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        last = next(reversed(fields))
        return {**fields, last: _with_cut_end(fields[last])}
    if isinstance(value, list):
        *items, end = cast("list[object]", value)
        return [*items, _with_cut_end(end)]
    return CutText(value) if isinstance(value, str) else value
