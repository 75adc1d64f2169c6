"""The vendors' own SDKs read what the dialects emit, and find nothing to warn of; run with either generation of them.

Everything goes through the SDKs' typed methods, above the in-process transport.
"""

from __future__ import annotations

import anthropic
import openai
import pytest
from pydantic import BaseModel

from llmclient.providers._sdk import load_sdk
from llmclient.testing.faults import status as faults
from llmclient.testing.harness import Harness
from llmclient.testing.player import WirePlayer
from llmclient.testing.reply import Citation, Reasoning, Reply, tool_call
from llmclient.testing.transport import client_factory
from llmclient.testing.turns import Turn

EVERYTHING = Reply(
    text="Hello there, world",
    reasoning=(Reasoning(text="Let me think."), Reasoning(redacted="EqkE")),
    tool_calls=(tool_call("weather", city="Paris"), tool_call("time", zone="CET")),
    citations=(Citation(url="https://example.com", title="Example", quote="words"),),
    cost=0.25,
)
HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture
def harness():
    return Harness()


def http_client(harness, provider, flavour="sync"):
    package = "anthropic" if provider == "anthropic" else "openai"
    return client_factory(WirePlayer(harness), provider)(load_sdk(package).http, flavour)


@pytest.fixture
def for_openai(harness):
    client = openai.OpenAI(api_key="sk-test", http_client=http_client(harness, "openai"), max_retries=0)
    yield client
    client.close()


@pytest.fixture
def for_anthropic(harness):
    client = anthropic.Anthropic(api_key="sk-test", http_client=http_client(harness, "anthropic"), max_retries=0)
    yield client
    client.close()


@pytest.fixture
def for_openrouter(harness):
    client = openai.OpenAI(
        api_key="sk-test",
        base_url="https://openrouter.ai/api/v1",
        http_client=http_client(harness, "openrouter"),
        max_retries=0,
    )
    yield client
    client.close()


def play(harness, *outcomes):
    harness.script.add(*[Turn(action=outcome) for outcome in outcomes])


def test_openai_reads_a_plain_answer(harness, for_openai):
    play(harness, EVERYTHING)
    completion = for_openai.chat.completions.create(model="gpt-5-mini", messages=HELLO)
    message = completion.choices[0].message
    assert message.content == "Hello there, world"
    assert [call.function.name for call in message.tool_calls] == ["weather", "time"]
    assert message.annotations[0].url_citation.title == "Example"
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    assert completion._request_id.startswith("req_")


def test_openai_s_own_stream_helper_puts_the_chunks_together(harness, for_openai):
    play(harness, EVERYTHING)
    with for_openai.chat.completions.stream(model="gpt-5-mini", messages=HELLO) as stream:
        for _ in stream:
            pass
        completion = stream.get_final_completion()
    message = completion.choices[0].message
    assert message.content == "Hello there, world"
    assert [call.function.arguments for call in message.tool_calls] == ['{"city": "Paris"}', '{"zone": "CET"}']
    assert completion.choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize("include", [True, False])
def test_usage_is_streamed_only_when_asked_for(harness, for_openai, include):
    play(harness, Reply(text="4"))
    options = {"stream_options": {"include_usage": True}} if include else {}
    chunks = list(for_openai.chat.completions.create(model="gpt-5-mini", messages=HELLO, stream=True, **options))
    assert [chunk.usage is not None for chunk in chunks].count(True) == include
    assert ("usage" in chunks[0].model_fields_set) == include


def test_anthropic_reads_a_plain_answer(harness, for_anthropic):
    play(harness, EVERYTHING)
    message = for_anthropic.messages.create(model="claude-haiku-4-5", max_tokens=100, messages=HELLO)
    kinds = [block.type for block in message.content]
    assert kinds == ["thinking", "redacted_thinking", "text", "tool_use", "tool_use"]
    assert message.content[2].citations[0].cited_text == "words"
    assert message.stop_reason == "tool_use"
    assert message._request_id.startswith("req_")


def test_anthropic_s_own_stream_helper_puts_the_events_together(harness, for_anthropic):
    play(harness, EVERYTHING, EVERYTHING)
    plain = for_anthropic.messages.create(model="claude-haiku-4-5", max_tokens=100, messages=HELLO)
    with for_anthropic.messages.stream(model="claude-haiku-4-5", max_tokens=100, messages=HELLO) as stream:
        streamed = stream.get_final_message()
    assert [block.type for block in streamed.content] == [block.type for block in plain.content]
    assert streamed.content[0].thinking == "Let me think."
    assert streamed.content[0].signature
    assert streamed.content[3].input == {"city": "Paris"}
    assert streamed.usage.output_tokens == plain.usage.output_tokens


def test_anthropic_counts_tokens_and_lists_models(harness, for_anthropic):
    counted = for_anthropic.messages.count_tokens(model="claude-haiku-4-5", messages=HELLO)
    assert counted.input_tokens == 2
    assert "claude-haiku-4-5" in [model.id for model in for_anthropic.models.list()]


def test_openrouter_is_read_with_its_own_fields(harness, for_openrouter):
    play(harness, EVERYTHING, EVERYTHING)
    completion = for_openrouter.chat.completions.create(model="openai/gpt-5-mini", messages=HELLO)
    assert completion.provider == "OpenAI"
    assert completion.usage.cost == 0.25
    assert completion.choices[0].message.reasoning == "Let me think."
    chunks = list(for_openrouter.chat.completions.create(model="openai/gpt-5-mini", messages=HELLO, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello there, world"
    assert chunks[-1].usage.cost == 0.25


def test_an_embedding_nobody_scripted_is_a_unit_vector_in_either_encoding(harness, for_openai):
    play(harness, *[Reply()] * 2)
    as_base64 = for_openai.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
    as_floats = for_openai.embeddings.create(model="text-embedding-3-small", input=["a", "b"], encoding_format="float")
    assert [row.embedding for row in as_base64.data] == [row.embedding for row in as_floats.data]
    first, second = (row.embedding for row in as_base64.data)
    assert len(first) == 1536
    assert first != second
    assert sum(value * value for value in first) == pytest.approx(1.0, abs=1e-5)


def test_images_speech_transcriptions_and_models_have_defaults(harness, for_openai):
    play(harness, *[Reply()] * 2, Reply(transcript="hello"), Reply(text="hello again"))
    image = for_openai.images.generate(model="gpt-image-1", prompt="a fox")
    assert image.data[0].b64_json
    speech = for_openai.audio.speech.create(model="tts-1", voice="alloy", input="hello", response_format="wav")
    assert speech.content.startswith(b"RIFF")
    heard = for_openai.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"RIFF", "audio/wav"))
    assert heard.text == "hello"
    text = for_openai.audio.transcriptions.create(
        model="whisper-1", file=("a.wav", b"RIFF", "audio/wav"), response_format="text"
    )
    assert text == "hello again\n"
    assert "gpt-5-mini" in [model.id for model in for_openai.models.list()]
    assert harness.calls[2].call.params["file"] == b"RIFF"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.BadRequest(), "BadRequestError"),
        (faults.Auth(), "AuthenticationError"),
        (faults.Permission(), "PermissionDeniedError"),
        (faults.NotFound(), "NotFoundError"),
        (faults.RateLimit(retry_after=2), "RateLimitError"),
        (faults.ServerFailure(), "InternalServerError"),
    ],
    ids=str,
)
def test_a_fault_is_the_sdks_own_error(harness, for_openai, for_anthropic, fault, error):
    play(harness, fault, fault)
    with pytest.raises(getattr(openai, error)) as of_openai:
        for_openai.chat.completions.create(model="gpt-5-mini", messages=HELLO)
    with pytest.raises(getattr(anthropic, error)) as of_anthropic:
        for_anthropic.messages.create(model="claude-haiku-4-5", max_tokens=100, messages=HELLO)
    assert of_openai.value.request_id
    assert of_anthropic.value.request_id


async def test_one_transport_serves_async_clients_as_well(harness):
    play(harness, Reply(text="4"), Reply(text="5"))
    async with openai.AsyncOpenAI(
        api_key="sk-test", http_client=http_client(harness, "openai", "async"), max_retries=0
    ) as client:
        completion = await client.chat.completions.create(model="gpt-5-mini", messages=HELLO)
        assert completion.choices[0].message.content == "4"
        stream = await client.chat.completions.create(model="gpt-5-mini", messages=HELLO, stream=True)
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == "5"


class User(BaseModel):
    name: str
    age: int


ADA = User(name="Ada", age=36)


def test_the_sdks_own_parsing_finds_the_object(harness, for_openai, for_anthropic):
    play(harness, *[Reply(text=ADA.model_dump_json())] * 4)
    completion = for_openai.chat.completions.parse(model="gpt-5-mini", messages=HELLO, response_format=User)
    assert completion.choices[0].message.parsed == ADA
    assert for_openai.responses.parse(model="gpt-5-mini", input="hello", text_format=User).output_parsed == ADA
    with for_openai.responses.stream(model="gpt-5-mini", input="hello", text_format=User) as stream:
        assert [event.type for event in stream][-1] == "response.completed"
        assert stream.get_final_response().output_parsed == ADA
    asked = {"model": "claude-haiku-4-5", "max_tokens": 100, "messages": HELLO}
    assert for_anthropic.messages.parse(**asked, output_format=User).parsed_output == ADA


@pytest.mark.parametrize("stream", [False, True])
def test_anthropics_tool_runner_runs_a_tool_and_comes_back(harness, for_anthropic, stream):
    @anthropic.beta_tool
    def weather(city: str) -> str:
        """The weather in a city."""
        return f"sunny in {city}"

    play(harness, Reply(tool_calls=(tool_call("weather", city="Paris"),)), Reply(text="It is sunny."))
    runner = for_anthropic.beta.messages.tool_runner(
        model="claude-haiku-4-5", max_tokens=100, messages=HELLO, tools=[weather], stream=stream
    )
    assert runner.until_done().content[0].text == "It is sunny."
    assert harness.calls[-1].messages[-1]["content"] == "sunny in Paris"
