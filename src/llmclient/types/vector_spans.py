"""Where the base64 of every vector lies in the body of an answer, found without reading it.

An answer of 2,048 vectors is 17 MB of base64. Read as JSON, each vector becomes a string of its own, and those strings
cost half as much again as decoding the numbers. Here the texts are stepped over; what is left, the answer with empty
vectors, is read as JSON, and the numbers are decoded out of the body when they are wanted.
Only what cannot be mistaken is read so. A body with a backslash or beyond ASCII, with a list of numbers among the
vectors or another "embedding" anywhere is left to the JSON reader.
"""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from pydantic_core import from_json

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject

_KEY = b'"embedding":'
_SPACE, _QUOTE = b' "'

Span: TypeAlias = tuple[int, int]
"""First byte of a vector's text, and the first after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVectors:
    """An answer whose vectors were stepped over.

    Attributes:
        fields: the answer without its rows.
        rows: the rows in the order of their index, each "embedding" empty.
        spans: where the text of each row's vector is.
    """

    fields: JSONObject
    rows: Sequence[JSONObject]
    spans: Sequence[Span]


@dataclass(frozen=True, slots=True)
class UnreadVectors:
    """Vectors that are still in the bodies they came in."""

    parts: tuple[tuple[bytes, Sequence[Span]], ...]

    def __len__(self) -> int:
        return sum(len(spans) for _, spans in self.parts)

    def __getitem__(self, position: int) -> bytes:
        at = range(len(self))[position]
        for body, spans in self.parts:
            if at < len(spans):
                start, stop = spans[at]
                return a2b_base64(body[start:stop])
            at -= len(spans)
        raise IndexError(position)  # pragma: no cover - the range above has said so

    def decoded(self) -> Iterator[bytes]:
        """The numbers of each vector, as they travel: little-endian float32."""
        for body, spans in self.parts:
            view = memoryview(body)
            for start, stop in spans:
                yield a2b_base64(view[start:stop])

    def rows(self) -> Iterator[JSONObject]:
        """Every row as it came; where there are several bodies, counted through."""
        count = 0
        for body, _ in self.parts:
            found = find_vectors(body)
            if found is None:  # pragma: no cover - what was found once is found again
                raise ValueError("the vectors are not where they were")
            for row, (start, stop) in zip(found.rows, found.spans, strict=True):
                row["embedding"] = body[start:stop].decode("ascii")
                if len(self.parts) > 1:
                    row["index"] = count
                count += 1
                yield row


def find_vectors(body: bytes) -> FoundVectors | None:
    """Step over the vectors of an answer; None where it has to be read as JSON."""
    stepped = None if b"\\" in body or not body.isascii() else _step_over(body)
    if stepped is None:
        return None
    spans, rest = stepped
    try:
        fields: object = from_json(rest)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    fields = cast("JSONObject", fields)
    rows = _plain_rows(fields.pop("data", None))
    if rows is None or len(rows) != len(spans):
        return None
    indexes = [cast("int", row["index"]) for row in rows]
    if indexes != sorted(indexes):
        order = sorted(range(len(rows)), key=indexes.__getitem__)
        rows, spans = [rows[place] for place in order], [spans[place] for place in order]
    return FoundVectors(fields=fields, rows=rows, spans=spans)


def _step_over(body: bytes) -> tuple[list[Span], bytes] | None:
    """The span of every text under "embedding", and the body without those texts.

    Without a backslash every quote in valid JSON opens or closes a string, so the next one ends the text.
    """
    spans: list[Span] = []
    rest: list[bytes] = []
    find, done = body.find, 0
    while (found := find(_KEY, done)) >= 0:
        start = found + len(_KEY)
        if body[start : start + 1] == b" ":
            start += 1
        stop = find(b'"', start + 1)
        if body[start : start + 1] != b'"' or stop < 0:
            return None
        spans.append((start + 1, stop))
        rest.append(body[done : start + 1])
        done = stop
    rest.append(body[done:])
    return spans, b"".join(rest)


def _plain_rows(data: object) -> list[JSONObject] | None:
    """The rows, where every vector was stepped over and nothing else in a row is what its model would refuse."""
    if not isinstance(data, list):
        return None
    rows = [cast("JSONObject", row) for row in cast("list[object]", data) if isinstance(row, dict)]
    if len(rows) != len(cast("list[object]", data)):
        return None
    for row in rows:
        if row.get("embedding") != "" or type(row.get("index")) is not int or type(row.get("object", "")) is not str:
            return None
    return rows
