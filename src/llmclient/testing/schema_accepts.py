"""Whether a JSON schema accepts a value: what `SchemaValues` needs to know to choose between what it made.

The vocabularies of JSON Schema 2020-12 for validation and applicators, without `unevaluated…`, formats and references
to other documents: what is not known here is taken as fulfilled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, cast

from llmclient._narrow import as_list, as_mapping, is_list, is_mapping

Schema: TypeAlias = Mapping[str, object]


def accepts(schema: object, value: object, root: Schema) -> bool:
    """Whether `schema`, a part of the document `root`, accepts `value`."""
    if not is_mapping(schema):
        return schema is not False
    return all(check(schema, value, root) for name, check in _CHECKS.items() if name in schema)


def referred(reference: str, root: Schema) -> Schema:
    """What a reference within the document leads to; a schema that accepts everything where it leads nowhere."""
    if reference.startswith("#/") or reference == "#":
        found: object = root
        for part in reference[1:].split("/")[1:]:
            found = as_mapping(found).get(part.replace("~1", "/").replace("~0", "~"))
        return as_mapping(found)
    return _anchored(root, reference[1:]) or {}


def _anchored(schema: object, name: str) -> Schema | None:
    if is_mapping(schema):
        if schema.get("$anchor") == name:
            return schema
        return next((found for part in schema.values() if (found := _anchored(part, name)) is not None), None)
    return next((found for part in as_list(schema) if (found := _anchored(part, name)) is not None), None)


def is_number(value: object) -> bool:
    """Whether it is a number, which a boolean is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(one: object, other: object) -> bool:
    """Whether two values are one in JSON, where true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if is_mapping(one) and is_mapping(other):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if is_list(one) and is_list(other):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


_TYPES: Mapping[str, Callable[[object], bool]] = {
    "object": is_mapping,
    "array": is_list,
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "integer": lambda value: is_number(value) and cast("float", value) % 1 == 0,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}

Check: TypeAlias = Callable[[Schema, object, Schema], bool]


def _type(schema: Schema, value: object, _: Schema) -> bool:
    kinds = schema["type"] if is_list(schema["type"]) else [schema["type"]]
    return any(_TYPES[str(kind)](value) for kind in kinds if kind in _TYPES) or (
        value is None and schema.get("nullable") is True
    )


def _bound(name: str, holds: Callable[[float, float], bool], size: Callable[[object], float | None]) -> Check:
    def check(schema: Schema, value: object, _: Schema) -> bool:
        limit, found = schema[name], size(value)
        return not is_number(limit) or found is None or holds(found, cast("float", limit))

    return check


def _number(value: object) -> float | None:
    return cast("float", value) if is_number(value) else None


def _length(value: object) -> float | None:
    return len(value) if isinstance(value, str) else None


def _items(value: object) -> float | None:
    return len(value) if is_list(value) else None


def _entries(value: object) -> float | None:
    return len(value) if is_mapping(value) else None


def _multiple(found: float, step: float) -> bool:
    return abs(found / step - round(found / step)) < 1e-9  # noqa: PLR2004 - sums of floats


def _pattern(schema: Schema, value: object, _: Schema) -> bool:
    return not isinstance(value, str) or found_in(str(schema["pattern"]), value)


def found_in(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text; one that Python cannot read is."""
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True


def _all_items(schema: Schema, value: object, root: Schema) -> bool:
    first = len(as_list(schema.get("prefixItems")))
    return all(accepts(schema["items"], item, root) for item in as_list(value)[first:])


def _first_items(schema: Schema, value: object, root: Schema) -> bool:
    return all(
        accepts(part, item, root) for part, item in zip(as_list(schema["prefixItems"]), as_list(value), strict=False)
    )


def _contains(schema: Schema, value: object, root: Schema) -> bool:
    if not is_list(value):
        return True
    found = sum(accepts(schema["contains"], item, root) for item in value)
    least, most = schema.get("minContains", 1), schema.get("maxContains", found)
    return cast("int", least) <= found <= cast("int", most)


def _unique(schema: Schema, value: object, _: Schema) -> bool:
    items = as_list(value)
    return not schema["uniqueItems"] or not any(
        same(item, other) for number, item in enumerate(items) for other in items[:number]
    )


def _required(schema: Schema, value: object, _: Schema) -> bool:
    return not is_mapping(value) or all(name in value for name in as_list(schema["required"]))


def _dependent(schema: Schema, value: object, _: Schema) -> bool:
    entries = as_mapping(value)
    wanted = as_mapping(schema["dependentRequired"])
    return all(name in entries for key in entries for name in as_list(wanted.get(key)))


def _properties(schema: Schema, value: object, root: Schema) -> bool:
    entries = as_mapping(value)
    return all(
        accepts(part, entries[name], root) for name, part in as_mapping(schema["properties"]).items() if name in entries
    )


def _patterned(schema: Schema, value: object, root: Schema) -> bool:
    return all(
        accepts(part, entry, root)
        for pattern, part in as_mapping(schema["patternProperties"]).items()
        for name, entry in as_mapping(value).items()
        if found_in(pattern, name)
    )


def _additional(schema: Schema, value: object, root: Schema) -> bool:
    known, patterns = as_mapping(schema.get("properties")), as_mapping(schema.get("patternProperties"))
    return all(
        accepts(schema["additionalProperties"], entry, root)
        for name, entry in as_mapping(value).items()
        if name not in known and not any(found_in(pattern, name) for pattern in patterns)
    )


def _condition(schema: Schema, value: object, root: Schema) -> bool:
    branch = "then" if accepts(schema["if"], value, root) else "else"
    return accepts(schema.get(branch, True), value, root)


def _count(schema: Schema, name: str, value: object, root: Schema) -> int:
    return sum(accepts(part, value, root) for part in cast("Sequence[object]", schema[name]))


_CHECKS: Mapping[str, Check] = {
    "$ref": lambda schema, value, root: accepts(referred(str(schema["$ref"]), root), value, root),
    "type": _type,
    "const": lambda schema, value, _: same(schema["const"], value),
    "enum": lambda schema, value, _: any(same(option, value) for option in as_list(schema["enum"])),
    "minimum": _bound("minimum", lambda found, limit: found >= limit, _number),
    "maximum": _bound("maximum", lambda found, limit: found <= limit, _number),
    "exclusiveMinimum": _bound("exclusiveMinimum", lambda found, limit: found > limit, _number),
    "exclusiveMaximum": _bound("exclusiveMaximum", lambda found, limit: found < limit, _number),
    "multipleOf": _bound("multipleOf", _multiple, _number),
    "minLength": _bound("minLength", lambda found, limit: found >= limit, _length),
    "maxLength": _bound("maxLength", lambda found, limit: found <= limit, _length),
    "pattern": _pattern,
    "minItems": _bound("minItems", lambda found, limit: found >= limit, _items),
    "maxItems": _bound("maxItems", lambda found, limit: found <= limit, _items),
    "uniqueItems": _unique,
    "prefixItems": _first_items,
    "items": _all_items,
    "contains": _contains,
    "minProperties": _bound("minProperties", lambda found, limit: found >= limit, _entries),
    "maxProperties": _bound("maxProperties", lambda found, limit: found <= limit, _entries),
    "required": _required,
    "dependentRequired": _dependent,
    "properties": _properties,
    "patternProperties": _patterned,
    "additionalProperties": _additional,
    "propertyNames": lambda schema, value, root: all(
        accepts(schema["propertyNames"], name, root) for name in as_mapping(value)
    ),
    "allOf": lambda schema, value, root: _count(schema, "allOf", value, root) == len(as_list(schema["allOf"])),
    "anyOf": lambda schema, value, root: _count(schema, "anyOf", value, root) > 0,
    "oneOf": lambda schema, value, root: _count(schema, "oneOf", value, root) == 1,
    "not": lambda schema, value, root: not accepts(schema["not"], value, root),
    "if": _condition,
}
"""What each keyword asks; dearer ones last."""
