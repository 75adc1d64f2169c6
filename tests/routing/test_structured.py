"""`parse` and `stream_parse`: objects out of answers, whichever way the vendor gives them."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import json
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, TypedDict

import pytest
from pydantic import BaseModel, Field

from llmclient import ModelRouter, ProviderConfig, SyncModelRouter
from llmclient.errors import InvalidAnswerError, RefusalError, StructuredOutputError, TruncatedAnswerError
from support.animals import Cat, Dog
from support.canned import Canned, answer, sse


class Item(BaseModel):
    name: str
    price: Decimal = Field(ge=0, description="in dollars")


class Invoice(BaseModel):
    """An invoice."""

    number: int
    items: list[Item] = Field(min_length=1)
    note: str | None = None


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


class Person(TypedDict):
    name: str
    age: int


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


def said(content: str | None, finish: str = "stop", **message):
    return answer(
        {
            "id": "c",
            "model": "gpt-4o-2024-08-06",
            "choices": [{"message": {"content": content, **message}, "finish_reason": finish}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }
    )


class Asked:
    def __init__(self, flavour: str, *answers, model: str = "openai/gpt-4o") -> None:
        self.canned = Canned(*answers)
        name = model.partition("/")[0]
        config = ProviderConfig(
            api_key="sk-test-canary-0001", base_url="http://127.0.0.1:9/v1", http_client=self.canned
        )
        cls = ModelRouter if flavour == "async" else SyncModelRouter
        self.router = cls(model, providers={name: config})

    async def parse(self, response_model, messages="hello", **params):
        found = self.router.parse(messages, response_model=response_model, **params)
        return await found if inspect.isawaitable(found) else found

    async def grow(self, response_model, **params):
        stream = self.router.stream_parse("hello", response_model=response_model, **params)
        if hasattr(stream, "__aenter__"):
            async with stream:
                return [partial async for partial in stream], stream.parsed
        with stream:
            return list(stream), stream.parsed


flavours = pytest.mark.parametrize("flavour", ["async", "sync"])
INVOICE = {"number": 7, "items": [{"name": "fox", "price": "1.50"}], "note": None}


@flavours
async def test_an_answer_becomes_a_validated_object(flavour) -> None:
    asked = Asked(flavour, said(json.dumps(INVOICE)))
    found = await asked.parse(Invoice)
    assert found.parsed == Invoice.model_validate(INVOICE)
    assert found.response.provider == "openai"
    (body,) = asked.canned.bodies
    wanted = body["response_format"]["json_schema"]
    assert (wanted["name"], wanted["strict"], wanted["description"]) == ("Invoice", True, "An invoice.")
    assert wanted["schema"]["required"] == ["number", "items", "note"]
    assert wanted["schema"]["additionalProperties"] is False


@flavours
@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        (Point, '{"x": 1}', Point(1, 0)),
        (Person, '{"name": "Ann", "age": 40}', {"name": "Ann", "age": 40}),
        (list[Person], '{"value": [{"name": "Ann", "age": 40}]}', [{"name": "Ann", "age": 40}]),
        (list[int], '{"value": [1, 2]}', [1, 2]),
        (Colour, '{"value": "blue"}', Colour.BLUE),
        (Literal["yes", "no"], '{"value": "no"}', "no"),
        (Cat | Dog, '{"value": {"kind": "dog", "tricks": ["sit"]}}', Dog(kind="dog", tricks=["sit"])),
        (
            Annotated[Cat | Dog, Field(discriminator="kind")],
            '{"value": {"kind": "cat", "lives": 9}}',
            Cat(kind="cat", lives=9),
        ),
        (int | None, '{"value": null}', None),
        (bool, '{"value": true}', True),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (tuple[int, str], '{"value": [1, "a"]}', (1, "a")),
    ],
    ids=str,
)
async def test_every_form_of_type_is_asked_for_and_read(flavour, form, text, expected) -> None:
    asked = Asked(flavour, said(text))
    assert (await asked.parse(form)).parsed == expected
    assert asked.canned.bodies[0]["response_format"]["json_schema"]["schema"]["type"] == "object"


@flavours
async def test_an_invalid_answer_is_asked_again_with_what_is_wrong(flavour) -> None:
    bad = json.dumps({"number": "seven", "items": []})
    asked = Asked(flavour, said(bad), said('{"number": 7, "items": '), said(json.dumps(INVOICE)))
    found = await asked.parse(Invoice, retries=2)
    assert found.parsed.number == 7
    assert len(found.attempts) == len(found.responses) == 3
    assert found.cost == 3 * found.response.cost.total
    first, second, third = (body["messages"] for body in asked.canned.bodies)
    assert first == [{"role": "user", "content": "hello"}]
    assert second[1] == {"role": "assistant", "content": bad}
    assert "number: Input should be a valid integer" in second[2]["content"]
    assert "items: List should have at least 1 item" in second[2]["content"]
    assert len(third) == 5
    assert "Invalid JSON" in third[4]["content"]


@flavours
async def test_after_the_last_retry_the_problems_and_every_answer_are_told(flavour) -> None:
    asked = Asked(flavour, said('{"number": "x", "items": []}'))
    with pytest.raises(InvalidAnswerError, match="after 2 answers none is a valid Invoice") as caught:
        await asked.parse(Invoice)
    assert len(caught.value.responses) == len(caught.value.attempts) == 2
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["number", "items"]


@flavours
@pytest.mark.parametrize(
    "refused",
    [said(None, refusal="I cannot do that"), said("I cannot do that", "content_filter")],
    ids=["refusal", "filter"],
)
async def test_a_refusal_is_its_own_error_and_is_not_asked_again(flavour, refused) -> None:
    asked = Asked(flavour, refused)
    with pytest.raises(RefusalError, match="I cannot do that") as caught:
        await asked.parse(Invoice)
    assert isinstance(caught.value, StructuredOutputError)
    assert len(asked.canned.requests) == 1


@flavours
async def test_a_truncated_answer_is_its_own_error(flavour) -> None:
    asked = Asked(flavour, said('{"number": 7', "length"))
    with pytest.raises(TruncatedAnswerError, match="after 12 characters"):
        await asked.parse(Invoice)


# --- the vendor's ways ----------------------------------------------------------------------------------------------


def called(arguments: str):
    call = {"id": "call_1", "type": "function", "function": {"name": "Point", "arguments": arguments}}
    return said(None, "tool_calls", tool_calls=[call])


@flavours
@pytest.mark.parametrize("model", ["openai/gpt-3.5-turbo", "openai/gpt-4-turbo", "deepseek/deepseek-chat"])
async def test_a_model_without_the_mode_answers_through_a_forced_tool(flavour, model) -> None:
    asked = Asked(flavour, called('{"x": 3, "y": 4}'), model=model)
    found = await asked.parse(Point)
    assert found.parsed == Point(3, 4)
    assert found.response.finish_reason == "stop"
    assert found.response.tool_calls == []
    (body,) = asked.canned.bodies
    assert "response_format" not in body
    assert body["tool_choice"] == {"type": "function", "function": {"name": "Point"}}


@flavours
async def test_a_model_without_tools_is_told_in_the_prompt(flavour) -> None:
    asked = Asked(flavour, said('Here it is:\n```json\n{"x": 3}\n```\nEnjoy.'), model="openai/o1-mini")
    assert (await asked.parse(Point)).parsed == Point(3)
    (body,) = asked.canned.bodies
    assert "response_format" not in body
    assert '"x"' in body["messages"][-1]["content"]


@flavours
async def test_a_schema_that_cannot_be_strict_is_sent_as_it_is(flavour) -> None:
    asked = Asked(flavour, said('{"a": 1}'))
    await asked.parse(dict[str, int])
    assert asked.canned.bodies[0]["response_format"]["json_schema"]["strict"] is False


@flavours
async def test_the_responses_api_takes_the_schema_too(flavour) -> None:
    item = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": '{"x": 1, "y": 2}'}]}
    asked = Asked(flavour, answer({"id": "r", "status": "completed", "output": [item]}), model="openai/gpt-5-pro")
    assert (await asked.parse(Point)).parsed == Point(1, 2)
    format_ = asked.canned.bodies[0]["text"]["format"]
    assert (format_["type"], format_["name"], format_["strict"]) == ("json_schema", "Point", True)


# --- growing --------------------------------------------------------------------------------------------------------


def pieces(text: str, size: int = 3, finish: str = "stop"):
    cut = [text[start : start + size] for start in range(0, len(text), size)]
    deltas = [{"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": piece}}]} for piece in cut]
    end = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
    return sse(*deltas, end, "data: [DONE]\n\n")


@flavours
async def test_partial_objects_grow_and_every_field_in_them_is_valid(flavour) -> None:
    asked = Asked(flavour, pieces(json.dumps(INVOICE)))
    partials, whole = await asked.grow(Invoice)
    assert whole == Invoice.model_validate(INVOICE)
    assert partials[-1] == whole
    assert all(isinstance(partial, Invoice) for partial in partials)
    assert partials[0].number is None
    assert {partial.number for partial in partials} == {None, 7}
    names = [partial.items[0].name for partial in partials if partial.items and partial.items[0].name]
    assert names[-1] == "fox"
    assert all(later.startswith(earlier) for earlier, later in pairwise(names))
    assert len(partials) == len({partial.model_dump_json() for partial in partials})


@flavours
@pytest.mark.parametrize("form", [list[Person], list[Point], Cat | Dog, Person, Point], ids=str)
async def test_other_types_grow_as_well(flavour, form) -> None:
    samples = {
        list[Person]: {"value": [{"name": "Ann", "age": 4}, {"name": "Bob", "age": 5}]},
        list[Point]: {"value": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]},
        Cat | Dog: {"value": {"kind": "dog", "tricks": ["sit", "roll"]}},
        Person: {"name": "Ann", "age": 4},
        Point: {"x": 1, "y": 2},
    }
    partials, whole = await Asked(flavour, pieces(json.dumps(samples[form]))).grow(form)
    assert partials
    assert partials[-1] == whole


@flavours
async def test_a_stream_through_a_forced_tool_grows_too(flavour) -> None:
    def delta(fragment, **more):
        call = {"index": 0, "function": {"arguments": fragment}, **more}
        return {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}

    first = delta("", id="call_1", type="function")
    first["choices"][0]["delta"]["tool_calls"][0]["function"]["name"] = "Point"
    end = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}
    frames = sse(first, delta('{"x": 1'), delta(', "y": 2}'), end, "data: [DONE]\n\n")
    partials, whole = await Asked(flavour, frames, model="openai/gpt-3.5-turbo").grow(Point)
    assert whole == Point(1, 2)
    assert partials == [Point(None, 0), Point(1, 2)]  # the 1 might have become 12


@flavours
async def test_a_stream_that_was_cut_or_does_not_fit_says_so_at_its_end(flavour) -> None:
    with pytest.raises(TruncatedAnswerError):
        await Asked(flavour, pieces('{"x": 1, ', finish="length")).grow(Point)
    with pytest.raises(InvalidAnswerError, match="x: Input should be"):
        await Asked(flavour, pieces('{"x": "one"}')).grow(Point)
