"""A second deployment is asked when the first is late; the first to speak wins, the other is cancelled."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
from contextvars import ContextVar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import pytest

from llmclient import (
    AuthenticationError,
    Hedge,
    LLMClientError,
    ModelRouter,
    ProviderConfig,
    RetryPolicy,
    SyncModelRouter,
    override_providers,
)
from llmclient.middleware import log_calls
from llmclient.testing import script
from support.routing_world import Opened, Router, Stand, SyncStream, World, answer, breaks, fail, ok

A, B = "openai/a", "anthropic/b"


def hedged(world, **options) -> Router:
    return Router(world, "async", A, fallbacks=[B], hedge=Hedge(after=2.0), **options)


async def test_a_late_first_is_overtaken_by_the_second(world):
    world.on(A, ok("slow", first=60.0)).on(B, ok("fast", first=1.0))
    router = hedged(world)
    reply = await router.complete()
    assert reply.text == "fast"
    assert world.clock.monotonic() == pytest.approx(3.0)
    assert [(attempt.model, attempt.outcome) for attempt in reply.attempts] == [(A, "cancelled"), (B, "success")]
    assert reply.attempts[0].reason == "another deployment spoke first"
    assert router.router.stats().hedges == 1
    assert {health.busy for health in router.router.health().values()} == {0}


async def test_the_first_may_still_win(world):
    world.on(A, ok("first", first=3.0)).on(B, ok("second", first=60.0))
    reply = await hedged(world).complete()
    assert reply.text == "first"
    assert [(attempt.model, attempt.outcome) for attempt in reply.attempts] == [(B, "cancelled"), (A, "success")]


async def test_a_first_in_time_has_no_second(world):
    world.on(A, ok("first", first=1.0))
    router = hedged(world)
    assert (await router.complete()).text == "first"
    assert world.models == [A]
    assert router.router.stats().hedges == 0


async def test_a_stream_is_hedged_until_it_speaks(world):
    world.on(A, ok("s|low", first=60.0)).on(B, ok("f|ast", first=1.0, gap=50.0))
    chunks, reply = await hedged(world).read()
    assert "".join(chunk.text for chunk in chunks) == reply.text == "fast"
    assert [opened.closed for opened in world.opened] == [True, True]
    assert world.models == [A, B]


async def test_a_failure_of_one_leaves_the_other_running(world):
    world.on(A, ok("slow", first=10.0)).on(B, fail("server_error"))
    reply = await hedged(world).complete()
    assert reply.text == "slow"
    world.on(A, fail("server_error", first=10.0)).on(B, ok("fine", first=20.0))
    assert (await hedged(world).complete()).text == "fine"


async def test_when_both_fail_the_call_goes_on_as_usual(world):
    world.on(A, fail("server_error", first=3.0), ok("at last")).on(B, fail("auth"))
    reply = await hedged(world).complete()
    assert reply.text == "at last"
    assert [attempt.outcome for attempt in reply.attempts] == ["failed", "failed", "success"]


async def test_the_bucket_bounds_the_extra_load(world):
    world.on(A, ok("slow", first=3.0)).on(B, ok("fast", first=0.5))
    router = Router(world, "async", A, fallbacks=[B], hedge=Hedge(after=1.0, ratio=0.25, burst=2))
    for _ in range(12):
        await router.complete()
    stats = router.router.stats()
    assert stats.hedges == 2 + 2  # what was in the bucket, then one for every four calls
    assert stats.deployments[A].cancelled == stats.hedges


async def test_alone_there_is_nobody_to_hedge_with(world):
    world.on(A, ok("slow", first=30.0))
    router = Router(world, "async", A, hedge=Hedge(after=1.0))
    assert (await router.complete()).text == "slow"
    assert router.router.stats().hedges == 0


async def test_a_hedged_stream_that_breaks_later_is_interrupted_as_any_other(world):
    world.on(A, ok("slow", first=60.0)).on(B, breaks("f|a"))
    with pytest.raises(LLMClientError) as caught:
        await hedged(world).read()
    assert caught.value.partial.text == "fa"


async def test_a_cancelled_call_cancels_both(world):
    world.on(A, ok(first=60.0)).on(B, ok(first=60.0))
    router = hedged(world)
    call = asyncio.ensure_future(router.complete())
    await world.clock.async_sleep(5.0)
    assert world.models == [A, B]
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert len(asyncio.all_tasks()) == 1
    assert {health.busy for health in router.router.health().values()} == {0}
    assert router.router.stats().cancelled == 1


class Gate:
    """A provider whose first model answers when it is let, and whose second answers at once."""

    name = "openai"

    def __init__(self) -> None:
        self.open = threading.Event()
        self.late = threading.Event()
        self.closed = threading.Event()

    def close(self) -> None:
        self.open.set()

    async def aclose(self) -> None:
        self.open.set()

    def complete_sync(self, request):
        if request.model == "a":
            self.open.wait()
            self.late.set()
        return answer(request, request.model)

    def stream_sync(self, request):
        if request.model == "a":
            self.open.wait()
        stream = SyncStream(Stand("openai", World()), ok(request.model), request, Opened("x", request))
        if request.model == "a":
            stream.close = self.closed.set
        return stream


def test_threads_race_as_well():
    gate = Gate()
    with override_providers(lambda *_: gate):
        router = ModelRouter("openai/a", fallbacks=["openai/b"], hedge=Hedge(after=0.001)).sync
        reply = router.complete("hi")
        assert reply.text == "b"
        assert [attempt.outcome for attempt in reply.attempts] == ["cancelled", "success"]
        gate.open.set()
        assert gate.late.wait(5)
        assert router.stats().deployments["openai/a"].cancelled == 1


def test_a_stream_that_opens_after_the_race_is_closed():
    gate = Gate()
    with override_providers(lambda *_: gate):
        router = ModelRouter("openai/a", fallbacks=["openai/b"], hedge=Hedge(after=0.001)).sync
        with router.stream("hi") as stream:
            assert "".join(chunk.text for chunk in stream) == "b"
        gate.open.set()
        assert gate.closed.wait(5)


@pytest.mark.parametrize("flavour", ["sync", "async"])
async def test_a_foreign_error_in_a_race_passes_through(world, flavour):
    world.on(A, fail(AssertionError))
    router = Router(world, flavour, A, fallbacks=[B], hedge=Hedge(after=2.0), retry=RetryPolicy(attempts=1))
    with pytest.raises(AssertionError):
        await router.complete()


@pytest.mark.parametrize("values", [{"after": 0}, {"after": -1}, {"after": 1, "ratio": -1}, {"after": 1, "burst": 0}])
def test_impossible_hedges_are_refused(values):
    with pytest.raises(ValueError, match="Hedge"):
        Hedge(**values)


class Slow(Gate):
    """Its second model fails; its first answers when the router knows of that."""

    router: SyncModelRouter

    def complete_sync(self, request):
        if request.model == "b":
            raise AuthenticationError("no", provider="openai", model="b")
        while not self.router.stats().deployments["openai/b"].failures:
            self.late.wait(0.001)
        return answer(request, "a")


def test_a_thread_that_fails_leaves_the_other_running():
    slow = Slow()
    with override_providers(lambda *_: slow):
        router = slow.router = ModelRouter("openai/a", fallbacks=["openai/b"], hedge=Hedge(after=0.001)).sync
        reply = router.complete("hi")
    assert reply.text == "a"
    assert [attempt.outcome for attempt in reply.attempts] == ["failed", "success"]


async def test_what_the_loser_had_used_is_counted(world):
    world.on(A, ok("slow", first=60.0, role_first=True, tells_usage=True)).on(B, ok("fast"))
    router = hedged(world)
    _, reply = await router.read()
    loser, winner = reply.attempts
    assert (loser.outcome, loser.usage.prompt_tokens) == ("cancelled", 10)
    assert winner.usage.prompt_tokens == 10
    assert router.router.stats().prompt_tokens == 20


def loops() -> set[threading.Thread]:
    """The threads of routers' event loops."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("llmclient")}


class Sockets:
    """A host on loopback that answers model b at once, and whoever asks for another one never."""

    def __init__(self) -> None:
        self.hung_up = threading.Event()
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if asked["model"] != "b":
                    self.rfile.read(1)  # nothing more comes: it returns when the client has gone
                    host.hung_up.set()
                    self.close_connection = True
                    return
                streamed = asked.get("stream")
                choice = {"index": 0, "finish_reason": "stop", "delta" if streamed else "message": {"content": "b"}}
                body = json.dumps({"choices": [choice]}).encode()
                body = b"data: " + body + b"\n\ndata: [DONE]\n\n" if streamed else body
                self.send_response(200)
                self.send_header("content-type", "text/event-stream" if streamed else "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"

    def __enter__(self) -> Self:
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("watched", [False, True])
def test_the_loser_of_a_sync_race_hangs_up_at_once_and_leaves_no_thread(streamed, watched):
    before = loops()
    with Sockets() as host:
        config = ProviderConfig(api_key="sk-canary-0001", base_url=host.url)
        router = SyncModelRouter(
            "openai/a",
            fallbacks=["openai/b"],
            hedge=Hedge(after=0.001),
            providers={"openai": config},
            middleware=[log_calls()] if watched else (),
        )
        with router:
            if streamed:
                with router.stream("hi") as stream:
                    assert "".join(chunk.text for chunk in stream) == "b"
                reply = stream.response
            else:
                reply = router.complete("hi")
            assert reply.text == "b"
            assert [attempt.outcome for attempt in reply.attempts] == ["cancelled", "success"]
            assert host.hung_up.wait(5)
    assert loops() <= before


def test_a_router_that_is_forgotten_takes_its_loop_along():
    before = loops()
    with script() as llm:
        llm.on().reply("fine")
        SyncModelRouter("openai/a", fallbacks=["openai/b"], hedge=Hedge(after=1.0)).complete("hi")
    gc.collect()
    for thread in loops() - before:
        thread.join(5)
    assert loops() <= before


def test_a_sync_call_from_the_routers_own_loop_is_refused_instead_of_hanging():
    router = SyncModelRouter("openai/a", fallbacks=["openai/b"], hedge=Hedge(after=1.0))
    router.on("attempt_started", lambda _: router.complete("again"))
    with router, script() as llm:
        llm.on().reply("fine")
        assert router.complete("hi").text == "fine"  # a hook that fails breaks no call
        assert len(llm.calls) == 1


def test_a_race_runs_in_the_context_of_its_caller():
    seen: list[str] = []
    name = ContextVar("name", default="")
    router = SyncModelRouter("openai/a", fallbacks=["openai/b"], hedge=Hedge(after=1.0))
    router.on("attempt_started", lambda _: seen.append(name.get()))
    name.set("caller")
    with router, script() as llm:
        llm.on().reply("fine")
        router.complete("hi")
    assert seen == ["caller"]


async def test_one_call_is_hedged_once(world):
    world.on(A, fail("auth", first=3.0)).on(B, fail("auth")).on("openrouter/c", ok("c", first=10.0))
    router = Router(world, "async", A, fallbacks=[B, "openrouter/c", "openai/d"], hedge=Hedge(after=2.0))
    assert (await router.complete()).text == "c"
    assert world.models == [A, B, "openrouter/c"]
    assert router.router.stats().hedges == 1


async def test_a_stream_that_begins_again_is_not_hedged(world):
    world.on(A, breaks("ab|cd")).on(B, ok("late", first=10.0))
    router = Router(world, "async", A, fallbacks=[B, "openai/d"], hedge=Hedge(after=2.0), on_interrupted="restart")
    _, reply = await router.read()
    assert reply.text == "late"
    assert world.models == [A, B]


async def test_the_last_hedge_in_the_bucket_is_spent(world):
    world.on(A, ok("slow", first=9.0)).on(B, ok("fast"))
    router = Router(world, "async", A, fallbacks=[B], hedge=Hedge(after=2.0, ratio=0, burst=1))
    assert [(await router.complete()).text for _ in range(2)] == ["fast", "slow"]


async def test_each_racer_is_timed_from_its_own_start(world):
    world.clock.advance(50)
    world.on(A, ok("slow", first=9.0)).on(B, ok("fast", first=1.0))
    reply = await hedged(world).complete()
    assert [attempt.duration for attempt in reply.attempts] == pytest.approx([3.0, 1.0])
