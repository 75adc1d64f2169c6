"""Parsed JSON as blocks are made from it: `llmclient._narrow`, with dictionaries and text that are never None.

Each function returns the value where it is of the kind asked for and an empty one of that kind where it is not, so
that a field of a shape newer than this library is passed over instead of failing the whole answer (fact 30).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from pydantic_core import from_json

from llmclient._narrow import is_mapping

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject


def parsed(data: bytes) -> object:
    """The value that the bytes are, read fast where that goes.

    The fast reader refuses a byte order mark and half of a surrogate pair; the SDK reads both with the standard one.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return from_json(data)
    except ValueError:
        try:
            value: object = json.loads(data)
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error
        return value


def object_of(value: object) -> JSONObject:
    """The value as a JSON object; an empty one where it is none. A dictionary is returned itself, not copied."""
    if isinstance(value, dict):
        return cast("JSONObject", value)
    return dict(value) if is_mapping(value) else {}


def list_of(value: object) -> Sequence[object]:
    """The value as a list; an empty one where it is none, text included."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return cast("Sequence[object]", value)
    return ()


def objects_of(value: object) -> list[JSONObject]:
    """The JSON objects in a list."""
    return [object_of(item) for item in list_of(value) if is_mapping(item)]


def text_of(value: object) -> str:
    """The value as text; empty where it is none."""
    return value if isinstance(value, str) else ""


def int_of(value: object) -> int:
    """The value as a whole number; 0 where it is none."""
    return value if isinstance(value, int) else 0
