"""Which table to start with: the copy on disk where it is sound and not older, else the one in the package.

With `LLMCLIENT_PRICES=auto`, a copy older than a day (or none) is refreshed by a thread of its own, so that the lookup
that notices goes on with what there is.
"""

from __future__ import annotations

import os
from typing import Final

from llmclient.costs.disk import cache_path, read_table
from llmclient.costs.rows import PriceTable, unpack

EMBEDDED: Final = os.path.join(os.path.dirname(__file__), "data", "prices.bin")  # noqa: PTH118, PTH120 - see `disk`
"""The table in the package, made by `python -m llmclient.costs build`."""

MODE_VARIABLE: Final = "LLMCLIENT_PRICES"


def embedded_table() -> PriceTable:
    """The table in the package."""
    with open(EMBEDDED, "rb") as file:  # noqa: PTH123 - see `disk`
        return unpack(file.read(), origin="embedded")


def best_table() -> PriceTable:
    """The table to start with."""
    embedded = embedded_table()
    kept = read_table(cache_path())
    return kept if kept is not None and kept.dated >= embedded.dated else embedded


def wants_refresh() -> bool:
    """Whether the user asked for prices to be kept fresh without asking for it each time."""
    return os.environ.get(MODE_VARIABLE, "").lower() == "auto"
