"""Hypothesis writes scripts: replies with anything a dialect can say, and every fault with its facts."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import strategies as st

from llmclient.testing.faults.body import BODY_FAULTS, ErrorBody
from llmclient.testing.faults.connection import CONNECTION_FAULTS
from llmclient.testing.faults.status import STATUS_FAULTS, Status
from llmclient.testing.faults.stream import STREAM_FAULTS, DisconnectAfterBytes, ErrorEvent
from llmclient.testing.reply import Citation, Cut, Reasoning, Reply, tool_call

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=24)
NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)

cuts = st.one_of(
    st.just(Cut()),
    st.builds(
        Cut,
        size=st.integers(1, 9),
        first_token=st.sampled_from([0.0, 0.5, 3.0]),
        per_second=st.sampled_from([None, 10.0, 50.0]),
    ),
)
calls = st.builds(
    lambda name, arguments: tool_call(name, raw=None, **arguments),
    NAMES,
    st.dictionaries(NAMES.filter(lambda name: name not in ("id", "raw", "name")), JSON, max_size=3),
)
usages = st.none() | st.builds(
    lambda prompt, completion, cached: {
        "prompt_tokens": prompt + cached,
        "completion_tokens": completion,
        "total_tokens": prompt + cached + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    },
    st.integers(1, 10_000),
    st.integers(0, 10_000),
    st.integers(0, 500),
)

stream_faults = st.one_of(
    [
        st.builds(fault, **{spec.name: st.integers(0, 4) for spec in fields(fault) if spec.type == "int"})
        for fault in STREAM_FAULTS
        if fault not in (DisconnectAfterBytes, ErrorEvent)
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

texts = st.builds(Reply, text=WORDS, cut=cuts, usage=usages)
replies = st.one_of(
    texts,
    st.builds(Reply, text=st.none() | WORDS, tool_calls=st.lists(calls, min_size=1, max_size=3).map(tuple), cut=cuts),
    st.builds(
        Reply,
        text=WORDS,
        reasoning=st.lists(st.builds(Reasoning, text=WORDS), min_size=1, max_size=2).map(tuple),
        cut=cuts,
        usage=usages,
    ),
    st.builds(
        Reply,
        text=WORDS,
        citations=st.lists(st.builds(Citation, url=st.just("https://example.com"), title=WORDS), max_size=2).map(tuple),
    ),
    st.builds(Reply, text=WORDS, finish_reason=st.sampled_from(["length", "content_filter", "stop"])),
    st.builds(Reply, text=WORDS, cost=st.sampled_from([0.25, 0.001])),
)
damaged = st.builds(Reply, text=WORDS, cut=cuts, fault=stream_faults | error_events)
faults = status_faults | connection_faults | body_faults | error_bodies
outcomes = replies | damaged | faults
