"""What each vendor's strict mode takes, as rules of our own reading: every way in which a schema breaks them.

OpenAI: "Structured outputs", supported schemas. Anthropic: "Structured outputs", JSON schema limitations.
"""

from __future__ import annotations

from collections.abc import Iterator

_COMMON = {"type", "title", "description", "enum", "const", "$ref", "$defs", "definitions", "anyOf", "properties"}
_COMMON |= {"required", "additionalProperties", "items", "format", "minItems"}
_OPENAI = _COMMON | {"pattern", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "maxItems"}
_ANTHROPIC = _COMMON | {"allOf"}
_FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}


def openai_faults(schema: dict) -> list[str]:
    found = [] if schema.get("type") == "object" else ["the root is no object"]
    for where, part in _parts(schema, "root"):
        found += [f"{where}: {name}" for name in part if name not in _OPENAI]
        found += _faults_of_both(where, part, schema, _FORMATS)
        if _is_object(part) and set(part["required"]) != set(part["properties"]):
            found.append(f"{where}: not all required")
        if part.get("type") == "array" and "items" not in part:
            found.append(f"{where}: array without items")
        if not {"type", "anyOf", "$ref"} & set(part):
            found.append(f"{where}: no type")
        if "$ref" in part and set(part) - {"$ref", "$defs"}:
            found.append(f"{where}: something beside $ref")
    return found


def anthropic_faults(schema: dict) -> list[str]:
    found = []
    for where, part in _parts(schema, "root"):
        found += [f"{where}: {name}" for name in part if name not in _ANTHROPIC]
        found += _faults_of_both(where, part, schema, _FORMATS | {"uri"})
        if part.get("minItems", 0) > 1:
            found.append(f"{where}: minItems")
        if any(isinstance(value, list | dict) for value in part.get("enum", ())):
            found.append(f"{where}: enum of objects")
        if not {"type", "anyOf", "allOf", "$ref", "enum", "const"} & set(part):
            found.append(f"{where}: no type")
    return found + (["recursive"] if _recursive(schema, schema, ()) else [])


def _faults_of_both(where: str, part: dict, root: dict, formats: set[str]) -> Iterator[str]:
    if _is_object(part) and part.get("additionalProperties") is not False:
        yield f"{where}: open"
    if "format" in part and part["format"] not in formats:
        yield f"{where}: format {part['format']}"
    if "$ref" in part and _resolved(root, part["$ref"]) is None:
        yield f"{where}: {part['$ref']} leads nowhere"


def _is_object(part: dict) -> bool:
    return part.get("type") == "object" or "properties" in part


def _parts(schema: object, where: str) -> Iterator[tuple[str, dict]]:
    if not isinstance(schema, dict):
        yield where, {"no schema": schema}
        return
    yield where, schema
    for name in ("properties", "$defs", "definitions"):
        for key, inner in schema.get(name, {}).items():
            yield from _parts(inner, f"{where}.{key}")
    for name in ("anyOf", "allOf"):
        for number, inner in enumerate(schema.get(name, ())):
            yield from _parts(inner, f"{where}.{name}[{number}]")
    if "items" in schema:
        yield from _parts(schema["items"], f"{where}[]")


def _resolved(root: dict, reference: str) -> object:
    found: object = root
    for step in filter(None, reference.removeprefix("#").split("/")):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _recursive(part: object, root: dict, seen: tuple[str, ...]) -> bool:
    if isinstance(part, list):
        return any(_recursive(item, root, seen) for item in part)
    if not isinstance(part, dict):
        return False
    reference = part.get("$ref")
    if reference in seen:
        return True
    inside = {name: value for name, value in part.items() if name not in ("$defs", "definitions", "$ref")}
    if _recursive(list(inside.values()), root, seen):
        return True
    return isinstance(reference, str) and _recursive(_resolved(root, reference), root, (*seen, reference))
