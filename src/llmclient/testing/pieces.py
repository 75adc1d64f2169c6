"""How a reply is cut into the pieces of a stream: neutral, in order, each with the virtual seconds before it.

Every door turns the same pieces into its own chunks or frames, so that what a stream gives, and where a fault strikes
it, does not depend on the door. The order is OpenAI's and Anthropic's alike: start, reasoning, text (or a refusal),
citations, tool calls one after the other, finish. Usage is not a piece: each dialect has its own place for it; and
some tell all citations at once, with the first piece of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from llmclient.testing.faults.base import StreamFault
from llmclient.testing.faults.stream import (
    Disconnect,
    DisconnectInCharacter,
    DisconnectInFrame,
    DuplicateFrame,
    ErrorEvent,
    LateFirstToken,
    MalformedFrame,
    MissingEnd,
    ReorderedFrames,
    Stall,
)
from llmclient.testing.reply import Citation, Cut, Reasoning, Reply, ScriptedToolCall

PieceKind: TypeAlias = Literal[
    "start",  # the role, or message_start; no content
    "reasoning",  # `text` is a fragment of the thought of block `index`
    "signature",  # ends block `index`; `block` has its signature
    "redacted",  # `block` is a redacted block, whole
    "text",  # `text` is a fragment of the answer
    "refusal",  # `text` is a fragment of the refusal
    "citation",  # `citation` is one source
    "tool",  # tool call `index` begins: `call` has name and id
    "arguments",  # `text` is a fragment of the arguments of tool call `index`
    "finish",  # `text` is the finish reason, in OpenAI's words
]
CONTENT: frozenset[PieceKind] = frozenset({"reasoning", "text", "refusal", "tool", "arguments", "redacted"})
"""The kinds a fault counts as chunks, and pacing as tokens: those by which something of the answer arrives."""
FRAGMENTS: frozenset[PieceKind] = frozenset({"reasoning", "text", "refusal", "arguments"})
"""The kinds that may come twice or out of order: duplicated and reordered frames count these alone."""

COMMENT_EVERY = 5.0
"""Seconds between the comments by which OpenRouter keeps a connection open while nothing else comes."""

_TOKEN = re.compile(r"\s*\S{1,8}|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One step of a stream.

    Attributes:
        kind: what it adds.
        text: the fragment, or the finish reason.
        index: position among the blocks, calls or sources, from 0.
        delay: virtual seconds before it.
        call: of a "tool".
        block: of a "signature" or "redacted".
        citation: of a "citation".
    """

    kind: PieceKind
    text: str = ""
    index: int = 0
    delay: float = 0.0
    call: ScriptedToolCall | None = None
    block: Reasoning | None = None
    citation: Citation | None = None


def cut(reply: Reply) -> list[Piece]:
    """The pieces of `reply`, paced as its `Cut` says, untouched by its fault."""
    pieces = list(_pieces(reply))
    how = reply.cut
    if how.paced:
        pieces = _pace(pieces, how)
    return pieces


def _pieces(reply: Reply) -> Iterator[Piece]:
    yield Piece(kind="start")
    for index, block in enumerate(reply.reasoning):
        if block.redacted is not None:
            yield Piece(kind="redacted", index=index, block=block)
            continue
        for fragment in fragments(block.text, reply.cut):
            yield Piece(kind="reasoning", index=index, text=fragment)
        yield Piece(kind="signature", index=index, block=block)
    chunks = reply.cut.chunks
    for fragment in fragments(reply.text or "", reply.cut) if chunks is None else chunks:
        yield Piece(kind="text", text=fragment)
    for fragment in fragments(reply.refusal or "", reply.cut):
        yield Piece(kind="refusal", text=fragment)
    for index, citation in enumerate(reply.citations):
        yield Piece(kind="citation", index=index, citation=citation)
    for index, call in enumerate(reply.tool_calls):
        yield Piece(kind="tool", index=index, call=call)
        for fragment in fragments(call.arguments, reply.cut):
            yield Piece(kind="arguments", index=index, text=fragment)
    yield Piece(kind="finish", text=reply.finish)


def fragments(text: str, how: Cut) -> list[str]:
    """`text` cut by size, else by tokens; joined it is `text` again. Explicit chunks are for the answer's text only."""
    if how.size:
        return [text[start : start + how.size] for start in range(0, len(text), how.size)]
    return _TOKEN.findall(text)


def _pace(pieces: list[Piece], how: Cut) -> list[Piece]:
    """The first-token time stands before the start: vendors send the role with the first token."""
    gap = 1.0 / how.per_second if how.per_second else 0.0
    paced = [_delayed(pieces[0], how.first_token)]
    delay = 0.0
    for piece in pieces[1:]:
        paced.append(_delayed(piece, delay) if piece.kind in CONTENT and delay else piece)
        if piece.kind in CONTENT:
            delay = gap
    return paced


def _delayed(piece: Piece, delay: float) -> Piece:
    return Piece(
        kind=piece.kind,
        text=piece.text,
        index=piece.index,
        delay=delay,
        call=piece.call,
        block=piece.block,
        citation=piece.citation,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPlan:
    """What a stream comes to.

    Attributes:
        pieces: what is sent, in order, with stalls, late tokens, duplicates and reorderings already in it.
        strike: the fault that comes after the last piece instead of the rest; None where all of the reply is sent.
            Faults about bytes (`DisconnectAfterBytes`, `BrokenGzip`, `WrongContentLength`, `ByteOrderMark`, `CRLF`,
            `MissingEndMarker`) are no strikes: they are the door's own, in `Reply.fault`, over all pieces.
    """

    pieces: list[Piece]
    strike: StreamFault | None = None


def plan(reply: Reply) -> StreamPlan:
    """The stream of `reply`, with what its fault does to the pieces."""
    pieces = cut(reply)
    fault = reply.fault
    if isinstance(fault, Disconnect | DisconnectInFrame | DisconnectInCharacter | ErrorEvent | MalformedFrame):
        return StreamPlan(pieces=_first(pieces, fault.after_chunks), strike=fault)
    if isinstance(fault, MissingEnd):
        return StreamPlan(pieces=pieces[:-1], strike=fault)
    if isinstance(fault, LateFirstToken | Stall):
        where = _position(pieces, fault.after + 1) if isinstance(fault, Stall) else 0
        if where is None:
            where = len(pieces) - 1
        return StreamPlan(
            pieces=[
                _delayed(piece, piece.delay + fault.seconds) if number == where else piece
                for number, piece in enumerate(pieces)
            ]
        )
    if isinstance(fault, DuplicateFrame | ReorderedFrames):
        where = _position(pieces, fault.at, FRAGMENTS)
        if where is not None and isinstance(fault, DuplicateFrame):
            pieces.insert(where, pieces[where])
        elif where is not None and pieces[where + 1].kind == pieces[where].kind:
            pieces[where], pieces[where + 1] = pieces[where + 1], pieces[where]
    return StreamPlan(pieces=pieces)


def duration(reply: Reply) -> float:
    """Seconds that a plain answer takes: as long as its stream would, with what a fault adds."""
    late = reply.fault.seconds if isinstance(reply.fault, LateFirstToken | Stall) else 0.0
    return late + (sum(piece.delay for piece in cut(reply)) if reply.cut.paced else 0.0)


def _position(pieces: list[Piece], number: int, kinds: frozenset[PieceKind] = CONTENT) -> int | None:
    """Where piece `number` of these kinds, from 1, stands; None where there are fewer."""
    for position, piece in enumerate(pieces):
        if piece.kind in kinds:
            number -= 1
            if number == 0:
                return position
    return None


def _first(pieces: list[Piece], count: int) -> list[Piece]:
    """The pieces up to content piece `count`, with what stands before it; none for 0; never the finish."""
    if count <= 0:
        return []
    where = _position(pieces, count)
    return pieces[:-1] if where is None else pieces[: where + 1]
