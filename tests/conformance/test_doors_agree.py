"""One script, three doors: the same results, errors, attempts and virtual time, sync and async, plain and streamed."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.observing import DOORS, MODELS, Way, observe, observe_routed
from conformance.scripts import damaged, faults, outcomes, replies
from llmclient.testing.pieces import COMMENT_EVERY

quick = settings(
    max_examples=int(os.environ.get("LLMCLIENT_CONFORMANCE_EXAMPLES", "4")),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
"""Four scripts a test keep the suite quick; a longer run sets the variable."""
PARAMS = {"max_tokens": 100}


def agree(outcomes, see, *, streamed):
    """Every door, sync and async, shows the same; the one that plays at the provider is the measure.

    So is the virtual time, but for one comment of OpenRouter's: where comments keep a socket busy, a blocking read
    notices that a limit has passed when the next one arrives, a waiting task when it passes or, over a socket, between
    the two.
    """
    ways = [Way(door, asynchronous, streamed) for door in DOORS for asynchronous in (False, True)]
    seen = {way: see(way) for way in ways}
    for way, observed in seen.items():
        for number, shown in enumerate(observed):
            about = outcomes[number] if number < len(outcomes) else "the calls"
            told, time = timed(shown)
            measure, expected = timed(seen[ways[0]][number])
            assert told == measure, f"{way} differs from {ways[0]} on {about}"
            assert all(abs(one - other) <= COMMENT_EVERY for one, other in zip(time, expected, strict=True))


def timed(shown):
    """What was seen, and apart from it how long it and each attempt took."""
    if not isinstance(shown, tuple):
        return shown, []
    told, seconds = shown
    attempts = told["attempts"]
    return {**told, "attempts": [attempt[:-1] for attempt in attempts]}, [seconds, *[one[-1] for one in attempts]]


def agree_singly(model, outcomes, *, streamed):
    agree(outcomes, lambda way: observe(way, MODELS[model], outcomes, PARAMS), streamed=streamed)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("model", MODELS)
@given(outcomes=st.lists(replies, min_size=1, max_size=3))
@quick
def test_replies_are_the_same_at_every_door(model, streamed, outcomes):
    agree_singly(model, outcomes, streamed=streamed)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("model", MODELS)
@given(outcomes=st.lists(faults, min_size=1, max_size=3))
@quick
def test_faults_in_place_of_an_answer_are_the_same_error_at_every_door(model, streamed, outcomes):
    agree_singly(model, outcomes, streamed=streamed)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("model", MODELS)
@given(outcomes=st.lists(damaged, min_size=1, max_size=3))
@quick
def test_faults_in_an_answer_are_the_same_at_every_door(model, streamed, outcomes):
    agree_singly(model, outcomes, streamed=streamed)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@given(outcomes=st.lists(outcomes, min_size=1, max_size=4), order=st.permutations(list(MODELS.values())))
@quick
def test_retries_waits_and_fallbacks_are_the_same_at_every_door(streamed, outcomes, order):
    agree(outcomes, lambda way: observe_routed(way, order[:2], outcomes, PARAMS), streamed=streamed)
