"""A store that other processes see: documents of plain JSON, changed atomically, times since the epoch."""

from __future__ import annotations

import asyncio
import json
import threading
from runpy import run_path

import pytest

from llmclient import (
    Breaker,
    Budget,
    BudgetExceededError,
    Deployment,
    DeploymentUnavailableError,
    MemoryStore,
    RetryPolicy,
)
from support.pages import ROOT
from support.routing_world import Router, fail, ok

A = "openai/a"
ONCE = RetryPolicy(attempts=1)


class JSONStore:
    """Keeps text, loses every second race, and remembers in which threads it was called."""

    shared = True

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.threads: set[int] = set()
        self.lock = threading.Lock()
        self.races = 0

    def update(self, key, change):
        self.threads.add(threading.get_ident())
        with self.lock:
            self.races += 1
            if self.races % 2:
                change(json.loads(self.texts.get(key, "{}")))
            document = json.loads(self.texts.get(key, "{}"))
            result = change(document)
            self.texts[key] = json.dumps(document)
            return result

    def read(self, key):
        with self.lock:
            return json.loads(self.texts.get(key, "{}"))


def redis_store():
    fakeredis = pytest.importorskip("fakeredis", reason="the test of examples/redis_store.py needs redis and fakeredis")
    return run_path(str(ROOT / "examples" / "redis_store.py"))["RedisStore"](fakeredis.FakeRedis())


@pytest.fixture(params=[JSONStore, MemoryStore, redis_store])
def store(request):
    return request.param()


@pytest.fixture(params=["async", "sync"])
def routers(request, world, store):
    def two(primary, **options):
        return [Router(world, request.param, primary, store=store, **options) for _ in range(2)]

    return two


async def test_a_breaker_is_shared(world, routers):
    world.on(A, fail("connection"))
    one, other = routers(A, retry=ONCE, breaker=Breaker(failures=2))
    for router in (one, other):
        with pytest.raises(Exception, match="connection of a"):
            await router.complete()
    for router in (one, other):
        with pytest.raises(DeploymentUnavailableError):
            await router.complete()
        assert router.router.health()[A].state == "open"
    assert len(world.calls) == 2
    world.on(A, ok())
    world.clock.advance(30)
    await one.complete()
    assert other.router.health()[A].state == "closed"


async def test_limits_and_budgets_are_shared(world, routers):
    one, other = routers(Deployment(A, rpm=2), budget=Budget(tokens=30))
    await one.complete(max_tokens=1)
    await other.complete(max_tokens=1)
    with pytest.raises(BudgetExceededError):
        await one.complete(max_tokens=1)
    one, other = routers(Deployment(A, rpm=2))
    await other.complete()
    assert [when for when, _ in world.calls] == pytest.approx([0, 0, 60])


async def test_a_place_that_another_process_gives_back_is_found(world):
    world.on(A, ok(first=1.0), ok())
    store = JSONStore()
    one, other = (Router(world, "async", Deployment(A, max_parallel=1), store=store) for _ in range(2))
    first = asyncio.ensure_future(one.complete())
    await world.until_asked(1)
    assert (await other.complete()).text == "ok"
    await first
    assert 1.0 <= world.calls[1][0] <= 1.25


async def test_a_store_that_may_block_is_called_in_other_threads(world):
    store = JSONStore()
    router = Router(world, "async", A, store=store)
    await router.complete()
    await router.read()
    assert threading.get_ident() not in store.threads


async def test_a_call_cancelled_while_the_store_is_busy_gives_everything_back(world):
    store = JSONStore()
    router = Router(world, "async", Deployment(A, max_parallel=1), store=store)
    store.lock.acquire()
    call = asyncio.ensure_future(router.complete())
    while not store.threads:  # noqa: ASYNC110 - a thread of the executor starts
        await asyncio.sleep(0)
    call.cancel()
    await asyncio.sleep(0)
    store.lock.release()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert json.loads(store.texts[A])["busy"] == {}
    assert (await router.complete()).text == "ok"


def test_no_change_of_many_threads_is_lost(store):
    def add() -> None:
        for _ in range(25):
            store.update("sum", lambda document: document.update(total=document.get("total", 0) + 1))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read("sum") == {"total": 200}


async def test_every_document_is_plain_json(world, store):
    router = Router(world, "async", Deployment(A, rpm=9, tpm=9999, max_parallel=3), store=store, budget=Budget(usd=1))
    world.on(A, fail("rate_limit", retry_after=1), fail("connection"), ok())
    await router.complete()
    assert json.loads(json.dumps(store.read(A))) == store.read(A)
    assert store.read("nothing") == {}
