"""JSON schemas as Anthropic's structured outputs take them.

Every object is closed (`additionalProperties: false`), `oneOf` becomes `anyOf`, and keywords the grammar does not know
(bounds, lengths, patterns) are dropped from the schema and told to the model in the description instead. Source:
Anthropic's documentation, "Structured outputs", JSON schema limitations; the SDK's own transformation is the oracle
of the tests.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from llmclient.providers.anthropic._json import list_of, object_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmclient.types.messages import JSONObject

_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"})
_KEPT = frozenset({"type", "description", "title", "enum", "const", "$ref", "required", "additionalProperties"})
_SCHEMA_LISTS = {"anyOf": "anyOf", "oneOf": "anyOf", "allOf": "allOf"}
_SCHEMA_MAPS = frozenset({"properties", "$defs", "definitions"})
_LARGEST_MIN_ITEMS = 1


def strict_schema(schema: Mapping[str, object]) -> JSONObject:
    """Return a copy of `schema` that structured outputs accept; the original is not touched."""
    strict: JSONObject = {}
    hints: list[str] = []
    for keyword, value in schema.items():
        if keyword in _SCHEMA_LISTS:
            strict[_SCHEMA_LISTS[keyword]] = [strict_schema(object_of(variant)) for variant in list_of(value)]
        elif keyword in _SCHEMA_MAPS:
            strict[keyword] = {name: strict_schema(object_of(inner)) for name, inner in object_of(value).items()}
        elif keyword == "items":
            strict[keyword] = strict_schema(object_of(value))
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


def _is_known(keyword: str, value: object) -> bool:
    """Keywords that are known with some values only."""
    if keyword == "format":
        return value in _FORMATS
    return keyword == "minItems" and isinstance(value, int) and value <= _LARGEST_MIN_ITEMS
