"""One script, three doors: the same results, chunks, raw JSON, errors, attempts and virtual time."""

from __future__ import annotations

import asyncio
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.observing import DOORS, MODELS, Way, entered, observe, observe_routed
from conformance.scripts import damaged, faults, outcomes, replies
from llmclient import ModelRouter
from llmclient.testing.faults import FAULTS
from llmclient.testing.files.load import parse_script
from llmclient.testing.harness import Harness
from llmclient.testing.reply import Citation, Cut, Reasoning, Reply, tool_call
from llmclient.testing.turns import Turn

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
    """Every door shows the same, to the microsecond of virtual time, sync and async; the provider's is the measure.

    A sync and an async call are told apart in one thing: where a limit of the call itself runs out, who is waiting
    for the socket notices by the socket, and a task by the router's own clock, which need not wait for a comment of
    OpenRouter's. The doors agree in each.
    """
    measures = []
    for asynchronous in (False, True):
        ways = [Way(door, asynchronous, streamed) for door in DOORS]
        measure, *others = [see(way) for way in ways]
        measures.append(measure)
        for way, seen in zip(ways[1:], others, strict=True):
            for number, (shown, expected) in enumerate(zip(seen, measure, strict=True)):
                about = outcomes[number] if number < len(outcomes) else "the calls"
                assert shown == expected, f"{way} differs from {ways[0]} on {about}"
    assert_alike(*measures)


def assert_alike(one, other):
    """Sync and async come to the same, up to the first limit that ran out, and to the same error there."""
    for shown, expected in zip(one, other, strict=True):
        if "timeout" in repr(shown):
            assert shown[0].get("class") == expected[0].get("class")
            return
        assert shown == expected


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


EVERYTHING = Reply(
    text="Paris is warm, and Rome too.",
    tool_calls=(tool_call("weather", city="Paris"), tool_call("weather", city="Rome"), tool_call("now")),
    reasoning=(Reasoning(text="Both are south.", signature="c2ln"), Reasoning(redacted="c2VhbGVk")),
    citations=(Citation(url="https://example.com", title="Towns", start=0, end=5, quote="Paris"),),
    usage={"prompt_tokens": 9, "completion_tokens": 7, "completion_tokens_details": {"reasoning_tokens": 3}},
    logprobs={"content": [{"token": "Paris", "logprob": -0.5, "bytes": None, "top_logprobs": []}]},
    cost=0.25,
    model="the-very-one",
    cut=Cut(size=4, first_token=0.3, per_second=20.0),
)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("model", MODELS)
def test_a_reply_with_everything_at_once_is_the_same_at_every_door(model, streamed):
    agree_singly(model, [EVERYTHING], streamed=streamed)
    ((told, seconds), _) = observe(Way("provider", streamed=streamed), MODELS[model], [EVERYTHING], PARAMS)
    message = told["choices"][0]["message"]
    assert message["content"] == EVERYTHING.text
    assert [call["function"]["name"] for call in message["tool_calls"]] == ["weather", "weather", "now"]
    assert message["annotations"][0]["url_citation"]["url"] == "https://example.com"
    assert "Both are south." in message["reasoning_content"]
    assert seconds > 0


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("model", ["openai", "anthropic", "openrouter"])
def test_every_fault_has_the_same_class_status_and_facts_at_every_door(model, streamed):
    """Each as a script file calls it; the doors are compared in all that an error tells."""
    named = [parse_script(f"turns:\n  - fail: {name}").turns[0].action for name in FAULTS]
    agree_singly(model, named, streamed=streamed)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@given(outcomes=st.lists(outcomes, min_size=1, max_size=4), order=st.permutations(list(MODELS.values())))
@quick
def test_retries_waits_and_fallbacks_are_the_same_at_every_door(streamed, outcomes, order):
    agree(outcomes, lambda way: observe_routed(way, order[:2], outcomes, PARAMS), streamed=streamed)


@pytest.mark.parametrize("door", DOORS)
async def test_streams_side_by_side_take_the_time_of_one(door):
    harness = Harness()
    harness.script.add(Turn(action=Reply(text="abcde", cut=Cut(size=1, first_token=1.0, per_second=1.0)), times=None))
    with entered(door, harness):
        async with ModelRouter(MODELS["openai"]) as router:

            async def ask():
                async with router.stream("hello") as stream:
                    return "".join([chunk.text async for chunk in stream])

            await ask()  # the SDKs ask a thread for the platform before their first request
            assert harness.clock.monotonic() == 5.0
            assert set(await asyncio.gather(*[ask() for _ in range(8)])) == {"abcde"}
    assert harness.clock.monotonic() == 10.0
