"""Every recorded answer that a script can tell is told again by the dialect: same keys, order, types and frames.

The recording is read into a script (`support.retold`), the recorded request is sent to the dialect, and its answer has
to be built like the recorded one. What varies within the recordings themselves, and what no script can tell, is listed
with reasons in `conformance.recorded_kinds`; a row that nothing needs is a failure as well.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache

import pytest

from conformance.recorded_kinds import OTHER_ORDER, UNTELLABLE, VARYING
from llmclient.testing.dialects.openrouter import OpenRouterDialect
from llmclient.testing.dialects.wire import WireRequest, WireResponse
from llmclient.testing.harness import Harness
from llmclient.testing.player import WirePlayer
from llmclient.testing.reply import Citation, Reasoning, Reply
from llmclient.testing.turns import Turn
from support import retold
from support.recorded import Recording, needs_recordings, recordings
from support.retold import UntellableError
from support.shape import differences, in_vendor_order, runs, skeleton
from support.wire import ask, events, request, said, sent

pytestmark = [needs_recordings, pytest.mark.recorded]

PLAYED = {
    "openai-chat": ("openai", "/v1/chat/completions"),
    "openrouter-chat": ("openrouter", "/api/v1/chat/completions"),
    "anthropic-messages": ("anthropic", "/v1/messages"),
    "openai-responses": ("openai", "/v1/responses"),
    "compatible-chat": ("groq", "/v1/chat/completions"),
}
OLDER_CARRIERS = {"test_openrouter/test_openrouter_stream_with_reasoning.yaml#0": "empty_choice"}
"""Recordings from before OpenRouter carried the usage as it does now."""


def reply_of(name: str, recording: Recording) -> Reply:
    """What the recording says."""
    if name == "anthropic-messages":
        streamed = recording.streamed
        return retold.of_message(retold.message_of_stream(recording.body) if streamed else json.loads(recording.body))
    if name == "openai-responses" and recording.host != "api.openai.com":
        raise UntellableError("responses of other hosts")
    if name == "openai-responses":
        streamed = recording.streamed
        return retold.of_response(events(recording.body)[-1]["response"] if streamed else json.loads(recording.body))
    return (
        retold.of_chat_stream(recording.body) if recording.streamed else retold.of_chat(retold.parsed(recording.body))
    )


def kind_of(recording: Recording, reply: Reply) -> str:
    """What a recording is a recording of."""
    calls = len(reply.tool_calls)
    said = {
        "thoughts": bool(reply.reasoning),
        "text": bool(reply.text),
        "citations": bool(reply.citations),
        "logprobs": reply.logprobs is not None,
        "a tool call": calls == 1,
        "tool calls": calls > 1,
        "cut off": reply.finish == "length",
    }
    return ("streamed" if recording.streamed else "plain") + "".join(
        f", {what}" for what, is_so in said.items() if is_so
    )


@dataclass(frozen=True)
class Told:
    """Every recorded answer of a file."""

    kinds: dict[str, list[tuple[Recording, Reply]]]
    untold: dict[str, list[Recording]]


@cache
def told(name: str) -> Told:
    kinds: dict[str, list[tuple[Recording, Reply]]] = defaultdict(list)
    untold: dict[str, list[Recording]] = defaultdict(list)
    for recording in recordings(name):
        if recording.status != 200:
            continue
        try:
            reply = reply_of(name, recording)
            kinds[kind_of(recording, reply)].append((recording, reply))
        except UntellableError as reason:
            untold[str(reason)].append(recording)
    return Told(dict(kinds), dict(untold))


def answered(name: str, recording: Recording, reply: Reply) -> WireResponse:
    provider, path = PLAYED[name]
    harness = Harness()
    harness.script.add(Turn(action=reply))
    carrier = OLDER_CARRIERS.get(recording.source)
    dialects = {"openrouter": OpenRouterDialect(usage_carrier=carrier)} if carrier else {}
    body = json.dumps(
        {"model": "some-model", **(recording.request or {"messages": [{"role": "user", "content": "hello"}]})}
    ).encode()
    answer = WirePlayer(harness, dialects=dialects).answer(
        WireRequest(method="POST", path=path, provider=provider, body=body)
    )
    assert isinstance(answer, WireResponse)
    assert answer.status == 200, sent(answer)
    return answer


HOMES = {".response": "", ".message": "", ".item": ".output[{}]", ".content_block": ".content[{}]"}
"""Where in a whole answer that belongs which an event has under this key."""


def forget(value, varying, path=""):
    """Without what varies; elements of a list are told apart by their type."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if f"{path}.{key}" not in varying}
        return {key: forget(item, varying, _home(f"{path}.{key}", item)) for key, item in kept.items()}
    return [forget(item, varying, f"{path}[{_type(item)}]") for item in value] if isinstance(value, list) else value


def _home(path, item):
    return HOMES.get(path, path).format(_type(item))


def _type(item):
    return item.get("type", "") if isinstance(item, dict) else ""


CASES = [pytest.param(name, kind, id=f"{name}: {kind}") for name in VARYING for kind in told(name).kinds]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_it_is_built_as_it_was_recorded(name, kind):
    for recording, reply in told(name).kinds[kind]:
        answer = answered(name, recording, reply)
        assert answer.header("content-type") == recording.headers["content-type"]
        assert misfits(recording, sent(answer), VARYING[name]) == [], recording.source


def misfits(recording, ours, varying):
    """Where our bytes are not built as the recorded ones."""
    if not recording.streamed:
        theirs = json.loads(recording.body)
        ordered = in_vendor_order(theirs)
        return list(differences(forget(json.loads(ours), varying), forget(theirs, varying), ordered=ordered))
    ordered = recording.source not in OTHER_ORDER
    ours, theirs = (_stream(body, varying, ordered=ordered) for body in (ours, recording.body))
    found = [(one, other) for one, other in zip(ours, theirs, strict=False) if one != other]
    return found or ours[len(theirs) :] or theirs[len(ours) :]


def _stream(body, varying, *, ordered):
    """The events of a stream, equal neighbours once; pings and comments come whenever the vendor likes."""
    told = [forget(event, varying) for event in events(body) if event.get("type") != "ping"]
    shapes = runs([skeleton(event, ordered=ordered) for event in told])
    return shapes if ordered else sorted(set(map(repr, shapes)))


def test_blocks_beside_server_tools_are_built_as_they_were_recorded():
    """Of a message that no script has as a whole, each block that a script has."""
    seen = set()
    for recording in told("anthropic-messages").untold["server tools"]:
        body = retold.message_of_stream(recording.body) if recording.streamed else json.loads(recording.body)
        for block in body["content"]:
            try:
                reply = retold.of_block(block)
            except UntellableError:
                continue
            (ours,) = said(ask("anthropic", reply))["content"]
            theirs = {key: value for key, value in block.items() if value != []}
            varying = VARYING["anthropic-messages"]
            ours, theirs = (forget({"content": [told]}, varying) for told in (ours, theirs))
            assert list(differences(ours, theirs, ordered=False)) == [], recording.source
            seen.add((block["type"], bool(block.get("citations"))))
    assert seen == {("text", False), ("text", True), ("thinking", False), ("tool_use", False)}


def test_a_cited_text_is_streamed_as_it_was_recorded():
    """Its sources come before its words."""
    found = 0
    (ours,) = cited_blocks(sent(ask("anthropic", CITED, stream=True)))
    for recording in told("anthropic-messages").untold["server tools"]:
        for theirs in cited_blocks(recording.body) if recording.streamed else ():
            assert ours == theirs, recording.source
            found += 1
    assert found > 1


CITED = Reply(text="Hello there", citations=(Citation(url="https://example.com", title="E", quote="q"),))


def cited_blocks(body):
    """The events of each text block that cites, equal neighbours once."""
    blocks = defaultdict(list)
    for event in events(body):
        if event["type"].startswith("content_block"):
            blocks[event["index"]].append(skeleton(event))
    return [runs(block) for block in blocks.values() if "citations" in str(block[0])]


@pytest.mark.parametrize("name", PLAYED)
def test_what_no_script_can_tell_is_listed(name):
    assert set(told(name).untold) <= set(UNTELLABLE)


def test_no_kind_is_listed_that_was_not_recorded():
    assert set().union(*(told(name).untold for name in PLAYED)) == set(UNTELLABLE)


@pytest.mark.parametrize("name", VARYING)
def test_no_key_is_listed_that_does_not_vary(name):
    """Without its row, some recording would differ."""
    bodies = [
        (recording, sent(answered(name, recording, reply)))
        for kind in told(name).kinds.values()
        for recording, reply in kind
    ]
    rows = set(VARYING[name])
    assert {path for path in rows if any(misfits(*told, rows - {path}) for told in bodies)} == rows


def test_no_stream_is_listed_that_has_the_order_of_the_fakes():
    streams = {recording.source for name in VARYING for recording in recordings(name) if recording.streamed}
    assert set(OTHER_ORDER) <= streams


def test_what_gateways_send_has_the_types_that_the_fakes_send():
    """They add keys and leave some out, each its own; where both have one, it is of one type, or somewhere null."""
    kinds = told("compatible-chat").kinds
    assert {"plain, text", "plain, thoughts, text", "plain, a tool call", "streamed, text"} <= set(kinds)
    for recording, reply in (case for cases in kinds.values() for case in cases if not case[0].streamed):
        ours, theirs = said(answered("compatible-chat", recording, reply)), json.loads(recording.body)
        found = [line for line in differences(ours, theirs, ordered=False) if not re.search("alone$|null$", line)]
        assert found == [], recording.source


@pytest.mark.parametrize(
    ("host", "provider"), [("groq", "groq"), ("ollama", "ollama"), ("z.ai", "zai"), ("deepseek", "deepseek")]
)
@pytest.mark.parametrize("stream", [False, True])
def test_thoughts_stand_where_the_gateway_puts_them(host, provider, stream):
    recorded = [
        json.loads(each.body)["choices"][0]["message"]
        for each in recordings("compatible-chat")
        if host in each.host and not each.streamed
    ]
    thoughts = {"reasoning", "reasoning_content"}
    (name,) = set().union(*recorded) & thoughts
    harness = Harness()
    harness.script.add(Turn(action=Reply(text="4", reasoning=(Reasoning(text="hm"),))))
    asked = replace(request("openai", stream=stream), provider=provider)
    told = sent(WirePlayer(harness).answer(asked))
    said = (
        [event["choices"][0]["delta"] for event in events(told)]
        if stream
        else [json.loads(told)["choices"][0]["message"]]
    )
    assert set().union(*said) & thoughts == {name}
