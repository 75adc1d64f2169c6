"""JSON schemas as Anthropic's structured outputs take them.

Every object is closed (`additionalProperties: false`), `oneOf` becomes `anyOf`, and keywords the grammar does not know
(bounds, lengths, patterns) are dropped from the schema and told to the model in the description instead. Source:
Anthropic's documentation, "Structured outputs", JSON schema limitations; the SDK's own transformation is the oracle
of the tests.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from llmclient.providers._schema import all_parts, contains_itself, is_closed, said_otherwise
from llmclient.providers.anthropic._json import list_of, object_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmclient.types.messages import JSONObject

_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"})
_KEPT = frozenset({"type", "description", "title", "enum", "const", "$ref", "required", "additionalProperties"})
_SCHEMA_LISTS = {"anyOf": "anyOf", "oneOf": "anyOf", "allOf": "allOf"}
_SCHEMA_MAPS = frozenset({"properties", "$defs", "definitions"})
_LARGEST_MIN_ITEMS = 1

MOST_OPTIONAL = 24
MOST_UNIONS = 16
"""Of all fields together. Source: the same page, schema complexity limits."""


def beyond_structured_output(schema: Mapping[str, object]) -> str:
    """What structured outputs cannot hold of a schema, in words; empty where they can hold it."""
    if not is_closed(schema):
        return "an object whose fields are not known, or a value of any type"
    if contains_itself(schema):
        return "a schema that contains itself"
    parts = list(all_parts(schema))
    optional = sum(len(set(object_of(part.get("properties"))) - set(list_of(part.get("required")))) for part in parts)
    unions = sum("anyOf" in part or "oneOf" in part or isinstance(part.get("type"), list) for part in parts)
    seen = ((optional, MOST_OPTIONAL, "optional fields"), (unions, MOST_UNIONS, "unions"))
    return "; ".join(f"{count} {what}, {most} is the most" for count, most, what in seen if count > most)


def strict_schema(schema: Mapping[str, object], root: Mapping[str, object] | None = None) -> JSONObject:
    """Return a copy of `schema` that structured outputs accept; the original is not touched.

    Args:
        schema: the schema, or a part of one.
        root: the whole, in which references lead; default `schema`.
    """
    root = schema if root is None else root
    if "$ref" not in schema and not _holds_plain_parts(schema):
        schema = said_otherwise(schema, root)
    strict: JSONObject = {}
    hints: list[str] = []
    for keyword, value in schema.items():
        if keyword in _SCHEMA_LISTS:
            strict[_SCHEMA_LISTS[keyword]] = [strict_schema(object_of(variant), root) for variant in list_of(value)]
        elif keyword in _SCHEMA_MAPS:
            strict[keyword] = {name: strict_schema(object_of(inner), root) for name, inner in object_of(value).items()}
        elif keyword == "items":
            strict[keyword] = strict_schema(object_of(value), root)
        elif keyword in _KEPT or _is_known(keyword, value):
            strict[keyword] = value
        else:
            hints.append(f"{keyword}: {json.dumps(value, ensure_ascii=False)}")
    if strict.get("type") == "object" or "properties" in strict:
        strict["additionalProperties"] = False
        strict.setdefault("properties", {})
    if hints:
        described = text_of(strict.get("description"))
        strict["description"] = f"{described}\n\n({'; '.join(hints)})" if described else f"({'; '.join(hints)})"
    return strict


def _holds_plain_parts(schema: Mapping[str, object]) -> bool:
    """An `allOf` is taken as it is where none of its parts is a reference."""
    parts = [object_of(part) for part in list_of(schema.get("allOf"))]
    return bool(parts) and not any("$ref" in part for part in parts)


def _is_known(keyword: str, value: object) -> bool:
    """Keywords that are known with some values only."""
    if keyword == "format":
        return value in _FORMATS
    return keyword == "minItems" and isinstance(value, int) and value <= _LARGEST_MIN_ITEMS
