"""JSON schemas as OpenAI's strict mode takes them.

Every object is closed and all of its properties are required; `oneOf` becomes `anyOf`, an `allOf` of one is that one, a
`$ref` with something beside it is replaced by what it points to; defaults go, and keywords that strict mode does not
know are told to the model in the description instead. A schema that needs an open object (`dict[str, X]`) cannot be
strict: it is sent as it is. Source: OpenAI, structured outputs, supported schemas; the SDK's own
`to_strict_json_schema` is the oracle of the tests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject

_KEPT = frozenset(
    {
        "type",
        "title",
        "description",
        "enum",
        "const",
        "$ref",
        "pattern",
        "multipleOf",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "minItems",
        "maxItems",
    }
)
_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})
_GONE = frozenset({"default", "required", "additionalProperties", "$schema", "$id", "discriminator", "examples"})
"""Keywords that say nothing to the model, or are set anew."""


def strict_format(response_format: object) -> object:
    """A `response_format` whose schema fits strict mode, where that is asked for; any other as it is."""
    told = _object(response_format)
    inner = _object(told.get("json_schema"))
    if told.get("type") != "json_schema" or inner.get("strict") is not True:
        return response_format
    schema = _object(inner.get("schema"))
    if not can_be_strict(schema):
        return {**told, "json_schema": {**inner, "strict": False}}
    return {**told, "json_schema": {**inner, "schema": strict_schema(schema)}}


def can_be_strict(schema: object) -> bool:
    """Whether no part of the schema needs an open object."""
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        return all(can_be_strict(item) for item in cast("Sequence[object]", schema))
    if not isinstance(schema, Mapping):
        return True
    plain = cast("Mapping[str, object]", schema)
    extra = plain.get("additionalProperties")
    open_ = isinstance(extra, Mapping) or extra is True or "patternProperties" in plain
    shapeless = plain.get("type") == "object" and "properties" not in plain
    return not open_ and not (shapeless and extra is not False) and all(can_be_strict(item) for item in plain.values())


def strict_schema(schema: Mapping[str, object], root: Mapping[str, object] | None = None) -> JSONObject:
    """Return a copy of `schema` that strict mode accepts; the original is not touched."""
    root = schema if root is None else root
    plain = _spelled_out(schema, root)
    if plain is not schema:
        return strict_schema(plain, root)
    strict: JSONObject = {}
    hints: list[str] = []
    for keyword, value in schema.items():
        if keyword in _INNER:
            strict[_RENAMED.get(keyword, keyword)] = _INNER[keyword](value, root)
        elif keyword in _KEPT or (keyword == "format" and value in _FORMATS):
            strict[keyword] = value
        elif keyword not in _GONE:
            hints.append(f"{keyword}: {json.dumps(value, ensure_ascii=False)}")
    if strict.get("type") == "object" or "properties" in strict:
        strict["additionalProperties"] = False
        strict["required"] = list(_object(strict.setdefault("properties", {})))
    if hints:
        described = strict.get("description")
        hint = f"({'; '.join(hints)})"
        strict["description"] = f"{described} {hint}" if described else hint
    return strict


def _spelled_out(schema: Mapping[str, object], root: Mapping[str, object]) -> Mapping[str, object]:
    """`schema` without an `allOf` of one, and without a `$ref` that has something beside it."""
    alone = schema.get("allOf")
    if isinstance(alone, list) and len(cast("list[object]", alone)) == 1:
        return {**_object(cast("list[object]", alone)[0]), **_without(schema, "allOf")}
    reference = schema.get("$ref")
    if isinstance(reference, str) and len(schema) > 1:
        return {**_resolved(root, reference), **_without(schema, "$ref")}
    return schema


def _each(value: object, root: Mapping[str, object]) -> list[JSONObject]:
    return [strict_schema(_object(item), root) for item in cast("Sequence[object]", value)]


def _named(value: object, root: Mapping[str, object]) -> JSONObject:
    return {name: strict_schema(_object(item), root) for name, item in _object(value).items()}


def _one(value: object, root: Mapping[str, object]) -> JSONObject:
    return strict_schema(_object(value), root)


_INNER: dict[str, Callable[[object, Mapping[str, object]], object]] = {
    "anyOf": _each,
    "oneOf": _each,
    "properties": _named,
    "$defs": _named,
    "definitions": _named,
    "items": _one,
}
"""Keywords that hold schemas."""

_RENAMED = {"oneOf": "anyOf"}


def _without(schema: Mapping[str, object], name: str) -> Mapping[str, object]:
    return {key: value for key, value in schema.items() if key != name}


def _resolved(root: Mapping[str, object], reference: str) -> Mapping[str, object]:
    found: object = root
    for step in reference.removeprefix("#/").split("/"):
        found = _object(found).get(step)
    return _object(found)


def _object(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
