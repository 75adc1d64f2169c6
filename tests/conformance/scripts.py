"""Hypothesis writes scripts: replies with anything a dialect can say, and every fault with its facts."""

from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import strategies as st

from llmclient.testing.faults.body import BODY_FAULTS, ErrorBody
from llmclient.testing.faults.connection import CONNECTION_FAULTS
from llmclient.testing.faults.status import STATUS_FAULTS, Status
from llmclient.testing.faults.stream import STREAM_FAULTS, ErrorEvent
from llmclient.testing.reply import Citation, Cut, Reasoning, Reply, tool_call

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=24)
NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)

FEW = st.integers(0, 10_000)


def fields_of(**given):
    """A reply of some of these fields: each is drawn, or left out."""
    return st.fixed_dictionaries({}, optional=given)


cuts = fields_of(
    chunks=st.none(),
    size=st.integers(1, 9),
    tokens=st.booleans(),
    first_token=st.sampled_from([0.0, 0.3, 3.0, 12.0]),
    per_second=st.sampled_from([None, 3.0, 10.0, 50.0]),
).map(lambda given: Cut(**given))
calls = st.builds(
    lambda name, arguments, identity, raw: tool_call(name, id=identity, raw=raw, **arguments),
    NAMES,
    st.dictionaries(NAMES.filter(lambda name: name not in ("id", "raw", "name")), JSON, max_size=3),
    st.none() | NAMES.map("call_{}".format),
    st.none() | st.none() | st.just('{"broken": '),
)
blocks = st.builds(Reasoning, text=WORDS, signature=st.none() | NAMES) | st.builds(Reasoning, redacted=NAMES)
citations = st.builds(
    Citation,
    url=NAMES.map("https://example.com/{}".format),
    title=WORDS,
    start=st.integers(0, 2),
    end=st.none() | st.integers(2, 5),
    quote=st.just("") | WORDS,
)
usages = st.builds(
    lambda prompt, completion, read, written, thought, more: {
        "prompt_tokens": prompt + read + written,
        "completion_tokens": completion + thought,
        "total_tokens": prompt + read + written + completion + thought,
        "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written},
        "completion_tokens_details": {"reasoning_tokens": thought},
        **more,
    },
    FEW,
    FEW,
    st.integers(0, 500),
    st.integers(0, 500),
    st.integers(0, 500),
    fields_of(
        cache_creation=st.just({"ephemeral_1h_input_tokens": 0}),
        server_tool_use=st.just({"web_search_requests": 2, "web_fetch_requests": 0}),
    ),
) | st.fixed_dictionaries({"prompt_tokens": FEW})
logprobs = st.builds(
    lambda tokens: {
        "content": [{"token": token, "logprob": -0.5, "bytes": None, "top_logprobs": []} for token in tokens]
    },
    st.lists(WORDS, min_size=1, max_size=3),
)

DRAWN = {"count": st.integers(0, 3000), "seconds": st.sampled_from([1.0, 7.0, 20.0, 130.0, 700.0])}
"""Bytes before a cut, and seconds of silence: below and above the limits that routers have."""

stream_faults = st.one_of(
    [
        st.builds(
            fault,
            **{
                spec.name: DRAWN.get(spec.name, st.integers(0, 4))
                for spec in fields(fault)
                if spec.type in ("int", "float")
            },
        )
        for fault in STREAM_FAULTS
        if fault is not ErrorEvent
    ]
)
status_faults = st.one_of(
    [
        st.builds(
            fault,
            retry_after=st.none() | st.sampled_from([0.5, 2, 30]),
            form=st.sampled_from(["seconds", "milliseconds", "date"]),
            should_retry=st.sampled_from([None, True, False]),
        )
        for fault in STATUS_FAULTS
        if fault is not Status
    ]
) | st.builds(Status, status=st.integers(400, 599))
error_events = st.builds(
    ErrorEvent, fault=st.one_of([st.just(fault()) for fault in STATUS_FAULTS]), after_chunks=st.integers(0, 3)
)
body_faults = st.one_of([st.just(fault()) for fault in BODY_FAULTS if fault is not ErrorBody])
error_bodies = st.builds(ErrorBody, fault=st.one_of([st.just(fault()) for fault in STATUS_FAULTS]))
connection_faults = st.one_of([st.just(fault()) for fault in CONNECTION_FAULTS])

replies = fields_of(
    text=st.just("") | WORDS,
    tool_calls=st.lists(calls, min_size=1, max_size=3).map(tuple),
    reasoning=st.lists(blocks, min_size=1, max_size=3).map(tuple),
    citations=st.lists(citations, min_size=1, max_size=2).map(tuple),
    refusal=WORDS,
    finish_reason=st.sampled_from(["stop", "length", "tool_calls", "content_filter", "pause_turn"]),
    usage=usages,
    cost=st.sampled_from([0.25, 0.001]),
    logprobs=logprobs,
    audio=st.just(b"RIFF"),
    transcript=WORDS,
    model=NAMES,
    headers=st.just({"X-Served-By": "here"}),
    cut=cuts,
).map(lambda given: Reply(**given)) | st.lists(WORDS, min_size=1, max_size=4).map(
    lambda chunks: Reply(text="".join(chunks), cut=Cut(chunks=tuple(chunks), first_token=0.5, per_second=4.0))
)
damaged = st.builds(replace, replies, fault=stream_faults | error_events)
faults = status_faults | connection_faults | body_faults | error_bodies
outcomes = replies | damaged | faults
