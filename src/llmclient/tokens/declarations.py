"""Functions as OpenAI shows them to a model: TypeScript declarations, whose text can be counted.

The documented recipe for tools (`openai_rules`) says what a described property of a simple type costs, and nothing of
objects inside objects, properties without a description, choices of types, or references. Where a function has any of
these, all functions are written out as here and counted. OpenAI does not document the shape; it is the one that models
repeat when asked, and half of the recorded calls with such functions are counted to the token.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from llmclient._narrow import as_list, as_mapping, as_text, is_list

_NAMES: Final = {"integer": "number", "None": "any"}
"""Types that are called otherwise in TypeScript."""

_SCALARS: Final = ("string", "integer", "number", "boolean")


def has_simple_properties(function: Mapping[str, object]) -> bool:
    """Whether the documented recipe covers a function: a description, and described properties of simple types."""
    schema = as_mapping(function.get("parameters"))
    return isinstance(function.get("description"), str) and all(
        _is_simple(as_mapping(rule)) for rule in as_mapping(schema.get("properties")).values()
    )


def _is_simple(rule: Mapping[str, object]) -> bool:
    items = as_mapping(rule.get("items"))
    described = isinstance(rule.get("description"), str) and isinstance(rule.get("type"), str)
    return described and rule.get("type") != "object" and (not items or items.get("type") in _SCALARS)


def declared(functions: Sequence[Mapping[str, object]]) -> str:
    """The text that functions are shown as."""
    lines = ["namespace functions {", ""]
    for function in functions:
        lines += [*_declaration(function), ""]
    return "\n".join([*lines, "} // namespace functions"])


def _declaration(function: Mapping[str, object]) -> Iterator[str]:
    schema = as_mapping(function.get("parameters") or function.get("input_schema"))
    yield from _comment(function)
    properties = list(_properties(schema, _References(schema)))
    name = function.get("name")
    if properties:
        yield f"type {name} = (_: {{"
        yield from properties
        yield "}) => any;"
    else:
        yield f"type {name} = () => any;"


def _comment(entry: Mapping[str, object]) -> Iterator[str]:
    text = as_text(entry.get("description"))
    if text:
        yield f"// {text}"  # of several lines the first is marked, as recorded counts show


class _References:
    """What references inside a schema name, each once: they may go round in circles, and are a name from then on."""

    def __init__(self, root: Mapping[str, object]) -> None:
        self._root = root
        self._followed: set[str] = set()

    def follow(self, reference: str) -> Mapping[str, object]:
        path = reference.removeprefix("#/").split("/")
        if reference in self._followed:
            return {"type": path[-1]}
        self._followed.add(reference)
        found: object = self._root
        for part in path:
            found = as_mapping(found).get(part)
        return as_mapping(found)


def _properties(schema: Mapping[str, object], references: _References) -> Iterator[str]:
    required = as_list(schema.get("required"))
    for name, value in as_mapping(schema.get("properties")).items():
        rule = as_mapping(value)
        yield from _comment(rule)
        default = f" // default: {_literal(rule['default'])}" if "default" in rule else ""
        yield f"{name}{'' if name in required else '?'}: {_type(rule, references)},{default}"


def _type(rule: Mapping[str, object], references: _References) -> str:
    reference = as_text(rule.get("$ref"))
    if reference is not None:
        rule = references.follow(reference)
    literals = as_list(rule.get("enum")) or ([rule["const"]] if "const" in rule else [])
    if literals:
        return " | ".join(_literal(literal) for literal in literals)
    options = _options(rule)
    if options:
        return " | ".join(_type(option, references) for option in options)
    kind = rule.get("type")
    if kind == "array":
        return f"{_type(as_mapping(rule.get('items')), references)}[]"
    if kind == "object" or "properties" in rule:
        inside = list(_properties(rule, references))
        return "\n".join(["{", *inside, "}"]) if inside else "object"
    return _NAMES.get(str(kind), str(kind))


def _options(rule: Mapping[str, object]) -> list[Mapping[str, object]]:
    """The rules of which one holds; none where the rule itself does."""
    kinds = rule.get("type")
    if is_list(kinds):
        return [{**rule, "type": kind} for kind in kinds]
    return [as_mapping(option) for option in as_list(rule.get("anyOf") or rule.get("oneOf"))]


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
