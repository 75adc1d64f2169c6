"""Every OpenAI and Anthropic model of LiteLLM's price map, priced by its own calculator and by ours from the same rows.

The rows are those that the installed LiteLLM ships: a map newer than the embedded table must be read as well.

An optional group: `pip install -e '.[differential]'`. What it found is frozen in `tests/costs/litellm_totals.json`
(made by `python -m support.freeze_litellm`), which the normal suite checks. Each deliberate difference is a row of
`support.litellm_differences`, with its reason.
"""

from __future__ import annotations

import pytest

pytest.importorskip("litellm", reason="the differential group is not installed: pip install -e '.[differential]'")

from llmclient.costs import get_cost_database
from support.drawn_usages import draw
from support.litellm_costs import give_rows, litellm_cost, litellm_models, litellms_table
from support.litellm_differences import REASONS, difference
from support.our_costs import our_cost

CALLS = 60
TABLE = litellms_table()
give_rows(TABLE)
MODELS = litellm_models()


@pytest.fixture(autouse=True, scope="module")
def their_rows():
    database = get_cost_database()
    before = database.table
    database.use(TABLE)
    yield
    database.use(before)


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
