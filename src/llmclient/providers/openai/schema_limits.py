"""How large a schema may be in OpenAI's strict mode: one that is larger would be a 400.

Source: OpenAI, structured outputs, "Supported schemas": limits on depth and size, on names and on enums.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from llmclient._narrow import as_list, as_mapping
from llmclient.providers._schema import all_parts, resolved, without

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject

PROPERTIES = 5_000
LEVELS = 10
CHARACTERS = 120_000
"""Of all names of properties and definitions, and of all values of `enum` and `const`."""
ENUM_VALUES = 1_000
LARGE_ENUM = 250
LARGE_ENUM_CHARACTERS = 15_000
"""Of the values of one enum that has more than `LARGE_ENUM`."""

_DEFINITIONS = ("$defs", "definitions")


def beyond_limits(schema: Mapping[str, object]) -> str:
    """What of a strict schema is too large, in words; empty where nothing is."""
    parts = list(all_parts(schema))
    names = [name for part in parts for name in as_mapping(part.get("properties"))]
    defined = [name for part in parts for key in _DEFINITIONS for name in as_mapping(part.get(key))]
    enums = [as_list(part.get("enum")) for part in parts]
    constants = [part["const"] for part in parts if "const" in part]
    values = [value for enum in enums for value in enum]
    large = max((_length(enum) for enum in enums if len(enum) > LARGE_ENUM), default=0)
    seen: tuple[tuple[int, int, str], ...] = (
        (len(names), PROPERTIES, "properties"),
        (_levels(schema, schema), LEVELS, "levels of objects"),
        (_length([*names, *defined, *values, *constants]), CHARACTERS, "characters of names and values"),
        (len(values), ENUM_VALUES, "values of enums"),
        (large, LARGE_ENUM_CHARACTERS, f"characters in an enum of more than {LARGE_ENUM} values"),
    )
    return "; ".join(f"{count:,} {what}, {most:,} is the most" for count, most, what in seen if count > most)


def _length(values: list[object] | list[str]) -> int:
    return sum(len(value) for value in values if isinstance(value, str))


def _levels(schema: Mapping[str, object], root: Mapping[str, object], inside: frozenset[str] = frozenset()) -> int:
    """Objects within objects, on the longest way; a schema that contains itself counts once."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference in inside:
            return 0
        return _levels(resolved(root, reference), root, inside | {reference})
    deepest = max((_levels(part, root, inside) for part in _inner(without(schema, *_DEFINITIONS))), default=0)
    return deepest + ("properties" in schema)


def _inner(schema: JSONObject) -> Iterator[Mapping[str, object]]:
    yield from map(as_mapping, as_mapping(schema.get("properties")).values())
    yield from map(as_mapping, as_list(schema.get("anyOf")))
    if "items" in schema:
        yield as_mapping(schema["items"])
