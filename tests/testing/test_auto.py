"""`llm.auto()` makes what a schema accepts, however hard the schema; another implementation judges."""

from __future__ import annotations

import json

import jsonschema
import pytest

from llmclient import SyncModelRouter
from llmclient.testing import script
from llmclient.testing.schema_accepts import accepts
from llmclient.testing.schema_values import SchemaValues

FORMATS = jsonschema.FormatChecker(["date", "email", "ipv4", "ipv6", "regex", "uuid", "idn-email"])
SCHEMAS = {
    "recursive": {
        "$defs": {
            "node": {
                "type": "object",
                "properties": {"v": {"type": "integer"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
                "required": ["v", "kids"],
                "additionalProperties": False,
            }
        },
        "$ref": "#/$defs/node",
    },
    "recursive min": {
        "$defs": {
            "n": {
                "type": "object",
                "properties": {"next": {"anyOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]}},
                "required": ["next"],
            }
        },
        "$ref": "#/$defs/n",
    },
    "recursive anyof first": {
        "$defs": {
            "e": {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {"l": {"$ref": "#/$defs/e"}, "r": {"$ref": "#/$defs/e"}},
                        "required": ["l", "r"],
                    },
                    {"type": "integer"},
                ]
            }
        },
        "$ref": "#/$defs/e",
    },
    "anyOf sibling": {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "anyOf": [{"required": ["a"]}, {"properties": {"b": {"type": "integer"}}, "required": ["b"]}],
    },
    "oneOf": {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 100}]},
    "allOf bounds": {"allOf": [{"type": "integer", "minimum": 3}, {"maximum": 5}]},
    "allOf bounds2": {"allOf": [{"type": "integer", "minimum": 3}, {"minimum": 7}]},
    "exclusive": {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    "excl num": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    "neg": {"type": "integer", "maximum": -10},
    "negnum": {"type": "number", "maximum": -10.5},
    "multiple": {"type": "integer", "multipleOf": 7, "minimum": 8},
    "multiple neg": {"type": "integer", "multipleOf": 5, "maximum": -3},
    "multiple num": {"type": "number", "multipleOf": 0.01, "minimum": 0.005},
    "mult both": {"type": "integer", "multipleOf": 10, "minimum": 11, "maximum": 29},
    "items": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
    "items bool": {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "uniqueItems": True},
    "items int uniq": {
        "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": 3},
        "minItems": 4,
        "uniqueItems": True,
    },
    "items obj uniq": {
        "type": "array",
        "items": {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]},
        "minItems": 2,
        "uniqueItems": True,
    },
    "prefix": {"type": "array", "prefixItems": [{"type": "integer"}, {"const": "x"}], "items": False, "minItems": 2},
    "prefix2": {
        "type": "array",
        "prefixItems": [{"type": "integer"}],
        "items": {"type": "string"},
        "minItems": 3,
        "maxItems": 3,
    },
    "maxItems0": {"type": "array", "items": {"type": "string"}, "maxItems": 0},
    "contains": {"type": "array", "contains": {"const": 5}, "items": {"type": "integer"}},
    "pattern": {"type": "string", "pattern": "^\\d{3}-[A-Z]{2}(foo|bar)?$"},
    "pattern2": {"type": "string", "pattern": "[a-f0-9]{8}"},
    "pattern3": {"type": "string", "pattern": "^(?:(?:25[0-5]|2[0-4]\\d)\\.){3}\\w+$"},
    "pattern4": {"type": "string", "pattern": "^\\S+@\\S+\\.\\S+$"},
    "pattern5": {"type": "string", "pattern": "^[^aeiou\\s]{4,}$", "minLength": 6},
    "pattern6": {"type": "string", "pattern": "^(?=.*\\d).{4,8}$"},
    "lens": {"type": "string", "minLength": 20, "maxLength": 21},
    "len0": {"type": "string", "maxLength": 0},
    "fmt email long": {"type": "string", "format": "email", "maxLength": 10},
    "fmt uuid": {"type": "string", "format": "uuid"},
    "fmt dt": {"type": "string", "format": "date-time"},
    "idn": {"type": "string", "format": "uri-reference"},
    "regexf": {"type": "string", "format": "regex"},
    "jp": {"type": "string", "format": "json-pointer"},
    "time": {"type": "string", "format": "time"},
    "minProps": {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
    "patternProps": {
        "type": "object",
        "patternProperties": {"^x-": {"type": "integer"}},
        "minProperties": 1,
        "additionalProperties": False,
    },
    "required unknown": {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "integer"}}},
    "required addl": {"type": "object", "required": ["q"], "additionalProperties": {"type": "integer"}},
    "propertyNames": {"type": "object", "propertyNames": {"pattern": "^[a-z]{2}$"}, "minProperties": 1},
    "const null": {"const": None},
    "enum mixed": {"enum": [1, "a", None, {"x": 1}]},
    "type list": {"type": ["null", "integer"]},
    "type list enum": {"type": ["string", "null"], "enum": ["a", None]},
    "nullable": {"type": "string", "nullable": True},
    "true": True,
    "empty": {},
    "not": {"type": "integer", "not": {"minimum": 5}},
    "not const": {"type": "string", "not": {"enum": ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove"]}},
    "if": {
        "type": "object",
        "properties": {"k": {"enum": ["a", "b"]}, "v": {}},
        "required": ["k"],
        "if": {"properties": {"k": {"const": "a"}}},
        "then": {"required": ["v"], "properties": {"v": {"type": "integer"}}},
        "else": {"properties": {"v": {"type": "string"}}},
    },
    "depReq": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "dependentRequired": {"a": ["c"]},
    },
    "ref siblings": {
        "$defs": {"x": {"type": "integer"}},
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/x", "minimum": 50}},
        "required": ["a"],
    },
    "ref root": {
        "type": "object",
        "properties": {"me": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
        "required": ["me"],
    },
    "ref root opt": {"type": "object", "properties": {"me": {"$ref": "#"}, "n": {"type": "integer"}}},
    "definitions": {"definitions": {"x": {"type": "integer"}}, "type": "array", "items": {"$ref": "#/definitions/x"}},
    "anchor": {"$defs": {"x": {"$anchor": "hi", "type": "integer"}}, "$ref": "#hi"},
    "allOf req": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "string"}}, "required": ["b"]},
        ],
        "unevaluatedProperties": False,
    },
    "allOf anyOf": {
        "allOf": [{"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}],
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
    },
    "anyOf bounds": {"type": "integer", "minimum": 10, "anyOf": [{"maximum": 5}, {"multipleOf": 3}]},
    "discriminated": {
        "oneOf": [
            {
                "type": "object",
                "properties": {"kind": {"const": "cat"}, "m": {"type": "integer"}},
                "required": ["kind", "m"],
            },
            {"type": "object", "properties": {"kind": {"const": "dog"}}, "required": ["kind"]},
        ]
    },
    "type number int": {"type": ["integer", "string"]},
    "const in obj": {"type": "object", "properties": {"t": {"const": [1, 2]}}, "required": ["t"]},
    "enum+anyOf": {"enum": ["a", "b"], "anyOf": [{"const": "b"}]},
    "tight": {"type": "number", "minimum": 1.25, "maximum": 1.25},
    "big": {"type": "integer", "minimum": 100000000000000000000},
    "minContains": {
        "type": "array",
        "contains": {"type": "string"},
        "minContains": 2,
        "items": {"type": ["string", "integer"]},
    },
}
ODD_VALUES = [
    None,
    True,
    0,
    1,
    2.5,
    -7,
    "",
    "a",
    "amber",
    [],
    [1, 1],
    [True, 1],
    ["a", "b"],
    {},
    {"a": 1},
    {"b": "x"},
    {"k": "a"},
]


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_a_value_is_one_that_the_schema_accepts_whatever_the_seed(schema):
    judge = jsonschema.Draft202012Validator(schema, format_checker=FORMATS)
    for seed in range(6):
        value = SchemaValues(seed).value(schema)
        judge.validate(json.loads(json.dumps(value)))
        assert SchemaValues(seed).value(schema) == value


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_our_own_check_says_what_the_other_says(schema):
    judge = jsonschema.Draft202012Validator(schema)
    root = schema if isinstance(schema, dict) else {}
    for value in ODD_VALUES:
        if value is None and "nullable" in str(schema):
            continue  # a keyword of OpenAPI, which the other does not know
        assert accepts(schema, value, root) == judge.is_valid(value), value


def test_a_pattern_that_python_cannot_read_is_no_error():
    assert SchemaValues(0).value({"type": "string", "pattern": r"^\p{L}+$"}) == ""


def test_a_schema_that_nothing_fits_ends_all_the_same():
    endless = {"type": "object", "properties": {"me": {"$ref": "#"}}, "required": ["me"]}
    assert isinstance(SchemaValues(0).value(endless), dict)


def test_every_tool_is_called_in_turn_with_arguments_that_fit():
    tools = [
        {"type": "function", "function": {"name": name, "parameters": schema}}
        for name, schema in (("first", SCHEMAS["recursive anyof first"]), ("second", SCHEMAS["if"]))
    ]
    messages = [{"role": "user", "content": "Go."}]
    with script() as llm, SyncModelRouter("openai/gpt-5-mini") as router:
        llm.auto(seed=3)
        called = []
        while calls := (reply := router.complete(messages, tools=tools)).tool_calls:
            called += [call.name for call in calls]
            jsonschema.validate(calls[0].arguments, SCHEMAS["recursive anyof first" if len(called) == 1 else "if"])
            messages += [reply.message, {"role": "tool", "tool_call_id": calls[0].id, "content": "done"}]
    assert called == ["first", "second"]
    assert "done" in reply.text
