"""One script, three doors: the same results, errors, attempts and virtual time, sync and async, plain and streamed."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.observing import DOORS, MODELS, Way, observe
from conformance.scripts import damaged, faults, replies

quick = settings(
    max_examples=int(os.environ.get("LLMCLIENT_CONFORMANCE_EXAMPLES", "6")),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
"""Six scripts a test keep the suite quick; a longer run sets the variable."""
PARAMS = {"max_tokens": 100}


def agree(model, outcomes, *, streamed):
    """Every door, sync and async, shows the same; the one that plays at the provider is the measure."""
    seen = {
        way: observe(way, MODELS[model], outcomes, PARAMS)
        for way in (Way(door, asynchronous, streamed) for door in DOORS for asynchronous in (False, True))
    }
    measure = next(iter(seen))
    for way, observed in seen.items():
        for number, outcome in enumerate([*outcomes, "the calls"]):
            assert observed[number] == seen[measure][number], f"{way} differs from {measure} on {outcome}"


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("model", MODELS)
@given(outcomes=st.lists(replies, min_size=1, max_size=3))
@quick
def test_replies_are_the_same_at_every_door(model, streamed, outcomes):
    agree(model, outcomes, streamed=streamed)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("model", MODELS)
@given(outcomes=st.lists(faults, min_size=1, max_size=3))
@quick
def test_faults_in_place_of_an_answer_are_the_same_error_at_every_door(model, streamed, outcomes):
    agree(model, outcomes, streamed=streamed)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("model", MODELS)
@given(outcomes=st.lists(damaged, min_size=1, max_size=3))
@quick
def test_faults_in_an_answer_are_the_same_at_every_door(model, streamed, outcomes):
    agree(model, outcomes, streamed=streamed)
