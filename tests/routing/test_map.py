"""`router.map`: many requests at once, errors as values, and a file from which an interrupted run goes on."""

from __future__ import annotations

import gc
import json
import signal
import subprocess
import sys

import pytest
from pydantic import BaseModel

from llmclient import MapResult, ModelRouter, RetryPolicy, ServerError, SyncModelRouter
from llmclient.testing import script
from support.routing_world import Router, fail, ok

A, B = "openai/a", "anthropic/b"


@pytest.fixture(params=["async", "sync"])
def ask(request):
    async def run(router: ModelRouter, requests, **options) -> list[MapResult]:
        if request.param == "async":
            return [result async for result in router.map(requests, **options)]
        return list(router.sync.map(requests, **options))

    return run


def echoing(world, *, seconds=lambda _: 0.0):
    """Answer each request with its own text."""
    begin = world.begin

    def answer(provider, request):
        begin(provider, request)
        text = request.messages[0]["content"]
        return fail("bad_request") if text == "bad" else ok(text, first=seconds(text))

    world.begin = answer


async def test_results_come_in_order_and_errors_are_values(world, ask):
    echoing(world)
    results = await ask(ModelRouter(A, breaker=None), ["a", "bad", "c"], concurrency=1)
    assert [result.index for result in results] == [0, 1, 2]
    assert [result.reply.text for result in results if result.reply] == ["a", "c"]
    assert results[1].error.category == "bad_request"


async def test_slow_ones_hold_back_the_order_but_not_the_work(world):
    echoing(world, seconds=lambda text: 10.0 if text == "slow" else 1.0)
    router = ModelRouter(A)
    in_order = [result.reply.text async for result in router.map(["slow", "b", "c"], concurrency=3)]
    assert in_order == ["slow", "b", "c"]
    as_they_come = [result.reply.text async for result in router.map(["slow", "b", "c"], ordered=False)]
    assert as_they_come == ["b", "c", "slow"]
    assert world.clock.monotonic() == pytest.approx(20.0)


async def test_no_more_than_allowed_are_under_way(world):
    echoing(world, seconds=lambda _: 1.0)
    texts = [result.reply.text async for result in ModelRouter(A).map(map(str, range(7)), concurrency=3)]
    assert texts == [str(number) for number in range(7)]
    assert [when for when, _ in world.calls] == pytest.approx([0, 0, 0, 1, 1, 1, 2])


async def test_requests_are_read_as_places_become_free(world, ask):
    echoing(world)
    read = []

    def endless():
        for number in range(10**9):
            read.append(number)
            yield str(number)

    results = ModelRouter(A).map(endless(), concurrency=4)
    assert (await anext(results)).reply.text == "0"
    await results.aclose()
    sync_results = ModelRouter(A).sync.map(endless(), concurrency=4)
    assert next(sync_results).reply.text == "0"
    sync_results.close()
    assert len(read) < 20


async def test_each_request_may_have_parameters_of_its_own(world, ask):
    await ask(ModelRouter(A), [{"messages": "x", "temperature": 0.1, "model": B}, "y"], temperature=0.9, concurrency=1)
    assert [request.params["temperature"] for request in world.requests] == [0.1, 0.9]
    assert world.models == [B, A]


async def test_an_interrupted_run_goes_on_without_asking_again(world, ask, tmp_path):
    path = tmp_path / "run.jsonl"
    echoing(world)
    first = await ask(ModelRouter(A, breaker=None), ["a", "b"], checkpoint=path)
    assert [result.restored for result in first] == [False, False]
    with path.open("ab") as file:
        file.write(b'{"key": "cut off by a cra')
    again = await ask(ModelRouter(A, breaker=None), ["b", "c", "a"], checkpoint=path)
    assert [(result.reply.text, result.restored) for result in again] == [("b", True), ("c", False), ("a", True)]
    assert again[0].reply.usage == first[1].reply.usage
    third = await ask(ModelRouter(A, breaker=None), ["a", "b", "c"], checkpoint=path)
    assert all(result.restored for result in third)
    assert len(world.calls) == 3


async def test_errors_are_asked_again_and_other_parameters_are_another_request(world, ask, tmp_path):
    path = tmp_path / "run.jsonl"
    world.on(A, fail("server_error"), ok("x"), ok("y"), ok("z"))
    router = ModelRouter(A, retry=RetryPolicy(attempts=1))
    (failed,) = await ask(router, ["q"], checkpoint=path)
    assert isinstance(failed.error, ServerError)
    assert (await ask(router, ["q"], checkpoint=path))[0].reply.text == "x"
    assert (await ask(router, ["q"], checkpoint=path, temperature=0.5))[0].reply.text == "y"
    assert (await ask(router, ["q"], checkpoint=path))[0].restored
    assert (await ask(ModelRouter(B), ["q"], checkpoint=path))[0].restored is False


async def test_the_checkpoint_is_json_lines_with_one_line_an_answer(world, ask, tmp_path):
    path = tmp_path / "run.jsonl"

    class Shape(BaseModel):
        name: str

    await ask(ModelRouter(A), ["a", "b"], checkpoint=str(path), response_format=Shape, metadata={"x": Shape(name="n")})
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [set(line) for line in lines] == [{"key", "reply"}] * 2
    assert lines[0]["reply"]["choices"][0]["message"]["content"] == "ok"


async def test_progress_is_told(world, ask):
    seen = []
    await ask(ModelRouter(A), ["a", "b"], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    seen.clear()
    await ask(ModelRouter(A), iter(["a"]), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, None)]


async def test_a_bar_is_drawn_on_a_terminal_only(world, ask, monkeypatch, capsys):
    await ask(ModelRouter(A), ["a", "b"], progress=True)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    await ask(ModelRouter(A), ["a", "b"], progress=True)
    assert capsys.readouterr().err.endswith(f"2/2 [{'#' * 30}] 100%\n")


async def test_a_foreign_error_ends_the_run(world, ask, caplog):
    world.on(A, fail(AssertionError))
    with pytest.raises(AssertionError):
        await ask(ModelRouter(A), ["a", "b"])
    gc.collect()
    assert not caplog.records  # asyncio complains of errors that nobody looked at


async def test_a_concurrency_below_one_is_refused(world):
    router = Router(world, "async", A).router
    with pytest.raises(ValueError, match="at least 1"):
        router.map(["a"], concurrency=0)
    with pytest.raises(ValueError, match="at least 1"):
        router.sync.map(["a"], concurrency=0)


KILLED = """
import os, signal, sys
from llmclient import SyncModelRouter
from llmclient.testing import script

with script() as llm:
    llm.on().then(lambda call: call.text, times=None)
    router = SyncModelRouter("openai/a")
    requests = [str(number) for number in range(40)]
    for number, _ in enumerate(router.map(requests, concurrency=4, ordered=False, checkpoint=sys.argv[1])):
        if number == 20:
            os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_that_was_killed_hard_goes_on_and_pays_for_nothing_twice(tmp_path):
    file = tmp_path / "run.jsonl"
    assert subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False).returncode == -signal.SIGKILL
    kept = file.read_bytes().count(b"\n")
    assert kept >= 21
    with file.open("ab") as cut_off:
        cut_off.write(b'{"key": "')  # what a machine that loses power in the middle of a write leaves
    with script() as llm:
        llm.on().then(lambda call: call.text, times=None)
        requests = [str(number) for number in range(40)]
        results = list(SyncModelRouter("openai/a").map(requests, checkpoint=file))
    assert [result.reply.text for result in results] == requests
    assert len(llm.calls) == 40 - kept
    assert sum(result.restored for result in results) == kept
