"""Taking new prices from the public map: fetch, judge, keep on disk, use. A failure changes nothing."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from llmclient.clock import SystemClock
from llmclient.costs.database import CostDatabase, get_cost_database
from llmclient.costs.disk import cache_path, read_table, write_table
from llmclient.costs.levels import embedded_table
from llmclient.costs.remote import PUBLIC_URL, Fetcher, RemotePricesError, fetch
from llmclient.costs.rows import PriceTable, make_table
from llmclient.costs.schema import InvalidTableError, MovedPriceError, check_against, rows_of

if TYPE_CHECKING:
    from llmclient.protocols import Clock

MAX_AGE: Final = 24 * 3600.0
"""Seconds for which a copy on disk is fresh."""

_logger: Final = logging.getLogger("llmclient.costs")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshResult:
    """What a refresh did.

    Attributes:
        status: "fresh" (the copy on disk is young enough, nothing was asked), "unchanged" (the source has nothing
            newer), "updated".
        models: how many models the table has now.
        dated: ISO date of the table in use.
        source: where it comes from.
        kept: whether it stands on disk for other processes.
    """

    status: Literal["fresh", "unchanged", "updated"]
    models: int
    dated: str
    source: str
    kept: bool = True


def refresh_cost_data(
    force: bool = False,  # noqa: FBT001, FBT002 - the one thing people ask for
    *,
    url: str = PUBLIC_URL,
    max_age: float = MAX_AGE,
    accept_moves: bool = False,
    fetcher: Fetcher | None = None,
    database: CostDatabase | None = None,
    clock: Clock | None = None,
) -> RefreshResult:
    """Fetch the public price map and use it, in this process at once and in others from their next start.

    Args:
        force: ask the source even if the copy on disk is fresh. What comes back is judged all the same.
        url: https; or http on a loopback address.
        max_age: seconds for which a copy on disk is fresh. Default a day.
        accept_moves: take the map although a price moves tenfold, as it does where the source corrects one. Default
            False. The error names the first such price.
        fetcher: fetches `url` in place of the built-in one, for mirrors that need more than a plain GET.
        database: takes the new table. Default: the one that all functions read.
        clock: the time. Default: the machine's.

    Raises:
        RemotePricesError: it could not be fetched, or is not fit: no price map, half of the models gone, a price moved
            tenfold. The table in use, and the one on disk, stay as they are.
    """
    now = (clock or SystemClock()).now()
    path = cache_path()
    database = database or get_cost_database()
    kept = read_table(path)
    if kept is not None and not force and kept.source == url and 0 <= now - kept.fetched < max_age:
        if kept.fetched > database.table.fetched:
            database.use(kept)
        return RefreshResult(status="fresh", models=len(kept), dated=kept.dated, source=url)
    etag = kept.etag if kept is not None and kept.source == url else ""
    answer = (fetcher or fetch)(url, etag)
    today = datetime.fromtimestamp(now, tz=UTC).date().isoformat()
    if answer.unchanged and kept is not None:
        table = kept.taken(dated=today, fetched=now, etag=kept.etag, origin="disk")
        status: Literal["unchanged", "updated"] = "unchanged"
    else:
        judged = _judged(answer.body, known=kept or embedded_table(), url=url, accept_moves=accept_moves)
        table = judged.taken(dated=today, fetched=now, etag=answer.etag, origin="remote")
        status = "updated"
    was_kept = write_table(path, table)
    database.use(table)
    return RefreshResult(status=status, models=len(table), dated=today, source=url, kept=was_kept)


def _judged(body: bytes, *, known: PriceTable, url: str, accept_moves: bool) -> PriceTable:
    try:
        data: object = json.loads(body)
        rows = rows_of(data)
        check_against(rows, known=known.rows(), accept_moves=accept_moves)
    except (InvalidTableError, ValueError, RecursionError) as error:
        hint = "; if that is a correction, accept_moves=True takes it" if isinstance(error, MovedPriceError) else ""
        message = f"the prices at {url} are refused, the ones in use stay: {error}{hint}"
        raise RemotePricesError(message) from error
    return make_table(rows, dated="", source=url)


def refresh_quietly(database: CostDatabase, *, fetcher: Fetcher | None = None) -> None:
    """Refresh beside a program that did not ask for it now; a failure is a line in the log."""
    try:
        refresh_cost_data(database=database, fetcher=fetcher)
    except RemotePricesError as error:
        _logger.warning("prices were not refreshed: %s", error)
