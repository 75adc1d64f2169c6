"""Which row a name means: by documented rules, never by a part of another name."""

from __future__ import annotations

import pytest

from llmclient.costs import CostDatabase, get_cost_database, register_price
from llmclient.costs.levels import embedded_table
from llmclient.costs.matching import find_row, without_date
from llmclient.costs.rows import PriceTable, make_table
from llmclient.errors import ConfigurationError


@pytest.fixture(scope="module")
def table() -> PriceTable:
    return embedded_table()


def row_of(table: PriceTable, name: str) -> str | None:
    found = find_row(table, name)
    return None if found is None else found[0]


def test_every_name_of_the_map_is_its_own_row(table):
    assert [name for name in table if row_of(table, name) != name] == []


@pytest.mark.parametrize(
    ("name", "row"),
    [
        # prefix
        ("openai/gpt-4o", "gpt-4o"),
        ("anthropic/claude-haiku-4-5", "claude-haiku-4-5"),
        ("openai/text-embedding-3-small", "text-embedding-3-small"),
        ("openai/davinci-002", "davinci-002"),
        ("together/meta-llama/Llama-3.3-70B-Instruct-Turbo", "together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo"),
        ("gemini/gemini-2.5-flash", "gemini/gemini-2.5-flash"),
        # case
        ("GPT-4o", "gpt-4o"),
        ("OpenAI/GPT-4o", "gpt-4o"),
        # OpenRouter
        ("openrouter/openai/gpt-5-mini", "gpt-5-mini"),
        ("openrouter/openai/gpt-5-mini:nitro", "gpt-5-mini"),
        ("openrouter/anthropic/claude-haiku-4.5", "claude-haiku-4-5"),
        ("openrouter/google/gemini-2.5-flash", "gemini/gemini-2.5-flash"),
        ("openrouter/perplexity/sonar-pro", "perplexity/sonar-pro"),
        ("openrouter/cohere/command-r-08-2024", "command-r-08-2024"),
        ("openrouter/ai21/jamba-large-1.7", "jamba-large-1.7"),
        # fine-tuned
        ("ft:gpt-4o-2024-08-06:acme::abc", "ft:gpt-4o-2024-08-06"),
        ("openai/ft:gpt-4o-mini-2024-07-18:acme:name:id", "ft:gpt-4o-mini-2024-07-18"),
        # dated
        ("gpt-4o-2099-01-01", "gpt-4o"),
        ("claude-haiku-4-5-20991231", "claude-haiku-4-5"),
        ("claude-haiku-4-5@20991231", "claude-haiku-4-5"),
        ("openai/gpt-5-mini-latest", "gpt-5-mini"),
        ("gpt-4o-audio-preview", "gpt-4o-audio-preview-2025-06-03"),
        ("openai/gpt-4o-audio-preview", "gpt-4o-audio-preview-2025-06-03"),
    ],
)
def test_a_name_finds_its_row_by_rule(table, name, row):
    assert row_of(table, name) == row


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/",
        "openai/",
        "gpt-4o-something",
        "my-gpt-4o",
        "gpt",
        "openai/claude-haiku-4-5",
        "anthropic/gpt-4o",
        "custom/gpt-4o",
        "vllm/gpt-4o",
        "openrouter/gpt-4o",
        "openrouter/openai/gpt-5-mini:free",
        "openrouter/openai/gpt-5-mini:online",
        "openrouter/meta-llama/llama-4-scout",
        "openrouter/google/gemma-3-27b-it",
        "openrouter/deepseek/deepseek-chat",
        "openrouter/gpt-4o/gpt-4o",
        "openai/gpt-oss-120b",
        "ft:gpt-5:acme::abc",
        "gpt-4o-20241",
        "gpt-4o-1234-56-78",
        "-2024-01-01",
    ],
)
def test_a_name_that_no_rule_covers_has_no_row(table, name):
    assert row_of(table, name) is None


def test_a_shorter_name_never_prices_a_longer_one(table):
    only = make_table({"gpt-4": {"litellm_provider": "openai", "input_cost_per_token": 1.0}}, dated="2026-01-01")
    for name in table:
        if name.startswith("gpt-4") and name != "gpt-4" and without_date(name) != "gpt-4":
            assert row_of(only, name) is None, name


def test_the_rest_of_the_table_is_not_read_for_the_vendors_that_come_first(table):
    fresh = embedded_table()
    for name in ("openai/gpt-4o", "claude-haiku-4-5", "openrouter/openai/gpt-5", "gpt-4o-2099-01-01"):
        assert row_of(fresh, name) is not None
    assert not fresh.rest.is_unpacked
    assert row_of(fresh, "groq/openai/gpt-oss-120b") is not None
    assert fresh.rest.is_unpacked


def test_a_registered_price_goes_before_the_table_with_or_without_prefix(registered):
    registered.append("gpt-4o")
    register_price("openai/gpt-4o", input_cost_per_token=1.0)
    for name in ("gpt-4o", "openai/gpt-4o"):
        found = get_cost_database().find(name)
        assert found is not None
        assert found.custom
        assert found.row["input_cost_per_token"] == 1.0
        assert found.row["output_cost_per_token"] == 1e-05  # what was not given stays
    dated = get_cost_database().find("gpt-4o-2024-05-13")
    assert dated is not None
    assert not dated.custom


def test_a_model_of_ones_own_can_be_priced(registered):
    registered.append("vllm/my-model")
    register_price(
        "vllm/my-model", {"input_cost_per_token": 1e-6, "max_input_tokens": 8192}, output_cost_per_token=2e-6
    )
    assert "vllm/my-model" in get_cost_database()
    assert "vllm/my-model" in set(get_cost_database())
    assert dict(get_cost_database().registered)["vllm/my-model"]["max_input_tokens"] == 8192
    get_cost_database().unregister("vllm/my-model")
    assert "vllm/my-model" not in get_cost_database()


@pytest.mark.parametrize("price", [-1.0, float("nan"), "cheap", True])
def test_a_price_that_is_none_cannot_be_registered(price):
    with pytest.raises(ConfigurationError, match="not a price"):
        register_price("gpt-4o", input_cost_per_token=price)


def test_a_program_that_asks_for_endless_names_does_not_grow(monkeypatch):
    monkeypatch.setattr("llmclient.costs.database._REMEMBERED", 3)
    small = CostDatabase(make_table({"a": {"input_cost_per_token": 1.0}}, dated=""))
    for name in "abcdefghij":
        small.find(name)
    assert len(small._found) <= 3  # the bound is what this is about
    assert (len(small), 5 in small) == (1, False)
