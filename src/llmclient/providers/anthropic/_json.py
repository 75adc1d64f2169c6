"""Narrowing of parsed JSON, whose values are `object` until somebody looks.

Each function returns the value where it is of the kind asked for and an empty one of that kind where it is not, so
that a field of a shape newer than this library is passed over instead of failing the whole answer (fact 30).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject


def is_object(value: object) -> bool:
    """Whether the value is a JSON object."""
    return isinstance(value, Mapping)


def object_of(value: object) -> JSONObject:
    """The value as a JSON object; an empty one where it is none. A dictionary is returned itself, not copied."""
    if isinstance(value, dict):
        return cast("JSONObject", value)
    return dict(cast("Mapping[str, object]", value)) if isinstance(value, Mapping) else {}


def list_of(value: object) -> Sequence[object]:
    """The value as a list; an empty one where it is none, text included."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return cast("Sequence[object]", value)
    return ()


def objects_of(value: object) -> list[JSONObject]:
    """The JSON objects in a list."""
    return [object_of(item) for item in list_of(value) if is_object(item)]


def text_of(value: object) -> str:
    """The value as text; empty where it is none."""
    return value if isinstance(value, str) else ""


def int_of(value: object) -> int:
    """The value as a whole number; 0 where it is none."""
    return value if isinstance(value, int) else 0
