"""The price database: which table is in use, and the rows found in it.

Four levels, nearest first. *Memory* keeps each name's row and its resolved rates. *Disk* is what the last refresh left
in the cache directory, used where it is newer than the *embedded* table of the package. *Remote* is asked by `refresh`
alone. The table is chosen at the first lookup and kept; a refresh in this process exchanges it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from llmclient.costs.matching import find_row, own_name

if TYPE_CHECKING:
    from llmclient.costs.rates import RateCard, Rates
    from llmclient.costs.rows import PriceRow, PriceTable

_REMEMBERED: Final = 10_000
"""Names kept in memory; a program that asks for more makes them anew."""


TOKEN_PRICES: Final = (
    "input_cost_per_token",
    "output_cost_per_token",
    "input_cost_per_image_token",
    "output_cost_per_image_token",
    "input_cost_per_audio_token",
    "output_cost_per_audio_token",
    "tiered_pricing",
)
"""A row without any of these has no price for tokens."""


class Priced:
    """A row under its name, with the rates that were resolved from it.

    Attributes:
        custom: whether the user gave the row.
        has_token_price: whether it prices tokens at all.
        has_request_price: whether a request costs something of its own.
        has_schedule: whether its prices depend on a table of lengths or on the hour.
    """

    __slots__ = (
        "_card",
        "custom",
        "dated",
        "has_request_price",
        "has_schedule",
        "has_token_price",
        "name",
        "row",
    )

    def __init__(self, name: str, row: PriceRow, *, dated: str = "", custom: bool = False) -> None:
        self.name: str = name
        self.row: PriceRow = row
        self.dated: str = dated
        self.custom: bool = custom
        self.has_token_price: bool = any(row.get(field) is not None for field in TOKEN_PRICES)
        self.has_request_price: bool = row.get("input_cost_per_request") is not None
        self.has_schedule: bool = "tiered_pricing" in row or "off_peak_pricing" in row
        self._card: RateCard | None = None

    def rates(self, service_tier: str, prompt_tokens: int) -> Rates:
        """The rates of a call served at this tier with a prompt of this length."""
        card = self._card
        if card is None:
            from llmclient.costs.rates import RateCard  # a lookup that asks for no price does without decimals

            card = self._card = RateCard(self.row)
        return card.rates(service_tier, prompt_tokens)


class CostDatabase:
    """Prices, limits and abilities of models, by any of their names.

    Args:
        table: the table to use. Default: the copy on disk where that is newer, else the embedded one, chosen at the
            first lookup.
    """

    def __init__(self, table: PriceTable | None = None) -> None:
        self._table = table
        self._found: dict[str, Priced | None] = {}
        self._custom: dict[str, Priced] = {}
        self._lock = threading.RLock()

    @property
    def table(self) -> PriceTable:
        """The table in use."""
        table = self._table
        if table is None:
            with self._lock:
                table = self._table
                if table is None:
                    table = self._table = self._first_table()
        return table

    def _first_table(self) -> PriceTable:
        from llmclient.costs.levels import best_table, wants_refresh

        table = best_table()
        if wants_refresh():
            threading.Thread(target=self._refresh, name="llmclient-prices", daemon=True).start()
        return table

    def _refresh(self) -> None:
        from llmclient.costs.refresh import refresh_quietly  # HTTP and all: nobody waits for it here

        refresh_quietly(self)

    def use(self, table: PriceTable) -> None:
        """Exchange the table; rows that were registered stay."""
        with self._lock:
            self._table = table
            self._found = {}

    def find(self, model: str) -> Priced | None:
        """The priced row of a model name, None where no rule finds one (see `llmclient.costs.matching`)."""
        try:
            return self._found[model]
        except KeyError:
            return self._search(model)

    def _search(self, model: str) -> Priced | None:
        table, remembered = self.table, self._found
        custom = self._custom.get(own_name(model))
        if custom is None:
            found = find_row(table, model)
            custom = None if found is None else Priced(*found, dated=table.dated)
        if len(remembered) >= _REMEMBERED:
            remembered.clear()
        remembered[model] = custom
        return custom

    def register(self, model: str, row: PriceRow) -> None:
        """Put a row of your own in front of the table's, or change fields of the table's."""
        with self._lock:
            name = own_name(model)
            known = self.find(model)
            self._custom[name] = Priced(name, {**(known.row if known else {}), **row}, custom=True)
            self._found = {}

    def unregister(self, model: str) -> None:
        """Take a registered row away; harmless where there is none."""
        with self._lock:
            self._custom.pop(own_name(model), None)
            self._found = {}

    @property
    def registered(self) -> Mapping[str, PriceRow]:
        """Rows that were registered, by name."""
        return MappingProxyType({name: priced.row for name, priced in self._custom.items()})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, model: object) -> bool:
        return isinstance(model, str) and self.find(model) is not None

    def __iter__(self) -> Iterator[str]:
        yield from self._custom
        yield from (name for name in self.table if name not in self._custom)


_database: Final = CostDatabase()


def get_cost_database() -> CostDatabase:
    """The database that every function of `llmclient.costs` reads: one for the process.

    It is a cache of immutable data, filled when first asked, and holds the prices given to `register_price`.
    """
    return _database
