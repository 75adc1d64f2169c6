"""Narrowing of parsed JSON: a value of unknown kind, taken as the kind that is expected, or as an empty one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

_EMPTY: Mapping[str, object] = {}


def is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether the value is an object."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether the value is a list."""
    return isinstance(value, list)


def as_mapping(value: object) -> Mapping[str, object]:
    """The value where it is an object, an empty one otherwise."""
    return value if is_mapping(value) else _EMPTY


def as_list(value: object) -> list[object]:
    """The value where it is a list, an empty one otherwise."""
    return value if is_list(value) else []


def as_text(value: object) -> str | None:
    """The value where it is text with something in it, None otherwise."""
    return value if isinstance(value, str) and value else None
