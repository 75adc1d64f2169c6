"""`completion` and `acompletion`: LiteLLM's arguments in, its shapes and errors out."""

from __future__ import annotations

import asyncio

import openai
import pytest

from llmclient import testing as fake
from llmclient.compat import litellm
from llmclient.compat.litellm.types.utils import Delta, ModelResponse, ModelResponseStream, StreamingChoices
from llmclient.compat.litellm.utils import CustomStreamWrapper
from llmclient.testing import script, tool_call


@pytest.fixture
def wire():
    """Every provider is scripted beneath its SDK, so that `calls[-1].body` is what was sent."""
    with script(door="transport") as scripted:
        yield scripted


class TestPlain:
    async def test_answers_in_litellms_shape(self, llm, ask):
        llm.on("openai/gpt-4o").reply("hello")
        response = await litellm.acompletion(model="gpt-4o", messages=ask)
        assert isinstance(response, litellm.ModelResponse)
        assert response["choices"][0]["message"]["content"] == "hello"
        assert response.choices[0].finish_reason == "stop"
        assert response._hidden_params["custom_llm_provider"] == "openai"
        assert response._hidden_params["response_cost"] > 0
        assert response._response_ms is not None

    def test_sync_code_gets_the_same(self, llm, ask):
        llm.on("*").reply("hello")
        assert litellm.completion(model="gpt-4o", messages=ask).choices[0].message.content == "hello"

    async def test_tool_calls_are_litellms_objects(self, llm, ask):
        llm.on("*").reply(tool_calls=[tool_call("f", a=1)])
        choice = (await litellm.acompletion(model="claude-haiku-4-5", messages=ask)).choices[0]
        assert choice.finish_reason == "tool_calls"
        assert choice.message.tool_calls[0].function.arguments == '{"a": 1}'

    async def test_a_message_goes_back_into_the_conversation(self, llm, ask):
        llm.on("*").reply("one").reply("two")
        first = await litellm.acompletion(model="gpt-4o", messages=ask)
        await litellm.acompletion(model="gpt-4o", messages=[*ask, first.choices[0].message, *ask])
        assert [message["role"] for message in llm.calls[-1].messages] == ["user", "assistant", "user"]

    async def test_fallbacks_are_asked_in_order(self, llm, ask):
        llm.on("openai/*").fail(fake.ServerFailure(), times=3)
        llm.on("anthropic/*").reply("b")
        response = await litellm.acompletion(model="gpt-4o", messages=ask, fallbacks=["claude-haiku-4-5"])
        assert response.choices[0].message.content == "b"

    async def test_a_deployment_that_failed_is_asked_again_by_the_next_call(self, llm, ask):
        llm.on("*").fail(fake.Auth()).reply("now")
        with pytest.raises(litellm.AuthenticationError):
            await litellm.acompletion(model="gpt-4o", messages=ask)
        assert (await litellm.acompletion(model="gpt-4o", messages=ask)).choices[0].message.content == "now"


class TestOnTheWire:
    async def test_stream_false_is_not_sent(self, wire, ask):
        wire.on("*").reply("x")
        await litellm.acompletion(model="gpt-4o", messages=ask, stream=False)
        assert "stream" not in wire.calls[-1].call.body

    async def test_explicit_defaults_are_sent_and_none_is_not(self, wire, ask):
        wire.on("*").reply("x")
        await litellm.acompletion(model="gpt-4o", messages=ask, n=1, top_p=1.0, temperature=0.0, seed=None)
        body = wire.calls[-1].call.body
        assert {name: body.get(name) for name in ("n", "top_p", "temperature")} == {
            "n": 1,
            "top_p": 1,
            "temperature": 0,
        }
        assert "seed" not in body

    async def test_what_steers_the_call_is_no_field(self, wire, ask):
        wire.on("*").reply("x")
        await litellm.acompletion(
            model="gpt-4o",
            messages=ask,
            timeout=30,
            api_key="sk-test-canary-0001",
            base_url="http://localhost:1/v1",
            api_version="1",
            custom_llm_provider="openai",
            num_retries=0,
            metadata={"a": 1},
            extra_headers={"x-mine": "1"},
            input_cost_per_token=1e-6,
            drop_params=True,
            litellm_call_id="7",
        )
        call = wire.calls[-1].call
        assert set(call.body) == {"model", "messages"}
        assert call.headers["x-mine"] == "1"

    async def test_streams_to_openai_ask_for_usage(self, wire, ask):
        wire.on("*").reply("x")
        stream = await litellm.acompletion(model="gpt-4o", messages=ask, stream=True)
        assert [chunk async for chunk in stream]
        assert wire.calls[-1].call.body["stream_options"] == {"include_usage": True}

    async def test_openrouters_own_parameters_pass_through(self, wire, ask):
        wire.on("*").reply("x")
        own = {"transforms": ["middle-out"], "route": "fallback", "models": ["a/b"], "provider": {"order": ["x"]}}
        await litellm.acompletion(
            model="openrouter/openai/gpt-4o", messages=ask, include_reasoning=True, min_p=0.1, **own
        )
        body = wire.calls[-1].call.body
        assert {name: body[name] for name in own} == own
        assert (body["include_reasoning"], body["min_p"]) == (True, 0.1)

    async def test_deployment_id_is_the_model(self, wire, ask):
        wire.on("*").reply("x")
        await litellm.acompletion(model="gpt-4o", messages=ask, deployment_id="gpt-4o-mini")
        assert wire.calls[-1].call.body["model"] == "gpt-4o-mini"

    async def test_a_pydantic_class_becomes_a_response_format(self, wire, ask):
        from pydantic import BaseModel

        class City(BaseModel):
            name: str

        wire.on("*").reply('{"name": "Rome"}')
        await litellm.acompletion(model="gpt-4o", messages=ask, response_format=City)
        sent = wire.calls[-1].call.body["response_format"]
        assert (sent["type"], sent["json_schema"]["name"], sent["json_schema"]["strict"]) == (
            "json_schema",
            "City",
            True,
        )


class TestTime:
    async def test_a_timeout_limits_each_try_and_bounds_the_call(self, llm, ask):
        llm.on("*").fail(fake.ReadTimeout(), times=None)
        began = llm.clock.monotonic()
        with pytest.raises(litellm.Timeout):
            await litellm.acompletion(model="gpt-4o", messages=ask, timeout=10)
        assert len(llm.calls) == 3
        assert llm.clock.monotonic() - began <= 30


class TestStreams:
    async def test_chunks_and_their_whole(self, llm, ask):
        llm.on("*").stream(["a", "b"])
        stream = await litellm.acompletion(model="gpt-4o", messages=ask, stream=True)
        assert isinstance(stream, CustomStreamWrapper)
        assert hasattr(stream, "__aiter__")
        assert not hasattr(stream, "usage")
        chunks = [chunk async for chunk in stream]
        assert "".join(chunk.choices[0].delta.get("content") or "" for chunk in chunks if chunk.choices) == "ab"
        assert [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason] == ["stop"]
        whole = litellm.stream_chunk_builder(chunks)
        assert whole.choices[0].message.content == "ab"
        assert whole.usage.total_tokens > 0

    def test_sync_code_iterates(self, llm, ask):
        llm.on("*").stream(["a", "b"])
        chunks = list(litellm.completion(model="gpt-4o", messages=ask, stream=True))
        assert litellm.stream_chunk_builder(chunks).choices[0].message.content == "ab"

    async def test_tool_calls_and_reasoning_are_joined(self, llm, ask):
        llm.on("*").reply(reasoning="hm", tool_calls=[tool_call("f", a=1), tool_call("g", b=2)])
        stream = await litellm.acompletion(model="claude-haiku-4-5", messages=ask, stream=True)
        message = litellm.stream_chunk_builder([chunk async for chunk in stream]).choices[0].message
        assert [call.function.name for call in message.tool_calls] == ["f", "g"]
        assert message.reasoning_content == "hm"

    async def test_every_chunk_has_a_choice_and_the_first_one_says_something(self, wire, ask):
        wire.on("*").stream(["a", "b"])
        stream = await litellm.acompletion(model="gpt-4o", messages=ask, stream=True)
        chunks = [chunk async for chunk in stream]
        assert [chunk.choices[0].delta.content for chunk in chunks] == ["a", "b", None, None]
        assert [chunk.choices[0].finish_reason for chunk in chunks] == [None, None, "stop", None]
        assert chunks[0].choices[0].delta.role == "assistant"
        assert [chunk.usage is not None for chunk in chunks] == [False, False, False, True]

    async def test_chunks_built_by_hand_are_joined(self):
        parts = [StreamingChoices(delta=Delta(content=text)) for text in "ab"]
        streams = [ModelResponseStream(id="1", model="m", choices=[part]) for part in parts]
        responses = [ModelResponse(id="1", model="m", stream=True, choices=[part]) for part in parts]
        for chunks in (streams, responses, [chunk.model_dump() for chunk in streams]):
            assert litellm.stream_chunk_builder(chunks).choices[0].message.content == "ab"

    async def test_every_fragment_of_a_tool_call_has_a_type(self, llm, ask):
        llm.on("*").reply(tool_calls=[tool_call("f", a=1)])
        stream = await litellm.acompletion(model="gpt-4o", messages=ask, stream=True)
        fragments = [call async for chunk in stream for call in chunk.choices[0].delta.tool_calls or ()]
        assert {fragment.type for fragment in fragments} == {"function"}

    async def test_an_error_before_the_first_chunk_is_raised_by_the_call(self, llm, ask):
        llm.on("*").fail(fake.Auth())
        with pytest.raises(litellm.AuthenticationError):
            await litellm.acompletion(model="gpt-4o", messages=ask, stream=True)

    async def test_a_stream_that_breaks_is_an_error_and_not_a_stop(self, llm, ask):
        llm.on("*").stream(["a", "b", "c"], fault=fake.Disconnect(after_chunks=2))
        stream = await litellm.acompletion(model="gpt-4o", messages=ask, stream=True)
        seen = []
        with pytest.raises(litellm.APIConnectionError) as caught:
            async for chunk in stream:
                seen.append(chunk)  # noqa: PERF401 - it breaks off
        assert caught.value.__cause__.partial.text
        assert not [chunk for chunk in seen if chunk.choices and chunk.choices[0].finish_reason]

    async def test_an_interrupted_reader_closes_the_stream(self, llm, ask):
        llm.on("*").stream(["a", "b", "c"])
        stream = await litellm.acompletion(model="gpt-4o", messages=ask, stream=True)
        async for _ in stream:
            break
        await stream.aclose()
        assert [chunk async for chunk in stream] == []


class TestErrors:
    @pytest.mark.parametrize(
        ("fault", "name"),
        [
            (fake.Auth(), "AuthenticationError"),
            (fake.Permission(), "PermissionDeniedError"),
            (fake.NotFound(), "NotFoundError"),
            (fake.BadRequest(), "BadRequestError"),
            (fake.ContextWindow(), "ContextWindowExceededError"),
            (fake.ContentPolicy(), "ContentPolicyViolationError"),
            (fake.RateLimit(), "RateLimitError"),
            (fake.ServerFailure(), "InternalServerError"),
            (fake.ConnectionRefused(), "APIConnectionError"),
            (fake.ReadTimeout(), "Timeout"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    async def test_a_failure_is_litellms_class_under_openais(self, llm, ask, fault, name):
        llm.on("*").fail(fault, times=None)
        with pytest.raises(getattr(litellm, name)) as caught:
            await litellm.acompletion(model="gpt-4o", messages=ask)
        assert isinstance(
            caught.value, getattr(openai, {"Timeout": "APITimeoutError"}.get(name, name), openai.APIError)
        )
        assert caught.value.llm_provider == "openai"
        assert caught.value.attempts

    @pytest.mark.parametrize("name", ["gpt-4o", "openai/gpt-4o"])
    async def test_the_model_of_an_error_is_spelled_as_the_program_does(self, llm, ask, name):
        llm.on("*").fail(fake.Auth())
        with pytest.raises(litellm.AuthenticationError) as caught:
            await litellm.acompletion(model=name, messages=ask)
        assert caught.value.model == name

    @pytest.mark.parametrize(
        ("fault", "status", "name"),
        [
            (fake.Conflict(), 409, "APIError"),
            (fake.GatewayTimeout(), 504, "Timeout"),
            (fake.BadGateway(), 502, "BadGatewayError"),
        ],
    )
    async def test_the_status_is_the_one_that_came(self, llm, ask, fault, status, name):
        llm.on("*").fail(fault, times=None)
        with pytest.raises(getattr(litellm, name)) as caught:
            await litellm.acompletion(model="gpt-4o", messages=ask, num_retries=0)
        assert caught.value.status_code == status
        assert caught.value.response.status_code == status

    async def test_where_every_model_failed_all_are_told(self, llm, ask):
        llm.on("openai/*").fail(fake.RateLimit(), times=None)
        llm.on("anthropic/*").fail(fake.Auth(), times=None)
        with pytest.raises(litellm.RateLimitError, match=r"(?s)openai.*anthropic"):
            await litellm.acompletion(model="gpt-4o", messages=ask, fallbacks=["claude-haiku-4-5"])

    @pytest.mark.parametrize("entry", ["openai/gpt-4.1", {"model": "gpt-4.1", "api_key": "sk-test"}])
    async def test_a_fallback_is_a_name_or_a_dictionary(self, llm, ask, entry):
        llm.on("openai/gpt-4o").fail(fake.Auth())
        llm.on("openai/gpt-4.1").reply("b")
        response = await litellm.acompletion(model="gpt-4o", messages=ask, fallbacks=[entry])
        assert response.choices[0].message.content == "b"

    async def test_a_fallback_of_another_kind_is_an_error(self, ask):
        with pytest.raises(TypeError, match="fallbacks= takes names"):
            await litellm.acompletion(model="gpt-4o", messages=ask, fallbacks=[3])

    async def test_nobody_knows_the_model(self, ask):
        with pytest.raises(litellm.BadRequestError, match=r"(?s)LLM Provider NOT provided.*provider/model"):
            await litellm.acompletion(model="nobody-knows-this", messages=ask)

    async def test_cancellation_passes_unchanged(self, llm, ask):
        async def never(_call):
            await asyncio.Event().wait()

        llm.on("*").then(never)
        task = asyncio.ensure_future(litellm.acompletion(model="gpt-4o", messages=ask))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


class TestArguments:
    @pytest.mark.parametrize("name", ["mock_response", "caching", "logger_fn", "client", "model_list"])
    async def test_a_refused_argument_names_what_to_use(self, ask, name):
        with pytest.raises(TypeError, match=f"{name}=; use "):
            await litellm.acompletion(model="gpt-4o", messages=ask, **{name: "x"})

    async def test_an_unsupported_parameter_raises_or_is_dropped(self, wire, ask):
        with pytest.raises(litellm.UnsupportedParamsError):
            await litellm.acompletion(model="gpt-4o", messages=ask, thinking={"type": "enabled"})
        wire.on("*").reply("x")
        await litellm.acompletion(model="gpt-4o", messages=ask, thinking={"type": "enabled"}, drop_params=True)
        assert "thinking" not in wire.calls[-1].call.body

    async def test_drop_params_for_all_calls(self, wire, ask, monkeypatch):
        monkeypatch.setattr(litellm, "drop_params", True)
        wire.on("*").reply("x")
        await litellm.acompletion(model="gpt-4o", messages=ask, top_k=3)
        assert "top_k" not in wire.calls[-1].call.body
