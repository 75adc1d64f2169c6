"""Several schemas that must all hold, as one: references followed, `allOf` dissolved, bounds and names put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from llmclient._narrow import as_list, as_mapping, is_list, is_mapping
from llmclient.testing.schema_accepts import Schema, referred, same


def resolved(rules: Schema, root: Schema) -> Schema:
    """The schema with its `$ref` followed and its `allOf` merged."""
    reference, parts = rules.get("$ref"), rules.get("allOf")
    if isinstance(reference, str) and reference.startswith("#"):
        return merged([referred(reference, root), without(rules, "$ref")], root)
    return merged([without(rules, "allOf"), *parts], root) if is_list(parts) else rules


def without(rules: Schema, *names: str) -> Schema:
    """The rules but for these keywords."""
    return {name: value for name, value in rules.items() if name not in names}


def merged(parts: Sequence[object], root: Schema) -> Schema:
    """One schema that says what all parts say, as far as one can; what they cannot say together the first keeps."""
    whole: dict[str, object] = {}
    for part in parts:
        if not is_mapping(part):
            continue
        for name, value in resolved(part, root).items():
            join = _JOINED.get(name)
            whole[name] = join(whole[name], value) if name in whole and join is not None else whole.get(name, value)
    return whole


def _both(one: object, other: object) -> object:
    """Two schemas of the same thing."""
    return one if same(one, other) else {"allOf": [one, other]}


def _entries(one: object, other: object) -> object:
    first, second = as_mapping(one), as_mapping(other)
    shared = {name: _both(first[name], second[name]) for name in first if name in second}
    return {**first, **second, **shared}


def _kinds(one: object, other: object) -> object:
    first = one if is_list(one) else [one]
    second = other if is_list(other) else [other]
    kinds = [kind for kind in first if kind in second]
    if not kinds and {"integer", "number"} <= {*first, *second}:
        kinds = ["integer"]
    return kinds[0] if len(kinds) == 1 else kinds or one


_JOINED: Mapping[str, Callable[[object, object], object]] = {
    "type": _kinds,
    "properties": _entries,
    "patternProperties": _entries,
    "$defs": _entries,
    "required": lambda one, other: [*as_list(one), *(name for name in as_list(other) if name not in as_list(one))],
    "enum": lambda one, other: [value for value in as_list(one) if any(same(value, found) for found in as_list(other))],
    "items": _both,
    "additionalProperties": _both,
    **dict.fromkeys(
        ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"),
        lambda one, other: max(cast("float", one), cast("float", other)),
    ),
    **dict.fromkeys(
        ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"),
        lambda one, other: min(cast("float", one), cast("float", other)),
    ),
}
"""How two values of a keyword become one."""
