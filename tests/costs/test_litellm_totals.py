"""LiteLLM's totals for drawn calls of every OpenAI and Anthropic model, frozen, against ours.

The numbers were computed by LiteLLM from the map that the embedded table was made of. A model whose prices have changed
since is skipped, until the numbers are made anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.drawn_usages import draw
from support.our_costs import our_cost, row_mark

FROZEN = json.loads(Path(__file__).with_name("litellm_totals.json").read_text("utf-8"))


@pytest.mark.parametrize("model", FROZEN["totals"])
def test_totals_equal_litellms(model):
    if row_mark(model) != FROZEN["rows"][model]:
        pytest.skip("the price map has changed for this model: freeze LiteLLM's numbers anew")
    for seed, theirs in enumerate(FROZEN["totals"][model]):
        call = draw(seed, provider=FROZEN["providers"][model])
        ours = our_cost(model, call)
        if theirs is not None:
            assert ours is not None
            assert float(ours.total) == pytest.approx(theirs, rel=1e-12, abs=1e-12), seed


def test_thousands_of_calls_are_compared():
    assert sum(total is not None for totals in FROZEN["totals"].values() for total in totals) > 3000
