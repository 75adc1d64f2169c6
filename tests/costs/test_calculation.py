"""From usage to cost: exact sums, parts that add up, prices by tier, length, unit, region and hour."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmclient.costs import (
    calculate_cost,
    compare_model_costs,
    context_window,
    estimate_cost,
    format_cost,
    get_cost_database,
    get_model_info,
    list_models,
    max_output_tokens,
    register_price,
    supports,
)
from llmclient.costs.calculate import price_usage
from llmclient.costs.counts import Counts
from llmclient.costs.database import Priced
from llmclient.types.cost import PARTS, Cost
from llmclient.types.response import Usage


def total(model: str, **counts) -> Decimal:
    cost = calculate_cost(model, **counts)
    assert cost is not None
    return cost.total


def priced(row: dict, usage: dict | Counts | None = None, **options) -> Cost:
    used = usage if isinstance(usage, Counts) else Counts(**(usage or {}))
    cost = price_usage(Priced("row", row), used, model="m", **options)
    assert cost is not None
    return cost


def test_a_cost_is_decimal_and_exact():
    cost = calculate_cost("gpt-4o", prompt_tokens=3, completion_tokens=7)
    assert cost is not None
    assert (cost.input, cost.output, cost.total) == (Decimal("7.5e-6"), Decimal("7e-5"), Decimal("7.75e-5"))
    assert float(cost) == 7.75e-05


tokens = st.integers(0, 400_000)
TOKEN_COUNTS = [name for name in Counts.__annotations__ if name.endswith("_tokens")]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["gpt-5.6", "gpt-4o", "claude-haiku-5-5", "gpt-audio", "gpt-image-1", "dashscope/qwen-flash"]),
    st.fixed_dictionaries({}, optional=dict.fromkeys(TOKEN_COUNTS, tokens)),
    st.sampled_from([None, "flex", "priority", "batch", "nonsense"]),
)
def test_the_parts_of_a_cost_add_up_to_its_total(model, counts, tier):
    database = get_cost_database().find(model)
    assert database is not None
    cost = price_usage(database, Counts(**counts), model=model, service_tier=tier)
    assert cost is None or sum(getattr(cost, part) for part in PARTS) == cost.total
    assert cost is None or all(getattr(cost, part) >= 0 for part in PARTS)


def test_the_highest_threshold_that_is_crossed_reprices_everything():
    row = {
        "input_cost_per_token": 1.0,
        "output_cost_per_token": 10.0,
        "input_cost_per_token_above_128k_tokens": 2.0,
        "output_cost_per_token_above_128k_tokens": 20.0,
        "input_cost_per_token_above_200k_tokens": 3.0,
        "input_cost_per_token_above_200_tokens_note": 9.0,
    }
    for prompt, each, answer in ((128_000, 1, 10), (128_001, 2, 20), (200_000, 2, 20), (200_001, 3, 20)):
        cost = priced(row, {"prompt_tokens": prompt, "completion_tokens": 1})
        assert (cost.input, cost.output) == (prompt * each, answer)
    assert priced({**row, "litellm_provider": "xai"}, {"prompt_tokens": 128_000}).input == 256_000


@pytest.mark.parametrize(
    ("tier", "factor", "source"),
    [
        ("flex", "0.5", "tier"),
        ("priority", "2", "tier"),
        ("fast", "2", "tier"),
        ("DEFAULT", "1", "table"),
        ("scale", "1", "table"),
    ],
)
def test_a_tier_has_its_own_price(tier, factor, source):
    row = {"input_cost_per_token": 4.0, "input_cost_per_token_flex": 2.0, "input_cost_per_token_priority": 8.0}
    cost = priced(row, {"prompt_tokens": 1}, service_tier=tier)
    assert (cost.total, cost.source) == (4 * Decimal(factor), source)


def test_a_tier_without_a_reasoning_price_charges_reasoning_as_its_output():
    row = {
        "output_cost_per_token": 4.0,
        "output_cost_per_token_flex": 2.0,
        "output_cost_per_token_priority": 8.0,
        "output_cost_per_reasoning_token": 1.0,
        "output_cost_per_reasoning_token_priority": 3.0,
    }
    usage = {"completion_tokens": 1, "reasoning_tokens": 1}
    costs = [priced(row, usage, service_tier=tier).reasoning for tier in ("default", "flex", "priority")]
    assert costs == [1, 2, 3]


def test_a_batch_has_its_own_price_or_costs_half():
    with_price = {"input_cost_per_token": 4.0, "input_cost_per_token_batches": 1.0}
    usage = {"prompt_tokens": 10, "cached_tokens": 4, "cache_write_tokens": 2, "cache_write_1h_tokens": 1}
    assert priced(with_price, usage, service_tier="batch").total == 10
    without = {"input_cost_per_token": 4.0, "cache_read_input_token_cost": 1.0, "output_cost_per_token": 6.0}
    cost = priced(without, {**usage, "completion_tokens": 1}, service_tier="batch")
    assert (cost.input, cost.cached_input, cost.output, cost.source) == (8, 2, 3, "table")
    hourly = {**with_price, "cache_creation_input_token_cost_above_1hr": 8.0}
    assert priced(hourly, usage, service_tier="batch").cache_write_1h == 4
    own = {**hourly, "cache_creation_input_token_cost_above_1hr_batches": 3.0}
    assert priced(own, usage, service_tier="batch").cache_write_1h == 3
    long = {**with_price, "input_cost_per_token_above_5_tokens_batches": 2.0}
    assert priced(long, {"prompt_tokens": 10}, service_tier="batch").total == 20
    read = {**with_price, "cache_read_input_token_cost": 0.75, "cache_read_input_token_cost_above_9_tokens": 2.0}
    assert priced(read, {"prompt_tokens": 8, "cached_tokens": 4}, service_tier="batch").cached_input == 3
    assert priced(read, {"prompt_tokens": 10, "cached_tokens": 4}, service_tier="batch").cached_input == 8
    usage_says_so = {"prompt_tokens": 10, "service_tier": "batch"}
    assert priced(with_price, usage_says_so).total == 10


def test_a_region_and_a_speed_raise_every_token_price():
    openai = {"input_cost_per_token": 1.0, "regional_processing_uplift_multiplier_eu": 1.1}
    assert priced(openai, {"prompt_tokens": 10}, region="EU").total == 11
    assert priced(openai, {"prompt_tokens": 10}, region="moon").total == 10
    government = {"input_cost_per_token": 1.0, "fedramp_uplift_multiplier": 1.2}
    assert priced(government, {"prompt_tokens": 10}, region="fedramp").total == 12
    anthropic = {"input_cost_per_token": 1.0, "provider_specific_entry": {"us": 1.1, "fast": 2}}
    assert priced(anthropic, {"prompt_tokens": 10, "geo": "us", "speed": "fast"}).total == 22
    assert priced(anthropic, {"prompt_tokens": 10, "geo": "global", "speed": "standard"}).total == 10
    assert priced(anthropic, {"prompt_tokens": 10, "speed": "fast"}, service_tier="batch").total == 5
    vertex = {
        "input_cost_per_token": 1.0,
        "litellm_provider": "vertex_ai-language-models",
        "regional_endpoint_uplift_multiplier": 1.1,
    }
    assert [priced(vertex, {"prompt_tokens": 10}, region=place).total for place in ("europe-west1", "global")] == [
        11,
        10,
    ]


def test_a_table_of_lengths_prices_the_whole_call_by_one_of_its_rows():
    row = {
        "tiered_pricing": [
            {"range": [100, 200], "input_cost_per_token": 2.0, "output_cost_per_token": 4.0},
            {"range": [0, 100], "input_cost_per_token": 1.0, "output_cost_per_reasoning_token": 9.0},
        ],
        "output_cost_per_token": 5.0,
    }
    for prompt, each, answer in ((100, 1, 5), (101, 2, 4), (500, 2, 4)):
        cost = priced(row, {"prompt_tokens": prompt, "completion_tokens": 1, "cached_tokens": 10})
        assert (cost.total, cost.output) == (prompt * each + answer, answer)
    assert priced(row, {"prompt_tokens": 1, "completion_tokens": 2, "reasoning_tokens": 1}).reasoning == 9
    assert priced(row, {"prompt_tokens": 100}, service_tier="batch").total == 50
    assert priced({**row, "tiered_pricing": [{"range": [0, 5]}]}, {"completion_tokens": 1}).total == 5
    assert priced({**row, "tiered_pricing": [{"range": [0, 5]}]}, {"prompt_tokens": 3}).total == 0


OFF_PEAK = {
    "input_cost_per_token": 4.0,
    "output_cost_per_token": 8.0,
    "off_peak_pricing": {
        "input_cost_per_token": 1.0,
        "output_cost_per_token": 2.0,
        "hours_utc": "16:30-00:30",
        "weekday_timezone": "Asia/Shanghai",
        "windows": [{"hours_utc": ["04:00-06:00"], "weekdays": [1]}, {"hours_utc": "00:00-00:00", "weekdays": [7]}],
    },
}


@pytest.mark.parametrize(
    ("at", "cheap"),
    [
        (datetime(2026, 11, 20, 17, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 20, 0, 10, tzinfo=UTC), True),
        (datetime(2026, 11, 20, 17, 0), True),  # noqa: DTZ001 - a naive time is UTC
        (datetime(2026, 11, 20, 5, 0, tzinfo=UTC), False),  # Friday
        (datetime(2026, 11, 23, 5, 0, tzinfo=UTC), True),  # Monday
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), True),  # Sunday
        (datetime(2026, 11, 20, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai")), False),
    ],
)
def test_cheap_hours_replace_the_prices(at, cheap):
    cost = priced(OFF_PEAK, {"prompt_tokens": 1, "completion_tokens": 2, "reasoning_tokens": 1}, at=at)
    assert cost.total == (5 if cheap else 20)


def test_cheap_hours_without_a_known_time_zone_go_by_utc():
    rules = {**OFF_PEAK["off_peak_pricing"], "weekday_timezone": "Mars/Olympus"}
    at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert priced({**OFF_PEAK, "off_peak_pricing": rules}, {"prompt_tokens": 1}, at=at).total == 1
    assert (
        priced({**OFF_PEAK, "off_peak_pricing": {**rules, "weekday_timezone": ""}}, {"prompt_tokens": 1}, at=at).total
        == 1
    )
    assert calculate_cost("deepseek/deepseek-v4-pro", prompt_tokens=1) is not None


@pytest.mark.parametrize(
    ("model", "counts", "dollars"),
    [
        ("tts-1", {"characters": 1000}, "0.015"),
        ("whisper-1", {"audio_seconds": 60.0}, "0.006"),
        ("low/1024-x-1024/gpt-image-1", {"images": 3}, "0.033"),
        ("sora-2", {"video_seconds": 10}, "1.0"),
        ("gpt-5-mini", {"file_searches": 4}, "0.01"),
        ("gpt-5-mini", {"web_searches": 1, "file_searches": 2}, "0.015"),
    ],
)
def test_what_is_not_priced_by_the_token(model, counts, dollars):
    assert total(model, **counts) == pytest.approx(Decimal(dollars), abs=Decimal("1e-9"))


def test_pixels_are_priced_where_pictures_are_not():
    assert priced({"input_cost_per_pixel": 2.0}, {"pixels": 3}).image == 6
    assert priced({"input_cost_per_pixel": 2.0, "input_cost_per_image": 5.0}, {"pixels": 3, "images": 1}).image == 5


def test_requests_and_queries_are_priced_on_their_own():
    assert priced({"input_cost_per_request": 2.0}).per_request == 2
    assert priced({"input_cost_per_query": 3.0, "input_cost_per_request": 2.0}, {"queries": 2}).per_request == 8


def test_characters_take_the_place_of_text_tokens():
    row = {"input_cost_per_token": 9.0, "input_cost_per_character": 1.0}
    assert priced(row, {"prompt_tokens": 5, "characters": 20}).total == 20


@pytest.mark.parametrize("counts", [{"images": 1}, {"audio_seconds": 3.0}, {"characters": 9}])
def test_a_unit_without_a_price_costs_none_and_not_zero(counts):
    assert calculate_cost("gpt-4o", **counts) is None


def test_a_row_without_any_price_costs_none():
    assert calculate_cost("openai/container", prompt_tokens=5) is None


def test_a_usage_of_any_shape_is_read():
    details = {"cached_tokens": 4, "cache_write_tokens": 2}
    plain = {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": details}
    costs = {
        total("claude-haiku-4-5", usage=shape)
        for shape in (
            plain,
            Usage.model_validate(plain),
            {**plain, "completion_tokens_details": None, "server_tool_use": {"web_search_requests": None}},
            {**plain, "prompt_tokens_details": {"cached_tokens": 4, "cache_creation_tokens": 2, "audio_tokens": -3}},
            {**plain, "cache_creation": {"ephemeral_5m_input_tokens": 2}, "speed": None},
        )
    }
    assert len(costs) == 1
    assert total("gpt-4o", usage={"prompt_tokens": "many"}) == 0


def test_a_long_prompt_and_a_tier_have_prices_of_their_own_for_audio_and_pictures():
    row = {
        "input_cost_per_token": 1.0,
        "input_cost_per_token_above_200k_tokens": 2.0,
        "input_cost_per_audio_token": 3.0,
        "input_cost_per_audio_token_above_200k_tokens": 6.0,
        "input_cost_per_audio_token_above_200k_tokens_batches": 5.0,
        "input_cost_per_token_batches": 0.5,
        "output_cost_per_token": 1.0,
        "output_cost_per_image_token": 10.0,
        "output_cost_per_image_token_priority": 20.0,
    }
    usage = {"prompt_tokens": 200_001, "audio_tokens": 1, "completion_tokens": 1, "output_image_tokens": 1}
    assert [priced(row, usage, service_tier=tier).audio for tier in ("default", "batch")] == [6, 5]
    assert [priced(row, usage, service_tier=tier).image for tier in ("default", "priority")] == [10, 20]


def test_audio_read_from_a_cache_is_not_charged_again():
    usage = {
        "prompt_tokens": 100,
        "prompt_tokens_details": {
            "cached_tokens": 60,
            "audio_tokens": 70,
            "text_tokens": 30,
            "cached_tokens_details": {"audio_tokens": 50, "text_tokens": 10, "image_tokens": 0},
        },
    }
    row = {
        "input_cost_per_token": 1.0,
        "input_cost_per_audio_token": 10.0,
        "cache_read_input_token_cost": 0.5,
        "cache_read_input_audio_token_cost": 5.0,
    }
    from llmclient.costs.counts import counts_of

    cost = priced(row, counts_of(usage))
    assert (cost.input, cost.audio, cost.cached_input) == (20, 200, 10 * Decimal("0.5") + 250)


def test_parts_that_overlap_the_cache_are_billed_once():
    usage = {"prompt_tokens": 100, "cached_tokens": 60, "text_tokens": 100, "audio_tokens": 30, "image_tokens": 30}
    row = {"input_cost_per_token": 1.0, "input_cost_per_audio_token": 10.0, "input_cost_per_image_token": 2.0}
    cost = priced(row, usage)
    assert (cost.input, cost.audio, cost.image, cost.cached_input) == (0, 300, 20, 60)


def test_reasoning_that_is_counted_as_text_too_is_reasoning():
    row = {"output_cost_per_token": 1.0}
    cost = priced(row, {"completion_tokens": 100, "output_text_tokens": 100, "reasoning_tokens": 40})
    assert (cost.output, cost.reasoning) == (60, 40)


def test_a_text_is_priced_before_it_is_sent(vocabularies):
    asked = estimate_cost("gpt-4o", "Hello, how are you?", response_tokens=10)
    assert asked is not None
    assert asked.output == Decimal("1e-4")
    assert 0 < asked.input < Decimal("1e-4")
    embedded = estimate_cost("text-embedding-3-small", text="Hello")
    assert embedded is not None
    assert 0 < embedded.total < asked.input
    assert estimate_cost("nobody", "Hello") is None


def test_models_are_compared_cheapest_first_and_unknown_ones_last(vocabularies):
    lines = compare_model_costs(["nobody", "gpt-4o", "gpt-5-mini"], prompt_tokens=1000)
    assert [line.model for line in lines] == ["gpt-5-mini", "gpt-4o", "nobody"]
    assert [line.ratio for line in lines] == [1.0, 10.0, None]
    counted = compare_model_costs(["gpt-4o", "gpt-5-mini"], messages="Hello", response_tokens=5)
    assert [line.model for line in counted] == ["gpt-5-mini", "gpt-4o"]
    assert compare_model_costs(["gpt-4o"], {"prompt_tokens": 0})[0].ratio is None


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "unknown"),
        (0, "$0"),
        (1234.5, "$1,234.50"),
        (1, "$1.00"),
        (0.1, "$0.10"),
        (0.03, "$0.03"),
        (Decimal("0.0012345"), "$0.00123"),
        (Decimal("1.5e-9"), "$0.0000000015"),
        (-0.5, "-$0.50"),
        (-12, "-$12.00"),
        (Cost(total=Decimal("2.5")), "$2.50"),
    ],
)
def test_a_cost_reads_well(amount, text):
    assert format_cost(amount) == text


def test_what_a_model_can_do_and_take():
    assert (context_window("openai/gpt-4o"), max_output_tokens("gpt-4o")) == (128_000, 16_384)
    for feature in ("tools", "vision", "json_schema", "prompt_caching", "function_calling", "pdf"):
        assert supports("gpt-4o", feature) is True
    assert supports("gpt-4o", "reasoning") is False
    assert supports("gpt-audio", "audio") is True
    assert supports("nobody", "tools") is None
    assert (context_window("nobody"), max_output_tokens("nobody"), get_model_info("nobody")) == (None, None, None)
    assert context_window("openai/container") is None


def test_the_facts_of_a_model():
    facts = get_model_info("openai/gpt-4o")
    assert facts is not None
    assert (facts.name, facts.provider, facts.mode) == ("gpt-4o", "openai", "chat")
    assert (facts.input_price, facts.output_price, facts.cached_input_price) == (Decimal("2.5"), 10, Decimal("1.25"))
    assert "vision" in facts.features
    with pytest.raises(TypeError):
        facts.row["input_cost_per_token"] = 0  # type: ignore[index]


def test_models_are_listed_by_provider_and_capability():
    anthropic = list_models(provider="anthropic")
    assert {facts.provider for facts in anthropic} == {"anthropic"}
    assert [facts.name for facts in anthropic] == sorted(facts.name for facts in anthropic)
    assert all("reasoning" in facts.features for facts in list_models(provider="openai", capability="reasoning"))
    assert {facts.mode for facts in list_models(capability="embedding")} == {"embedding"}


def test_a_registered_price_is_the_source_of_a_cost(registered):
    registered.append("vllm/mine")
    register_price("vllm/mine", input_cost_per_token=1e-3)
    cost = calculate_cost("vllm/mine", prompt_tokens=10)
    assert cost is not None
    assert (cost.total, cost.source, cost.dated) == (Decimal("0.01"), "custom", "")
    given = calculate_cost("gpt-4o", prompt_tokens=10, price={"input_cost_per_token": 1.0})
    assert given is not None
    assert (given.total, given.source) == (10, "custom")
    no_price: dict = {"input_cost_per_token": "dear"}
    assert total("gpt-4o", prompt_tokens=10, price=no_price) == 0


def test_a_price_by_thresholds_in_single_tokens_and_a_row_of_nothing_else():
    row = {"input_cost_per_token": 1.0, "input_cost_per_token_above_500_tokens": 2.0}
    assert priced(row, {"prompt_tokens": 501}).total == 1002


def test_twelve_hours_of_cache_are_priced_on_their_own():
    usage = {
        "prompt_tokens": 100,
        "prompt_tokens_details": {
            "cache_write_tokens": 60,
            "cache_creation_token_details": {"ephemeral_30m_input_tokens": 20, "ephemeral_12h_input_tokens": 40},
        },
    }
    cost = calculate_cost("gpt-6-sol", usage)
    assert cost is not None
    assert (cost.cache_write_5m, cost.cache_write_1h) == (20 * Decimal("2.5e-6"), 0)
    assert cost.cache_write_12h == 40 * Decimal("5e-6")


def test_values_that_are_not_counted_are_nothing():
    for tools in ({"image_tokens": 3}, None, 5):
        assert total("gpt-4o", usage={"prompt_tokens": 4, "server_tool_use": tools}) == 4 * Decimal("2.5e-6")


def test_schedules_that_cannot_be_read_are_none():
    hours = {**OFF_PEAK, "off_peak_pricing": {"input_cost_per_token": 1.0, "hours_utc": ["noon", 5], "windows": ["x"]}}
    assert priced(hours, {"prompt_tokens": 1}).total == 4
    for table in (
        5,
        ["x"],
        [{"range": "x", "input_cost_per_token": 9.0}],
        [{"range": [1], "input_cost_per_token": 9.0}],
    ):
        assert priced({"input_cost_per_token": 2.0, "tiered_pricing": table}, {"prompt_tokens": 3}).total == 6
