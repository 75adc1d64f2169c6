"""Callbacks: loggers and functions, for a router or for all, in order, without a limit."""

from __future__ import annotations

import logging
from datetime import datetime

import pytest

from llmclient import testing as fake
from llmclient.compat import litellm
from llmclient.compat.litellm.integrations.custom_logger import CustomLogger

ROW = {"model_name": "gpt-4o", "litellm_params": {"model": "gpt-4o"}}


class Seen(CustomLogger):
    def __init__(self):
        super().__init__()
        self.events: list[tuple] = []

    def log_pre_api_call(self, model, messages, kwargs):
        self.events.append(("pre", model))

    async def async_log_pre_api_call(self, model, messages, kwargs):
        self.events.append(("async pre", model))

    def log_success_event(self, kwargs, response_obj, start_time, end_time):
        self.events.append(("success", response_obj.choices[0].message.content))

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        assert isinstance(start_time, datetime)
        assert end_time >= start_time
        self.events.append(("async success", response_obj.choices[0].message.content, kwargs["response_cost"]))

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        self.events.append(("async failure", type(kwargs["exception"]).__name__))

    async def async_log_stream_event(self, kwargs, response_obj, start_time, end_time):
        self.events.append(("chunk", type(response_obj).__name__))


async def test_a_logger_hears_of_an_async_call(llm, ask):
    llm.on("*").reply("x")
    seen = Seen()
    litellm.callbacks.append(seen)
    await litellm.acompletion(model="gpt-4o", messages=ask)
    assert [event[0] for event in seen.events] == ["pre", "async pre", "async success"]
    assert seen.events[-1][2] > 0


def test_a_logger_hears_of_a_sync_call(llm, ask):
    llm.on("*").reply("x")
    seen = Seen()
    litellm.callbacks.append(seen)
    litellm.completion(model="gpt-4o", messages=ask)
    assert seen.events == [("pre", "gpt-4o"), ("success", "x")]


async def test_a_logger_hears_of_a_failure(llm, ask):
    llm.on("*").fail(fake.Auth())
    seen = Seen()
    litellm.callbacks.append(seen)
    with pytest.raises(litellm.AuthenticationError):
        await litellm.acompletion(model="gpt-4o", messages=ask)
    assert seen.events[-1] == ("async failure", "AuthenticationError")


async def test_a_logger_hears_of_chunks_and_of_the_whole(llm, ask):
    llm.on("*").stream(["a", "b"])
    seen = Seen()
    litellm.callbacks.append(seen)
    stream = await litellm.acompletion(model="gpt-4o", messages=ask, stream=True)
    assert [chunk async for chunk in stream]
    assert ("chunk", "ModelResponseStream") in seen.events
    assert seen.events[-1][:2] == ("async success", "ab")


async def test_functions_sync_and_async_are_callbacks_too(llm, ask):
    llm.on("*").reply("x")
    heard = []

    def plain(kwargs, response, start, end):
        heard.append(("plain", kwargs["model"]))

    async def later(kwargs, response, start, end):
        heard.append(("async", kwargs["model"]))

    litellm.success_callback.extend([plain, later])
    await litellm.acompletion(model="gpt-4o", messages=ask)
    assert heard == [("plain", "gpt-4o"), ("async", "gpt-4o")]


async def test_a_routers_own_callbacks_hear_of_its_calls_and_of_no_others(llm, ask):
    llm.on("*").reply("x", times=2)
    mine, everybodys = Seen(), Seen()
    litellm.callbacks.append(everybodys)
    await litellm.Router(model_list=[ROW], callbacks=[mine]).acompletion(model="gpt-4o", messages=ask)
    assert mine.events
    assert not everybodys.events
    await litellm.Router(model_list=[ROW]).acompletion(model="gpt-4o", messages=ask)
    assert everybodys.events


async def test_there_is_no_limit(llm, ask):
    llm.on("*").reply("x")
    loggers = [Seen() for _ in range(100)]
    litellm.callbacks.extend(loggers)
    await litellm.acompletion(model="gpt-4o", messages=ask)
    assert all(seen.events for seen in loggers)


async def test_a_callback_that_fails_is_logged_and_disturbs_nothing(llm, ask, caplog):
    llm.on("*").reply("x")

    def bad(*_):
        raise ValueError("boom")

    litellm.success_callback.append(bad)
    with caplog.at_level(logging.ERROR):
        await litellm.acompletion(model="gpt-4o", messages=ask)
    assert "boom" in caplog.text


async def test_a_name_of_an_integration_is_refused(llm, ask):
    litellm.success_callback.append("langfuse")
    llm.on("*").reply("x")
    with pytest.raises(AttributeError, match="langfuse"):
        await litellm.acompletion(model="gpt-4o", messages=ask)
