"""The structure of JSON: keys, their order, types; and where two structures differ. Values are not compared."""

from __future__ import annotations

from collections.abc import Iterator

_NAMES = {str: "text", int: "integer", float: "float", bool: "boolean", type(None): "null"}


def skeleton(value, *, ordered=True):
    """The structure of a value: keys in their order, types, the first element of a list."""
    if isinstance(value, dict):
        fields = [(key, skeleton(item, ordered=ordered)) for key, item in value.items()]
        return tuple(fields if ordered else sorted(fields))
    if isinstance(value, list):
        return [skeleton(value[0], ordered=ordered)] if value else []
    return _NAMES[type(value)]


def differences(ours, theirs, *, ordered: bool, path: str = "") -> Iterator[str]:
    """Where they differ, a line each: `path: what`. Lists are compared element by element."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        yield from (f"{path}.{key}: ours alone" for key in ours if key not in theirs)
        yield from (f"{path}.{key}: theirs alone" for key in theirs if key not in ours)
        both = [key for key in ours if key in theirs]
        if ordered and both != (theirs_in_order := [key for key in theirs if key in ours]):
            yield f"{path}: the order of keys, {both} and {theirs_in_order}"
        for key in both:
            yield from differences(ours[key], theirs[key], ordered=ordered, path=f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{path}: {len(ours)} elements, not {len(theirs)}"
        for one, other in zip(ours, theirs, strict=False):
            yield from differences(one, other, ordered=ordered, path=f"{path}[]")
    elif type(ours) is not type(theirs):
        yield f"{path}: {_NAMES.get(type(ours), 'object or list')}, not {_NAMES.get(type(theirs), 'object or list')}"


def in_vendor_order(value) -> bool:
    """Most recordings were stored with sorted keys, which tells nothing about the order on the wire."""
    return list(value) != sorted(value)


def runs(shapes: list) -> list:
    """Equal neighbours once: how many chunks a text came in does not matter."""
    return [shape for position, shape in enumerate(shapes) if position == 0 or shape != shapes[position - 1]]
