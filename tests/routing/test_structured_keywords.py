"""`parse` on every keyword of JSON schema: what each vendor is sent obeys its rules; answers are judged."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import ipaddress
import json
import uuid
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, TypeVar

import pytest
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, RootModel, TypeAdapter, WithJsonSchema
from typing_extensions import TypedDict

from llmclient import InvalidAnswerError, ProviderConfig, SyncModelRouter
from support.animals import Cat, Dog
from support.canned import Canned, answer
from support.strict_rules import anthropic_faults, openai_faults

T = TypeVar("T")


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Tree(BaseModel):
    name: str
    branches: "list[Tree]" = []


class Told(BaseModel):
    """A tree whose reference has something beside it."""

    name: str
    branches: "list[Annotated[Told, Field(description='a branch')]]" = []


class Box(BaseModel, Generic[T]):
    content: T


class Renamed(BaseModel):
    from_: int = Field(alias="from")


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int


class Pair(NamedTuple):
    x: int
    y: str


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


class Person(TypedDict, total=False):
    name: str
    age: int


class Ages(RootModel[list[int]]):
    pass


def told(schema: dict, form: object = Any):
    return Annotated[form, WithJsonSchema(schema)]


NATIVE = {
    "string": (str, "a", 1),
    "integer": (int, 1, "x"),
    "number": (float, 1.5, "x"),
    "boolean": (bool, True, "x"),
    "null": (None, None, 1),
    "const": (Literal["a"], "a", "b"),
    "enum": (Literal["a", "b"], "b", "c"),
    "enum of several types": (Literal["a", 1], 1, 2),
    "Enum": (Colour, "red", "green"),
    "IntEnum": (Level, 2, 3),
    "format date-time": (dt.datetime, "2026-01-02T03:04:05Z", "yesterday"),
    "format date": (dt.date, "2026-01-02", "x"),
    "format time": (dt.time, "03:04:05", "x"),
    "format duration": (dt.timedelta, "PT1H", "x"),
    "format uuid": (uuid.UUID, "12345678-1234-5678-1234-567812345678", "x"),
    "format ipv4": (ipaddress.IPv4Address, "127.0.0.1", "x"),
    "format ipv6": (ipaddress.IPv6Address, "::1", "x"),
    "format uri": (AnyUrl, "https://example.com/", "x"),
    "format binary": (bytes, "abc", 1),
    "pattern": (Annotated[str, Field(pattern="^a+$")], "aa", "b"),
    "minLength": (Annotated[str, Field(min_length=2)], "aa", "a"),
    "maxLength": (Annotated[str, Field(max_length=2)], "aa", "aaa"),
    "minimum": (Annotated[int, Field(ge=2)], 2, 1),
    "maximum": (Annotated[int, Field(le=2)], 2, 3),
    "exclusiveMinimum": (Annotated[int, Field(gt=2)], 3, 2),
    "exclusiveMaximum": (Annotated[int, Field(lt=2)], 1, 2),
    "multipleOf": (Annotated[int, Field(multiple_of=3)], 6, 7),
    "anyOf number or pattern": (Decimal, "1.50", "x"),
    "items": (list[int], [1, 2], ["x"]),
    "minItems": (Annotated[list[int], Field(min_length=2)], [1, 2], [1]),
    "maxItems": (Annotated[list[int], Field(max_length=1)], [1], [1, 2]),
    "uniqueItems": (set[int], [1, 2], ["x"]),
    "prefixItems": (tuple[int, str], [1, "a"], [1]),
    "prefixItems of one type": (tuple[int, int], [1, 2], [1, "x"]),
    "prefixItems, named": (Pair, [1, "a"], [1]),
    "tuple of any length": (tuple[int, ...], [1, 2, 3], ["x"]),
    "nullable": (Optional[int], None, "x"),  # noqa: UP045 - people write it
    "anyOf": (int | list[str], ["a"], {}),
    "$ref": (Cat, {"kind": "cat", "lives": 9}, {"kind": "dog", "lives": 9}),
    "list of $ref": (list[Cat], [{"kind": "cat", "lives": 9}], [{}]),
    "$ref with something beside it": (Annotated[Cat, Field(description="A pet.")], {"kind": "cat", "lives": 9}, {}),
    "anyOf of $ref": (Cat | Dog, {"kind": "dog", "tricks": []}, {"kind": "dog"}),
    "discriminator": (
        Annotated[Cat | Dog, Field(discriminator="kind")],
        {"kind": "dog", "tricks": ["sit"]},
        {"kind": "fox"},
    ),
    "generic": (Box[int], {"content": 1}, {"content": "x"}),
    "default": (Point, {"x": 1, "y": 2}, {"y": 1}),
    "alias": (Renamed, {"from": 1}, {"from_": "x"}),
    "additionalProperties false": (Closed, {"a": 1}, {"a": 1, "b": 2}),
    "TypedDict": (Person, {"name": "a", "age": 1}, {"age": "x"}),
    "RootModel": (Ages, [1, 2], ["x"]),
    "description and examples": (Annotated[int, Field(description="A number.", examples=[1, 2])], 1, "x"),
    "deprecated, readOnly": (
        Annotated[int, Field(json_schema_extra={"deprecated": True, "readOnly": True})],
        1,
        "x",
    ),
    "not": (told({"type": "integer", "not": {"const": 0}}, int), 1, "x"),
    "if and then": (told({"type": "integer", "if": {"const": 0}, "then": False}, int), 1, "x"),
    "contains": (told({"type": "array", "items": {"type": "integer"}, "contains": {"const": 0}}, list[int]), [0], "x"),
    "nullable true": (told({"type": "integer", "nullable": True}, int | None), None, "x"),
    "type list": (told({"type": ["integer", "null"]}, int | None), None, "x"),
    "oneOf": (told({"oneOf": [{"type": "integer"}, {"type": "string"}]}, int | str), 1, []),
    "allOf of one": (told({"allOf": [{"type": "integer", "minimum": 0}]}, int), 1, "x"),
    "allOf of objects": (
        told(
            {
                "allOf": [
                    {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
                    {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]},
                ]
            },
            dict[str, Any],
        ),
        {"a": 1, "b": "x"},
        1,
    ),
    "dependentRequired": (
        told(
            {"type": "object", "properties": {"a": {"type": "integer"}}, "dependentRequired": {"a": ["b"]}},
            dict[str, Any],
        ),
        {"a": 1},
        1,
    ),
}
"""What strict modes can hold, by keyword: a type, an answer that fits, and one that does not."""

RECURSIVE = {
    "recursive": (Tree, {"name": "a", "branches": [{"name": "b", "branches": []}]}, {"branches": []}),
    "recursive, with something beside it": (
        Told,
        {"name": "a", "branches": [{"name": "b", "branches": []}]},
        {"branches": []},
    ),
    "list of recursive": (list[Tree], [{"name": "a", "branches": []}], [{}]),
}
OPEN = {
    "additionalProperties": (dict[str, int], {"a": 1}, {"a": "x"}),
    "additionalProperties of a field": (Box[dict[str, int]], {"content": {"a": 1}}, {"content": {"a": "x"}}),
    "patternProperties": (dict[Annotated[str, Field(pattern="^a")], int], {"a": 1}, {"b": 1}),
    "propertyNames": (dict[Literal["a", "b"], int], {"a": 1}, {"c": 1}),
    "open object": (dict, {"a": [1]}, 1),
    "anything": (Box[Any], {"content": [1]}, {}),
    "list of anything": (Box[list], {"content": [1, "a"]}, {"content": 1}),
}
"""What no strict mode can hold: objects whose fields nobody knows, and values of any type."""

EVERYTHING = {**NATIVE, **RECURSIVE, **OPEN}


def chat(text):
    return answer({"id": "c", "model": "m", "choices": [{"message": {"content": text}, "finish_reason": "stop"}]})


def responses(text):
    content = [{"type": "output_text", "text": text, "annotations": []}]
    output = [{"type": "message", "role": "assistant", "content": content}]
    return answer({"id": "r", "model": "m", "status": "completed", "output": output})


def anthropic(text):
    usage = {"input_tokens": 1, "output_tokens": 1}
    content = [{"type": "text", "text": text}]
    return answer({"id": "m", "type": "message", "content": content, "stop_reason": "end_turn", "usage": usage})


def asked(model, make, form, *values, api=None, retries=0):
    canned = Canned(*(make(value) for value in values))
    config = ProviderConfig(api_key="sk-test", base_url="http://127.0.0.1:9/v1", http_client=canned, api=api)
    with SyncModelRouter(model, providers={model.partition("/")[0]: config}) as router:
        try:
            found = router.parse("?", response_model=form, retries=retries).parsed
        except InvalidAnswerError as error:
            found = error
    return canned.bodies[0], found


def expected(form, value):
    return TypeAdapter(form).validate_json(json.dumps(value))


def wrapped(schema, value):
    return json.dumps({"value": value} if list(schema.get("properties", ())) == ["value"] else value)


def sent_to_openai(form):
    body, _ = asked("openai/gpt-4o", chat, form, "{}")
    return body["response_format"]["json_schema"]


@pytest.mark.parametrize(("form", "fits", "wrong"), {**NATIVE, **RECURSIVE}.values(), ids={**NATIVE, **RECURSIVE})
def test_openai_is_sent_what_its_strict_mode_takes(form, fits, wrong):
    sent = sent_to_openai(form)
    assert sent["strict"] is True
    assert openai_faults(sent["schema"]) == []
    body, _ = asked("openai/gpt-5", responses, form, "{}", api="responses")
    assert body["text"]["format"]["schema"] == sent["schema"]
    assert body["text"]["format"]["strict"] is True


@pytest.mark.parametrize(("form", "fits", "wrong"), OPEN.values(), ids=OPEN)
def test_openai_is_not_asked_to_be_strict_about_what_cannot_be(form, fits, wrong):
    assert sent_to_openai(form)["strict"] is False


@pytest.mark.parametrize(("form", "fits", "wrong"), NATIVE.values(), ids=NATIVE)
def test_anthropic_is_sent_what_its_structured_outputs_take(form, fits, wrong):
    body, _ = asked("anthropic/claude-sonnet-4-5", anthropic, form, "{}")
    assert anthropic_faults(body["output_config"]["format"]["schema"]) == []


@pytest.mark.parametrize(("form", "fits", "wrong"), {**RECURSIVE, **OPEN}.values(), ids={**RECURSIVE, **OPEN})
def test_anthropic_answers_through_a_tool_where_its_structured_outputs_do_not_reach(form, fits, wrong):
    body, _ = asked("anthropic/claude-sonnet-4-5", anthropic, form, "{}")
    assert "output_config" not in body
    (tool,) = body["tools"]
    assert body["tool_choice"]["name"] == tool["name"]
    assert tool["input_schema"]["type"] == "object"


@pytest.mark.parametrize(("form", "fits", "wrong"), EVERYTHING.values(), ids=EVERYTHING)
def test_an_answer_that_fits_is_read_and_one_that_does_not_is_told(form, fits, wrong):
    schema = sent_to_openai(form)["schema"]
    for model, make in (("openai/gpt-4o", chat), ("anthropic/claude-sonnet-4-5", anthropic)):
        _, found = asked(model, make, form, wrapped(schema, fits))
        assert found == expected(form, fits)
        _, found = asked(model, make, form, wrapped(schema, wrong))
        assert isinstance(found, InvalidAnswerError)
        assert found.problems


@pytest.mark.parametrize(("form", "fits", "wrong"), EVERYTHING.values(), ids=EVERYTHING)
def test_an_answer_without_the_wrapping_object_is_read_as_well(form, fits, wrong):
    """Models that are told in the prompt answer with a list where a list is wanted."""
    _, found = asked("openai/gpt-4o", chat, form, json.dumps(fits))
    assert found == expected(form, fits)
