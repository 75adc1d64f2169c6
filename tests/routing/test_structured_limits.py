"""`parse` where things go wrong: schemas that are too large for a strict mode, types that are none, calls that fail."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Literal, Optional, TypedDict

import pytest
from pydantic import BaseModel, Field, WithJsonSchema, create_model

from llmclient import ModelRouter, ProviderConfig, RetryPolicy, SyncModelRouter
from llmclient.errors import InvalidAnswerError, LLMClientError, RequestError
from support.canned import Canned, answer


class Point(BaseModel):
    x: int


class Person(TypedDict):
    name: str


def chat(text: str):
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    choices = [{"message": {"content": text}, "finish_reason": "stop"}]
    return answer({"id": "c", "model": "gpt-4o-2024-08-06", "choices": choices, "usage": usage})


def anthropic(text: str):
    usage = {"input_tokens": 100, "output_tokens": 10}
    content = [{"type": "text", "text": text}]
    return answer({"id": "m", "type": "message", "content": content, "stop_reason": "end_turn", "usage": usage})


def broken(status: int = 500):
    return answer({"error": {"message": "out of order", "type": "server_error"}}, status)


BAD, GOOD = '{"x": "one"}', '{"x": 1}'
flavours = pytest.mark.parametrize("flavour", ["async", "sync"])


async def parse(flavour, canned: dict[str, Canned], form: object = Point, *, retries: int = 1, model="openai/gpt-4o"):
    providers = {
        name: ProviderConfig(api_key="sk-test", base_url="http://127.0.0.1:9/v1", http_client=one)
        for name, one in canned.items()
    }
    cls = ModelRouter if flavour == "async" else SyncModelRouter
    others = ["anthropic/claude-sonnet-4-5"] if {"openai", "anthropic"} == set(canned) else []
    router = cls(model, fallbacks=others, providers=providers, retry=RetryPolicy(attempts=1))
    found = router.parse("?", response_model=form, retries=retries)
    return await found if inspect.isawaitable(found) else found


@flavours
async def test_another_vendor_goes_on_where_one_fails_in_the_middle(flavour) -> None:
    canned = {"openai": Canned(chat(BAD), broken()), "anthropic": Canned(anthropic(GOOD))}
    found = await parse(flavour, canned)
    assert found.parsed == Point(x=1)
    assert [response.provider for response in found.responses] == ["openai", "anthropic"]
    assert [attempt.outcome for attempt in found.attempts] == ["success", "failed", "success"]
    (body,) = canned["anthropic"].bodies
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert "x: Input should be a valid integer" in str(body["messages"][2]["content"])
    assert found.cost == sum(response.cost.total for response in found.responses)


@flavours
async def test_a_call_that_fails_in_the_middle_tells_the_tries_before_it(flavour) -> None:
    with pytest.raises(LLMClientError, match="out of order") as caught:
        await parse(flavour, {"openai": Canned(chat(BAD), broken())})
    first, second = caught.value.attempts
    assert (first.outcome, second.outcome) == ("success", "failed")
    assert first.cost.total > 0


@flavours
async def test_the_cost_of_answers_that_never_fit_is_told(flavour) -> None:
    with pytest.raises(InvalidAnswerError, match="after 3 answers") as caught:
        await parse(flavour, {"openai": Canned(chat(BAD))}, retries=2)
    assert caught.value.cost == sum(response.cost.total for response in caught.value.responses) > 0
    assert len(caught.value.attempts) == 3


@pytest.mark.parametrize("form", [Callable, type("Plain", (), {}), "Missing", list["Missing"]], ids=str)  # noqa: F821 - it is missing on purpose
async def test_a_type_that_no_answer_can_have_is_refused_before_anything_is_sent(form) -> None:
    canned = Canned(chat(GOOD))
    with pytest.raises(RequestError, match=r"response_model .* is no type that an answer can have; pass"):
        await parse("sync", {"openai": canned}, form)
    assert canned.requests == []


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        (Optional[Person], '{"value": {"name": "Ann"}}', {"name": "Ann"}),  # noqa: UP045 - people write it
        (Person | Point, '{"value": {"x": 1}}', Point(x=1)),
        (dict[str, list[Person]], '{"a": [{"name": "Ann"}]}', {"a": [{"name": "Ann"}]}),
        (Annotated[Person, Field(description="somebody")], '{"name": "Ann"}', {"name": "Ann"}),
    ],
    ids=str,
)
async def test_typed_dicts_of_the_standard_library_may_stand_anywhere(form, text, expected) -> None:
    assert (await parse("sync", {"openai": Canned(chat(text))}, form)).parsed == expected


@pytest.mark.parametrize(
    "text",
    [
        'Sure! {"x": 1} Is there anything else?',
        '{"x": 1}\n\nThat is all [1].',
        'A point [as asked]:\n```json\n{"x": 1}\n```\nHere `x` is {1}.',
    ],
)
async def test_sentences_around_the_json_are_stepped_over(text) -> None:
    assert (await parse("sync", {"openai": Canned(chat(text))}, retries=0)).parsed == Point(x=1)


# --- limits ---------------------------------------------------------------------------------------------------------


def enum_of(count: int, length: int = 3):
    return create_model("Enum", value=(Literal[tuple(f"{number:0{length}}" for number in range(count))], ...))


def nested(levels: int):
    form = Point
    for level in range(levels - 1):
        form = create_model(f"Level{level}", inner=(form, ...))
    return form


def wide(count: int, length: int = 5):
    names = {f"f{number:0{length - 1}}": {"type": "integer"} for number in range(count)}
    schema = {"type": "object", "title": "Wide", "properties": names, "required": list(names)}
    return Annotated[dict[str, int], WithJsonSchema(schema)]


AT_THE_LIMIT = {
    "properties": (wide(5_000), wide(5_001)),
    "levels": (nested(10), nested(11)),
    "characters": (wide(4_000, length=30), wide(4_001, length=30)),
    "values": (enum_of(1_000), enum_of(1_001, length=4)),
    "enum of more than 250": (enum_of(300, length=50), enum_of(300, length=51)),
    "enum of 250": (enum_of(250, length=100), enum_of(1_001)),
}


@pytest.mark.parametrize(("fits", "too_large"), AT_THE_LIMIT.values(), ids=AT_THE_LIMIT)
async def test_openai_is_not_asked_to_be_strict_beyond_its_limits(fits, too_large, caplog) -> None:
    for form, strict in ((fits, True), (too_large, False)):
        canned = Canned(chat("{}"))
        caplog.clear()
        with caplog.at_level(logging.INFO, "llmclient.providers.openai"), suppress(InvalidAnswerError):
            await parse("sync", {"openai": canned}, form, retries=0)
        assert canned.bodies[0]["response_format"]["json_schema"]["strict"] is strict
        assert ("is the most" in caplog.text) is not strict


async def test_a_schema_that_contains_itself_has_no_depth_of_its_own() -> None:
    canned = Canned(chat('{"name": "a"}'))
    await parse("sync", {"openai": canned}, Tree)
    assert canned.bodies[0]["response_format"]["json_schema"]["strict"] is True


class Tree(BaseModel):
    name: str
    branches: "list[Tree]" = []


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [("^a+$", True), (r"^(?:a|b)\.$", True), ("^(?!x).*$", False), ("(?<=a)b", False), (r"(a)\1", False)],
)
async def test_a_pattern_that_openai_cannot_read_is_told_in_words(pattern, kept) -> None:
    canned = Canned(chat('{"x": "a"}'))
    form = create_model("Form", x=(Annotated[str, WithJsonSchema({"type": "string", "pattern": pattern})], ...))
    await parse("sync", {"openai": canned}, form)
    sent = canned.bodies[0]["response_format"]["json_schema"]["schema"]["properties"]["x"]
    assert ("pattern" in sent) is kept
    assert ("pattern" in sent.get("description", "")) is not kept


def optional_fields(count: int):
    return create_model("Optional", **{f"f{number}": (int, 0) for number in range(count)})


def unions(count: int):
    return create_model("Unions", **{f"f{number}": (int | str, ...) for number in range(count)})


@pytest.mark.parametrize(
    ("fits", "too_large"),
    [(optional_fields(24), optional_fields(25)), (unions(16), unions(17))],
    ids=["optional", "unions"],
)
async def test_anthropic_answers_through_a_tool_beyond_its_limits(fits, too_large, caplog) -> None:
    for form, native in ((fits, True), (too_large, False)):
        canned = Canned(anthropic("{}"))
        caplog.clear()
        with caplog.at_level(logging.INFO, "llmclient.providers.anthropic"), suppress(InvalidAnswerError):
            await parse("sync", {"anthropic": canned}, form, retries=0, model="anthropic/claude-sonnet-4-5")
        assert ("output_config" in canned.bodies[0]) is native
        assert ("tools" in canned.bodies[0]) is not native
        assert ("is the most" in caplog.text) is not native
