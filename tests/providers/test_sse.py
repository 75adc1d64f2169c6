"""The SSE reader: the events of a stream never depend on where the connection cut it.

A test of private names: the reader has no public face, and the property below needs it alone.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmclient.providers._sse import SSEReader
from support.recorded import needs_recordings, recordings

STREAMS = [
    recording
    for name in ("openai-chat", "openrouter-chat", "compatible-chat", "anthropic-messages", "openai-responses")
    for recording in recordings(name)
    if recording.streamed
]


def events_of(*pieces: bytes) -> list[tuple[str, bytes]]:
    reader = SSEReader()
    events = [tuple(event) for piece in pieces for event in reader.feed(piece)]
    rest = reader.finish()
    return [*events, tuple(rest)] if rest else events


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@needs_recordings
@pytest.mark.recorded
@pytest.mark.parametrize("recording", STREAMS, ids=lambda recording: recording.id)
@settings(max_examples=15, deadline=None)
@given(places=st.lists(st.integers(0, 10**7), max_size=60))
def test_a_recorded_stream_gives_the_same_events_however_it_is_cut(recording, places):
    whole = events_of(recording.body)
    assert whole
    assert events_of(*cut(recording.body, places)) == whole


@needs_recordings
@pytest.mark.recorded
def test_a_recorded_stream_gives_the_same_events_byte_by_byte():
    for recording in STREAMS[:6]:
        assert events_of(*(bytes([byte]) for byte in recording.body)) == events_of(recording.body)


@settings(max_examples=200)
@given(
    lines=st.lists(st.sampled_from(["data: é😀", "data:x", "data", ": note", "event: named", "id: 7", "", "junk"])),
    ending=st.sampled_from(["\n", "\r", "\r\n"]),
    places=st.lists(st.integers(0, 10**4), max_size=20),
    bom=st.booleans(),
)
def test_any_line_ending_gives_the_same_events(lines, ending, places, bom):
    plain = events_of("".join(line + "\n" for line in lines).encode())
    data = (b"\xef\xbb\xbf" if bom else b"") + "".join(line + ending for line in lines).encode()
    assert events_of(*cut(data, places)) == plain


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: one\n\ndata: two\n\n", [("", b"one"), ("", b"two")]),
        (b"event: ping\ndata: {}\n\ndata: x\n\n", [("ping", b"{}"), ("", b"x")]),
        (b"data: a\ndata: b\n\n", [("", b"a\nb")]),
        (b"data:no space\n\n", [("", b"no space")]),
        (b"data:  two spaces\n\n", [("", b" two spaces")]),
        (b": comment\n\n: another\n\ndata: x\n\n", [("", b"x")]),
        (b"\xef\xbb\xbfdata: after a mark\n\n", [("", b"after a mark")]),
        (b"data: x\r\n\r\ndata: y\r\rdata: z\n\n", [("", b"x"), ("", b"y"), ("", b"z")]),
        (b"data\n\n", [("", b"")]),
        (b"retry: 10\nid: 4\nunknown: x\ndata: y\n\n", [("", b"y")]),
        (b"event: lost\n\ndata: x\n\n", [("", b"x")]),
        (b"data: no blank line\n", [("", b"no blank line")]),
        (b"data: cut", [("", b"cut")]),
        (b"", []),
        (b"\n\n\n", []),
    ],
)
def test_events_of_a_stream(stream, events):
    assert events_of(stream) == events
    assert events_of(*(bytes([byte]) for byte in stream)) == events
