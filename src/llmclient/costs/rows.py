"""A price table: rows by name, in LiteLLM's fields, and when and where it comes from.

A table has two parts. The first holds the models of the vendors this library speaks to itself and is unpacked at the
first lookup; the rest is unpacked when a name is not in the first. A part is sorted lines, a name and its row, both as
JSON; a row is parsed when it is asked for, since parsing all of them takes longer than a first lookup may.
`pack` and `unpack` are the one format, of the embedded table and of the copy on disk alike: a line that names the
format and the length of the header, a JSON header, and two zlib parts, whose checksum stands in the header.
No class here is a dataclass: a process that has not imported `dataclasses` would wait for it at its first lookup.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias, cast

PriceRow: TypeAlias = Mapping[str, object]
"""One model's prices, limits and abilities under LiteLLM's field names, such as "input_cost_per_token"."""

FIRST_PROVIDERS: Final = frozenset({"openai", "text-completion-openai", "anthropic", "openrouter"})
"""Whose rows are read first."""

MAGIC: Final = b"llmclient-prices 2 "
_HEADER_LIMIT: Final = 65_536


class CorruptTableError(ValueError):
    """The bytes are no packed price table, or not the whole of one."""


class RowLines(Mapping[str, PriceRow]):
    """Rows by name, packed: unpacked at the first look into them, each parsed when it is asked for.

    JSON text holds no line break and no tab of its own, so that a name is found by searching for its line's beginning.
    """

    __slots__ = ("_is_parsed", "_rows", "_text", "packed")

    def __init__(self, packed: bytes) -> None:
        self.packed: bytes = packed
        self._text: bytes | None = None
        self._rows: dict[str, PriceRow] = {}
        self._is_parsed = False

    @classmethod
    def of(cls, rows: Mapping[str, PriceRow]) -> RowLines:
        """Pack rows. The same rows give the same bytes."""
        lines = [b"%s\t%s" % (_json(name), _json(rows[name])) for name in sorted(rows)]
        return cls(zlib.compress(b"\n".join([b"", *lines, b""]), 9))

    @property
    def is_unpacked(self) -> bool:
        """Whether anybody has looked into them."""
        return self._text is not None

    @property
    def _lines(self) -> bytes:
        """The text, with a line break before and after each line."""
        text = self._text
        if text is None:
            text = self._text = zlib.decompress(self.packed)
        return text

    def __getitem__(self, name: str) -> PriceRow:
        row = self._rows.get(name)
        if row is None:
            row = self._rows[name] = self._find(name)
        return row

    def _find(self, name: str) -> PriceRow:
        text, key = self._lines, b"\n%s\t" % _json(name)
        place = -1 if self._is_parsed else text.find(key)
        if place < 0:
            raise KeyError(name)
        start = place + len(key)
        return cast("PriceRow", json.loads(text[start : text.index(b"\n", start)]))

    def __iter__(self) -> Iterator[str]:
        if not self._is_parsed:  # who asks for all names asks for their rows next
            parts = (line.partition(b"\t") for line in self._lines.splitlines()[1:])
            self._rows = {json.loads(name): json.loads(row) for name, _, row in parts}
            self._is_parsed = True
        return iter(self._rows)

    def starting_with(self, start: str) -> Iterator[str]:
        """The names that begin so, in order."""
        text, key = self._lines, b"\n" + _json(start)[:-1]
        place = text.find(key)
        while place >= 0:
            end = text.index(b"\t", place)
            yield cast("str", json.loads(text[place + 1 : end]))
            place = text.find(key, end)

    def __len__(self) -> int:
        return self._lines.count(b"\t")


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class PriceTable:
    """Rows by name. Immutable.

    Args:
        first: rows of the vendors in `FIRST_PROVIDERS`.
        rest: all other rows.
        dated: ISO date the prices were taken.
        origin: "embedded", "disk", "remote" or "built".
        source: the URL or file they were taken from.
        etag: the source's own version mark, empty where it gave none.
        fetched: seconds since the epoch when they were taken.
    """

    __slots__ = ("dated", "etag", "fetched", "first", "origin", "rest", "source")

    def __init__(
        self,
        first: RowLines,
        rest: RowLines,
        *,
        dated: str = "",
        origin: str = "embedded",
        source: str = "",
        etag: str = "",
        fetched: float = 0.0,
    ) -> None:
        self.first: Final = first
        self.rest: Final = rest
        self.dated: Final = dated
        self.origin: Final = origin
        self.source: Final = source
        self.etag: Final = etag
        self.fetched: Final = fetched

    def taken(self, *, dated: str, fetched: float, etag: str, origin: str) -> PriceTable:
        """The same rows, taken at another time."""
        return PriceTable(
            self.first, self.rest, dated=dated, origin=origin, source=self.source, etag=etag, fetched=fetched
        )

    def __len__(self) -> int:
        return len(self.first) + len(self.rest)

    def __iter__(self) -> Iterator[str]:
        yield from self.first
        yield from self.rest

    def starting_with(self, start: str) -> Iterator[str]:
        """The names that begin so."""
        yield from self.first.starting_with(start)
        yield from self.rest.starting_with(start)

    def get(self, name: str) -> PriceRow | None:
        """The row of exactly this name."""
        row = self.first.get(name)
        return self.rest.get(name) if row is None else row

    def rows(self) -> dict[str, PriceRow]:
        """Every row, in a new dictionary."""
        return {**self.first, **self.rest}


def make_table(
    rows: Mapping[str, PriceRow], *, dated: str, source: str = "", etag: str = "", fetched: float = 0.0
) -> PriceTable:
    """Make a table of `rows`, split into its two parts and compressed. The same rows give the same bytes."""
    first = {name: row for name, row in rows.items() if row.get("litellm_provider") in FIRST_PROVIDERS}
    rest = {name: row for name, row in rows.items() if name not in first}
    return PriceTable(
        RowLines.of(first),
        RowLines.of(rest),
        dated=dated,
        origin="built",
        source=source,
        etag=etag,
        fetched=fetched,
    )


def pack(table: PriceTable) -> bytes:
    """The bytes of a table, as `unpack` reads them."""
    header = {
        "dated": table.dated,
        "source": table.source,
        "etag": table.etag,
        "fetched": table.fetched,
        "first": len(table.first.packed),
        "rest": len(table.rest.packed),
        "crc": zlib.crc32(table.rest.packed, zlib.crc32(table.first.packed)),
    }
    line = json.dumps(header, sort_keys=True).encode()
    return b"%s%d\n%s%s%s" % (MAGIC, len(line), line, table.first.packed, table.rest.packed)


def unpack(data: bytes, *, origin: str) -> PriceTable:
    """Read what `pack` wrote. Every byte is covered by a length or the checksum.

    Raises:
        CorruptTableError: the data is cut, changed, or something else.
    """
    start, _, _ = data[: len(MAGIC) + 8].partition(b"\n")
    try:
        if not start.startswith(MAGIC):
            message = "not a packed price table"
            raise CorruptTableError(message)
        begin = len(start) + 1
        length = int(start[len(MAGIC) :])
        header: dict[str, object] = json.loads(data[begin : begin + min(length, _HEADER_LIMIT)])
        first_at = begin + length
        rest_at = first_at + int(cast("int", header["first"]))
        first, rest = data[first_at:rest_at], data[rest_at:]
        if len(rest) != header["rest"] or zlib.crc32(rest, zlib.crc32(first)) != header["crc"]:
            message = "price table is cut or changed"
            raise CorruptTableError(message)
        return PriceTable(
            RowLines(first),
            RowLines(rest),
            dated=str(header["dated"]),
            origin=origin,
            source=str(header["source"]),
            etag=str(header["etag"]),
            fetched=float(cast("float", header["fetched"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, CorruptTableError):
            raise
        message = f"price table has no readable header: {error}"
        raise CorruptTableError(message) from error
