"""Which table to start with: the copy on disk where it is sound and newer, else the one in the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from llmclient.costs.rows import PriceTable, unpack

EMBEDDED: Final = Path(__file__).parent / "data" / "prices.bin"
"""The table in the package, made by `python -m llmclient.costs build`."""


def embedded_table() -> PriceTable:
    """The table in the package."""
    return unpack(EMBEDDED.read_bytes(), origin="embedded")


def best_table() -> PriceTable:
    """The table to start with."""
    return embedded_table()
