"""What holds for any message, any stream of it and any conversation, on inputs that nobody thought of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from llmclient.providers._accumulate import ResponseAccumulator
from llmclient.providers._sse import ServerSentEvent
from llmclient.providers.anthropic.decode import decode_message
from llmclient.providers.anthropic.encode import encode_request
from llmclient.providers.anthropic.stream import MessageStream
from llmclient.types import ChatRequest, ModelResponse

few = settings(max_examples=60, deadline=None)

# --- messages of Anthropic's ----------------------------------------------------------------------------------------

names = st.from_regex(r"[a-zA-Z0-9_-]{1,12}", fullmatch=True)
words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | words, lambda inner: st.lists(inner, max_size=2), max_leaves=3
)
inputs = st.dictionaries(names, values, max_size=3)
citations = st.fixed_dictionaries(
    {"type": st.just("web_search_result_location"), "url": words, "title": words, "cited_text": words}
)


def block(kind: str, **fields: st.SearchStrategy) -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries({"type": st.just(kind), **fields})


texts = block("text", text=words)
cited = block("text", text=words, citations=st.lists(citations, min_size=1, max_size=2))
thinking = block("thinking", thinking=words, signature=names)
redacted = block("redacted_thinking", data=names)
calls = block("tool_use", id=names, name=names, input=inputs)
called = block("tool_use", id=names, name=names, input=inputs, caller=st.just({"type": "direct"}))
served = block("server_tool_use", id=names, name=names, input=inputs)
results = block("web_search_tool_result", tool_use_id=names, content=st.lists(inputs, max_size=2))
novel = block("of_the_future", value=values)
messages = st.fixed_dictionaries(
    {
        "id": names,
        "type": st.just("message"),
        "role": st.just("assistant"),
        "model": names,
        "content": st.lists(
            st.one_of(texts, cited, thinking, redacted, calls, called, served, results, novel), max_size=6
        ),
        "stop_reason": st.sampled_from(["end_turn", "tool_use", "max_tokens", "pause_turn", "of_the_future"]),
        "stop_sequence": st.none() | words.filter(bool),
        "container": st.none() | inputs,
        "usage": st.fixed_dictionaries(
            {"input_tokens": st.integers(0, 99), "output_tokens": st.integers(0, 99)},
            optional={"cache_read_input_tokens": st.integers(0, 99), "service_tier": st.just("standard")},
        ),
    }
)


def pieces(text: str, sizes: Iterator[int]) -> list[str]:
    cut = []
    while text:
        size = next(sizes)
        cut.append(text[:size])
        text = text[size:]
    return cut


def events_of(message: dict, sizes: Iterator[int]) -> list[dict]:
    """The message as the stream that Anthropic sends of it."""
    start = {**message, "content": [], "stop_reason": None, "stop_sequence": None, "container": None}
    start["usage"] = {**message["usage"], "output_tokens": 1}
    events = [{"type": "message_start", "message": start}]
    for index, content in enumerate(message["content"]):
        first, deltas = taken_apart(content, sizes)
        events.append({"type": "content_block_start", "index": index, "content_block": first})
        events.extend({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas)
        events += [{"type": "ping"}, {"type": "content_block_stop", "index": index}]
    delta = {name: message[name] for name in ("stop_reason", "stop_sequence", "container")}
    usage = {"output_tokens": message["usage"]["output_tokens"]}
    return [*events, {"type": "message_delta", "delta": delta, "usage": usage}, {"type": "message_stop"}]


def taken_apart(content: dict, sizes: Iterator[int]) -> tuple[dict, list[dict]]:
    kind = content["type"]
    if kind == "text":
        deltas = [{"type": "citations_delta", "citation": citation} for citation in content.get("citations", [])]
        deltas += [{"type": "text_delta", "text": piece} for piece in pieces(content["text"], sizes)]
        return {**content, "text": "", **({"citations": []} if "citations" in content else {})}, deltas
    if kind == "thinking":
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(content["thinking"], sizes)]
        deltas.append({"type": "signature_delta", "signature": content["signature"]})
        return {**content, "thinking": "", "signature": ""}, deltas
    if kind in {"tool_use", "server_tool_use"}:
        text = json.dumps(content["input"], ensure_ascii=False) if content["input"] else ""
        fragments = ["", *pieces(text, sizes)]
        return {**content, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in fragments]
    return content, []


def streamed(message: dict, sizes: Iterator[int]) -> ModelResponse:
    decoder, accumulator = MessageStream(), ResponseAccumulator()
    for payload in events_of(message, sizes):
        for chunk in decoder.decode(ServerSentEvent(payload["type"], json.dumps(payload).encode())):
            accumulator.add(chunk)
    assert decoder.done
    return accumulator.response()


@few
@given(message=messages, sizes=st.iterables(st.integers(1, 5), min_size=1, max_size=20))
def test_a_stream_of_a_message_accumulates_to_what_the_message_is_in_one_piece(message, sizes):
    plain = decode_message(json.dumps(message).encode())
    assert streamed(message, endless(sizes)).model_dump() == plain.model_dump()


def endless(sizes: Iterable[int]) -> Iterator[int]:
    yield from sizes
    while True:
        yield 3


@few
@given(message=messages)
def test_a_message_goes_back_as_the_blocks_it_came_in(message):
    reply = decode_message(json.dumps(message).encode()).message
    ask = {"role": "user", "content": "go on"}
    request = ChatRequest(
        model="m", messages=[ask, reply.model_dump(), *results_of(reply), ask], params={"max_tokens": 1}
    )
    turns = encode_request(request).body["messages"]
    said = [part for part in message["content"] if part["type"] != "text" or part["text"].strip()]
    assert [turn["content"] for turn in turns if turn["role"] == "assistant"] == ([said] if said else [])


def results_of(reply) -> list[dict]:
    return [{"role": "tool", "tool_call_id": call.id, "content": "done"} for call in reply.tool_calls or []]


# --- conversations of OpenAI's --------------------------------------------------------------------------------------

parts = st.one_of(
    st.fixed_dictionaries({"type": st.just("text"), "text": words}),
    st.fixed_dictionaries(
        {"type": st.just("image_url"), "image_url": st.just({"url": "data:image/png;base64,AAAA", "detail": "low"})}
    ),
    st.fixed_dictionaries(
        {"type": st.just("file"), "file": st.just({"file_data": "data:application/pdf;base64,AAAA"})}
    ),
)
said_words = words.filter(lambda text: text.strip() != "")
spoken = st.fixed_dictionaries(
    {
        "role": st.just("user"),
        "content": said_words | st.lists(parts, max_size=2).map(lambda some: [*some, {"type": "text", "text": "and?"}]),
    }
)
system = st.fixed_dictionaries({"role": st.sampled_from(["system", "developer"]), "content": words})
answered = st.fixed_dictionaries({"role": st.just("assistant"), "content": words})


@st.composite
def tool_rounds(draw) -> list[dict]:
    ids = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    asked = [
        {
            "id": f"call.{id_}",
            "type": "function",
            "function": {"name": draw(names), "arguments": json.dumps(draw(inputs))},
        }
        for id_ in ids
    ]
    told = [
        {"role": "tool", "tool_call_id": f"call.{id_}", "content": draw(words)} for id_ in draw(st.permutations(ids))
    ]
    return [{"role": "assistant", "content": draw(st.none() | words), "tool_calls": asked}, *told]


rounds = st.one_of(
    spoken.map(lambda one: [one]), answered.map(lambda one: [one]), system.map(lambda one: [one]), tool_rounds()
)
conversations = st.lists(rounds, max_size=6).map(
    lambda some: [*(message for one in some for message in one), {"role": "user", "content": "and?"}]
)
models = st.sampled_from(["claude-sonnet-4-5", "claude-opus-4-8", "claude-3-5-haiku-latest"])


def every_block(turns: Iterable[dict]) -> Iterator[dict]:
    for turn in turns:
        yield from turn["content"]


@few
@given(conversation=conversations, model=models)
def test_any_conversation_becomes_turns_that_the_api_takes(conversation, model):
    body = encode_request(ChatRequest(model=model, messages=conversation, params={"max_tokens": 9})).body
    turns = body["messages"]
    roles = [turn["role"] for turn in turns]
    assert all(first != second for first, second in pairwise(roles)), "turns take turns"
    assert all(turn["content"] for turn in turns)
    for content in every_block([*turns, {"content": body.get("system", [])}]):
        assert content["type"] != "text" or content["text"].strip()
        assert re.fullmatch("[a-zA-Z0-9_-]+", content.get("tool_use_id", content.get("id", "x")))
    for turn in turns:
        kinds = [content["type"] == "tool_result" for content in turn["content"]]
        assert kinds == sorted(kinds, reverse=True), "results first"
    used = [content["id"] for content in every_block(turns) if content["type"] == "tool_use"]
    answered_ids = [content["tool_use_id"] for content in every_block(turns) if content["type"] == "tool_result"]
    assert sorted(used) == sorted(answered_ids)
    assert ("tools" in body) == bool(used)


@few
@given(conversation=conversations, model=models)
def test_any_conversation_fits_the_types_of_the_sdk(conversation, model):
    from anthropic.types import MessageParam

    body = encode_request(ChatRequest(model=model, messages=conversation, params={"max_tokens": 9})).body
    check = TypeAdapter(MessageParam)
    for turn in body["messages"]:
        for content in list(check.validate_python(turn)["content"]):
            assert content
