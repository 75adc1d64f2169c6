"""A middleware is one generator with one `yield`: around a call or an attempt, plain or streamed, async or sync."""

from __future__ import annotations

import asyncio
import inspect
import logging
from dataclasses import replace

import pytest

from llmclient import ModelRouter, ProviderConfig, RateLimitError, ServerError, SyncModelRouter
from llmclient.middleware import middleware
from llmclient.testing.clock import VirtualClock
from llmclient.types import Choice, Message, ModelResponse, StreamChunk
from llmclient.types.policy import RetryPolicy
from support.canned import Canned, answer, sse


def said(text: str, **more):
    return answer(
        {"id": "c", "model": "m", "choices": [{"message": {"content": text}, "finish_reason": "stop"}], **more}
    )


def streamed(*words: str):
    deltas = [{"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": word}}]} for word in words]
    end = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return sse(*deltas, end, "data: [DONE]\n\n")


def own(text: str) -> ModelResponse:
    return ModelResponse(choices=[Choice(message=Message(content=text), finish_reason="stop")])


ERROR = answer({"error": {"message": "try later", "type": "server_error"}}, 500)


class Asked:
    """A router of one flavour, asked plainly or by a stream: the same steps for all four ways."""

    def __init__(self, way: tuple[str, str], *answers, **settings) -> None:
        self.flavour, self.manner = way
        self.canned = Canned(*answers)
        config = ProviderConfig(
            api_key="sk-test-canary-0001", base_url="http://127.0.0.1:9/v1", http_client=self.canned
        )
        cls = ModelRouter if self.flavour == "async" else SyncModelRouter
        settings = {"retry": RetryPolicy(attempts=2, patience=60), "clock": VirtualClock(), **settings}
        self.router = cls("openai/gpt-4o", providers={"openai": config}, **settings)
        self.chunks: list[StreamChunk] = []

    async def ask(self, messages="hello", **params):
        if self.manner == "plain":
            found = self.router.complete(messages, **params)
            return await found if inspect.isawaitable(found) else found
        stream = self.router.stream(messages, **params)
        if self.flavour == "async":
            async with stream:
                self.chunks = [chunk async for chunk in stream]
        else:
            with stream:
                self.chunks = list(stream)
        return stream.response

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks)


WAYS = [(flavour, manner) for flavour in ("async", "sync") for manner in ("plain", "streamed")]
ways = pytest.mark.parametrize("way", WAYS, ids="-".join)


def good(way, text="hello there"):
    return said(text) if way[1] == "plain" else streamed(*text.partition(" ")[::1])


@ways
async def test_it_sees_the_request_and_the_answer_of_a_call(way) -> None:
    seen = []

    @middleware
    def look(around):
        seen.append((around.level, around.request.model, around.request.messages[0]["content"], around.stream))
        reply = yield
        seen.append((reply.text, [attempt.outcome for attempt in reply.attempts]))

    reply = await Asked(way, ERROR, good(way), middleware=[look]).ask()
    assert reply.text == "hello there"
    streams = way[1] == "streamed"
    assert seen == [("call", "openai/gpt-4o", "hello", streams), ("hello there", ["failed", "success"])]


@ways
async def test_it_sees_each_attempt_and_its_error(way) -> None:
    seen = []

    @middleware(around="attempt")
    def look(around):
        try:
            reply = yield
        except ServerError as error:
            seen.append((around.number, around.provider, around.request.model, error.status_code))
            raise
        seen.append((around.number, reply.text))

    await Asked(way, ERROR, good(way), middleware=[look]).ask()
    assert seen == [(1, "openai", "gpt-4o", 500), (2, "hello there")]


@ways
@pytest.mark.parametrize("level", ["call", "attempt"])
async def test_it_may_change_the_request(way, level) -> None:
    @middleware(around=level)
    def shout(around):
        request = around.request
        around.request = replace(
            request, messages=[{"role": "user", "content": "LOUD"}], params={**request.params, "temperature": 0}
        )
        yield

    asked = Asked(way, good(way), middleware=[shout])
    await asked.ask()
    assert asked.canned.bodies[0]["messages"] == [{"role": "user", "content": "LOUD"}]
    assert asked.canned.bodies[0]["temperature"] == 0


@ways
@pytest.mark.parametrize("level", ["call", "attempt"])
async def test_it_may_change_the_answer(way, level) -> None:
    @middleware(around=level)
    def rewrite(around):
        reply = yield
        changed = reply.model_copy(deep=True)
        changed.choices[0].message.content = "changed"
        return changed

    reply = await Asked(way, good(way), middleware=[rewrite]).ask()
    assert reply.text == "changed"


@ways
@pytest.mark.parametrize("level", ["call", "attempt"])
async def test_it_may_answer_itself_and_nothing_is_sent(way, level) -> None:
    @middleware(around=level)
    def know_it_all(around):
        return own("I know that already")
        yield

    asked = Asked(way, ERROR, middleware=[know_it_all])
    reply = await asked.ask()
    assert reply.text == "I know that already"
    assert asked.canned.requests == []
    if way[1] == "streamed":
        assert asked.text == "I know that already"
        assert len(asked.chunks) == 5
        assert asked.chunks[-1].finish_reason == "stop"


@ways
async def test_it_may_answer_instead_of_an_error(way) -> None:
    @middleware
    def soothe(around):
        try:
            yield
        except ServerError:
            return own("all is well")

    reply = await Asked(way, ERROR, middleware=[soothe]).ask()
    assert reply.text == "all is well"


@ways
async def test_swallowing_an_error_without_an_answer_keeps_the_error(way) -> None:
    @middleware
    def hush(around):
        try:
            yield
        except ServerError:
            return

    with pytest.raises(ServerError):
        await Asked(way, ERROR, middleware=[hush]).ask()


@ways
async def test_what_it_raises_is_raised(way) -> None:
    @middleware
    def refuse(around):
        raise LookupError("not today")
        yield

    asked = Asked(way, ERROR, middleware=[refuse])
    with pytest.raises(LookupError, match="not today"):
        await asked.ask()
    assert asked.canned.requests == []


@ways
async def test_the_first_of_several_is_the_outermost(way) -> None:
    order = []

    def named(name):
        @middleware
        def note(around):
            order.append(f"{name} before")
            yield
            order.append(f"{name} after")

        return note

    await Asked(way, good(way), middleware=[named("outer"), named("inner")]).ask()
    assert order == ["outer before", "inner before", "inner after", "outer after"]


@ways
async def test_two_yields_are_a_mistake_that_is_told(way) -> None:
    def twice(around):
        yield
        yield

    with pytest.raises(RuntimeError, match="yielded twice"):
        await Asked(way, good(way), middleware=[twice]).ask()


@pytest.mark.parametrize("flavour", ["async", "sync"])
async def test_chunks_are_changed_on_their_way_and_what_was_held_back_comes_at_the_end(flavour) -> None:
    @middleware
    def late(around):
        held = []

        def hold(chunk):
            if chunk is None:
                return held
            held.append(chunk)
            return []

        around.each_chunk(hold)
        yield

    asked = Asked((flavour, "streamed"), streamed("a", "b"), middleware=[late])
    await asked.ask()
    assert asked.text == "ab"


async def test_a_stream_that_is_left_early_ends_the_middleware() -> None:
    ended = []

    @middleware
    def look(around):
        try:
            yield
        finally:
            ended.append(True)

    asked = Asked(("async", "streamed"), streamed("a", "b", "c"), middleware=[look])
    async with asked.router.stream("hello") as stream:
        await anext(stream)
    assert ended == [True]


@pytest.mark.parametrize("flavour", ["async", "sync"])
async def test_it_stands_around_every_capability(flavour) -> None:
    seen = []

    @middleware
    def look(around):
        reply = yield
        seen.append((around.capability, around.request.model, len(reply.data)))

    vectors = answer({"data": [{"index": 0, "embedding": [1.0]}], "model": "m"})
    asked = Asked((flavour, "plain"), vectors, middleware=[look], embeddings="openai/text-embedding-3-small")
    found = asked.router.embed("a")
    await found if inspect.isawaitable(found) else found
    assert seen == [("embeddings", "openai/text-embedding-3-small", 1)]


@ways
async def test_one_that_does_not_yield_has_nothing_to_do(way) -> None:
    @middleware
    def idle(around):
        if around.request.params.get("watch"):
            yield

    asked = Asked(way, good(way), middleware=[idle])
    assert (await asked.ask()).text == "hello there"


@ways
@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_a_function_that_is_no_generator_is_a_mistake_that_is_told(way, kind) -> None:
    def plain(around):
        return None

    async def waiting(around):
        yield

    asked = Asked(way, good(way), middleware=[plain if kind == "plain" else waiting])
    with pytest.raises(TypeError, match=r"middleware '(plain|waiting)' is no generator function; write it with `def`"):
        await asked.ask()
    assert asked.canned.requests == []


@ways
@pytest.mark.parametrize("level", ["call", "attempt"])
async def test_whoever_raises_first_is_seen_by_those_outside_and_everybody_ends(way, level) -> None:
    ended = []

    @middleware(around=level)
    def outer(around):
        try:
            yield
        except KeyError as error:
            ended.append(("outer", error.args))
            raise
        finally:
            ended.append("outer ended")

    @middleware(around=level)
    def inner(around):
        raise KeyError("before")
        yield

    asked = Asked(way, good(way), middleware=[outer, inner], retry=RetryPolicy(attempts=1))
    with pytest.raises(Exception, match="before"):
        await asked.ask()
    assert ended == [("outer", ("before",)), "outer ended"]
    assert asked.canned.requests == []


@pytest.mark.parametrize("flavour", ["async", "sync"])
async def test_an_error_of_what_changes_chunks_ends_the_middlewares(flavour) -> None:
    ended = []

    @middleware
    def outer(around):
        try:
            yield
        except ZeroDivisionError:
            ended.append("told")
            raise

    @middleware
    def bad(around):
        around.each_chunk(lambda chunk: [chunk] if chunk is not None else 1 / 0)
        try:
            yield
        finally:
            ended.append("closed")

    asked = Asked((flavour, "streamed"), streamed("a"), middleware=[outer, bad])
    with pytest.raises(ZeroDivisionError):
        await asked.ask()
    assert ended == ["closed", "told"]


async def test_a_cancelled_call_ends_every_middleware_and_stays_cancelled(caplog) -> None:
    ended = []
    began = asyncio.Event()

    def named(name, *, stubborn=False):
        @middleware
        def one(around):
            try:
                yield
            finally:
                ended.append(name)
                if stubborn:
                    raise RuntimeError("not now")

        return one

    async def wait(event):
        began.set()
        await asyncio.Event().wait()

    asked = Asked(("async", "plain"), said("never"), middleware=[named("outer"), named("inner", stubborn=True)])
    asked.router.on("attempt_started", wait)
    task = asyncio.ensure_future(asked.ask())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["inner", "outer"]
    assert "failed while it was closed" in caplog.text


@ways
async def test_what_stops_the_program_after_the_answer_ends_every_middleware(way) -> None:
    ended = []

    @middleware
    def outer(around):
        try:
            yield
        finally:
            ended.append("outer")

    @middleware
    def inner(around):
        yield
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await Asked(way, good(way), middleware=[outer, inner]).ask()
    assert ended == ["outer"]


# --- hooks ----------------------------------------------------------------------------------------------------------

EVENTS = ["attempt_started", "attempt_finished", "retry", "fallback", "response", "error"]


def listen(router) -> list:
    heard = []
    for number, name in enumerate(EVENTS):

        async def hear_async(event) -> None:
            heard.append(event)

        router.on(name, heard.append if number % 2 else hear_async)
    return heard


@ways
async def test_hooks_hear_of_attempts_retries_fallbacks_and_the_answer(way) -> None:
    asked = Asked(way, ERROR, ERROR, good(way), fallbacks=["openai/gpt-5-mini"])
    heard = listen(asked.router)
    await asked.ask()
    assert [(event.name, event.model, event.attempt) for event in heard] == [
        ("attempt_started", "openai/gpt-4o", 1),
        ("attempt_finished", "openai/gpt-4o", 1),
        ("retry", "openai/gpt-4o", 2),
        ("attempt_started", "openai/gpt-4o", 2),
        ("attempt_finished", "openai/gpt-4o", 2),
        ("fallback", "openai/gpt-5-mini", 3),
        ("attempt_started", "openai/gpt-5-mini", 3),
        ("attempt_finished", "openai/gpt-5-mini", 3),
        ("response", "openai/gpt-4o", 0),
    ]
    assert isinstance(heard[1].error, ServerError)
    assert heard[2].error is heard[1].error
    assert heard[-1].response.text == "hello there"


@ways
async def test_hooks_hear_of_the_error_a_call_ends_with(way) -> None:
    asked = Asked(way, answer({"error": {"message": "slow down"}}, 429))
    heard = listen(asked.router)
    with pytest.raises(RateLimitError):
        await asked.ask()
    assert heard[-1].name == "error"
    assert isinstance(heard[-1].error, RateLimitError)


@ways
async def test_a_failing_hook_breaks_nothing_and_is_logged_once(way, caplog) -> None:
    asked = Asked(way, good(way), good(way))

    def broken(event) -> None:
        raise LookupError("oops")

    asked.router.on("response", broken)
    with caplog.at_level(logging.ERROR, logger="llmclient"):
        assert (await asked.ask()).text == "hello there"
        assert (await asked.ask()).text == "hello there"
    assert [record.getMessage() for record in caplog.records] == [
        "hook broken failed on 'response': LookupError('oops'); this is said once"
    ]


def test_an_event_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="attempt_started"):
        Asked(("sync", "plain"), ERROR).router.on("everything", print)


@ways
async def test_hooks_may_be_objects_without_a_hash_and_may_add_hooks(way, caplog) -> None:
    class Failing(list):
        def __call__(self, event):
            raise ValueError("broken hook")

    asked = Asked(way, good(way), good(way))
    asked.router.on("response", Failing())
    asked.router.on("response", lambda event: asked.router.on("response", lambda later: None))
    await asked.ask()
    await asked.ask()
    assert caplog.text.count("broken hook") == 1
