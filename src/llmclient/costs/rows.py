"""A price table: rows by name, in LiteLLM's fields, and when and where it comes from.

A table is read in two parts. The first holds the models of the vendors this library speaks to itself and is parsed at
the first lookup; the rest is parsed when a name is not in the first. Both are kept compressed until then.
`pack` and `unpack` are the one format, of the embedded table and of the copy on disk alike: a line that names the
format and the length of the header, a JSON header, and two zlib parts, whose checksum stands in the header.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, TypeAlias, cast

PriceRow: TypeAlias = Mapping[str, object]
"""One model's prices, limits and abilities under LiteLLM's field names, such as "input_cost_per_token"."""

FIRST_PROVIDERS: Final = frozenset({"openai", "text-completion-openai", "anthropic", "openrouter"})
"""Whose rows are read first."""

MAGIC: Final = b"llmclient-prices 1 "
_HEADER_LIMIT: Final = 65_536


class CorruptTableError(ValueError):
    """The bytes are no packed price table, or not the whole of one."""


@dataclass(frozen=True, kw_only=True)
class PriceTable:
    """Rows by name.

    Attributes:
        dated: ISO date the prices were taken.
        origin: "embedded", "disk", "remote" or "built".
        source: the URL or file they were taken from.
        etag: the source's own version mark, empty where it gave none.
        fetched: seconds since the epoch when they were taken.
    """

    first_part: bytes
    rest_part: bytes
    dated: str = ""
    origin: str = "embedded"
    source: str = ""
    etag: str = ""
    fetched: float = 0.0

    @cached_property
    def first(self) -> Mapping[str, PriceRow]:
        """Rows of the vendors in `FIRST_PROVIDERS`."""
        return _parse(self.first_part)

    @cached_property
    def rest(self) -> Mapping[str, PriceRow]:
        """All other rows."""
        return _parse(self.rest_part)

    def __len__(self) -> int:
        return len(self.first) + len(self.rest)

    def __iter__(self) -> Iterator[str]:
        yield from self.first
        yield from self.rest

    def get(self, name: str) -> PriceRow | None:
        """The row of exactly this name."""
        row = self.first.get(name)
        return self.rest.get(name) if row is None else row

    def rows(self) -> dict[str, PriceRow]:
        """Every row, in a new dictionary."""
        return {**self.first, **self.rest}


def _parse(part: bytes) -> Mapping[str, PriceRow]:
    return MappingProxyType(cast("dict[str, PriceRow]", json.loads(zlib.decompress(part))))


def make_table(
    rows: Mapping[str, PriceRow], *, dated: str, source: str = "", etag: str = "", fetched: float = 0.0
) -> PriceTable:
    """Make a table of `rows`, split into its two parts and compressed. The same rows give the same bytes."""
    first = {name: rows[name] for name in sorted(rows) if rows[name].get("litellm_provider") in FIRST_PROVIDERS}
    rest = {name: rows[name] for name in sorted(rows) if name not in first}
    return PriceTable(
        first_part=_compress(first),
        rest_part=_compress(rest),
        dated=dated,
        origin="built",
        source=source,
        etag=etag,
        fetched=fetched,
    )


def _compress(rows: Mapping[str, PriceRow]) -> bytes:
    return zlib.compress(json.dumps(rows, sort_keys=True, separators=(",", ":")).encode(), 9)


def pack(table: PriceTable) -> bytes:
    """The bytes of a table, as `unpack` reads them."""
    header = {
        "dated": table.dated,
        "source": table.source,
        "etag": table.etag,
        "fetched": table.fetched,
        "first": len(table.first_part),
        "rest": len(table.rest_part),
        "crc": zlib.crc32(table.rest_part, zlib.crc32(table.first_part)),
    }
    line = json.dumps(header, sort_keys=True).encode()
    return b"%s%d\n%s%s%s" % (MAGIC, len(line), line, table.first_part, table.rest_part)


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
            first_part=first,
            rest_part=rest,
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
