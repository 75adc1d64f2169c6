"""What a provider makes of a request is the same at every door: what it refuses, what it sends, and how often."""

from __future__ import annotations

import asyncio
import os

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from conformance.observing import DOORS, PATIENT, entered, failed, told
from llmclient import ModelRouter, ProviderConfig, RetryPolicy, SyncModelRouter, errors
from llmclient.errors import LLMClientError, UnsupportedCapabilityError, UnsupportedParameterError
from llmclient.providers.counting import count_tokens_exact, count_tokens_exact_sync
from llmclient.testing import LLM, Disconnect, Overloaded, ServerFailure, Stall, tool_call
from llmclient.testing.harness import Harness
from llmclient.testing.reply import Citation, Cut, Reasoning, Reply
from llmclient.testing.turns import Turn

AUDIO = [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]}]
REFUSED = {
    "a parameter of others": ("openai/gpt-5-mini", "hi", {"top_k": 3}),
    "thinking, at OpenAI": ("openai/gpt-5-mini", "hi", {"thinking": {"type": "enabled", "budget_tokens": 1024}}),
    "a parameter Anthropic lacks": ("anthropic/claude-haiku-4-5", "hi", {"logprobs": True}),
    "several choices": ("anthropic/claude-haiku-4-5", "hi", {"n": 3}),
    "audio": ("anthropic/claude-haiku-4-5", AUDIO, {}),
    "a parameter that is no JSON": ("openai/gpt-5-mini", "hi", {"metadata": {"a": object()}}),
    "not a number": ("groq/llama-3.3-70b-versatile", "hi", {"temperature": float("nan")}),
    "half a character": ("openai/gpt-5-mini", "\ud800", {}),
    "a header with a line break": ("openrouter/x/y", "hi", {"extra_headers": {"X-A": "a\nb"}}),
}


def harness(*outcomes, times=None):
    made = Harness()
    made.script.add(*[Turn(action=outcome, times=times) for outcome in outcomes])
    return made


def play(door, made, ask, *, asynchronous, **given):
    """What one call comes to, and the calls that the journal has of it."""
    given = {"retry": RetryPolicy(attempts=1), "clock": made.clock, "timeouts": PATIENT, **given}
    with entered(door, made):
        try:
            result = asyncio.run(_play_async(ask, given)) if asynchronous else _play(ask, given)
        except LLMClientError as error:
            result = failed(error)
    return result, [(call.model, call.stream, call.text) for call in made.calls]


def _play(ask, given):
    with SyncModelRouter("openai/gpt-5-mini", **given) as router:
        return told(ask(router))


async def _play_async(ask, given):
    async with ModelRouter("openai/gpt-5-mini", **given) as router:
        return told(await ask(router))


def everywhere(ask, *outcomes, **given):
    """The same at every door, sync and async; returns what it is."""
    measure = None
    for door in DOORS:
        for asynchronous in (False, True):
            seen = play(door, harness(*outcomes), ask, asynchronous=asynchronous, **given)
            measure = measure or seen
            assert seen == measure, f"{door} {'async' if asynchronous else 'sync'}"
    return measure


@pytest.mark.parametrize(("model", "messages", "params"), REFUSED.values(), ids=REFUSED)
def test_what_a_provider_refuses_to_send_is_refused_at_every_door(model, messages, params):
    result, calls = everywhere(lambda router: router.complete(messages, model=model, **params), Reply(text="4"))
    assert issubclass(getattr(errors, result["class"]), errors.RequestError)
    assert calls == []


def test_what_may_be_left_out_is_left_out_at_every_door(caplog):
    result, calls = everywhere(
        lambda router: router.complete("hi", model="anthropic/claude-haiku-4-5", n=3, drop_unsupported=True),
        Reply(text="4"),
    )
    assert result["choices"][0]["message"]["content"] == "4"
    assert len(calls) == 1


def test_a_stream_is_refused_as_well(llm_at):
    with llm_at("provider") as llm, SyncModelRouter("openai/gpt-5-mini") as router:
        llm.on().reply("4")
        with pytest.raises(UnsupportedParameterError, match="top_k"), router.stream("hi", top_k=3):
            pass
        assert len(llm.calls) == 0


@pytest.fixture
def llm_at():
    def make(door):
        return LLM(door=door).active()

    return make


MEDIA = {
    "embed": lambda router: router.embed(["a", "b"], model="openai/text-embedding-3-small"),
    "embed floats": lambda router: router.embed("a", model="openai/text-embedding-3-small", encoding_format="float"),
    "embed at OpenRouter": lambda router: router.embed("a", model="openrouter/openai/text-embedding-3-small"),
    "image": lambda router: router.generate_image("a fox", model="openai/gpt-image-1"),
    "transcribe": lambda router: router.transcribe(b"RIFF0000WAVE", model="openai/whisper-1", temperature=0.2),
    "transcribe as text": lambda router: router.transcribe(
        b"RIFF0000WAVE", model="openai/whisper-1", response_format="text"
    ),
}
MEDIA_REPLY = Reply(text="hi", embeddings=((0.5, 0.25), (1.0, 0.1)), images=(b"\x89PNG1", "https://example.com/a.png"))


@pytest.mark.parametrize("verb", MEDIA)
@pytest.mark.parametrize("reply", [Reply(), MEDIA_REPLY], ids=["default", "scripted"])
def test_media_have_every_field_and_the_raw_answer_at_every_door(verb, reply):
    result, _ = everywhere(MEDIA[verb], reply)
    assert result["raw"]


def test_vectors_travel_as_base64_at_every_door():
    result, _ = everywhere(MEDIA["embed"], MEDIA_REPLY)
    assert result["data"][0]["embedding"] == "AAAAPwAAgD4="


def test_many_texts_are_as_many_requests_at_every_door():
    def ask(router):
        return router.embed(["a"] * 2049, model="openai/text-embedding-3-small", dimensions=1)

    result, calls = everywhere(ask, Reply())
    assert len(result["data"]) == 2049
    assert len(calls) == 2


@pytest.mark.parametrize("verb", ["embed", "generate_image", "speak"])
def test_what_a_provider_cannot_do_it_cannot_do_at_any_door(verb):
    def ask(router):
        return getattr(router, verb)("a", model="anthropic/claude-haiku-4-5")

    result, calls = everywhere(ask, Reply())
    assert result["class"] == UnsupportedCapabilityError.__name__
    assert calls == []


def test_a_parameter_that_a_media_endpoint_lacks_is_refused_at_every_door():
    result, calls = everywhere(
        lambda router: router.embed("a", model="openai/text-embedding-3-small", input_type="query"), Reply()
    )
    assert result["class"] == UnsupportedParameterError.__name__
    assert calls == []


def test_tokens_are_counted_at_every_door():
    messages = [{"role": "user", "content": "How many tokens are these?"}]
    counted = set()
    for door in DOORS:
        with entered(door, harness()):
            counted.add(count_tokens_exact_sync(messages, "anthropic/claude-haiku-4-5").tokens)
            counted.add(asyncio.run(count_tokens_exact(messages, "anthropic/claude-haiku-4-5")).tokens)
    assert len(counted) == 1


def test_the_same_models_are_listed_at_every_door():
    listed = []
    for door in DOORS:
        made = harness()
        made.script.add(Turn(action=Reply(text="4"), on="anthropic/my-own"))
        with entered(door, made), SyncModelRouter("anthropic/claude-haiku-4-5", clock=made.clock) as router:
            listed.append([model.model_dump() for model in router.list_models()])
    assert listed[0] == listed[1] == listed[2]
    assert "my-own" in {model["id"].rpartition("/")[2] for model in listed[0]}


RESPONSES = {
    "text": Reply(text="Hello there", usage={"prompt_tokens": 3, "completion_tokens": 2}),
    "everything": Reply(
        text="It is so.",
        reasoning=(Reasoning(text="2 and 2"),),
        tool_calls=(tool_call("look", at="x"), tool_call("look", at="y")),
        citations=(Citation(url="https://example.com", title="E", start=0, end=2),),
        cut=Cut(size=3),
    ),
    "cut off": Reply(text="Once upon", finish_reason="length"),
    "failed": ServerFailure(),
    "broken": Reply(text="Hello there", fault=Disconnect(1)),
}


@pytest.mark.parametrize("outcome", RESPONSES.values(), ids=RESPONSES)
@pytest.mark.parametrize("how", ["configured", "only way"])
def test_the_responses_api_has_its_own_fields_at_every_door(outcome, how):
    config = {"openai": ProviderConfig(api="responses")} if how == "configured" else {}
    model = "openai/gpt-5" if how == "configured" else "openai/o3-pro"
    result, _ = everywhere(lambda router: router.complete("hello", model=model), outcome, providers=config)
    if isinstance(outcome, Reply) and outcome.fault is None:
        assert result["raw"]["object"] == "response"


LONG = {
    "text": Reply(text="A long story.", cut=Cut(size=3, first_token=0.5, per_second=2.0)),
    "broken": Reply(text="A long story.", fault=Disconnect(1)),
    "stalled": Reply(text="A long story.", fault=Stall(after=1, seconds=3600.0)),
    "overloaded": Overloaded(),
}


@pytest.mark.parametrize("outcome", LONG.values(), ids=LONG)
def test_a_long_answer_of_anthropics_is_streamed_at_every_door(outcome):
    """A plain call with room for more than ten minutes of output goes as a stream."""

    def ask(router):
        return router.complete("Tell me all.", model="anthropic/claude-sonnet-4-5", max_tokens=30_000)

    seen = {
        (door, asynchronous): play(door, harness(outcome), ask, asynchronous=asynchronous)
        for door in DOORS
        for asynchronous in (False, True)
    }
    for asynchronous in (False, True):  # a stall is noticed by the socket or by the task's own clock
        measure = seen["provider", asynchronous]
        assert measure[1] == [("anthropic/claude-sonnet-4-5", True, "Tell me all.")]
        assert seen["transport", asynchronous] == measure
        assert seen["server", asynchronous] == measure


def test_chaos_draws_the_same_for_a_long_answer_at_every_door():
    drawn = []
    for door in DOORS:
        llm = LLM(door=door)
        llm.chaos(0.5, [ServerFailure(), Overloaded()], seed=3)
        llm.on().reply("x", times=None)
        with llm.active(), SyncModelRouter("anthropic/claude-sonnet-4-5", retry=RetryPolicy(attempts=1)) as router:
            for number in range(12):
                try:
                    router.complete(f"Story {number}", max_tokens=30_000)
                except LLMClientError:
                    continue
        drawn.append([call.fault and call.fault.name() for call in llm.calls])
    assert drawn[0] == drawn[1] == drawn[2]
    assert None in drawn[0]
    assert "overloaded" in drawn[0]


def test_the_body_that_would_be_sent_is_in_the_journal_of_every_door():
    bodies = []
    for door in DOORS:
        made = harness(Reply(text="4"))
        with entered(door, made), SyncModelRouter("openai/gpt-5-mini", clock=made.clock) as router:
            router.complete("hi", max_tokens=9)
            router.complete("hi", model="anthropic/claude-haiku-4-5")
        bodies.append([dict(call.body) for call in made.calls])
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0][0]["max_completion_tokens"] == 9


FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
SCHEMA = {"name": "a", "schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}
PARAMS = {
    "temperature": [0.5, 3, "hot", None, float("inf")],
    "top_k": [3],
    "n": [1, 2],
    "stop": ["x", ["a", "b"]],
    "logprobs": [True],
    "metadata": [{"a": "b"}, {"user_id": "u"}],
    "max_tokens": [5, 40_000, 0],
    "reasoning_effort": ["low", "none", "max"],
    "thinking": [{"type": "enabled", "budget_tokens": 1024}, {"type": "adaptive"}],
    "tools": [[FUNCTION], [{"type": "web_search"}], [{"type": "custom", "custom": {"name": "c"}}]],
    "tool_choice": ["auto", "none", "required", {"type": "function", "function": {"name": "f"}}],
    "parallel_tool_calls": [True, False],
    "response_format": [{"type": "json_schema", "json_schema": SCHEMA}, {"type": "text"}],
    "service_tier": ["flex"],
    "modalities": [["text", "audio"]],
    "logit_bias": [{"1": 2}],
    "extra_body": [{"x": 1}],
    "extra_headers": [{"X-A": "b"}, {"X A": "b"}],
    "drop_unsupported": [True],
}
PARTS = [
    {"type": "text", "text": "hi"},
    {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    {"type": "image_url", "image_url": {"url": "data:image/bmp;base64,AAAA"}},
    {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
    {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"}},
    {"type": "nonsense"},
]
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{"}}
ANSWERED = [
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "r"},
]
conversations = st.builds(
    lambda before, content, after: [*before, {"role": "user", "content": content}, *after],
    st.sampled_from([[], [{"role": "system", "content": "s"}], [{"role": "developer", "content": "s"}]]),
    st.sampled_from(["hi", "", None]) | st.lists(st.sampled_from(PARTS), max_size=2),
    st.sampled_from([[], [], ANSWERED, [{"role": "robot", "content": "x"}]]),
)
MODELS = [
    "openai/gpt-5-mini",
    "openai/o3-pro",
    "anthropic/claude-haiku-4-5",
    "anthropic/claude-3-haiku-20240307",
    "openrouter/meta-llama/llama-4-scout",
    "deepseek/deepseek-chat",
]


@settings(
    max_examples=int(os.environ.get("LLMCLIENT_CONFORMANCE_EXAMPLES", "4")) * 15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    st.sampled_from(MODELS),
    conversations,
    st.lists(st.sampled_from(list(PARAMS)), max_size=3, unique=True),
    st.integers(0, 11),
)
def test_any_request_is_refused_or_answered_alike(model, messages, names, choice):
    params = {name: PARAMS[name][choice % len(PARAMS[name])] for name in names}

    def ask(router):
        return router.complete(messages, model=model, **params)

    seen = [play(door, harness(Reply(text='{"a": 1}')), ask, asynchronous=False) for door in ("provider", "transport")]
    assert seen[0] == seen[1]
    event("refused" if "class" in seen[0][0] else "answered")
