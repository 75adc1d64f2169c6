"""A cancelled call leaves nothing behind; routers are shared by tasks, threads and loops."""

from __future__ import annotations

import asyncio
import threading

import pytest

from llmclient import Deployment, Limits, ModelRouter, SystemClock, Timeouts
from support.routing_world import Router, fail, ok

A, B = "openai/a", "anthropic/b"


async def cancelled(call: asyncio.Task) -> None:
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_a_call_cancelled_in_a_try_gives_everything_back(world):
    world.on(A, ok(first=60.0))
    router = ModelRouter(Deployment(A, max_parallel=1, rpm=5, tpm=9999), limits=Limits(max_parallel=1))
    call = asyncio.ensure_future(router.complete("hi"))
    await world.until_asked(1)
    await cancelled(call)
    assert len(asyncio.all_tasks()) == 1
    assert router.health()[A].busy == 0
    stats = router.stats()
    assert (stats.calls, stats.cancelled, stats.deployments[A].cancelled) == (1, 1, 1)
    world.on(A, ok())
    assert (await router.complete("hi")).text == "ok"


async def test_a_call_cancelled_in_a_wait_gives_everything_back(world):
    world.on(A, fail("rate_limit", retry_after=60))
    router = ModelRouter(A)
    call = asyncio.ensure_future(router.complete("hi"))
    await world.until_asked(1)
    await cancelled(call)
    assert len(asyncio.all_tasks()) == 1
    assert router.stats().cancelled == 1


async def test_a_stream_cancelled_before_it_spoke_is_closed(world):
    world.on(A, ok(first=60.0))
    router = ModelRouter(A)

    async def read() -> None:
        async with router.stream("hi"):
            pytest.fail("it never spoke")

    call = asyncio.ensure_future(read())
    await world.until_asked(1)
    for _ in range(5):
        await asyncio.sleep(0)
    await cancelled(call)
    assert [opened.closed for opened in world.opened] == [True]
    assert router.stats().cancelled == 1


async def test_a_stream_cancelled_while_it_is_read_is_closed(world):
    world.on(A, ok("a|b", gap=60.0))
    router = ModelRouter(A)
    seen = asyncio.Event()

    async def read() -> None:
        async with router.stream("hi") as stream:
            async for _ in stream:
                seen.set()

    call = asyncio.ensure_future(read())
    await seen.wait()
    await cancelled(call)
    assert [opened.closed for opened in world.opened] == [True]
    assert router.stats().cancelled == 1


async def test_a_cancellation_from_outside_is_not_taken_for_a_timeout(world):
    world.on(A, ok(first=60.0)).on(B, ok())
    router = ModelRouter(A, fallbacks=[B], timeouts=Timeouts(total=30))
    call = asyncio.ensure_future(router.complete("hi"))
    await world.until_asked(1)
    await cancelled(call)
    assert world.models == [A]


async def test_asyncios_own_timeout_works_around_a_call(world):
    world.on(A, ok(first=60.0))
    router = ModelRouter(A)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await router.complete("hi")


async def test_an_abandoned_stream_gives_its_place_back_when_it_is_collected(world):
    import gc

    world.on(A, ok("a|b"))
    router = ModelRouter(Deployment(A, max_parallel=1))
    stream = router.sync.stream("hi")
    next(stream)
    del stream
    gc.collect()
    assert (await router.complete("hi")).text == "ab"


def test_many_threads_share_one_router(world):
    world.on(A, ok())
    router = ModelRouter(Deployment(A, max_parallel=3), clock=SystemClock()).sync  # threads wait for each other
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        for _ in range(20):
            router.complete("hi")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stats = router.stats()
    assert (stats.calls, stats.successes, stats.deployments[A].tries) == (160, 160, 160)
    assert router.health()[A].busy == 0


def test_one_router_serves_several_loops_one_after_another(world):
    router = Router(world, "async", A)
    for _ in range(3):
        assert asyncio.run(router.complete()).text == "ok"
    assert router.router.stats().successes == 3
