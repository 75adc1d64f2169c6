"""Pydantic AI through the server: its agents over OpenAI's chat and responses, OpenRouter and Anthropic."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel

pydantic_ai = pytest.importorskip("pydantic_ai", reason="pydantic-ai is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

MODELS = [
    "openai-chat:gpt-5-mini",
    "openai-responses:gpt-5-mini",
    "anthropic:claude-haiku-4-5",
    "openrouter",
]


class User(BaseModel):
    name: str
    age: int


def model(server, name):
    if name != "openrouter":
        return name
    from pydantic_ai.models.openrouter import OpenRouterModel
    from pydantic_ai.providers.openrouter import OpenRouterProvider

    provider = OpenRouterProvider(api_key="sk-fake")
    provider.client.base_url = server.base_url("openrouter") + "/"
    return OpenRouterModel("meta-llama/llama-4-scout", provider=provider)


@pytest.mark.parametrize("name", MODELS)
def test_plain_and_streamed(server, name):
    agent = pydantic_ai.Agent(model(server, name), retries=0)
    result = agent.run_sync("hello")
    assert result.output == "Hello there, world"

    async def stream():
        async with agent.run_stream("hello") as streamed:
            return [text async for text in streamed.stream_text(delta=True, debounce_by=None)]

    assert "".join(asyncio.run(stream())) == "Hello there, world"


@pytest.mark.parametrize("name", MODELS)
def test_a_tool_there_and_back(server, name):
    agent = pydantic_ai.Agent(model(server, name), retries=0)
    asked = []

    @agent.tool_plain
    def weather(city: str) -> str:
        asked.append(city)
        return "sunny"

    assert agent.run_sync("tool please").output == "It is sunny."
    assert asked == ["Paris"]


@pytest.mark.parametrize("name", MODELS)
def test_structured_output(server, name):
    by_tool = pydantic_ai.Agent(model(server, name), output_type=pydantic_ai.ToolOutput(User, name="User"), retries=0)
    assert by_tool.run_sync("who is it").output == User(name="Ada", age=36)


@pytest.mark.parametrize("name", ["openai-chat:gpt-5-mini", "openai-responses:gpt-5-mini"])
def test_structured_output_by_a_schema(server, name):
    agent = pydantic_ai.Agent(name, output_type=pydantic_ai.NativeOutput(User), retries=0)
    assert agent.run_sync("json please").output == User(name="Ada", age=36)
