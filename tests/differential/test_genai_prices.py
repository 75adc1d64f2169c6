"""genai-prices (of pydantic) on plain text calls of the models that both know, for the three vendors."""

from __future__ import annotations

from decimal import Decimal

import pytest

pytest.importorskip("genai_prices", reason="the differential group is not installed: pip install -e '.[differential]'")

from genai_prices import Usage, calc_price
from genai_prices.data import providers

from llmclient.costs import calculate_cost

CALLS = ((1000, 500), (250_000, 10), (300_000, 2000))

EXPLAINED = {
    "claude-sonnet-4-5": "the price map has no long-context price for it any more",
    "anthropic/claude-sonnet-4.5": "the same",
    "gpt-4o-mini-tts": "its output is priced as audio, which a plain count of completion tokens does not say it is",
    "gpt-5.6-cyber": "the price map has a price above 272,000 tokens",
    "x-ai/grok-code-fast-1": "the price map has the price of the model that serves the name today",
}

KNOWN = sorted(
    (provider.id, model.id)
    for provider in providers
    if provider.id in ("openai", "anthropic", "openrouter")
    for model in provider.models
    if calculate_cost(f"{provider.id}/{model.id}", prompt_tokens=1) is not None
)


def theirs(provider: str, model: str, tokens: tuple[int, int]) -> Decimal | None:
    try:
        return calc_price(
            Usage(input_tokens=tokens[0], output_tokens=tokens[1]), model, provider_id=provider
        ).total_price
    except LookupError:
        return None  # names that it keeps as patterns


@pytest.mark.parametrize(("provider", "model"), KNOWN)
def test_plain_text_costs_the_same_or_the_difference_is_explained(provider, model):
    for tokens in CALLS:
        expected = theirs(provider, model, tokens)
        ours = calculate_cost(f"{provider}/{model}", prompt_tokens=tokens[0], completion_tokens=tokens[1])
        assert ours is not None
        if expected is not None and ours.total != expected:
            assert model in EXPLAINED, (model, tokens, ours.total, expected)


def test_more_than_a_hundred_models_are_compared():
    assert len(KNOWN) > 100
