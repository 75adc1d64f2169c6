"""`parse` on the recorded structured outputs of OpenAI (both APIs) and Anthropic: what was asked is asked again."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, WithJsonSchema

from llmclient import InvalidAnswerError, ModelRouter, ProviderConfig, SyncModelRouter
from support.canned import Answer, Canned
from support.recorded import needs_recordings, recordings

pytestmark = [needs_recordings, pytest.mark.recorded]
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}]


class City(BaseModel):
    city: str
    country: str


class CityWithPeople(City):
    population: int


class Amount(BaseModel):
    amount: Decimal


class Title(BaseModel):
    confidence: float = Field(ge=0, le=1)
    title: str = Field(min_length=1)


MODELS = {frozenset(form.model_fields): form for form in (City, CityWithPeople, Amount, Title)}
WIRES = {
    "openai-chat": ("openai", None),
    "openai-responses": ("openai", "responses"),
    "anthropic-messages": ("anthropic", None),
}


def schema_of(body: dict) -> dict | None:
    """The schema that a request asks for, wherever its API has it."""
    told = body.get("response_format") or (body.get("text") or {}).get("format") or {}
    told = told.get("json_schema") or told or (body.get("output_config") or {}).get("format") or {}
    return told.get("schema")


def asked(line):
    """Whether the answer is the object, or a call of a tool first."""
    return b"tool_use" not in line.body and b"function_call" not in line.body and b'"tool_calls": [' not in line.body


ASKED = [(name, line) for name in WIRES for line in recordings(name) if schema_of(line.request)]
ANSWERED = [(name, line) for name, line in ASKED if asked(line)]
CALLED = [(name, line) for name, line in ASKED if not asked(line)]


def replay(name, line, form, *, asynchronous, **params):
    provider, api = WIRES[name]
    canned = Canned(Answer([line.body], line.status, line.headers))
    config = ProviderConfig(api_key="sk-test", base_url="http://127.0.0.1:9/v1", http_client=canned, api=api)
    model, providers = f"{provider}/{line.request['model']}", {provider: config}
    if not asynchronous:
        with SyncModelRouter(model, providers=providers) as router:
            return router.parse("?", response_model=form, **params), canned

    async def ask():
        async with ModelRouter(model, providers=providers) as router:
            return await router.parse("?", response_model=form, **params)

    return asyncio.run(ask()), canned


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(("name", "line"), ANSWERED, ids=[line.id for _, line in ANSWERED])
def test_a_recorded_answer_is_the_object(name, line, asynchronous):
    schema = schema_of(line.request)
    raw, canned = replay(name, line, Annotated[dict[str, Any], WithJsonSchema(schema)], asynchronous=asynchronous)
    said = json.loads(raw.text)
    assert raw.parsed == said
    sent = schema_of(canned.bodies[0])
    assert list(sent["properties"]) == list(schema["properties"])
    assert sent["additionalProperties"] is False
    assert raw.response.usage.total_tokens > 0
    form = MODELS.get(frozenset(schema["properties"]))
    if form is not None:
        found, canned = replay(name, line, form, asynchronous=asynchronous)
        assert found.parsed == form.model_validate_json(raw.text)
        assert set(schema_of(canned.bodies[0])["properties"]) == set(schema["properties"])


@pytest.mark.parametrize(("name", "line"), CALLED, ids=[line.id for _, line in CALLED])
def test_a_recorded_call_of_a_tool_is_told_at_once(name, line):
    """It is the caller who runs tools: the answer comes after that, and asking again would not bring it."""
    with pytest.raises(InvalidAnswerError, match=r"called \w+.* instead of answering") as caught:
        replay(name, line, City, asynchronous=False, tools=TOOLS, retries=2)
    assert len(caught.value.responses) == 1
    assert caught.value.responses[0].tool_calls


def test_there_are_recordings_of_each_kind():
    assert {name for name, _ in ANSWERED} == set(WIRES)
    assert len(ANSWERED) >= 8
    assert len(CALLED) >= 4
