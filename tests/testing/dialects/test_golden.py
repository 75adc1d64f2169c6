"""What the dialects emit has the keys, the order and the types of the recorded traffic; values are not compared."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest

from llmclient.testing.dialects.openrouter import OpenRouterDialect
from llmclient.testing.faults.status import BadRequest, NotFound, RateLimit
from llmclient.testing.harness import Harness
from llmclient.testing.player import WirePlayer
from llmclient.testing.reply import Citation, Cut, Reasoning, Reply, tool_call
from llmclient.testing.turns import Turn
from support.recorded import needs_recordings, recordings
from support.shape import differences, in_vendor_order, skeleton
from support.wire import ask, events, request, said, sent

pytestmark = [needs_recordings, pytest.mark.recorded]

FILES = {"openai": "openai-chat", "anthropic": "anthropic-messages", "openrouter": "openrouter-chat"}

WEATHER = tool_call("weather", city="Paris")
TIME = tool_call("time", zone="CET")


def without(value, *names):
    if isinstance(value, dict):
        return {key: without(item, *names) for key, item in value.items() if key not in names}
    return [without(item, *names) for item in value] if isinstance(value, list) else value


@cache
def recorded_events(provider, *optional):
    return [
        skeleton(without(event, *optional))
        for recording in recordings(FILES[provider])
        if recording.streamed
        for event in events(recording.body)
    ]


@cache
def recorded_bodies(provider, *, ordered, status=200):
    parsed = [
        json.loads(recording.body)
        for recording in recordings(FILES[provider])
        if not recording.streamed and recording.status == status
    ]
    return [skeleton(body, ordered=ordered) for body in parsed if in_vendor_order(body) or not ordered]


STREAMS = [
    pytest.param("openai", Reply(text="Hello there, world"), id="openai text"),
    pytest.param("openai", Reply(tool_calls=(WEATHER,)), id="openai tool call"),
    pytest.param("openai", Reply(tool_calls=(WEATHER, TIME)), id="openai parallel tool calls"),
    pytest.param("anthropic", Reply(text="Hello there, world"), id="anthropic text"),
    pytest.param("anthropic", Reply(reasoning=(Reasoning(text="Let me think."),), text="4"), id="anthropic thinking"),
    pytest.param("anthropic", Reply(reasoning=(Reasoning(redacted="EqkE"),), text="4"), id="anthropic redacted"),
    pytest.param("anthropic", Reply(text="Here.", tool_calls=(WEATHER,)), id="anthropic tool call"),
    pytest.param(
        "anthropic",
        Reply(text="Here.", citations=(Citation(url="https://example.com", title="E", quote="q"),)),
        id="anthropic citation",
    ),
    pytest.param("openrouter", Reply(text="Hello there, world", cost=0.5), id="openrouter text"),
]


@pytest.mark.parametrize(("provider", "reply"), STREAMS)
def test_every_event_of_a_stream_has_a_recorded_structure(provider, reply):
    optional = {
        "anthropic": ("container", "server_tool_use", "stop_details"),
        "openrouter": ("server_tool_use_details",),
    }
    names = optional.get(provider, ())
    known = recorded_events(provider, *names)
    body = sent(ask(provider, reply, stream=True, stream_options={"include_usage": True}))
    for event in events(body):
        assert skeleton(without(event, *names)) in known, event


@pytest.mark.parametrize("carrier", ["finish", "empty_choice"])
def test_openrouters_usage_is_carried_as_it_was_recorded(carrier):
    optional = ("server_tool_use_details", "cache_write_tokens", "video_tokens")
    known = recorded_events("openrouter", *optional, "upstream_inference_cost", "completion_tokens_details")
    harness = Harness()
    harness.script.add(Turn(action=Reply(text="Hello there, world", cost=0.5)))
    player = WirePlayer(harness, dialects={"openrouter": OpenRouterDialect(usage_carrier=carrier)})
    body = sent(player.answer(request("openrouter", stream=True)))
    for event in events(body):
        told = without(event, *optional, "upstream_inference_cost", "completion_tokens_details")
        assert skeleton(told) in known, event


def test_openrouters_usage_came_in_a_frame_without_choices_for_a_while():
    """Spring 2026, as documented; no recording is of that time."""
    harness = Harness()
    harness.script.add(Turn(action=Reply(text="4", cost=0.5)))
    player = WirePlayer(harness, dialects={"openrouter": OpenRouterDialect(usage_carrier="no_choices")})
    told = events(sent(player.answer(request("openrouter", stream=True))))
    assert [bool(event.get("usage")) for event in told] == [False] * (len(told) - 1) + [True]
    assert told[-1]["choices"] == []
    assert told[-2]["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(text="4"),
        Reply(tool_calls=(WEATHER,)),
        Reply(text="Wait.", tool_calls=(WEATHER,)),
    ],
    ids=["text", "tool call", "text and tool call"],
)
def test_a_plain_answer_of_openai_has_a_recorded_structure_and_order(reply):
    assert skeleton(said(ask("openai", reply))) in recorded_bodies("openai", ordered=True)


@pytest.mark.parametrize(
    ("provider", "reply", "added"),
    [
        ("anthropic", Reply(text="4"), ()),
        ("anthropic", Reply(reasoning=(Reasoning(text="Let me think."),), text="4"), ("output_tokens_details",)),
        ("openrouter", Reply(text="4", cost=0.5), ()),
        ("openrouter", Reply(tool_calls=(WEATHER,), cost=0.5), ("service_tier",)),
    ],
    ids=["anthropic text", "anthropic thinking", "openrouter text", "openrouter tool call"],
)
def test_a_plain_answer_has_the_keys_and_types_of_a_recorded_one(provider, reply, added):
    body = without(said(ask(provider, reply)), *added)
    known = [
        skeleton(without(json.loads(recording.body), *added), ordered=False)
        for recording in recordings(FILES[provider])
        if not recording.streamed and recording.status == 200
    ]
    assert skeleton(body, ordered=False) in known


def test_a_refused_response_is_refused_as_it_was_recorded():
    refused = [json.loads(each.body) for each in recordings("openai-responses") if each.status == 400]
    assert len(refused) == 2
    for theirs in refused:
        ours = said(ask("openai", BadRequest(code=theirs["error"]["code"]), path="/v1/responses", input="hello"))
        assert list(differences(without(ours, "param"), without(theirs, "param"), ordered=False)) == []


def test_vectors_have_the_keys_and_types_of_recorded_ones():
    (recording,) = recordings("embeddings")
    theirs = json.loads(recording.body)
    ours = said(ask("openai", Reply(), path="/v1/embeddings", **recording.request))
    # Recorded at Voyage, which tells the sum alone.
    assert list(differences(ours, theirs, ordered=False)) == [".usage.prompt_tokens: ours alone"]


@pytest.mark.parametrize(
    ("provider", "fault", "status", "added"),
    [
        ("openai", BadRequest(code="unsupported_value"), 400, ("param",)),
        ("anthropic", NotFound(), 404, ()),
        ("anthropic", BadRequest(), 400, ()),
        ("openrouter", RateLimit(), 429, ()),
    ],
    ids=["openai 400", "anthropic 404", "anthropic 400", "openrouter 429"],
)
def test_an_error_body_has_the_keys_and_types_of_a_recorded_one(provider, fault, status, added):
    answer = ask(provider, fault)
    assert answer.status == status
    known = [
        skeleton(without(json.loads(recording.body), *added), ordered=False)
        for recording in recordings(FILES[provider])
        if recording.status == status
    ]
    assert skeleton(without(said(answer), *added), ordered=False) in known


def test_a_stream_of_anthropics_is_padded_and_pings_after_its_first_block_has_begun():
    body = sent(ask("anthropic", Reply(text="Hello there, world"), stream=True))
    assert b" }\n\n" in body
    names = [line[7:] for line in body.decode().split("\n") if line.startswith("event: ")]
    assert names[:4] == ["message_start", "content_block_start", "ping", "content_block_delta"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_a_stream_of_openrouters_has_comments_before_and_between_its_frames():
    body = sent(ask("openrouter", Reply(text="Hello there, world"), stream=True))
    assert body.startswith(b": OPENROUTER PROCESSING\n\n")
    assert b"}\n\n: OPENROUTER PROCESSING\n\ndata: " in body


def test_openrouters_responses_come_without_names_between_comments():
    (recording,) = (each for each in recordings("openai-responses") if each.host == "openrouter.ai")
    answer = ask("openrouter", Reply(text="Hi"), path="/api/v1/responses", input="hello", stream=True)
    assert answer.header("content-type") == recording.headers["content-type"]
    for body in (sent(answer), recording.body):
        assert body.startswith(b": OPENROUTER PROCESSING\n\ndata: ")
        assert body.endswith(b"data: [DONE]\n\n")
        assert b"event:" not in body
        told = [event["type"] for event in events(body)]
        assert told[:2] == ["response.created", "response.in_progress"]
        assert told[-1] == "response.completed"


def test_logprobs_come_with_the_text_they_belong_to():
    tokens = [{"token": token, "logprob": -0.1, "bytes": None, "top_logprobs": []} for token in ("He", "llo", " there")]
    reply = Reply(text="Hello there", logprobs={"content": tokens, "refusal": None}, cut=Cut(size=4))
    told = [event["choices"][0] for event in events(sent(ask("openai", reply, stream=True)))]
    dealt = [
        (choice["delta"].get("content"), [entry["token"] for entry in (choice["logprobs"] or {}).get("content", [])])
        for choice in told
    ]
    assert dealt == [("", []), ("Hell", ["He", "llo"]), ("o th", [" there"]), ("ere", []), (None, [])]


def test_logprobs_that_are_not_the_text_come_with_its_first_piece():
    tokens = [{"token": token, "logprob": -0.1, "bytes": None, "top_logprobs": []} for token in ("x", "y")]
    reply = Reply(text="Hello", logprobs={"content": tokens}, cut=Cut(size=2))
    told = [event["choices"][0]["logprobs"] for event in events(sent(ask("openai", reply, stream=True)))]
    assert told == [None, {"content": tokens}, None, None, None]


def test_logprobs_of_a_refusal_come_with_it():
    given = {"content": None, "refusal": [{"token": "No", "logprob": -0.1, "bytes": None, "top_logprobs": []}]}
    reply = Reply(refusal="Nope", logprobs=given, cut=Cut(size=2))
    told = [event["choices"][0]["logprobs"] for event in events(sent(ask("openai", reply, stream=True)))]
    assert told == [None, given, None, None]


WHOLE = Reply(text="Hello there", reasoning=(Reasoning(text="hm"),), tool_calls=(WEATHER,))
STREAMED = {
    "openai-chat": ("openai", {}),
    "anthropic-messages": ("anthropic", {}),
    "openrouter-chat": ("openrouter", {}),
    "openai-responses": ("openai", {"path": "/v1/responses", "input": "hello"}),
}


@pytest.mark.parametrize("name", STREAMED)
def test_events_are_framed_as_they_were_recorded(name):
    """Names, one blank line, comments, the end: all but what the JSON says."""
    provider, fields = STREAMED[name]
    known = set().union(*(framing(each.body) for each in recordings(name) if each.streamed))
    assert framing(sent(ask(provider, WHOLE, stream=True, **fields))) <= known


def framing(body):
    text = re.sub(r"(?m)^data: \{.*\}$", "data: {}", body.decode())
    return set(re.sub(r"(?m)^event: [a-z_.]+$", "event:", text).split("\n\n"))
