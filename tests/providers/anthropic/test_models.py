"""What each model of Anthropic's can do: our rows against the price table's flags, and names of every form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmclient.providers.anthropic.models import UNKNOWN_MODEL, traits_of

pytestmark = pytest.mark.unit

TABLE = Path(__file__).resolve().parents[4] / "shared" / "data" / "litellm_model_prices.json"
needs_table = pytest.mark.skipif(
    not TABLE.is_file(), reason="the price table (../shared/data) is not beside this checkout"
)


def listed() -> dict[str, dict]:
    if not TABLE.is_file():
        return {}
    rows = json.loads(TABLE.read_text("utf-8"))
    return {name: row for name, row in rows.items() if row.get("litellm_provider") == "anthropic"}


FLAGS = {
    "prefill": ("supports_assistant_prefill", True),
    "sampling": ("supports_sampling_params", True),
    "later_system": ("supports_mid_conversation_system", False),
    "forced_tool": ("supports_forced_tool_use", True),
    "thinks_always": ("thinking_always_on", False),
    "output_format": ("supports_native_structured_output", False),
}
"""A trait, the flag of the table that says the same, and what its absence means."""


@needs_table
@pytest.mark.parametrize(("name", "row"), listed().items(), ids=listed())
def test_a_listed_model_has_the_traits_of_its_row(name, row):
    traits = traits_of(name)
    assert {trait: getattr(traits, trait) for trait in FLAGS} == {
        trait: row.get(flag, absent) for trait, (flag, absent) in FLAGS.items()
    }
    assert (traits.thinking == "adaptive") is row.get("supports_adaptive_thinking", False)
    assert ("xhigh" in traits.efforts) is row.get("supports_xhigh_reasoning_effort", False)
    assert ("max" in traits.efforts) is row.get("supports_max_reasoning_effort", False)


@pytest.mark.parametrize(
    ("name", "same_as"),
    [
        ("claude-opus-4-8-20260401", "claude-opus-4-8"),
        ("anthropic.claude-opus-4-8-v1:0", "claude-opus-4-8"),
        ("claude-opus-4@20250514", "claude-opus-4-0"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4-0"),
        ("claude-4-opus-20250514", "claude-opus-4-0"),
        ("claude-3-7-sonnet-latest", "claude-3-7-sonnet-20250219"),
        ("claude-3.7-sonnet", "claude-3-7-sonnet-latest"),
        ("claude-opus-7", "claude-opus-5-5"),
        ("claude-mythos-preview", "claude-mythos-preview"),
    ],
)
def test_a_name_is_read_for_its_family_and_version_wherever_they_stand(name, same_as):
    assert traits_of(name) is traits_of(same_as)
    assert traits_of(name) is not UNKNOWN_MODEL


@pytest.mark.parametrize(
    ("name", "thinking"),
    [
        ("claude-2.1", "none"),
        ("claude-instant-1.2", "none"),
        ("claude-3-opus-20240229", "none"),
        ("claude-3-5-sonnet-20241022", "none"),
        ("claude-3-7-sonnet-20250219", "budget"),
        ("claude-sonnet-4-0", "budget"),
        ("claude-opus-4-5", "budget"),
        ("claude-opus-4-6", "adaptive"),
        ("claude-haiku-5-5", "adaptive"),
    ],
)
def test_fact_10_a_model_thinks_in_the_way_of_its_generation(name, thinking):
    assert traits_of(name).thinking == thinking


def test_a_model_that_nobody_knows_is_trusted_with_everything():
    assert traits_of("my-own-model") is UNKNOWN_MODEL
    assert UNKNOWN_MODEL.prefill
    assert UNKNOWN_MODEL.sampling
