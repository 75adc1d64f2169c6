"""What a response cost, and where the figure comes from."""

from __future__ import annotations

from decimal import Decimal

import pytest

from llmclient.costs import calculate_cost, cost_of
from llmclient.types.response import ModelResponse, Usage

pytestmark = pytest.mark.unit


def reply(model: str, usage: dict[str, object] | None, **fields: object) -> ModelResponse:
    return ModelResponse(model=model, usage=None if usage is None else Usage.model_validate(usage), **fields)


PLAIN = {"prompt_tokens": 1000, "completion_tokens": 500}


def test_a_response_is_priced_by_the_table_and_names_its_row_and_date():
    cost = cost_of(reply("gpt-4o-2024-08-06", PLAIN), model="openai/gpt-4o")
    assert cost is not None
    assert (cost.total, cost.source, cost.row) == (Decimal("0.0075"), "table", "gpt-4o-2024-08-06")
    assert len(cost.dated) == len("2026-01-01")


def test_what_the_provider_charged_is_the_total():
    cost = cost_of(
        reply("meta-llama/llama-4-scout", {**PLAIN, "cost": 0.00123}), model="openrouter/meta-llama/llama-4-scout"
    )
    assert cost is not None
    assert (cost.total, cost.source, cost.row) == (Decimal("0.00123"), "provider", "")


def test_the_tier_that_served_decides_not_the_one_that_was_asked_for():
    flex = cost_of(reply("gpt-5-mini", PLAIN, service_tier="flex"), model="openai/gpt-5-mini")
    default = cost_of(reply("gpt-5-mini", PLAIN, service_tier="default"), model="openai/gpt-5-mini")
    assert flex is not None
    assert default is not None
    assert (flex.source, default.source) == ("tier", "table")
    assert flex.total * 2 == default.total


def test_prices_of_the_deployment_go_before_everything():
    price = {"input_cost_per_token": 1e-3, "output_cost_per_token": 2e-3}
    cost = cost_of(reply("gpt-4o", {**PLAIN, "cost": 5.0}), model="openai/gpt-4o", price=price)
    assert cost is not None
    assert (cost.total, cost.source) == (Decimal(2), "custom")


@pytest.mark.parametrize("model", ["custom/my-model", "openrouter/meta-llama/llama-4-scout", "nobody", ""])
def test_an_unknown_model_costs_none(model):
    assert cost_of(reply("", PLAIN), model=model) is None


def test_a_response_without_usage_costs_none():
    assert cost_of(reply("gpt-4o", None), model="openai/gpt-4o") is None


def test_a_fallback_inside_the_gateway_is_priced_as_the_model_that_answered():
    cost = cost_of(reply("anthropic/claude-haiku-4.5", PLAIN), model="openrouter/openai/gpt-5")
    assert cost is not None
    assert cost.row == "claude-haiku-4-5"
    assert cost.total == Decimal("0.0035")


def test_an_answer_under_a_name_nobody_knows_is_priced_as_the_model_asked_for():
    cost = cost_of(reply("internal-7", PLAIN), model="openai/gpt-4o")
    assert cost is not None
    assert cost.row == "gpt-4o"


def test_cache_reads_and_writes_are_priced_by_lifetime():
    usage = {
        "prompt_tokens": 10_000,
        "completion_tokens": 0,
        "prompt_tokens_details": {"cached_tokens": 6000, "cache_write_tokens": 3000},
        "cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 2000},
    }
    cost = cost_of(reply("claude-haiku-4-5", usage), model="anthropic/claude-haiku-4-5")
    assert cost is not None
    assert cost.input == 1000 * Decimal("1e-6")
    assert cost.cached_input == 6000 * Decimal("1e-7")
    assert cost.cache_write_5m == 1000 * Decimal("1.25e-6")
    assert cost.cache_write_1h == 2000 * Decimal("2e-6")


def test_citations_of_a_search_model_cost_one_search():
    answer = {"message": {"content": "x", "annotations": [{"type": "url_citation"}]}}
    cost = cost_of(reply("gpt-4o-search-preview", PLAIN, choices=[answer]), model="openai/gpt-4o-search-preview")
    assert cost is not None
    assert cost.web_search > 0


def call(kind: str, **fields: object) -> dict[str, object]:
    return {"type": f"{kind}_call", "id": "x", "status": "completed", **fields}


def test_calls_of_openais_own_tools_are_counted_and_looks_into_a_page_are_not():
    output = [
        call("web_search", action={"type": "search", "query": "x"}),
        call("web_search", action={"type": "open_page", "url": "https://example.com"}),
        call("web_search"),
        call("file_search", queries=["x"], results=None),
        call("code_interpreter"),
        {"type": "message", "content": []},
    ]
    message = {
        "content": "x",
        "annotations": [{"type": "url_citation"}],
        "provider_specific_fields": {"responses_output": output, "other": "x"},
    }
    cost = cost_of(reply("gpt-5-mini", PLAIN, choices=[{"message": message}]), model="openai/gpt-5-mini")
    assert cost is not None
    assert (cost.web_search, cost.per_request) == (Decimal("0.02"), Decimal("0.0025"))
    elsewhere = cost_of(reply("gpt-5-mini", PLAIN, choices=[{"message": message}]), model="groq/openai/gpt-oss-120b")
    assert elsewhere is not None
    assert (elsewhere.web_search, elsewhere.per_request) == (0, 0)


def test_searches_of_a_server_tool_are_counted():
    usage = {**PLAIN, "server_tool_use": {"web_search_requests": 3}}
    cost = cost_of(reply("claude-opus-5", usage), model="anthropic/claude-opus-5")
    assert cost is not None
    assert cost.web_search == Decimal("0.03")


def advice(model: str, **tokens: int) -> dict[str, object]:
    return {"type": "advisor_message", "model": model, "input_tokens": 2000, "output_tokens": 100, **tokens}


def test_a_model_that_was_asked_for_advice_is_charged_at_its_own_price():
    own = {"type": "message", "input_tokens": 1000, "output_tokens": 500}
    usage = {**PLAIN, "iterations": [own, advice("claude-opus-4-8", cache_read_input_tokens=1000), own]}
    cost = cost_of(reply("claude-sonnet-5", usage), model="anthropic/claude-sonnet-5")
    alone = cost_of(reply("claude-sonnet-5", PLAIN), model="anthropic/claude-sonnet-5")
    assert cost is not None
    assert alone is not None
    advisor = calculate_cost("claude-opus-4-8", prompt_tokens=3000, cached_tokens=1000, completion_tokens=100)
    assert advisor is not None
    assert cost.total == alone.total + advisor.total
    assert (cost.cached_input, cost.row) == (advisor.cached_input, "claude-sonnet-5")


def test_advice_of_a_model_without_a_price_leaves_the_cost_unknown():
    usage = {**PLAIN, "iterations": [advice("claude-nobody")]}
    assert cost_of(reply("claude-sonnet-5", usage), model="anthropic/claude-sonnet-5") is None


def test_compaction_is_charged_beside_the_totals():
    again = {"type": "compaction", "input_tokens": 1000, "output_tokens": 500}
    cost = cost_of(reply("claude-sonnet-5", {**PLAIN, "iterations": [again, 3]}), model="anthropic/claude-sonnet-5")
    alone = cost_of(reply("claude-sonnet-5", PLAIN), model="anthropic/claude-sonnet-5")
    assert cost is not None
    assert alone is not None
    assert cost.total == 2 * alone.total
