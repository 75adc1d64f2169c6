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


def cells(text: str, start: str) -> list[str]:
    """The cells of the line that begins so."""
    return next(line.split() for line in text.splitlines() if line.startswith(start))[len(start.split()) :]


def test_show_prints_prices_for_a_million_tokens_in_columns_by_tier(printed):
    text = printed("show", "openai/gpt-5.6")
    assert cells(text, "$ / M tokens") == ["standard", "batch", "flex", "priority"]
    assert cells(text, "input  ") == ["$4.00", "$2.00", "$2.00", "$8.00"]
    assert cells(text, "output above 272k") == ["$30.00", "$15.00", "$15.00", "$60.00"]
    assert cells(text, "cache write, 12 h  ") == ["$10.00", "$5.00", "$20.00"]
    assert cells(text, "context window") == ["922,000"]
    assert cells(text, "times in region eu") == ["1.1"]
    assert cells(text, "a search, context low") == ["$0.01"]


def test_show_prints_what_is_not_priced_by_the_token_and_when_a_model_ends(printed):
    text = printed("show", "sora-2", "gpt-image-1")
    assert cells(text, "output cost per video per second") == ["$0.10"]
    assert cells(text, "served until")
    assert cells(text, "image out") == ["$40.00"]
    assert "context window" not in text.partition("gpt-image-1")[0]


def test_list_is_filtered_and_aligned(printed):
    text = printed("list", "--provider", "anthropic", "--capability", "vision", "--search", "HAIKU", "--limit", "2")
    rows = [line for line in text.splitlines() if "claude-haiku" in line]
    assert len(rows) == 2
    assert len({line.index(" chat ") for line in rows}) == 1


def test_list_leaves_out_the_provider_that_was_asked_for_and_says_when_nothing_is_like_that(printed, capsys):
    assert "provider" not in printed("list", "--provider", "anthropic")
    assert "provider" in printed("list", "--search", "haiku")
    assert main(["costs", "list", "--capability", "telepathy"]) == 1
    assert "no model is like that" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["-5", "many", "1.5"])
def test_a_count_that_is_none_is_refused(count, capsys):
    with pytest.raises(SystemExit):
        main(["costs", "calculate", "gpt-4o", "--prompt-tokens", count])
    assert "no whole number" in capsys.readouterr().err


def test_calculate_without_a_count_says_what_to_give(capsys):
    assert main(["costs", "calculate", "gpt-4o"]) == 1
    assert "--prompt-tokens N" in capsys.readouterr().err


def test_a_pipe_gets_whole_lines(printed, monkeypatch):
    monkeypatch.delenv("COLUMNS")
    text = printed("list", "--search", "claude-haiku-4-5-20251001")
    assert all(len(line.split()) > 4 for line in text.splitlines()[3:-1])


def test_whoever_stops_reading_is_no_error(monkeypatch, tmp_path):
    with (tmp_path / "out").open("w") as file:
        monkeypatch.setattr("sys.stdout", file)
        monkeypatch.setattr("llmclient.cli.costs.run", lambda _: (_ for _ in ()).throw(BrokenPipeError()))
        assert main(["costs", "info"]) == 0


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
    assert cells(text, "input") == ["$0.015"]
    assert cells(text, "cached input") == ["$0.005"]
    assert cells(text, "total") == ["$0.02"]
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


def test_open_models_of_openrouter_are_explained(capsys):
    assert main(["costs", "show", "openrouter/meta-llama/llama-4-scout"]) == 1
    assert "stands in each answer" in capsys.readouterr().err


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
