"""Schemas as structured outputs take them; the SDK's own transformation is the oracle (fact 9)."""

from __future__ import annotations

import copy
import importlib.util

import pytest

from llmclient.providers.anthropic.schema import strict_schema

SCHEMAS = {
    "bounds": {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 1, "maximum": 9}},
        "required": ["n"],
    },
    "open object": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True},
    "no properties": {"type": "object"},
    "nested": {"type": "object", "properties": {"in": {"type": "object", "properties": {"x": {"type": "null"}}}}},
    "array": {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "number"}, "maxItems": 3}}},
    "at least one": {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "null"}, "minItems": 1}},
    },
    "at least two": {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "null"}, "minItems": 2}},
    },
    "formats": {
        "type": "object",
        "properties": {"d": {"type": "string", "format": "date"}, "c": {"type": "string", "format": "credit-card"}},
    },
    "one of": {
        "type": "object",
        "properties": {"v": {"oneOf": [{"type": "string", "pattern": "^a"}, {"type": "null"}]}},
    },
    "any of": {"type": "object", "properties": {"v": {"anyOf": [{"type": "boolean"}, {"type": "null"}]}}},
    "all of": {"allOf": [{"type": "object", "properties": {"v": {"type": "boolean"}}}]},
    "references": {
        "$defs": {"A": {"type": "object", "properties": {"x": {"type": "string", "maxLength": 3}}}},
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}},
    },
    "a root that is a reference": {"$defs": {"A": {"type": "object", "properties": {}}}, "$ref": "#/$defs/A"},
    "described": {"type": "object", "description": "D.", "title": "T", "properties": {}, "minProperties": 1},
}


def without_descriptions(schema: object) -> object:
    """Hints to the model are worded differently; everything the grammar reads has to be equal."""
    if isinstance(schema, dict):
        return {name: without_descriptions(value) for name, value in schema.items() if name != "description"}
    return [without_descriptions(item) for item in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_a_schema_is_narrowed_as_the_sdk_narrows_it(schema):
    if importlib.util.find_spec("anthropic.lib._parse._transform") is None:
        pytest.skip("this anthropic SDK has no transformation of schemas")
    from anthropic.lib._parse._transform import transform_schema

    assert without_descriptions(strict_schema(schema)) == without_descriptions(transform_schema(copy.deepcopy(schema)))


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_a_schema_of_the_callers_is_not_touched(schema):
    before = copy.deepcopy(schema)
    strict_schema(schema)
    assert schema == before


def test_a_schema_that_is_narrow_already_stays_as_it_is():
    narrow = strict_schema(SCHEMAS["references"])
    assert strict_schema(narrow) == narrow


def test_what_the_grammar_cannot_hold_is_told_to_the_model():
    schema = {"type": "integer", "description": "A number.", "minimum": 1, "maximum": 9}
    assert strict_schema(schema) == {"type": "integer", "description": "A number.\n\n(minimum: 1; maximum: 9)"}
    assert strict_schema({"type": "string", "pattern": "^a"})["description"] == '(pattern: "^a")'


def test_values_of_an_enumeration_and_a_constant_are_kept():
    schema = {"type": "string", "enum": ["a", "b"], "const": "a"}
    assert strict_schema(schema) == schema
