"""Making the embedded table from LiteLLM's map: `python -m llmclient.costs build --from FILE|URL`.

Run by hand or by the scheduled workflow, never by a user's program. What is written is checked first, against the
schema and against the table that is there; the same map and date give the same bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from llmclient.costs.levels import EMBEDDED
from llmclient.costs.rows import PriceTable, make_table, pack, unpack
from llmclient.costs.schema import InvalidTableError, check_against, rows_of

SIZE_LIMIT: Final = 250_000
"""Bytes that the embedded table may take in the wheel."""


def build_table(text: bytes, *, dated: str, source: str) -> PriceTable:
    """Make a table of the JSON text of LiteLLM's map.

    Raises:
        InvalidTableError: the text is no JSON, or no price map.
    """
    try:
        data: object = json.loads(text)
    except ValueError as error:
        message = f"{source} is no JSON: {error}"
        raise InvalidTableError(message) from error
    return make_table(rows_of(data), dated=dated, source=source)


def write_embedded(table: PriceTable, *, target: Path = Path(EMBEDDED), check: bool = True) -> int:
    """Write the embedded table and return its size in bytes.

    Args:
        table: the new one.
        target: the file. Default: the one in the package.
        check: refuse a table that loses half the models of the one that is there, or moves a price tenfold.

    Raises:
        InvalidTableError: it would damage the one that is there, or is larger than `SIZE_LIMIT`.
    """
    if check and target.exists():
        check_against(table.rows(), known=unpack(target.read_bytes(), origin="embedded").rows())
    data = pack(table)
    if len(data) > SIZE_LIMIT:
        message = f"the embedded table takes {len(data)} bytes, more than {SIZE_LIMIT}"
        raise InvalidTableError(message)
    target.write_bytes(data)
    return len(data)
