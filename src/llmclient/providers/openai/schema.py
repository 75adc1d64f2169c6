"""JSON schemas as OpenAI's strict mode takes them.

Every object is closed and all of its properties are required; `oneOf` becomes `anyOf`, a `$ref` with something beside
it is replaced by what it points to (but inside itself, where it stands alone); defaults go, and keywords that strict
mode does not know are told to the model in the description instead. A schema that needs an open object (`dict[str, X]`)
or a value of any type, or is larger than the limits, cannot be strict: it is sent as it is, and the log says why.
Source: OpenAI, structured outputs, supported schemas; the SDK's own `to_strict_json_schema` is the oracle of the tests.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from llmclient._narrow import as_mapping
from llmclient.providers._schema import is_closed, resolved, said_otherwise, without
from llmclient.providers.openai.schema_limits import beyond_limits

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
_LOOKS_AROUND = re.compile(r"\(\?<?[=!]|\\[1-9]|\(\?P=")
"""Lookahead, lookbehind and backreferences, which its regular expressions do not have."""
_OPEN = "it has an object whose fields are not known, or a value of any type"

logger: logging.Logger = logging.getLogger("llmclient.providers.openai")


def strict_format(response_format: object) -> object:
    """A `response_format` whose schema fits strict mode, where that is asked for; any other as it is."""
    told = as_mapping(response_format)
    inner = as_mapping(told.get("json_schema"))
    if told.get("type") != "json_schema" or inner.get("strict") is not True:
        return response_format
    schema = as_mapping(inner.get("schema"))
    strict = strict_schema(schema) if is_closed(schema) else None
    why_not = _OPEN if strict is None else beyond_limits(strict)
    if why_not:
        logger.info("the schema %r cannot be strict and is sent as it is: %s", inner.get("name"), why_not)
        return {**told, "json_schema": {**inner, "strict": False}}
    return {**told, "json_schema": {**inner, "schema": strict}}


def strict_schema(
    schema: Mapping[str, object], root: Mapping[str, object] | None = None, inlined: frozenset[str] = frozenset()
) -> JSONObject:
    """Return a copy of `schema` that strict mode accepts; the original is not touched.

    Args:
        schema: the schema, or a part of one.
        root: the whole, in which references lead; default `schema`.
        inlined: references that this part stands inside of.
    """
    root = schema if root is None else root
    plain = said_otherwise(schema, root)
    if plain is not schema:
        return strict_schema(plain, root, inlined)
    reference = schema.get("$ref")
    if isinstance(reference, str) and len(schema) > 1:
        if reference in inlined:
            return {"$ref": reference}
        return strict_schema({**resolved(root, reference), **without(schema, "$ref")}, root, inlined | {reference})
    strict: JSONObject = {}
    hints: list[str] = []
    for keyword, value in schema.items():
        if keyword in _INNER:
            strict[_RENAMED.get(keyword, keyword)] = _INNER[keyword](value, root, inlined)
        elif keyword in _KEPT or _is_known(keyword, value):
            strict[keyword] = value
        elif keyword not in _GONE:
            hints.append(f"{keyword}: {json.dumps(value, ensure_ascii=False)}")
    if strict.get("type") == "object" or "properties" in strict:
        strict["additionalProperties"] = False
        strict["required"] = list(as_mapping(strict.setdefault("properties", {})))
    if hints:
        described = strict.get("description")
        hint = f"({'; '.join(hints)})"
        strict["description"] = f"{described} {hint}" if described else hint
    return strict


def _is_known(keyword: str, value: object) -> bool:
    """Keywords that are known with some values only."""
    if keyword == "format":
        return value in _FORMATS
    return keyword == "pattern" and isinstance(value, str) and _LOOKS_AROUND.search(value) is None


def _each(value: object, root: Mapping[str, object], inlined: frozenset[str]) -> list[JSONObject]:
    return [strict_schema(as_mapping(item), root, inlined) for item in cast("Sequence[object]", value)]


def _named(value: object, root: Mapping[str, object], inlined: frozenset[str]) -> JSONObject:
    return {name: strict_schema(as_mapping(item), root, inlined) for name, item in as_mapping(value).items()}


def _one(value: object, root: Mapping[str, object], inlined: frozenset[str]) -> JSONObject:
    return strict_schema(as_mapping(value), root, inlined)


_INNER: dict[str, Callable[[object, Mapping[str, object], frozenset[str]], object]] = {
    "anyOf": _each,
    "oneOf": _each,
    "properties": _named,
    "$defs": _named,
    "definitions": _named,
    "items": _one,
}
"""Keywords that hold schemas."""

_RENAMED = {"oneOf": "anyOf"}
