"""Every OpenAI and Anthropic model of the price map, priced by LiteLLM's own calculator and by ours.

An optional group: `pip install -e '.[differential]'`. What it found is frozen in `tests/costs/litellm_totals.json`
(made by `python -m support.freeze_litellm`), which the normal suite checks. Each deliberate difference is a row of
`support.litellm_differences`, with its reason.
"""

from __future__ import annotations

import pytest

pytest.importorskip("litellm", reason="the differential group is not installed: pip install -e '.[differential]'")

from support.drawn_usages import draw
from support.litellm_costs import litellm_cost, litellm_models
from support.litellm_differences import REASONS, difference
from support.our_costs import our_cost

CALLS = 60
MODELS = litellm_models()


def same(ours: object, theirs: float) -> bool:
    return ours is not None and float(ours.total) == pytest.approx(theirs, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("model", sorted(MODELS))
def test_costs_equal_litellms_or_differ_for_a_listed_reason(model):
    provider = MODELS[model]
    for seed in range(CALLS):
        call = draw(seed, provider=provider)
        if difference(model, call) is None:
            assert same(our_cost(model, call), litellm_cost(model, provider, call)), seed


def test_every_listed_difference_is_one():
    """A row that LiteLLM has caught up with is to be taken out."""
    seen = set()
    for model, provider in MODELS.items():
        for seed in range(CALLS):
            call = draw(seed, provider=provider)
            reason = difference(model, call)
            if reason is not None and not same(our_cost(model, call), litellm_cost(model, provider, call)):
                seen.add(reason)
    assert seen == set(REASONS)
