"""Deployments that cannot take a request are passed over, with the reason, and are not tried and failed."""

from __future__ import annotations

import pytest

from llmclient import (
    AllModelsFailedError,
    Budget,
    BudgetExceededError,
    ContextWindowExceededError,
    UnsupportedCapabilityError,
)

pytestmark = pytest.mark.unit

SMALL, LARGE = "openai/gpt-4", "openai/gpt-4.1"
NO_TOOLS, UNKNOWN = "openai/gpt-3.5-turbo-instruct", "ollama/my-own"
TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
LONGER = [{"type": "function", "function": {"name": "f" * 8, "parameters": {}}}]
IMAGE = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}]


async def test_a_conversation_too_long_for_the_window_goes_to_a_larger_one(world, make):
    reply = await make(SMALL, fallbacks=[LARGE]).complete("x" * 40_000)
    assert world.models == [LARGE]
    assert reply.attempts[0].outcome == "skipped"
    assert "do not fit into the window of 8192" in reply.attempts[0].reason


@pytest.mark.parametrize(
    ("params", "messages", "feature"),
    [
        ({"tools": TOOLS}, "hi", "tools"),
        ({}, IMAGE, "vision"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}}, "hi", "json_schema"),
        ({"response_format": dict}, "hi", "json_schema"),
    ],
)
async def test_a_model_without_the_ability_is_passed_over(world, make, params, messages, feature):
    reply = await make(NO_TOOLS, fallbacks=[LARGE]).complete(messages, **params)
    assert world.models == [LARGE]
    assert feature in reply.attempts[0].reason


async def test_a_model_that_the_table_does_not_know_fits(world, make):
    await make(UNKNOWN, fallbacks=[LARGE]).complete(IMAGE, tools=TOOLS)
    assert world.models == [UNKNOWN]


async def test_the_only_deployment_is_asked_whatever_the_table_says(world, make):
    await make(SMALL).complete("x" * 40_000)
    assert world.models == [SMALL]


async def test_when_nobody_fits_nobody_is_asked(world, make):
    with pytest.raises(AllModelsFailedError) as caught:
        await make(SMALL, fallbacks=[NO_TOOLS]).complete("x" * 40_000, tools=TOOLS)
    assert world.calls == []
    assert [type(error) for error in caught.value.errors] == [ContextWindowExceededError, UnsupportedCapabilityError]


@pytest.mark.parametrize(
    ("messages", "params", "tokens"),
    [
        ("1234567890ab", {}, 4 + 2 + 4),  # a message, its role, its text: a token for four characters, and one
        ([{"role": "user", "content": None}], {}, 4 + 2),
        (IMAGE, {}, 4 + 2 + 1000),
        ("1234567890ab", {"tools": LONGER}, 10 + 4 + 3 + 4 + 3 + 4),
    ],
)
async def test_the_size_of_a_request_is_estimated_from_its_characters(world, make, messages, params, tokens):
    with pytest.raises(BudgetExceededError, match=f"about {tokens + 7} more asked"):
        await make(LARGE, budget=Budget(tokens=0)).complete(messages, max_tokens=7, **params)


async def test_an_answer_without_a_limit_is_estimated_too(world, make):
    with pytest.raises(BudgetExceededError, match="about 507 more asked"):
        await make(LARGE, budget=Budget(tokens=0)).complete("hi")
