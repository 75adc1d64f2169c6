"""Schemas of `response_format` become what OpenAI's strict mode takes; the SDK's own transformation is the oracle."""

from __future__ import annotations

import copy
import datetime as dt
import enum
import json
import uuid
from typing import Annotated, Literal

import pytest
from openai.lib._pydantic import to_strict_json_schema
from pydantic import BaseModel, Field

from llmclient.providers._schema import is_closed
from llmclient.providers.openai.schema import strict_format, strict_schema


class Inner(BaseModel):
    word: str = "default"


class Colour(enum.Enum):
    RED = "red"


class Everything(BaseModel):
    """A model."""

    number: int
    real: float | None = None
    literal: Literal["a", "b"] = "a"
    colour: Colour
    inner: Inner
    described: Inner = Field(description="an inner one")
    several: list[Inner]
    either: Inner | int
    when: dt.datetime
    identity: uuid.UUID


class Tree(BaseModel):
    value: int
    children: list[Tree]


@pytest.mark.parametrize("model", [Inner, Everything, Tree])
def test_a_pydantic_model_comes_out_as_the_sdk_makes_it(model) -> None:
    assert strict_schema(model.model_json_schema()) == without_defaults(to_strict_json_schema(model))


def without_defaults(schema):
    """The SDK leaves defaults other than None in; strict mode has no use for them."""
    if isinstance(schema, dict):
        return {key: without_defaults(value) for key, value in schema.items() if key != "default"}
    return [without_defaults(item) for item in schema] if isinstance(schema, list) else schema


KEYWORDS = {
    "minLength": 1,
    "maxLength": 9,
    "minProperties": 1,
    "maxProperties": 3,
    "uniqueItems": True,
    "contains": {"type": "string"},
    "minContains": 1,
    "maxContains": 2,
    "prefixItems": [{"type": "string"}],
    "propertyNames": {"pattern": "^a"},
    "dependentRequired": {"a": ["b"]},
    "dependentSchemas": {"a": {}},
    "unevaluatedItems": False,
    "unevaluatedProperties": False,
    "not": {"type": "null"},
    "if": {"const": 1},
    "then": {},
    "else": {},
    "contentEncoding": "base64",
    "format": "uri",
    "readOnly": True,
}


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_a_keyword_that_strict_mode_lacks_is_told_in_the_description(keyword) -> None:
    field = {"type": "string", "description": "a field", keyword: KEYWORDS[keyword]}
    strict = strict_schema({"type": "object", "properties": {"a": field}})
    (found,) = strict["properties"].values()
    assert found == {"type": "string", "description": f"a field ({keyword}: {json.dumps(KEYWORDS[keyword])})"}


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("pattern", "^a"),
        ("minimum", 1),
        ("maximum", 2),
        ("exclusiveMinimum", 1),
        ("exclusiveMaximum", 2),
        ("multipleOf", 2),
        ("minItems", 1),
        ("maxItems", 2),
        ("enum", ["a"]),
        ("const", "a"),
        ("format", "date-time"),
    ],
)
def test_a_keyword_that_strict_mode_has_is_kept(keyword, value) -> None:
    field = {"type": "string", keyword: value}
    assert strict_schema({"type": "object", "properties": {"a": field}})["properties"]["a"] == field


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"enum": ["a", 1]}, {"type": ["string", "integer"], "enum": ["a", 1]}),
        ({"const": True}, {"type": "boolean", "const": True}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"enum": ["a"], "type": "string", "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"$ref": "#/$defs/a~1b", "nullable": True}, {"anyOf": [{"$ref": "#/$defs/a~1b"}, {"type": "null"}]}),
        (
            {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
            {
                "type": "array",
                "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                "description": '(prefixItems: [{"type": "string"}, {"type": "integer"}])',
            },
        ),
        (
            {"allOf": [{"$ref": "#/$defs/a~1b"}, {"properties": {"y": {"type": "null"}}}]},
            {
                "type": "object",
                "properties": {"x": {"type": "integer"}, "y": {"type": "null"}},
                "required": ["x", "y"],
                "additionalProperties": False,
            },
        ),
        (
            {"allOf": [{"type": "string"}, {"type": "integer"}]},
            {"description": '(allOf: [{"type": "string"}, {"type": "integer"}])'},
        ),
        (
            {"$ref": "#/$defs/a~1b", "title": "T"},
            {
                "title": "T",
                "type": "object",
                "properties": {"x": {"type": "integer"}},
                "required": ["x"],
                "additionalProperties": False,
            },
        ),
        ({"$ref": "#"}, {"$ref": "#"}),
    ],
)
def test_what_strict_mode_has_no_word_for_is_said_otherwise(schema, said) -> None:
    definitions = {"a/b": {"type": "object", "properties": {"x": {"type": "integer"}}}}
    strict = strict_schema({"type": "object", "properties": {"a": schema}, "$defs": definitions})
    assert strict["properties"]["a"] == said


def test_one_of_becomes_any_of_and_an_all_of_of_one_is_that_one() -> None:
    union = strict_schema({"oneOf": [{"type": "string"}, {"type": "integer"}]})
    assert union == {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    assert strict_schema({"allOf": [{"type": "string"}], "description": "d"}) == {"type": "string", "description": "d"}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"type": "object", "properties": {"a": {"type": "object"}}},
        {"type": "object", "patternProperties": {"^a": {}}, "properties": {}},
        {"anyOf": [{"type": "object", "additionalProperties": True, "properties": {}}]},
        {"type": "object", "properties": {"a": {}}},
        {"type": "object", "properties": {"a": True}},
        {"type": "object", "properties": {"a": {"description": "anything"}}},
        {"type": "array"},
        {"type": "array", "items": {}},
    ],
)
def test_an_open_object_cannot_be_strict(schema) -> None:
    assert not is_closed(schema)
    asked = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema, "strict": True}}
    assert strict_format(asked)["json_schema"] == {"name": "a", "schema": schema, "strict": False}


def test_the_schema_of_the_caller_is_not_touched() -> None:
    schema = Everything.model_json_schema()
    before = copy.deepcopy(schema)
    strict_schema(schema)
    assert schema == before


def test_a_format_that_is_not_asked_to_be_strict_travels_as_it_is() -> None:
    loose = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
    assert strict_format(loose) is loose
    assert strict_format({"type": "json_object"}) == {"type": "json_object"}


def test_a_strict_schema_stays_as_it_is() -> None:
    strict = strict_schema(Everything.model_json_schema())
    assert strict_schema(strict) == strict


class Bounded(BaseModel):
    short: Annotated[str, Field(min_length=1, max_length=3)]


def test_bounds_of_a_pydantic_field_reach_the_model_as_words() -> None:
    field = strict_schema(Bounded.model_json_schema())["properties"]["short"]
    assert field["description"] == "(maxLength: 3; minLength: 1)"
