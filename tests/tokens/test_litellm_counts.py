"""LiteLLM's counts of a corpus, frozen (`python -m support.freeze_litellm_counts`), against ours.

They are within five percent, and equal for texts. What is left out differs on purpose, and `docs/costs.md` says why:
images of models whose tiles or patches have other prices, and calls of tools, whose ids LiteLLM counts as text.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmclient.tokens import count_message_tokens
from support.token_corpus import REQUESTS, TEXTS

FROZEN = json.loads(Path(__file__).with_name("litellm_counts.json").read_text("utf-8"))["counts"]

pytestmark = pytest.mark.usefixtures("vocabularies")


@pytest.mark.parametrize("model", FROZEN)
def test_counts_are_within_five_percent_of_litellms(model):
    ours = {name: count_message_tokens(model=model, **REQUESTS[name]).tokens for name in FROZEN[model]}
    far = {
        name: (tokens, FROZEN[model][name])
        for name, tokens in ours.items()
        if abs(tokens - FROZEN[model][name]) > (0 if name in TEXTS else 0.05 * FROZEN[model][name])
    }
    assert not far


def test_every_kind_of_request_is_compared():
    assert {name for counts in FROZEN.values() for name in counts} == set(REQUESTS)
