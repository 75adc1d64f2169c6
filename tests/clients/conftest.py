"""Clients that nobody here wrote talk to the server; each file is skipped where its client is not installed."""

from __future__ import annotations

import gc
import warnings

import pytest

from llmclient.protocols import Capability
from llmclient.testing import LLM, Disconnect, FakeServer, RateLimit, Reply, tool_call

TURNS = {
    "tool please": Reply(tool_calls=(tool_call("weather", city="Paris"),)),
    "limit me": RateLimit(retry_after=2),
    "cut me": Reply(text="one two three", fault=Disconnect(after_chunks=2)),
    "who is it": Reply(tool_calls=(tool_call("User", name="Ada", age=36),)),
    "json please": Reply(text='{"name": "Ada", "age": 36}'),
    "once more": Reply(text="Hello again"),
    "hello": Reply(text="Hello there, world"),
}
"""What is answered to a message that contains the words."""


def answer(call):
    if call.capability is Capability.TRANSCRIPTION:
        return Reply(transcript="Hello there, world")
    if call.messages and call.messages[-1].get("role") == "tool":
        return Reply(text="It is sunny.")
    return next((outcome for words, outcome in TURNS.items() if words in call.text), Reply())


@pytest.fixture
def server(monkeypatch):
    llm = LLM(door="server")
    llm.on("*").when(contains="once more").fail(RateLimit(retry_after=0.01))
    llm.on("*").reply(answer, times=None)
    with FakeServer(llm) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running
        # What these clients leave open is theirs; it is not to fail a test here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
