"""LangChain through the server: its classes for OpenAI, Anthropic and OpenRouter."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel

langchain_openai = pytest.importorskip("langchain_openai", reason="langchain-openai is not installed")
langchain_anthropic = pytest.importorskip("langchain_anthropic", reason="langchain-anthropic is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")


class User(BaseModel):
    """A person."""

    name: str
    age: int


def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


def models(server, **options):
    common = {"api_key": "sk-fake", "max_retries": 0, **options}
    return {
        "openai": langchain_openai.ChatOpenAI(model="gpt-5-mini", **common),
        "responses": langchain_openai.ChatOpenAI(model="gpt-5-mini", use_responses_api=True, **common),
        "openrouter": langchain_openai.ChatOpenAI(
            model="meta-llama/llama-4-scout", base_url=server.base_url("openrouter"), **common
        ),
        "anthropic": langchain_anthropic.ChatAnthropic(model="claude-haiku-4-5", **common),
    }


NAMES = ["openai", "responses", "openrouter", "anthropic"]


@pytest.mark.parametrize("name", NAMES)
def test_plain_and_streamed(server, name):
    model = models(server)[name]
    answer = model.invoke("hello")
    assert answer.text == "Hello there, world"
    assert answer.usage_metadata["total_tokens"] > 0
    assert "".join(chunk.text for chunk in model.stream("hello")) == "Hello there, world"


@pytest.mark.parametrize("name", NAMES)
def test_async(server, name):
    model = models(server)[name]

    async def ask():
        answer = await model.ainvoke("hello")
        return answer.text, "".join([chunk.text async for chunk in model.astream("hello")])

    assert asyncio.run(ask()) == ("Hello there, world", "Hello there, world")


@pytest.mark.parametrize("name", NAMES)
def test_a_tool_there_and_back(server, name):
    from langchain_core.messages import HumanMessage, ToolMessage

    model = models(server)[name].bind_tools([weather])
    asked = [HumanMessage("tool please")]
    first = model.invoke(asked)
    (call,) = first.tool_calls
    assert (call["name"], call["args"]) == ("weather", {"city": "Paris"})
    streamed = None
    for chunk in model.stream(asked):
        streamed = chunk if streamed is None else streamed + chunk
    assert [(call["name"], call["args"]) for call in streamed.tool_calls] == [("weather", {"city": "Paris"})]
    last = model.invoke([*asked, first, ToolMessage("sunny", tool_call_id=call["id"])])
    assert last.text == "It is sunny."


@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_structured_output_by_a_tool(server, name):
    model = models(server)[name].with_structured_output(User, method="function_calling")
    assert model.invoke("who is it") == User(name="Ada", age=36)


def test_structured_output_by_a_schema(server):
    model = models(server)["openai"].with_structured_output(User, method="json_schema")
    assert model.invoke("json please") == User(name="Ada", age=36)


def test_embeddings(server):
    found = langchain_openai.OpenAIEmbeddings(
        model="text-embedding-3-small", api_key="sk-fake", check_embedding_ctx_length=False
    ).embed_documents(["a", "b"])
    assert [len(vector) for vector in found] == [1536, 1536]


@pytest.mark.parametrize("name", NAMES)
def test_a_rate_limit_and_a_cut_stream(server, name):
    model = models(server)[name]
    with pytest.raises(Exception, match=r"429|ate limit|returned error"):
        model.invoke("limit me")
    with pytest.raises(Exception, match=r"closed|incomplete|peer|onnection"):
        list(model.stream("cut me"))
