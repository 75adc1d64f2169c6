"""The middlewares that ship: logging, the response cache, a spending limit, redaction, tracing."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3

import pytest

from llmclient import BudgetExceededError, ModelRouter, ProviderConfig, ServerError, SyncModelRouter
from llmclient.middleware import (
    DiskCacheStore,
    MemoryStore,
    SpendingLimit,
    SQLiteStore,
    cache_responses,
    log_calls,
    trace,
)
from llmclient.testing.clock import VirtualClock
from llmclient.types.policy import RetryPolicy
from support.canned import Canned, answer, sse

USAGE = {"prompt_tokens": 1_000_000, "completion_tokens": 0, "total_tokens": 1_000_000}


def said(text: str):
    choices = [{"message": {"content": text}, "finish_reason": "stop"}]
    return answer({"id": "c1", "model": "gpt-4o", "choices": choices, "usage": USAGE})


def streamed(*words: str):
    deltas = [{"id": "c1", "model": "gpt-4o", "choices": [{"index": 0, "delta": {"content": word}}]} for word in words]
    end = {"id": "c1", "model": "gpt-4o", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return sse(*deltas, end, "data: [DONE]\n\n")


ERROR = answer({"error": {"message": "broken sk-proj-abcdefghijklmnop", "type": "server_error"}}, 500)


def router(canned: Canned, *middleware, cls=SyncModelRouter, clock=None):
    config = ProviderConfig(api_key="sk-test-canary-0001", base_url="http://127.0.0.1:9/v1", http_client=canned)
    return cls(
        "openai/gpt-4o",
        providers={"openai": config},
        middleware=middleware,
        retry=RetryPolicy(attempts=2),
        clock=clock or VirtualClock(),
    )


# --- logging --------------------------------------------------------------------------------------------------------


def test_a_call_is_one_record_with_its_facts_as_fields(caplog) -> None:
    with caplog.at_level(logging.INFO, logger="llmclient.calls"):
        router(Canned(ERROR, said("hi")), log_calls()).complete("my secret question")
    (record,) = caplog.records
    assert record.llm_model == "openai/gpt-4o"
    assert record.llm_tokens == 1_000_000
    assert record.llm_attempts == 2
    assert record.llm_cost == pytest.approx(2.5)
    assert "secret question" not in repr(record.__dict__)


def test_attempts_are_logged_where_wanted_and_keys_are_masked(caplog) -> None:
    with caplog.at_level(logging.INFO, logger="llmclient.calls"):
        router(Canned(ERROR, said("hi")), log_calls(attempts=True)).complete("hello")
    failed, good = caplog.records
    assert (failed.llm_attempt, good.llm_attempt) == (1, 2)
    assert failed.levelno == logging.WARNING
    assert "sk-***" in failed.llm_error
    assert "abcdefghijklmnop" not in failed.getMessage()


def test_content_is_logged_when_asked_for(caplog) -> None:
    with caplog.at_level(logging.INFO, logger="llmclient.calls"):
        router(Canned(said("the answer")), log_calls(content=True)).complete("the question")
    (record,) = caplog.records
    assert "the question" in record.llm_request
    assert record.llm_response == "the answer"


# --- the cache ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "sqlite", "diskcache"])
def store(request, tmp_path):
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "sqlite":
        found = SQLiteStore(tmp_path / "cache.db")
        yield found
        found.close()
    else:
        diskcache = pytest.importorskip("diskcache")
        with diskcache.Cache(str(tmp_path)) as cache:
            yield DiskCacheStore(cache)


def test_the_same_question_is_asked_once(store) -> None:
    canned = Canned(said("hi"), said("other"))
    asked = router(canned, cache_responses(store))
    first = asked.complete("hello", temperature=0, seed=1)
    second = asked.complete([{"content": "hello", "role": "user"}], seed=1, temperature=0, extra_headers={"x": "y"})
    assert second.text == first.text == "hi"
    assert second.usage == first.usage
    assert second.attempts == ()
    assert second.cost is None
    assert asked.complete("hello", temperature=1).text == "other"
    assert len(canned.requests) == 2


async def test_a_kept_answer_is_streamed_where_a_stream_is_asked_for(store) -> None:
    canned = Canned(streamed("one ", "two ", "three"))
    asked = router(canned, cache_responses(store), cls=ModelRouter)
    async with asked.stream("hello") as stream:
        assert "".join([chunk.text async for chunk in stream]) == "one two three"
    async with asked.stream("hello") as stream:
        assert [chunk.text async for chunk in stream] == ["one ", "two ", "three", ""]
    assert stream.response.text == "one two three"
    assert (await asked.complete("hello")).text == "one two three"
    assert len(canned.requests) == 1


def test_an_answer_gets_old() -> None:
    clock = VirtualClock()
    asked = router(Canned(said("young"), said("new")), cache_responses(ttl=60), clock=clock)
    assert asked.complete("hello").text == "young"
    clock.sleep(59)
    assert asked.complete("hello").text == "young"
    clock.sleep(2)
    assert asked.complete("hello").text == "new"


def test_an_error_is_never_kept() -> None:
    asked = router(Canned(ERROR, ERROR, said("hi")), cache_responses())
    with pytest.raises(ServerError):
        asked.complete("hello")
    assert asked.complete("hello").text == "hi"


def test_the_least_recently_used_goes_first() -> None:
    canned = Canned(said("1"), said("2"), said("3"), said("4"))
    asked = router(canned, cache_responses(MemoryStore(most=2)))
    for question in ("a", "b", "a", "c"):
        asked.complete(question)
    assert asked.complete("a").text == "1"
    assert asked.complete("b").text == "4"


def test_vectors_are_kept_as_well() -> None:
    canned = Canned(answer({"data": [{"index": 0, "embedding": [0.5]}], "model": "m"}))
    asked = router(canned, cache_responses())
    assert list(asked.embed("a")[0]) == list(asked.embed("a")[0]) == [0.5]
    assert len(canned.requests) == 1


def test_an_entry_that_cannot_be_read_is_asked_for_and_put_right(tmp_path, caplog) -> None:
    store = SQLiteStore(tmp_path / "answers.sqlite")
    canned = Canned(said("one"), said("two"))
    one = router(canned, cache_responses(store))
    one.complete("?")
    with sqlite3.connect(tmp_path / "answers.sqlite") as connection:
        connection.execute("UPDATE answers SET value = ?", (b'{"choices": [{"mess',))
    assert one.complete("?").text == "two"
    assert "the cache could not give an answer" in caplog.text
    assert one.complete("?").text == "two"
    assert len(canned.requests) == 2
    connection.close()
    store.close()


def test_a_store_that_fails_breaks_no_call(caplog) -> None:
    class Full:
        def get(self, key):
            return None

        def set(self, key, expires, value):
            raise OSError("no space left")

    assert router(Canned(said("one")), cache_responses(Full())).complete("?").text == "one"
    assert "no space left" in caplog.text


def test_an_empty_store_of_the_callers_own_is_the_one_that_is_used() -> None:
    class Own(dict):
        def set(self, key, expires, value):
            self[key] = (expires, value)

    own = Own()
    router(Canned(said("one")), cache_responses(own)).complete("?")
    assert len(own) == 1


def test_transcripts_are_kept_by_their_sound_and_speech_is_not() -> None:
    texts = Canned(answer({"text": "one"}), answer({"text": "two"}))
    one = router(texts, cache_responses())
    heard = [one.transcribe(sound, model="openai/whisper-1").text for sound in (b"abc", b"abc", b"abd")]
    assert heard == ["one", "one", "two"]
    sounds = Canned(answer(b"abc", content_type="audio/mpeg"), answer(b"abd", content_type="audio/mpeg"))
    two = router(sounds, cache_responses())
    spoken = []
    for _ in range(2):
        with two.speak("hello", model="openai/gpt-4o-mini-tts", voice="alloy") as audio:
            spoken.append(audio.read())
    assert spoken == [b"abc", b"abd"]


def test_parsed_answers_are_kept_by_the_type_they_are_asked_for() -> None:
    canned = Canned(said('{"value": 1}'), said('{"value": [1]}'))
    one = router(canned, cache_responses())
    for _ in range(2):
        assert one.parse("?", response_model=int).parsed == 1
        assert one.parse("?", response_model=list[int]).parsed == [1]
    assert len(canned.requests) == 2


async def test_the_same_question_at_the_same_time_is_answered_to_everybody() -> None:
    canned = Canned(said("one"))
    async with router(canned, cache_responses(), cls=ModelRouter) as one:
        replies = await asyncio.gather(*(one.complete("?") for _ in range(8)))
        assert {reply.text for reply in replies} == {"one"}
        asked = len(canned.requests)
        assert (await one.complete("?")).text == "one"
    assert len(canned.requests) == asked


# --- spending -------------------------------------------------------------------------------------------------------


def test_when_the_money_is_spent_nothing_is_sent_any_more() -> None:
    limit = SpendingLimit(4, scope="demo")
    canned = Canned(said("hi"))
    one, two = router(canned, limit), router(canned, limit)
    one.complete("hello")
    two.complete("hello")
    assert float(limit.spent) == 5
    with pytest.raises(BudgetExceededError, match="demo"):
        one.complete("hello")
    assert len(canned.requests) == 2


def test_what_a_broken_stream_cost_is_spent_too() -> None:
    limit = SpendingLimit(4, scope="demo")
    delta = {"id": "c1", "model": "gpt-4o", "choices": [{"index": 0, "delta": {"content": "a"}}], "usage": USAGE}
    broken = {"error": {"message": "out of order", "type": "server_error"}}
    with pytest.raises(ServerError) as caught, router(Canned(sse(delta, broken)), limit).stream("hello") as stream:
        list(stream)
    (attempt,) = caught.value.attempts
    assert limit.spent == attempt.cost.total > 0


# --- tracing --------------------------------------------------------------------------------------------------------


class Telemetry:
    def __init__(self) -> None:
        pytest.importorskip("opentelemetry.sdk")
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider(metric_readers=[self.reader])

    def trace(self, **options):
        return trace(tracer_provider=self.tracers, meter_provider=self.meters, **options)

    @property
    def spans(self):
        return self.exporter.get_finished_spans()

    @property
    def metrics(self) -> dict:
        data = self.reader.get_metrics_data()
        return {
            metric.name: metric.data.data_points
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


@pytest.fixture
def telemetry():
    return Telemetry()


def test_a_call_has_a_span_and_each_attempt_one_under_it(telemetry) -> None:
    router(Canned(ERROR, said("hi")), *telemetry.trace()).complete("hello", temperature=0.5, stop="x")
    failed, good, call = telemetry.spans
    assert call.name == "llmclient.chat openai/gpt-4o"
    assert [span.name for span in (failed, good)] == ["chat gpt-4o"] * 2
    assert {span.parent.span_id for span in (failed, good)} == {call.context.span_id}
    assert failed.attributes["error.type"] == "ServerError"
    assert not failed.status.is_ok
    assert good.kind.name == "CLIENT"
    assert dict(good.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.stop_sequences": ("x",),
        "gen_ai.output.type": "text",
        "gen_ai.response.id": "c1",
        "gen_ai.response.model": "gpt-4o",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 1_000_000,
        "gen_ai.usage.output_tokens": 0,
        "llmclient.attempt": 2,
    }
    assert call.attributes["llmclient.cost_usd"] == pytest.approx(2.5)


def test_tokens_duration_and_cost_are_measured(telemetry) -> None:
    router(Canned(said("hi")), *telemetry.trace()).complete("hello")
    measured = telemetry.metrics
    assert {point.attributes["gen_ai.token.type"]: point.sum for point in measured["gen_ai.client.token.usage"]} == {
        "input": 1_000_000,
        "output": 0,
    }
    assert measured["gen_ai.client.operation.duration"][0].count == 1
    bounds = {name: points[0].explicit_bounds for name, points in measured.items()}
    assert bounds["gen_ai.client.token.usage"] == (1, *(4**power for power in range(1, 14)))
    assert bounds["gen_ai.client.operation.duration"][:4] == pytest.approx((0.01, 0.02, 0.04, 0.08))
    assert bounds["gen_ai.client.operation.duration"][-1] == pytest.approx(81.92)
    assert measured["llmclient.cost"][0].sum == pytest.approx(2.5)


async def test_a_stream_has_a_time_to_its_first_chunk(telemetry) -> None:
    asked = router(Canned(streamed("a", "b")), *telemetry.trace(), cls=ModelRouter)
    async with asked.stream("hello") as stream:
        async for _ in stream:
            pass
    assert telemetry.metrics["gen_ai.client.operation.time_to_first_chunk"][0].count == 1
    assert [span.name for span in telemetry.spans] == ["chat gpt-4o", "llmclient.chat openai/gpt-4o"]
    attributes = telemetry.spans[0].attributes
    assert attributes["gen_ai.request.stream"] is True
    assert attributes["gen_ai.response.time_to_first_chunk"] >= 0


@pytest.mark.parametrize("content", [True, False])
def test_content_is_recorded_only_when_asked_for(telemetry, content) -> None:
    router(Canned(said("the answer")), *telemetry.trace(content=content)).complete("the question")
    attributes = telemetry.spans[0].attributes
    assert ("gen_ai.input.messages" in attributes) is content
    if content:
        asked = [{"role": "user", "parts": [{"type": "text", "content": "the question"}]}]
        assert json.loads(attributes["gen_ai.input.messages"]) == asked
        answered = {"role": "assistant", "parts": [{"type": "text", "content": "the answer"}], "finish_reason": "stop"}
        assert json.loads(attributes["gen_ai.output.messages"]) == [answered]


def test_what_has_no_messages_has_none_recorded(telemetry) -> None:
    vectors = Canned(answer({"data": [{"index": 0, "embedding": [0.5]}], "model": "m"}))
    router(vectors, *telemetry.trace(content=True)).embed("a")
    assert not any(name.endswith(".messages") for span in telemetry.spans for name in span.attributes)


def test_messages_are_recorded_in_parts(telemetry) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    picture = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "Look"}, picture, {"type": "file", "file": {}}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "a fox"},
        {"role": "assistant", "content": "no", "reasoning_content": "hm", "refusal": "I cannot"},
        {"role": "user", "content": "?"},
    ]
    router(Canned(said("hi")), *telemetry.trace(content=True)).complete(messages)
    told = json.loads(telemetry.spans[0].attributes["gen_ai.input.messages"])
    assert [[part["type"] for part in message["parts"]] for message in told] == [
        ["text", "uri", "file"],
        ["tool_call"],
        ["tool_call_response"],
        ["reasoning", "text", "refusal"],
        ["text"],
    ]
    assert told[1]["parts"] == [{"type": "tool_call", "id": "1", "name": "look", "arguments": "{}"}]
    assert told[2]["parts"] == [{"type": "tool_call_response", "id": "1", "response": "a fox"}]


async def test_every_name_is_one_of_the_conventions(telemetry) -> None:
    """Judged by the package of the conventions themselves."""
    attributes = pytest.importorskip("opentelemetry.semconv._incubating.attributes.gen_ai_attributes")
    measures = pytest.importorskip("opentelemetry.semconv._incubating.metrics.gen_ai_metrics")
    whole = Canned(streamed("a"))
    asked = router(whole, *telemetry.trace(content=True), cls=ModelRouter)
    params = {"top_p": 1, "seed": 1, "n": 1, "max_tokens": 9, "presence_penalty": 0.1, "frequency_penalty": 0.1}
    async with asked.stream("hello", **params, response_format={"type": "json_object"}) as stream:
        async for _ in stream:
            pass
    vectors = Canned(answer({"data": [{"index": 0, "embedding": [0.5]}], "model": "m"}))
    router(vectors, *telemetry.trace()).embed("a", dimensions=1)
    details = {"prompt_tokens_details": {"cached_tokens": 1}, "completion_tokens_details": {"reasoning_tokens": 2}}
    usage = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8, **details}
    reply = {"id": "c", "model": "m", "choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
    router(Canned(answer({**reply, "usage": usage})), *telemetry.trace()).complete("hello")
    known = {value for name, value in vars(attributes).items() if name.startswith("GEN_AI_")}
    used = {name: value for span in telemetry.spans for name, value in span.attributes.items()}
    assert {name for name in used if name.startswith("gen_ai.")} - known == set()
    assert used["gen_ai.output.type"] in {"text", "json"}
    assert used["gen_ai.embeddings.dimension.count"] == 1
    assert used["gen_ai.usage.cache_read.input_tokens"] == 1
    assert used["gen_ai.usage.reasoning.output_tokens"] == 2
    known_metrics = {value for name, value in vars(measures).items() if name.startswith("GEN_AI_")}
    assert {name for name in telemetry.metrics if name.startswith("gen_ai.")} <= known_metrics


def test_other_capabilities_are_traced_too(telemetry) -> None:
    canned = Canned(answer({"data": [{"index": 0, "embedding": [0.5]}], "model": "m"}))
    router(canned, *telemetry.trace()).embed("a")
    assert telemetry.spans[0].attributes["gen_ai.operation.name"] == "embeddings"
