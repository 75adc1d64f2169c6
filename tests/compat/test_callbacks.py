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


class TestManager:
    """LiteLLM's keeper of the lists, for code that goes through it."""

    @pytest.mark.parametrize(
        ("method", "where"),
        [
            ("add_litellm_callback", "callbacks"),
            ("add_litellm_input_callback", "input_callback"),
            ("add_litellm_success_callback", "success_callback"),
            ("add_litellm_async_success_callback", "success_callback"),
            ("add_litellm_failure_callback", "failure_callback"),
            ("add_litellm_async_failure_callback", "failure_callback"),
        ],
    )
    def test_adds_once(self, method, where):
        seen = Seen()
        for _ in range(2):
            getattr(litellm.logging_callback_manager, method)(seen)
        assert getattr(litellm, where) == [seen]

    def test_removes_an_object_and_its_methods(self):
        seen, other = Seen(), Seen()
        entries = [seen, seen.log_success_event, other]
        litellm.logging_callback_manager.remove_callback_from_list_by_object(entries, seen)
        assert entries == [other]

    def test_empties_every_list(self):
        manager = litellm.logging_callback_manager
        manager.add_litellm_callback(Seen())
        manager.add_litellm_failure_callback(print)
        assert len(manager._get_all_callbacks()) == 2
        manager._reset_all_callbacks()
        assert litellm.callbacks == litellm.failure_callback == []


class TestSyncCalls:
    def ask(self, **more):
        return litellm.completion(model="gpt-4o", messages=[{"role": "user", "content": "hi"}], **more)

    def test_a_logger_hears_of_success_failure_and_chunks(self, llm, monkeypatch):
        heard = []

        class Logger(CustomLogger):
            def log_success_event(self, kwargs, response_obj, start_time, end_time):
                heard.append(("success", response_obj.choices[0].message.content))

            def log_failure_event(self, kwargs, response_obj, start_time, end_time):
                heard.append(("failure", type(kwargs["exception"]).__name__))

            def log_stream_event(self, kwargs, response_obj, start_time, end_time):
                heard.append(("chunk", response_obj.choices[0].delta.content))

        monkeypatch.setattr(litellm, "callbacks", [Logger()])
        llm.on("*").reply("a").fail(fake.Auth()).stream(["b"])
        self.ask()
        with pytest.raises(litellm.AuthenticationError):
            self.ask()
        list(self.ask(stream=True))
        assert heard[:2] == [("success", "a"), ("failure", "AuthenticationError")]
        assert heard[2] == ("chunk", "b")
        assert heard[-1] == ("success", "b")

    def test_a_stream_that_breaks_is_a_failure(self, llm, monkeypatch):
        heard = []
        monkeypatch.setattr(litellm, "failure_callback", [lambda kwargs, *_: heard.append(kwargs["exception"])])
        llm.on("*").stream(["a", "b", "c"], fault=fake.Disconnect(after_chunks=2))
        stream = self.ask(stream=True)
        with pytest.raises(litellm.APIConnectionError):
            list(stream)
        assert [type(error).__name__ for error in heard] == ["APIConnectionError"]
        stream.close()

    def test_an_async_function_is_not_told_and_a_broken_one_is_logged(self, llm, monkeypatch, caplog):
        async def late(*_):
            raise AssertionError

        def broken(*_):
            raise ValueError("mine")

        monkeypatch.setattr(litellm, "success_callback", [late, broken])
        llm.on("*").reply("a")
        assert self.ask().choices[0].message.content == "a"
        assert "was not told" in caplog.text
        assert "mine" in caplog.text
