"""Door 1: what a script comes to without an SDK."""

from __future__ import annotations

import asyncio

import pytest

from llmclient import ModelRouter, RequestTimeoutError, StreamInterruptedError, Timeouts
from llmclient.errors import ProviderError
from llmclient.testing import (
    LLM,
    Call,
    Citation,
    ConnectTimeout,
    Disconnect,
    DuplicateFrame,
    FakeProvider,
    LateFirstToken,
    Reasoning,
    ReorderedFrames,
    Reply,
    Script,
    Stall,
    tool_call,
)
from llmclient.testing.dialects.errors import ROWS, error_body
from llmclient.testing.faults import BODY_FAULTS, CONNECTION_FAULTS, STATUS_FAULTS
from llmclient.types.request import ChatRequest

pytestmark = pytest.mark.unit

PROVIDERS = ("openai", "anthropic", "openrouter", "groq")


@pytest.fixture
def router():
    return ModelRouter("openai/gpt-5-mini").sync


def request(timeouts=None):
    return ChatRequest(model="m", messages=[{"role": "user", "content": "hi"}], timeouts=timeouts)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", [*STATUS_FAULTS, *CONNECTION_FAULTS, *BODY_FAULTS], ids=lambda fault: fault.__name__)
def test_a_fault_surfaces_as_one_of_our_errors_with_its_facts(provider, fault):
    llm = LLM()
    llm.on().fail(fault, times=2)
    asked = FakeProvider(llm, provider)
    with pytest.raises(ProviderError) as sync:
        asked.complete_sync(request())
    with pytest.raises(type(sync.value)) as asynchronous:
        asyncio.run(asked.complete(request()))
    assert sync.value.provider == provider
    assert (asynchronous.value.status_code, asynchronous.value.category) == (
        sync.value.status_code,
        sync.value.category,
    )
    assert llm.calls.last.error is asynchronous.value


def test_every_status_fault_has_a_row_for_every_vendor():
    for family in ROWS:
        for fault in STATUS_FAULTS:
            assert error_body(family, fault())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_stream_comes_to_the_response_of_a_plain_call(provider):
    llm = LLM()
    llm.on().reply(
        "It is warm.",
        tool_calls=[tool_call("weather", city="Paris"), tool_call("weather", city="Rome")],
        reasoning=[Reasoning(text="Let me think."), Reasoning(redacted="xyz")],
        citations=[Citation(url="https://example.com", title="A source")],
        times=None,
    )
    asked = FakeProvider(llm, provider)
    plain = asked.complete_sync(request())
    stream = asked.stream_sync(request())
    chunks = list(stream)
    drop = {"id", "request_id", "choices", "service_tier"}  # OpenRouter tells the tier in streams only
    assert stream.response.model_dump(exclude=drop) == plain.model_dump(exclude=drop)
    assert (stream.response.text, stream.response.reasoning) == (plain.text, plain.reasoning)
    assert [call.arguments for call in stream.response.tool_calls] == [{"city": "Paris"}, {"city": "Rome"}]
    assert "".join(chunk.text for chunk in chunks) == "It is warm."
    assert chunks[-1].usage == plain.usage


def test_a_stream_is_paced_in_virtual_time(llm, router):
    llm.on().stream(["a", "b", "c"], first_token=0.5, per_second=10)
    with router.stream("hi") as stream:
        assert [chunk.text for chunk in stream if chunk.text] == ["a", "b", "c"]
    assert llm.clock.sleeps == [0.5, 0.1, 0.1]


def test_a_cut_stream_keeps_what_arrived(llm):
    llm.on().stream(["a", "b", "c"], fault=Disconnect(after_chunks=2))
    stream = FakeProvider(llm).stream_sync(request())
    with pytest.raises(StreamInterruptedError) as caught:
        list(stream)
    assert caught.value.partial.text == "ab"
    assert caught.value.partial.finish_reason is None


@pytest.mark.parametrize(("fault", "text"), [(DuplicateFrame(at=2), "abbc"), (ReorderedFrames(at=1), "bac")])
def test_frames_that_come_twice_or_change_places_show_in_the_text(llm, fault, text):
    llm.on().stream(["a", "b", "c"], fault=fault)
    stream = FakeProvider(llm).stream_sync(request())
    list(stream)
    assert stream.response.text == text


@pytest.mark.parametrize(
    ("fault", "phase", "waited"),
    [(LateFirstToken(seconds=60), "first_token", 7), (Stall(after=1, seconds=60), "idle", 7)],
)
async def test_a_late_chunk_is_a_timeout_of_its_phase_found_when_the_longer_limit_ends_the_read(
    llm, fault, phase, waited
):
    llm.on().stream(["a", "b"], fault=fault)
    stream = await FakeProvider(llm).stream(request(Timeouts(first_token=5, idle=7)))
    with pytest.raises(RequestTimeoutError) as caught:
        async for _ in stream:
            pass
    assert (caught.value.phase, llm.clock.sleeps) == (phase, [waited])


def test_a_connect_timeout_takes_as_long_as_the_limit(llm):
    llm.on().fail(ConnectTimeout)
    with pytest.raises(RequestTimeoutError) as caught:
        FakeProvider(llm).complete_sync(request(Timeouts(connect=3)))
    assert (caught.value.phase, llm.clock.sleeps) == ("connect", [3])


def test_it_stands_alone_with_a_script():
    provider = FakeProvider(Script(fallback=lambda call: Reply(text=call.text)))
    assert provider.complete_sync(request()).text == "hi"


async def test_what_is_no_chat_is_answered_too(llm):
    router = ModelRouter("openai/text-embedding-3-small")
    llm.on().reply(embeddings=[[1.0, 0.0]]).then(lambda _: "x", times=None)
    assert list((await router.embed("a"))[0]) == [1.0, 0.0]
    assert sum(number * number for number in (await router.embed("b"))[0]) == pytest.approx(1)
    assert (await router.generate_image("a fox")).content.startswith(b"\x89PNG")


def test_ids_are_the_same_in_every_run():
    def ids():
        llm = LLM(seed="s")
        llm.on().reply(tool_calls=[tool_call("weather")], times=None)
        return [FakeProvider(llm).complete_sync(request()).tool_calls[0].id for _ in range(3)]

    assert ids() == ids()
    assert len(set(ids())) == 3


def test_a_call_knows_its_turn_and_its_tools():
    call = Call(
        provider="openai",
        model="m",
        messages=[{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        params={"tools": [{"type": "function", "function": {"name": "weather"}}]},
    )
    assert (call.text, call.turn, call.tool_names) == ("hi", 1, ["weather"])
