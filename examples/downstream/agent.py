"""A small travel agent: tools, retries, a fallback, streaming, structured output. Nothing in it knows of tests."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

from llmclient import ModelRouter

router = ModelRouter("openai/gpt-5-mini", fallbacks=["anthropic/claude-haiku-4-5"])

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
PLAN = {
    "type": "json_schema",
    "json_schema": {
        "name": "plan",
        "schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
            "required": ["city", "days"],
            "additionalProperties": False,
        },
    },
}
STEPS = 5


def weather(city: str) -> str:
    """The tool."""
    return f"18 degrees in {city}"


TOOLS: dict[str, Callable[..., str]] = {"weather": weather}


async def answer(question: str) -> str:
    """Answer a question, with tools."""
    messages: list[object] = [
        {"role": "system", "content": "You are a travel agent. Be brief."},
        {"role": "user", "content": question},
    ]
    for _ in range(STEPS):
        reply = await router.complete(messages, tools=[WEATHER])
        if not reply.tool_calls:
            return reply.text
        messages.append(reply.message)
        for call in reply.tool_calls:
            result = TOOLS[call.name](**call.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    return "I could not find that out."


async def tell(question: str) -> AsyncIterator[str]:
    """Answer as the words come."""
    async with router.stream(question) as stream:
        async for chunk in stream:
            if chunk.text:
                yield chunk.text


async def plan(question: str) -> dict[str, object]:
    """A plan, as data."""
    reply = await router.complete(question, response_format=PLAN)
    return json.loads(reply.text)
