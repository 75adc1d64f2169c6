"""`llmclient costs` shows, lists, compares, calculates and refreshes, as tables or as JSON."""

from __future__ import annotations

import builtins
import json

import pytest

from llmclient.cli.main import main
from llmclient.costs import CostDatabase, get_cost_database
from support.price_source import body, serve
from support.vocabularies import vocabularies as vocabularies


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    monkeypatch.setenv("LLMCLIENT_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "dumb")


@pytest.fixture
def printed(capsys):
    def run(*arguments: str, code: int = 0) -> str:
        assert main(["costs", *arguments]) == code
        return capsys.readouterr().out

    return run


def test_show_prints_prices_for_a_million_tokens(printed):
    text = printed("show", "openai/gpt-4o")
    lines = {line.split("  ")[1].strip(): line.split("  ")[-1].strip() for line in text.splitlines() if "  " in line}
    assert "$2.50 / M tokens" in text
    assert "$2.125 / M tokens" in text
    assert "128,000" in text
    assert lines


def test_show_prints_every_kind_of_price_and_the_date_a_model_ends(printed):
    text = printed("show", "claude-opus-5", "gpt-image-1", "gpt-5.6", "sora-2")
    assert "search_context_size_low" in text
    assert "served until" in text
    assert "1.1" in text


def test_list_is_filtered_and_aligned(printed):
    text = printed("list", "--provider", "anthropic", "--capability", "vision", "--search", "HAIKU", "--limit", "2")
    rows = [line for line in text.splitlines() if "claude-haiku" in line]
    assert len(rows) == 2
    assert len({line.index("anthropic") for line in rows}) == 1


def test_compare_sorts_by_cost_and_draws_bars(printed):
    text = printed("compare", "openai/gpt-4o", "gpt-5-mini", "nobody", "--prompt-tokens", "10000")
    rows = [line for line in text.splitlines() if "gpt" in line or "nobody" in line]
    assert [row.split()[0] for row in rows] == ["gpt-5-mini", "openai/gpt-4o", "nobody"]
    assert rows[0].count("█") < rows[1].count("█")
    assert "unknown" in rows[2]


def test_compare_counts_a_text_for_each_model(printed, vocabularies):
    lines = json.loads(printed("compare", "gpt-4o", "claude-opus-5", "nobody", "--text", "hello there", "--json"))
    assert [line["cost"] is None for line in lines] == [False, False, True]
    assert lines[0]["ratio"] == 1.0


def test_calculate_prints_the_parts_and_their_sum(printed):
    arguments = ("calculate", "openai/gpt-4o", "--prompt-tokens", "10000", "--cached-tokens", "4000")
    text = printed(*arguments)
    assert "$0.015" in text
    assert "$0.005" in text
    cost = json.loads(printed(*arguments, "--service-tier", "priority", "--json"))
    assert cost["source"] == "tier"
    assert sum(cost["parts"].values()) == pytest.approx(cost["total"])


def test_show_list_and_info_print_json(printed):
    assert json.loads(printed("show", "gpt-4o", "--json"))[0]["prices"]["input_cost_per_token"] == 2.5e-06
    assert len(json.loads(printed("list", "--provider", "anthropic", "--json"))) > 10
    assert json.loads(printed("info", "--json"))["origin"] == "embedded"
    assert "embedded" in printed("info")


def test_a_part_of_a_price_that_is_a_factor_or_a_unit_is_not_called_a_token_price(printed):
    assert "$" in printed("calculate", "gpt-image-1", "--output-image-tokens", "10")
    assert printed("calculate", "openai/container", "--prompt-tokens", "5", code=1) == ""


@pytest.mark.parametrize("command", [("show", "nobody"), ("calculate", "nobody", "--prompt-tokens", "5")])
def test_an_unknown_model_is_an_error_that_says_how_to_find_names(command, capsys):
    assert main(["costs", *command]) == 1
    assert "costs list --search" in capsys.readouterr().err


def test_refresh_fetches_and_keeps(printed, tmp_path):
    database = get_cost_database()
    before = database.table
    content = json.dumps(dict(before.rows())).encode()
    try:
        with serve(body(content)) as (url, _):
            assert printed("refresh", "--url", url).startswith("updated: ")
            assert json.loads(printed("refresh", "--url", url, "--json"))["status"] == "fresh"
            (tmp_path / "prices-2.bin").unlink()
            (tmp_path / "prices-2.bin").mkdir()
            assert "could not be written" in printed("refresh", "--force", "--url", url)
    finally:
        database.use(before)


def test_a_refresh_that_fails_is_one_line(capsys):
    assert main(["costs", "refresh", "--url", "http://example.com/x"]) == 1
    assert "https only" in capsys.readouterr().err


def test_without_rich_json_works_and_a_table_names_the_extra(printed, capsys, monkeypatch):
    real = builtins.__import__

    def without_rich(name, *args, **more):
        if name.startswith("rich"):
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without_rich)
    assert json.loads(printed("show", "gpt-4o", "--json"))
    assert main(["costs", "show", "gpt-4o"]) == 1
    assert "llmclient[cli]" in capsys.readouterr().err


def test_an_empty_comparison_has_no_bars(printed):
    assert "unknown" in printed("compare", "nobody")
    assert CostDatabase().find("nobody") is None
