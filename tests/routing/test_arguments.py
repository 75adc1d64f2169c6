"""Arguments that cannot be meant are refused at once, with what to write instead."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, fields
from decimal import Decimal

import pytest

from llmclient import (
    Breaker,
    Budget,
    ConfigurationError,
    Decision,
    Deployment,
    DeploymentStats,
    Health,
    Hedge,
    Limits,
    ModelRouter,
    Percentiles,
    ProviderConfig,
    RetryPolicy,
    RouterStats,
    SyncModelRouter,
    Timeouts,
)
from llmclient.testing import script

A, B = "openai/gpt-5-mini", "anthropic/claude-haiku-4-5"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"fallbacks": B}, r"fallbacks='anthropic/claude-haiku-4-5': give a list, \['anthropic/claude-haiku-4-5'\]"),
        ({"fallbacks": [None]}, r"fallbacks=\[None\]: each is a model's name or a Deployment"),
        ({"deployments": [A]}, r"deployments=.*each is a Deployment\(...\)"),
        ({"context_window_fallbacks": B}, "give a list"),
        ({"content_policy_fallbacks": 3}, "give a list"),
        ({"middleware": print}, "middleware=.*give a list"),
        ({"budget": 5}, "budget=5: give a list"),
        ({"budget": [5]}, r"each is a Budget\(...\)"),
        ({"retry": 3}, r"retry=3: give a RetryPolicy\(...\)"),
        ({"timeouts": 30}, r"timeouts=30: give a Timeouts\(...\)"),
        ({"hedge": 2.0}, r"give a Hedge\(...\)"),
        ({"limits": 5}, r"give a Limits\(...\)"),
        ({"breaker": False}, r"give a Breaker\(...\)"),
        ({"providers": {"opnai": ProviderConfig()}}, "there is no such provider, only anthropic"),
        ({"providers": {"openai": "sk-canary-0001"}}, r"\{'openai': str\}: give a ProviderConfig"),
    ],
)
@pytest.mark.parametrize("kind", [ModelRouter, SyncModelRouter])
def test_a_router_says_which_setting_it_does_not_take(kind, settings, says):
    with pytest.raises(ConfigurationError, match=says) as caught:
        kind(A, **settings)
    assert "canary" not in str(caught.value)


def test_a_router_needs_a_model():
    with pytest.raises(ConfigurationError, match="a router needs a model such as"):
        ModelRouter([A])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"timeout": 5}, r"pass timeouts=Timeouts\(total=...\)"),
        ({"max_retries": 2}, r"pass retry=RetryPolicy\(attempts=...\)"),
        ({"num_retries": 2}, "pass retry="),
        ({"fallbacks": [B]}, "give them to the router"),
        ({"api_key": "sk-canary-0001"}, "ProviderConfig"),
        ({"base_url": "http://h"}, "ProviderConfig"),
        ({"api_base": "http://h"}, "ProviderConfig"),
        ({"response_model": dict}, "use router.parse"),
        ({"timeouts": 5}, r"timeouts=5: give a Timeouts\(...\)"),
        ({"retry": 5}, r"retry=5: give a RetryPolicy\(...\)"),
        ({"tags": "team"}, r"tags='team': give a list, \['team'\]"),
        ({"extra_body": 5}, "extra_body=5: give a dictionary"),
        ({"extra_headers": [("a", "b")]}, "give a dictionary"),
    ],
)
@pytest.mark.parametrize("verb", ["complete", "embed"])
def test_a_call_says_where_an_argument_belongs_and_sends_nothing(verb, given, says):
    with script() as llm, pytest.raises(ConfigurationError, match=says) as caught:
        getattr(ModelRouter(A).sync, verb)("hi", **given)
    assert not llm.calls
    assert "canary" not in str(caught.value)


def test_a_whole_answer_is_not_asked_for_as_a_stream():
    with pytest.raises(ConfigurationError, match=r"use router\.stream"):
        ModelRouter(A).sync.complete("hi", stream=True)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Deployment(A, rpm=0), r"Deployment\(rpm=0\): give at least 1, or None for no limit"),
        (lambda: Deployment(A, tpm=-1), r"Deployment\(tpm=-1\)"),
        (lambda: Deployment(A, max_parallel=0), r"Deployment\(max_parallel=0\)"),
        (lambda: Deployment(A, weight=-1), "give a share of 0 or more"),
        (lambda: Deployment(A, tags="team"), r"give a tuple, \('team',\)"),
        (lambda: Limits(rpm=0), r"Limits\(rpm=0\)"),
        (lambda: Limits(when_full="fall through"), "give 'wait' or 'next'"),
        (Budget, "give usd= or tokens="),
        (lambda: Budget(usd=-1), "give 0 or more"),
        (lambda: Budget(tokens=-1), "give 0 or more"),
        (lambda: Budget(usd=1, seconds=0), "give seconds above 0"),
        (lambda: RetryPolicy(base=float("nan")), "give seconds >= 0"),
        (lambda: RetryPolicy(per_category={"ratelimit": Decision()}), "the categories are rate_limit"),
    ],
)
def test_settings_that_nothing_could_pass_are_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_the_least_that_makes_sense_is_taken():
    least = Deployment(A, rpm=1, tpm=1, max_parallel=1, weight=0)
    ModelRouter(least, limits=Limits(rpm=1, tpm=1, max_parallel=1), budget=Budget(usd=0, tokens=0, seconds=0.5))


@pytest.mark.parametrize("kind", [Breaker, Decision, Deployment, Hedge, RetryPolicy, Timeouts])
def test_the_defaults_are_those_that_the_documentation_names(kind):
    documented = {
        name: float(value)
        for name, text in re.findall(r"^ {8}(\w+): (.*?)(?=^ {8}\w+:|\Z)", kind.__doc__, re.MULTILINE | re.DOTALL)
        for value in re.findall(r"[Dd]efault (\d+(?:\.\d+)?)\b", text)
    }
    numbers = {
        field.name: field.default
        for field in fields(kind)
        if isinstance(field.default, int | float) and not isinstance(field.default, bool)
    }
    assert documented == {name: numbers[name] for name in documented}
    assert (
        numbers.keys() - documented.keys() <= {"cooldown"} if kind is Decision else numbers.keys() == documented.keys()
    )


@pytest.mark.parametrize(
    "value",
    [
        Breaker(),
        Limits(),
        Hedge(after=1),
        Budget(usd=1),
        Health(reasons={}),
        Percentiles(),
        DeploymentStats(),
        RouterStats(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_settings_and_readings_are_values_that_are_made_by_name(value):
    with pytest.raises(FrozenInstanceError):
        setattr(value, fields(value)[0].name, None)
    with pytest.raises(TypeError):
        type(value)(1)
    assert not vars(type(value)).get("__dict__")


def test_readings_begin_at_nothing():
    assert DeploymentStats() == DeploymentStats(
        tries=0, successes=0, skipped=0, cancelled=0, prompt_tokens=0, completion_tokens=0, cost=Decimal(0)
    )
    assert RouterStats() == RouterStats(
        calls=0, successes=0, failures=0, cancelled=0, retries=0, fallbacks=0, hedges=0, prompt_tokens=0
    )
    assert (RouterStats().completion_tokens, RouterStats().cost) == (0, Decimal(0))
    health = Health(reasons={})
    assert (health.state, health.retry_in, health.failures, health.reason, health.busy) == ("closed", 0.0, 0, "", 0)
