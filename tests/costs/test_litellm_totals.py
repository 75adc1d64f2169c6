"""LiteLLM's totals for drawn calls of every OpenAI and Anthropic model, frozen, against ours.

The numbers were computed by LiteLLM from the map that the embedded table is made of; a newer table may price a model
otherwise, so each model is priced by the rows that the numbers were made of where these are kept, else skipped.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmclient.costs import get_cost_database
from support.drawn_usages import draw
from support.our_costs import our_cost

FROZEN = json.loads(Path(__file__).with_name("litellm_totals.json").read_text("utf-8"))


@pytest.mark.parametrize("model", FROZEN["totals"])
def test_totals_equal_litellms(model):
    if get_cost_database().find(model) is None:
        pytest.skip("the model is no longer in the price map")
    for seed, theirs in enumerate(FROZEN["totals"][model]):
        call = draw(seed, provider=FROZEN["providers"][model])
        ours = our_cost(model, call)
        if theirs is not None:
            assert ours is not None
            assert float(ours.total) == pytest.approx(theirs, rel=1e-12, abs=1e-12), seed


def test_thousands_of_calls_are_compared():
    assert sum(total is not None for totals in FROZEN["totals"].values() for total in totals) > 3000
