"""JSON schemas, before a vendor's strict rules are applied: said another way, and what no strict mode can hold.

A keyword that strict modes lack is put in words that they have, where there are any: `nullable` is a second type, a
tuple's `prefixItems` are a choice of items, several `allOf` are one schema, an `enum` says its type. Objects whose
fields nobody knows, values of any type, and (for some vendors) schemas that contain themselves have no such words.
Source: JSON Schema 2020-12; OpenAPI 3.0 for `nullable`; RFC 6901 for what a `$ref` points to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from llmclient._narrow import as_list, as_mapping

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject

Schema = Mapping[str, object]

_MAPS = ("properties", "$defs", "definitions")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SAYS_WHAT = frozenset({"type", "anyOf", "oneOf", "allOf", "$ref", "enum", "const", "properties", "prefixItems"})
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
    (type(None), "null"),
)


def said_otherwise(schema: Schema, root: Schema) -> Schema:
    """`schema` in words that strict modes have, itself where nothing is to be said otherwise; its parts are left."""
    if schema.get("nullable") is True:
        return _with_null(without(schema, "nullable"))
    parts = as_list(schema.get("allOf"))
    merged = _merged(schema, parts, root) if parts else None
    if merged is not None:
        return merged
    if as_list(schema.get("prefixItems")) and "items" not in schema and schema.get("type") == "array":
        return _with_items(schema)
    values = as_list(schema.get("enum")) or ([schema["const"]] if "const" in schema else [])
    if values and not _SAYS_WHAT & (set(schema) - {"enum", "const"}):
        kinds = list(dict.fromkeys(_type_of(value) for value in values))
        return {"type": kinds[0] if len(kinds) == 1 else kinds, **schema}
    return schema


def resolved(root: Schema, reference: str) -> Schema:
    """What a `$ref` points to inside `root`, an empty schema where that is nothing."""
    found: object = root
    for step in filter(None, unquote(reference.removeprefix("#")).split("/")):
        found = as_mapping(found).get(step.replace("~1", "/").replace("~0", "~"))
    return as_mapping(found)


def without(schema: Schema, *names: str) -> JSONObject:
    """`schema` without some keywords."""
    return {name: value for name, value in schema.items() if name not in names}


def is_closed(schema: object) -> bool:
    """Whether every object's fields and every value's type are known, all the way down."""
    if not isinstance(schema, Mapping):
        return False
    plain = cast("Schema", schema)
    extra = plain.get("additionalProperties")
    opened = isinstance(extra, Mapping) or extra is True or "patternProperties" in plain
    shapeless = plain.get("type") == "object" and "properties" not in plain and "allOf" not in plain
    loose = plain.get("type") == "array" and not {"items", "prefixItems"} & set(plain)
    if opened or loose or (shapeless and extra is not False) or not _SAYS_WHAT & set(plain):
        return False
    return all(is_closed(part) for part in _parts(plain))


def contains_itself(schema: Schema) -> bool:
    """Whether a schema refers to itself, directly or through others."""
    return _meets_itself(schema, schema, frozenset())


def _meets_itself(schema: Schema, root: Schema, seen: frozenset[str]) -> bool:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference in seen or reference == "#":
            return True
        if _meets_itself(resolved(root, reference), root, seen | {reference}):
            return True
    inside = without(schema, "$defs", "definitions")
    return any(_meets_itself(as_mapping(part), root, seen) for part in _parts(inside))


def all_parts(schema: Schema) -> Iterator[Schema]:
    """A schema and every schema inside it."""
    yield schema
    for part in _parts(schema):
        yield from all_parts(as_mapping(part))


def _parts(schema: Schema) -> Iterator[object]:
    """The schemas directly inside."""
    for name in _MAPS:
        yield from as_mapping(schema.get(name)).values()
    for name in _LISTS:
        yield from as_list(schema.get(name))
    if "items" in schema:
        yield schema["items"]


def _with_null(schema: JSONObject) -> JSONObject:
    kind = schema.get("type")
    if isinstance(kind, str) and "const" not in schema:
        values = as_list(schema.get("enum"))
        return {**schema, "type": [kind, "null"], **({"enum": [*values, None]} if values else {})}
    return {"anyOf": [schema, {"type": "null"}]}


def _with_items(schema: Schema) -> JSONObject:
    several = list({json.dumps(item, sort_keys=True): item for item in as_list(schema["prefixItems"])}.values())
    return {**schema, "items": several[0] if len(several) == 1 else {"anyOf": several}}


def _merged(schema: Schema, parts: Sequence[object], root: Schema) -> JSONObject | None:
    """One schema for an `allOf`; None where two of its parts contradict one another."""
    if len(parts) == 1:
        return {**as_mapping(parts[0]), **without(schema, "allOf")}
    merged: JSONObject = {}
    properties: JSONObject = {}
    required: list[object] = []
    for given in (*parts, without(schema, "allOf")):
        part = as_mapping(given)
        reference = part.get("$ref")
        if isinstance(reference, str):
            part = {**resolved(root, reference), **without(part, "$ref")}
        properties.update(as_mapping(part.get("properties")))
        required += as_list(part.get("required"))
        for name, value in without(part, "properties", "required").items():
            if merged.setdefault(name, value) != value and name not in ("title", "description"):
                return None
    if properties:
        merged |= {"properties": properties, "required": list(dict.fromkeys(required))}
    return merged


def _type_of(value: object) -> str:
    return next(name for kind, name in _TYPES if isinstance(value, kind))
