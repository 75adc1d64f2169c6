"""Threads and tasks each have their own cassette."""

from __future__ import annotations

import asyncio
import contextvars
import importlib
import threading

import pytest
from test_matching import BASE, ask, httpx, recordings

from llmclient.testing.cassettes import AmbiguousCassetteError, CassetteMissError, cassette

URL = "https://api.openai.com/v1/chat/completions"


def in_thread(function, *, context=None):
    result = []

    def run():
        try:
            result.append(function())
        except BaseException as error:  # noqa: BLE001 - handed to the test
            result.append(error)

    thread = threading.Thread(target=context.run if context else run, args=(run,) if context else ())
    thread.start()
    thread.join()
    return result[0]


def test_two_threads_with_two_cassettes_do_not_mix(live, tmp_path):
    inside = threading.Barrier(2, timeout=20)

    def record(name):
        with cassette(tmp_path / f"{name}.yaml"), httpx().Client() as client:
            inside.wait()
            client.post(f"{live.url}/v1/x", json={"messages": [{"content": name}]})
            inside.wait()

    threads = [threading.Thread(target=record, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, other in (("one", "two"), ("two", "one")):
        text = (tmp_path / f"{name}.yaml").read_text("utf-8")
        assert f'"content": "{name}"' in text
        assert f'"content": "{other}"' not in text


def test_two_tasks_with_two_cassettes_do_not_mix(tmp_path):
    for name, number in (("one", 1), ("two", 2)):
        recordings(tmp_path / f"{name}.yaml", [BASE] * number)

    async def replay(client, name):
        answers = []
        with cassette(tmp_path / f"{name}.yaml", mode="none"):
            for _ in range(2):
                await asyncio.sleep(0)
                try:
                    answers.append((await client.post(URL, json=BASE)).json()["answer"])
                except CassetteMissError:
                    answers.append(None)
        return answers

    async def main():
        async with httpx().AsyncClient() as client:
            return await asyncio.gather(replay(client, "one"), replay(client, "two"))

    assert asyncio.run(main()) == [[0, None], [0, 1]]


def test_the_inner_of_two_cassettes_answers_and_then_the_outer_again(tmp_path):
    outer = recordings(tmp_path / "outer.yaml", [BASE])
    inner = recordings(tmp_path / "inner.yaml", [{"model": "other"}, BASE])
    with httpx().Client() as client, cassette(outer, mode="none"):
        with cassette(inner, mode="none"):
            assert ask(client, BASE) == 1
        assert ask(client, BASE) == 0


def test_a_thread_without_a_cassette_uses_the_only_one_that_is_open(tmp_path):
    path = recordings(tmp_path / "c.yaml", [BASE])
    with httpx().Client() as client, cassette(path, mode="none"):
        assert in_thread(lambda: ask(client, BASE)) == 0


def test_a_thread_without_a_cassette_among_several_is_told_so(tmp_path):
    first = recordings(tmp_path / "first.yaml", [BASE])
    second = recordings(tmp_path / "second.yaml", [{"model": "other"}, BASE])
    with httpx().Client() as client, cassette(first, mode="none"):

        def other():
            with cassette(second, mode="none"):
                own = contextvars.copy_context()
                return in_thread(lambda: ask(client, BASE)), in_thread(lambda: ask(client, BASE), context=own)

        lost, found = in_thread(other)
    assert isinstance(lost, AmbiguousCassetteError)
    assert str(lost).startswith("2 cassettes are open")
    assert found == 1


@pytest.mark.parametrize("order", ["first in, first out", "last in, first out"])
def test_transports_are_as_before_whatever_the_order_in_which_cassettes_close(order, tmp_path):
    modules = [importlib.import_module(httpx().__name__)]
    before = [
        (module.HTTPTransport.handle_request, module.AsyncHTTPTransport.handle_async_request) for module in modules
    ]
    blocks = [cassette(tmp_path / f"{name}.yaml", mode="none") for name in "ab"]
    for block in blocks:
        block.__enter__()
    assert modules[0].HTTPTransport.handle_request is not before[0][0]
    for block in blocks if order.startswith("first") else reversed(blocks):
        block.__exit__(None, None, None)
    after = [
        (module.HTTPTransport.handle_request, module.AsyncHTTPTransport.handle_async_request) for module in modules
    ]
    assert after == before
