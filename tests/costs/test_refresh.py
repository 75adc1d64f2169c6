"""New prices: fetched when asked, judged before use, kept on disk; a failure changes nothing."""

from __future__ import annotations

import gzip
import json
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from llmclient.costs import CostDatabase, Fetched, RemotePricesError, refresh_cost_data
from llmclient.costs.disk import cache_path, write_table
from llmclient.costs.levels import embedded_table
from llmclient.costs.refresh import refresh_quietly
from llmclient.costs.remote import SECONDS, SIZE_LIMIT, fetch
from llmclient.costs.rows import make_table
from support.price_source import body, serve

DAY = 24 * 3600
NOON = 4_000_000_000.0  # after every date in the package


class Clock:
    """Time that stands still until it is told."""

    def __init__(self, now: float = NOON) -> None:
        self.time = now

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        self.time += 1.0
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rows():
    """Rows to change: a part of the embedded table, which stands on disk as what is known."""
    known = {name: dict(row) for name, row in embedded_table().first.items()}
    assert write_table(cache_path(), make_table(known, dated="2096-10-01", source="a seed"))
    return known


def dumped(rows: object) -> bytes:
    return json.dumps(rows).encode()


def give(content: bytes, etag: str = "v1"):
    """A fetcher that has this map."""
    return lambda _url, seen: Fetched(etag=etag, unchanged=True) if seen == etag else Fetched(body=content, etag=etag)


def refuse(_url: str, _etag: str) -> Fetched:
    pytest.fail("asked the network although the copy on disk is fresh")


def price(database: CostDatabase, model: str = "gpt-4o") -> object:
    found = database.find(model)
    return found and found.row.get("input_cost_per_token")


def test_new_prices_are_used_at_once_and_by_the_next_process(database, rows, clock):
    rows["gpt-4o"]["input_cost_per_token"] = 3e-6
    result = refresh_cost_data(fetcher=give(dumped(rows)), database=database, clock=clock)
    assert (result.status, result.models) == ("updated", len(rows))
    assert price(database) == 3e-6
    assert price(CostDatabase()) == 3e-6
    assert CostDatabase().table.origin == "disk"


def test_a_copy_younger_than_a_day_is_not_asked_for_again(database, rows, clock):
    refresh_cost_data(fetcher=give(dumped(rows)), database=database, clock=clock)
    clock.time += DAY - 60
    assert refresh_cost_data(fetcher=refuse, database=database, clock=clock).status == "fresh"


def test_force_asks_and_an_unchanged_map_is_not_sent_again(database, rows, clock):
    refresh_cost_data(fetcher=give(dumped(rows)), database=database, clock=clock)
    assert refresh_cost_data(force=True, fetcher=give(b"", "v1"), database=database, clock=clock).status == "unchanged"
    clock.time += DAY - 60
    assert refresh_cost_data(fetcher=refuse, database=database, clock=clock).status == "fresh"


def test_an_old_copy_is_asked_for_again(database, rows, clock):
    refresh_cost_data(fetcher=give(dumped(rows)), database=database, clock=clock)
    clock.time += DAY + 60
    rows["gpt-4o"]["input_cost_per_token"] = 4e-6
    refresh_cost_data(fetcher=give(dumped(rows), "v2"), database=database, clock=clock)
    assert price(database) == 4e-6


def test_another_process_fresh_copy_is_taken_without_asking(database, rows, clock):
    rows["gpt-4o"]["input_cost_per_token"] = 3e-6
    refresh_cost_data(fetcher=give(dumped(rows)), database=CostDatabase(), clock=clock)
    stale = database
    refresh_cost_data(fetcher=refuse, database=stale, clock=clock)
    assert price(stale) == 3e-6


def test_registered_prices_survive_a_refresh(database, rows, clock):
    database.register("gpt-4o", {"input_cost_per_token": 1.0})
    refresh_cost_data(fetcher=give(dumped(rows)), database=database, clock=clock)
    assert price(database) == 1.0


def lose_most(rows):
    return {name: rows[name] for name in list(rows)[: len(rows) // 3]}


def change(**fields):
    return lambda rows: {**rows, "gpt-4o": {**rows["gpt-4o"], **fields}}


POISON = {
    "html": lambda _: "<html>down for maintenance</html>",
    "a list": lambda rows: list(rows.values()),
    "no model": lambda _: {"sample_spec": {}},
    "rows that are no objects": lambda rows: {**rows, "gpt-4o": 3},
    "a price as text": change(input_cost_per_token="cheap"),
    "a price that is true": change(input_cost_per_token=True),
    "a negative price": change(output_cost_per_token=-1e-6),
    "no number": change(output_cost_per_token=float("nan")),
    "an infinite price": change(output_cost_per_token=float("inf")),
    "a negative price in a nested table": change(search_context_cost_per_query={"search_context_size_low": -1}),
    "a tier that is no table": change(tiered_pricing=["x"]),
    "tiers that are no list": change(tiered_pricing=5),
    "off-peak prices that are no table": change(off_peak_pricing=5),
    "a limit of half a token": change(max_input_tokens=0.5),
    "a limit that is text": change(max_output_tokens="many"),
    "a provider that is a number": change(litellm_provider=7),
    "a number beyond all numbers": change(input_cost_per_token=10**400),
    "a limit beyond all numbers": change(max_input_tokens=float("inf")),
    "a factor that is negative": change(provider_specific_entry={"us": -1.1}),
    "a price ten times as high": change(input_cost_per_token=2.5e-5),
    "a price a tenth": change(input_cost_per_token=2.5e-7),
    "half of the models gone": lose_most,
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_a_poisoned_map_never_replaces_a_good_table(poison, database, rows, clock):
    refresh_cost_data(fetcher=give(dumped(rows)), database=database, clock=clock)
    before = Path(cache_path()).read_bytes()
    poisoned = poison(rows)
    content = poisoned.encode() if isinstance(poisoned, str) else dumped(poisoned)
    with pytest.raises(RemotePricesError, match="refused"):
        refresh_cost_data(force=True, fetcher=give(content, "evil"), database=database, clock=clock)
    assert price(database) == 2.5e-6
    assert Path(cache_path()).read_bytes() == before


def test_a_price_that_the_source_corrects_can_be_accepted_and_nothing_else(database, rows, clock):
    refresh_cost_data(fetcher=give(dumped(rows)), database=database, clock=clock)
    rows["gpt-4o"]["input_cost_per_token"] = 2.5e-4
    with pytest.raises(RemotePricesError, match="accept_moves=True"):
        refresh_cost_data(force=True, fetcher=give(dumped(rows), "v2"), database=database, clock=clock)
    for poisoned in (lose_most(rows), change(output_cost_per_token=-1)(rows)):
        with pytest.raises(RemotePricesError, match="refused"):
            refresh_cost_data(
                force=True, accept_moves=True, fetcher=give(dumped(poisoned), "v3"), database=database, clock=clock
            )
    refresh_cost_data(force=True, accept_moves=True, fetcher=give(dumped(rows), "v4"), database=database, clock=clock)
    assert price(database) == 2.5e-4


@pytest.mark.parametrize(
    ("field", "nested"),
    [
        ("tiered_pricing", lambda price: [{"range": [0, 9], "input_cost_per_token": 1.0}, {"output_cost": price}]),
        ("off_peak_pricing", lambda price: {"output_cost_per_token": price}),
        ("search_context_cost_per_query", lambda price: {"search_context_size_low": price}),
        ("provider_specific_entry", lambda price: {"us": price, "schema": "x", "frames": {}}),
    ],
)
def test_a_nested_price_that_moves_tenfold_is_refused(database, rows, clock, field, nested):
    rows["gpt-4o"][field] = nested(2.0)
    refresh_cost_data(fetcher=give(dumped(rows)), database=database, clock=clock)
    rows["gpt-4o"][field] = nested(20.0)
    with pytest.raises(RemotePricesError, match=rf"{field}.* moves from 2.0 to 20.0"):
        refresh_cost_data(force=True, fetcher=give(dumped(rows), "evil"), database=database, clock=clock)


def test_a_map_nested_beyond_reason_is_refused(database, clock):
    with pytest.raises(RemotePricesError, match="refused"):
        refresh_cost_data(fetcher=give(b"[" * 200_000), database=database, clock=clock)


def test_prices_that_become_free_or_stop_being_free_are_believed(database, rows, clock):
    rows["gpt-4o"]["input_cost_per_token"] = 0
    refresh_cost_data(fetcher=give(dumped(rows)), database=database, clock=clock)
    rows["gpt-4o"]["input_cost_per_token"] = 5e-6
    refresh_cost_data(force=True, fetcher=give(dumped(rows), "v2"), database=database, clock=clock)
    assert price(database) == 5e-6


def test_the_map_is_fetched_over_http_from_this_machine(database, rows, clock):
    with serve(body(dumped(rows), ETag='"v1"')) as (url, requests):
        assert refresh_cost_data(url=url, database=database, clock=clock).status == "updated"
        refresh_cost_data(force=True, url=url, database=database, clock=clock)
    assert [request.get("If-None-Match") for request in requests] == [None, '"v1"']


def test_a_server_that_says_not_modified_is_believed():
    with serve(body(b"", status=304)) as (url, _):
        assert fetch(url, '"v1"') == Fetched(etag='"v1"', unchanged=True)


@pytest.mark.parametrize("url", ["http://example.com/prices.json", "ftp://127.0.0.1/x", "file:///etc/hosts", "prices"])
def test_only_https_is_fetched(url):
    with pytest.raises(RemotePricesError, match="https only"):
        fetch(url)


@pytest.mark.parametrize("target", ["http://127.0.0.1:9/x", "http://example.com/x", "file:///etc/hosts"])
def test_a_redirect_away_from_https_is_refused(target):
    with (
        serve(body(b"", status=302, Location=target)) as (url, _),
        pytest.raises(RemotePricesError, match=r"not https|302"),
    ):
        fetch(url)


def test_an_error_status_says_so():
    with serve(body(b"no", status=503)) as (url, _), pytest.raises(RemotePricesError, match="answered 503"):
        fetch(url)


def test_ten_gigabytes_are_cut_off_at_the_limit():
    sent = []

    def endless(request):
        request.send_response(200)
        request.end_headers()
        block = b" " * (1 << 20)
        for _ in range(10_240):
            request.wfile.write(block)
            sent.append(len(block))

    with serve(endless) as (url, _), pytest.raises(RemotePricesError, match="larger than"):
        fetch(url)
    assert sum(sent) < 2 * SIZE_LIMIT


def test_a_source_that_drips_is_given_up_after_ten_seconds(clock):
    def drip(request):
        request.send_response(200)
        request.end_headers()
        for _ in range(100):
            request.wfile.write(b"[")
            request.wfile.flush()

    started = clock.time
    blocks = 0

    class Slow(Clock):
        def monotonic(self) -> float:
            nonlocal blocks
            blocks += 1
            return started + 2 * blocks * SECONDS

    with serve(drip) as (url, _), pytest.raises(RemotePricesError, match="longer than 10 seconds"):
        fetch(url, clock=Slow())


def test_headers_that_drip_are_given_up_too(monkeypatch):
    monkeypatch.setattr("llmclient.costs.remote.SECONDS", 0.05)
    done = threading.Event()
    with (
        serve(lambda _: done.wait()) as (url, _),
        pytest.raises(RemotePricesError, match=r"longer than 0\.05 seconds|timed out"),
    ):
        try:
            fetch(url)
        finally:
            done.set()


@pytest.mark.parametrize("mark", ["v\x01", "v\xe9", "v" * 2000])
def test_a_version_mark_that_cannot_be_sent_back_is_none(mark):
    with serve(body(b"{}", ETag=mark)) as (url, _):
        assert fetch(url).etag == ""


def test_a_compressed_answer_is_not_unpacked(database, rows, clock):
    bomb = gzip.compress(b" " * 100_000_000, 1)
    with (
        serve(body(bomb, **{"Content-Encoding": "gzip"})) as (url, _),
        pytest.raises(RemotePricesError, match="refused"),
    ):
        refresh_cost_data(url=url, database=database, clock=clock)


def test_a_cut_answer_is_refused():
    def cut(request):
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"{")

    with serve(cut) as (url, _), pytest.raises(RemotePricesError):
        fetch(url)


def test_a_source_that_is_not_there_says_so():
    with serve(body(b"")) as (url, _):
        pass
    with pytest.raises(RemotePricesError, match="cannot fetch"):
        fetch(url)


def test_a_cache_that_cannot_be_written_still_serves_this_process(database, clock, monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("LLMCLIENT_CACHE_DIR", str(tmp_path / "file"))
    (tmp_path / "file").write_text("a file where the directory should be")
    everything = {name: dict(row) for name, row in embedded_table().rows().items()}
    everything["gpt-4o"]["input_cost_per_token"] = 3e-6
    result = refresh_cost_data(fetcher=give(dumped(everything)), database=database, clock=clock)
    assert (result.kept, price(database)) == (False, 3e-6)
    assert "cannot keep the price table" in caplog.text


def test_a_total_from_refreshed_prices_names_their_date(database, rows, clock):
    refresh_cost_data(fetcher=give(dumped(rows)), database=database, clock=clock)
    found = database.find("gpt-4o")
    assert found is not None
    assert found.dated == "2096-10-02"
    assert found.rates("", 1).input == Decimal("2.5e-6")


def test_a_refresh_beside_the_program_changes_the_prices_it_uses(database, rows):
    rows["gpt-4o"]["input_cost_per_token"] = 3e-6
    refresh_quietly(database, fetcher=give(dumped(rows)))
    assert price(database) == 3e-6


def test_a_refresh_beside_the_program_that_fails_is_a_line_in_the_log(database, caplog):
    refresh_quietly(database, fetcher=give(b"<html>"))
    assert "prices were not refreshed" in caplog.text
    assert price(database) == 2.5e-6


def test_in_auto_mode_the_first_lookup_looks_whether_the_copy_is_fresh(database, rows, monkeypatch):
    refresh_cost_data(fetcher=give(dumped(rows)), database=database)
    started = []
    start = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda thread: (started.append(thread), start(thread)))
    assert price(CostDatabase()) == 2.5e-6
    assert not started
    monkeypatch.setenv("LLMCLIENT_PRICES", "auto")
    assert price(CostDatabase()) == 2.5e-6
    assert [(thread.name, thread.daemon) for thread in started] == [("llmclient-prices", True)]
    started[0].join()
