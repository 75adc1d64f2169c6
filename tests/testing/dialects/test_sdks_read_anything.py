"""Whatever a script says, the vendors' SDKs read it through their own typed helpers, plain and streamed alike.

The SDKs build what they read without checking it; here each object is validated against the SDK's own types, so that a
field that is missing or of another type is found. Run with either generation of them.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace

import anthropic
import openai
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from conformance.scripts import replies
from llmclient.providers._sdk import load_sdk
from llmclient.testing.harness import Harness
from llmclient.testing.player import WirePlayer
from llmclient.testing.reply import Reply, tool_call
from llmclient.testing.transport import client_factory
from llmclient.testing.turns import Turn

HELLO = [{"role": "user", "content": "hello"}]
FEW = settings(max_examples=40, deadline=None)
REASONS = ["stop", "length", "tool_calls", "content_filter"]
"""The SDKs know no others in chat."""
NAMED_IN_OPENAI_2 = "response.function_call_arguments.done"
"""The type of this event wants a name in openai 2.54, which no recording has and openai 3 does not ask for."""
spoken = st.builds(
    lambda reply, reason: replace(reply, finish_reason=reason),
    replies.filter(lambda reply: _are_calls(reply.tool_calls)),
    st.none() | st.sampled_from(REASONS),
)


def _are_calls(calls):
    """Whether each has an object for arguments and an id of its own: another one is a script's mistake on purpose."""
    given = [call.id for call in calls if call.id]
    return len(set(given)) == len(given) and all(_is_object(call.arguments) for call in calls)


def _is_object(text):
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


@contextmanager
def asked(reply, package, provider, **options):
    """The SDK's client, and a script of this reply twice."""
    harness = Harness()
    harness.script.add(Turn(action=reply, times=2))
    http_client = client_factory(WirePlayer(harness), provider)(load_sdk(package.__name__).http, "sync")
    make = package.Anthropic if package is anthropic else package.OpenAI
    with make(api_key="sk-test", http_client=http_client, max_retries=0, **options) as client:
        yield client


def valid(found):
    """What the SDK built, after its own types have found nothing wrong with it."""
    TypeAdapter(type(found)).validate_python(found.to_dict())
    return found


def without_id(item):
    return {name: value for name, value in item.to_dict().items() if name not in ("id", "call_id")}


def calls_of(reply):
    return [(call.name, call.arguments) for call in reply.tool_calls]


@FEW
@given(reply=spoken)
def test_openai_reads_chat(reply):
    with asked(reply, openai, "openai") as client:
        whole = valid(client.chat.completions.create(model="gpt-4o", messages=HELLO))
        with client.chat.completions.stream(
            model="gpt-4o", messages=HELLO, stream_options={"include_usage": True}
        ) as stream:
            for event in stream:
                if event.type == "chunk":
                    valid(event.chunk)
        built = stream.current_completion_snapshot
    for found in (whole, built):
        message = found.choices[0].message
        assert (message.content or "") == (reply.text or "")
        assert (message.refusal or "") == (reply.refusal or "")
        assert [(call.function.name, call.function.arguments) for call in message.tool_calls or ()] == calls_of(reply)
        assert found.choices[0].finish_reason == reply.finish
    assert whole.usage == built.usage


@FEW
@given(reply=spoken)
def test_openai_reads_responses(reply):
    with asked(reply, openai, "openai") as client:
        whole = valid(client.responses.create(model="gpt-5", input="hello"))
        with client.responses.stream(model="gpt-5", input="hello") as stream:
            seen = list(stream)
    built = seen[-1].response
    assert whole.output_text == (reply.text or "")
    assert [(item.name, item.arguments) for item in whole.output if item.type == "function_call"] == calls_of(reply)
    for event in seen[:-1]:
        if event.type != NAMED_IN_OPENAI_2:
            valid(event)
    assert [event.sequence_number for event in seen] == list(range(len(seen)))
    done = [event.item for event in seen if event.type == "response.output_item.done"]
    assert [without_id(item) for item in done] == [without_id(item) for item in whole.output]
    assert (built.status, built.usage) == (whole.status, whole.usage)
    assert "".join(event.delta for event in seen if event.type == "response.output_text.delta") == (reply.text or "")


@FEW
@given(reply=spoken)
def test_openais_sdk_reads_openrouter(reply):
    with asked(reply, openai, "openrouter", base_url="https://openrouter.ai/api/v1") as client:
        whole = client.chat.completions.create(model="openai/gpt-4o", messages=HELLO)
        chunks = list(client.chat.completions.create(model="openai/gpt-4o", messages=HELLO, stream=True))
    assert (whole.choices[0].message.content or "") == (reply.text or "")
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == (reply.text or "")
    assert chunks[-1].usage == whole.usage
    told = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or ()]
    written = {call.index: "" for call in told}
    for call in told:
        written[call.index] += call.function.arguments
    assert list(written.values()) == [call.arguments for call in reply.tool_calls]


@FEW
@given(reply=spoken)
def test_anthropic_reads_messages(reply):
    ask = {"model": "claude-haiku-4-5", "max_tokens": 100, "messages": HELLO}
    with asked(reply, anthropic, "anthropic") as client:
        whole = valid(client.messages.create(**ask))
        with client.messages.stream(**ask) as stream:
            for event in stream:
                valid(event)
            built = valid(stream.get_final_message())
    for found in (whole, built):
        said = "".join(block.text for block in found.content if block.type == "text")
        assert said == (reply.text or "") + (reply.refusal or "")
        thought = [block.thinking for block in found.content if block.type == "thinking"]
        assert thought == [block.text for block in reply.reasoning if block.redacted is None]
        sealed = [block.data for block in found.content if block.type == "redacted_thinking"]
        assert sealed == [block.redacted for block in reply.reasoning if block.redacted is not None]
        called = [(block.name, block.input) for block in found.content if block.type == "tool_use"]
        assert called == [(name, json.loads(arguments)) for name, arguments in calls_of(reply)]
    assert built.stop_reason == whole.stop_reason
    assert built.usage.output_tokens == whole.usage.output_tokens


def test_openai_reads_what_there_is_beside_chat():
    with asked(Reply(text="hello", transcript="hello"), openai, "openai") as client:
        valid(client.embeddings.create(model="text-embedding-3-small", input=["a"], encoding_format="float"))
        valid(client.images.generate(model="gpt-image-1", prompt="a fox"))
    with asked(Reply(transcript="hello"), openai, "openai") as client:
        for form in ("json", "verbose_json"):
            file = ("a.wav", b"RIFF", "audio/wav")
            valid(client.audio.transcriptions.create(model="whisper-1", file=file, response_format=form))
        valid(client.models.list().data[0])
        valid(client.models.retrieve("gpt-5"))


def test_anthropic_reads_its_beta_and_what_there_is_beside_messages():
    ask = {"model": "claude-haiku-4-5", "max_tokens": 100, "messages": HELLO}
    with asked(Reply(text="4", tool_calls=(tool_call("weather", city="Paris"),)), anthropic, "anthropic") as client:
        valid(client.beta.messages.create(**ask))
        with client.beta.messages.stream(**ask) as stream:
            for event in stream:
                valid(event)
        valid(client.messages.count_tokens(model="claude-haiku-4-5", messages=HELLO))
        valid(client.models.list().data[0])
        valid(client.models.retrieve("claude-haiku-4-5"))
