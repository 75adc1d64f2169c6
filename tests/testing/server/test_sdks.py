"""The vendors' SDKs over a real socket: open connections, retries, parallel calls, streams left early or cut."""

from __future__ import annotations

import asyncio
import threading

import anthropic
import openai
import pytest

from llmclient.testing import Disconnect, Overloaded, RateLimit, Reply, ServerFailure, tool_call
from llmclient.testing.harness import Harness
from llmclient.testing.server.app import FakeServer
from llmclient.testing.turns import Turn

HELLO = [{"role": "user", "content": "hello"}]
CHAT = {"model": "gpt-5-mini", "messages": HELLO}
MESSAGE = {"model": "claude-haiku-4-5", "max_tokens": 100, "messages": HELLO}
WEATHER = tool_call("weather", city="Paris")


@pytest.fixture
def server():
    with FakeServer(Harness()) as running:
        yield running


def play(server, *actions, times=1):
    server.harness.script.add(*[Turn(action=action, times=times) for action in actions])


@pytest.fixture
def of_openai(server):
    with openai.OpenAI(api_key="sk-fake", base_url=server.base_url("openai"), max_retries=2) as client:
        yield client


@pytest.fixture
def of_anthropic(server):
    with anthropic.Anthropic(api_key="sk-fake", base_url=server.base_url("anthropic"), max_retries=2) as client:
        yield client


def test_they_come_again_when_they_are_told_to(server, of_openai, of_anthropic):
    soon = {"retry_after": 0.001}
    play(server, RateLimit(**soon), ServerFailure(**soon), Reply(text="4"), Overloaded(**soon), Reply(text="5"))
    assert of_openai.chat.completions.create(**CHAT).choices[0].message.content == "4"
    assert of_anthropic.messages.create(**MESSAGE).content[0].text == "5"
    counts = [recorded.call.headers["x-stainless-retry-count"] for recorded in server.calls]
    assert counts == ["0", "1", "2", "0", "1"]


def test_they_do_not_where_they_are_told_not_to(server, of_openai, of_anthropic):
    play(server, ServerFailure(should_retry=False), times=None)
    with pytest.raises(openai.InternalServerError):
        of_openai.chat.completions.create(**CHAT)
    with pytest.raises(anthropic.InternalServerError):
        of_anthropic.messages.create(**MESSAGE)
    assert len(server.calls) == 2


def test_a_stream_that_is_left_early_leaves_the_client_usable(server, of_openai, of_anthropic):
    play(server, Reply(text="word " * 2000), times=None)
    for _ in range(3):
        with of_openai.chat.completions.create(**CHAT, stream=True) as stream:
            next(iter(stream))
        with of_anthropic.messages.stream(**MESSAGE) as stream:
            next(iter(stream.text_stream))
    assert len(server.calls) == 6


def test_a_cut_stream_raises_after_what_came(server, of_openai, of_anthropic):
    play(server, Reply(text="one two three", fault=Disconnect(after_chunks=1)), times=None)
    told = []
    with pytest.raises(Exception, match=r"[Cc]onnection"):
        for chunk in of_openai.chat.completions.create(**CHAT, stream=True):
            told.append(chunk.choices[0].delta.content)  # noqa: PERF401 - what came before the error counts
    with pytest.raises(Exception, match=r"[Cc]onnection"), of_anthropic.messages.stream(**MESSAGE) as stream:
        for text in stream.text_stream:
            told.append(text)  # noqa: PERF402 - as above
    assert told == ["", "one", "one"]


def test_tools_there_and_back(server, of_openai, of_anthropic):
    play(server, Reply(tool_calls=(WEATHER,)), Reply(text="sunny"))
    asked = of_openai.chat.completions.create(**CHAT).choices[0].message
    result = {"role": "tool", "tool_call_id": asked.tool_calls[0].id, "content": "sunny"}
    again = [*HELLO, asked.to_dict(), result]
    assert of_openai.chat.completions.create(model="gpt-5-mini", messages=again).choices[0].message.content == "sunny"
    assert server.calls[-1].messages[-1]["content"] == "sunny"
    play(server, Reply(tool_calls=(WEATHER,)), Reply(text="sunny"))
    asked = of_anthropic.messages.create(**MESSAGE)
    result = {"type": "tool_result", "tool_use_id": asked.content[0].id, "content": "sunny"}
    again = [*HELLO, {"role": "assistant", "content": asked.content}, {"role": "user", "content": [result]}]
    assert of_anthropic.messages.create(**{**MESSAGE, "messages": again}).content[0].text == "sunny"
    assert server.calls[-1].messages[-1]["role"] == "tool"


def test_many_async_calls_side_by_side(server):
    play(server, Reply(text="one two three"), times=None)

    async def both():
        async with (
            openai.AsyncOpenAI(api_key="sk-fake", base_url=server.base_url("openai")) as of_openai,
            anthropic.AsyncAnthropic(api_key="sk-fake", base_url=server.base_url("anthropic")) as of_anthropic,
        ):

            async def chat():
                stream = await of_openai.chat.completions.create(**CHAT, stream=True)
                return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

            async def message():
                return (await of_anthropic.messages.create(**MESSAGE)).content[0].text

            return await asyncio.gather(*[ask() for _ in range(20) for ask in (chat, message)])

    assert asyncio.run(both()) == ["one two three"] * 40


def test_one_connection_serves_a_client_for_long(server):
    play(server, Reply(text="4"), times=None)
    idle = serving()
    with openai.OpenAI(api_key="sk-fake", base_url=server.base_url("openai")) as client:
        for _ in range(5):
            client.chat.completions.create(**CHAT)
        client.models.list()
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve("nothing")
        client.chat.completions.create(**CHAT)
        assert len(serving() - idle) == 1


def serving():
    """The server's threads: one that listens, and one for each connection."""
    return {thread for thread in threading.enumerate() if thread.name == "llmclient-fake-server"}
