"""What each category of failure means: for this call, for the deployment, and for the breaker."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from llmclient import AllModelsFailedError, BadRequestError, Decision, ErrorCategory, LLMClientError, RetryPolicy
from llmclient.routing.policy.decisions import DECISIONS
from support.routing_world import ERRORS, fail, ok

pytestmark = pytest.mark.unit

A, B, C, D = "openai/a", "anthropic/b", "openrouter/c", "groq/d"

RETRIED = {category for category, row in DECISIONS.items() if row.retry}
COUNTED = {category for category, row in DECISIONS.items() if row.counts}


def test_every_category_has_a_row():
    assert set(DECISIONS) == set(ErrorCategory)


def test_the_table_in_the_documentation_is_the_one_that_runs():
    page = (Path(__file__).parents[2] / "docs" / "routing.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([\w ]+) \| ([\w ]+) \| (\w+) \|$", page, re.MULTILINE)
    said = {name: tuple(cells) for name, *cells in rows}
    runs = {
        category.value: (
            "yes" if row.retry else "no",
            {"general": "next", None: "no"}.get(row.fallback, f"{str(row.fallback).replace('_', ' ')} list"),
            f"{row.cooldown:g} s" if row.cooldown else "no",
            "yes" if row.counts else "no",
        )
        for category, row in DECISIONS.items()
    }
    assert said == runs


@pytest.mark.parametrize("category", sorted(ERRORS))
async def test_a_lone_deployment_is_asked_again_only_where_the_row_says_so(world, make, category):
    world.on(A, fail(category))
    with pytest.raises(ERRORS[category][0]) as caught:
        await make(A).complete()
    assert len(world.calls) == (3 if category in RETRIED else 1)
    assert [attempt.category for attempt in caught.value.attempts] == [category] * len(world.calls)
    assert caught.value.attempts[0].status_code == ERRORS[category][1]


@pytest.mark.parametrize("category", sorted(set(ERRORS) - {"bad_request"}))
async def test_every_failure_but_a_bad_request_goes_on_to_the_next(world, make, category):
    world.on(A, fail(category))
    reply = await make(A, fallbacks=[B]).complete()
    assert world.models == [A, B]
    assert world.clock.sleeps == []
    assert [attempt.outcome for attempt in reply.attempts] == ["failed", "success"]


async def test_a_bad_request_ends_the_call(world, make):
    world.on(A, fail("bad_request"))
    with pytest.raises(AllModelsFailedError) as caught:
        await make(A, fallbacks=[B]).complete()
    assert world.models == [A]
    assert isinstance(caught.value.__cause__, BadRequestError)


@pytest.mark.parametrize("category", ["auth", "quota", "permission", "not_found"])
async def test_what_waiting_does_not_mend_keeps_the_deployment_out_for_long(world, make, category):
    world.on(A, fail(category))
    router = make(A, fallbacks=[B])
    await router.complete()
    reply = await router.complete()
    assert world.models == [A, B, B]
    assert router.router.health()[A].retry_in == pytest.approx(300)
    assert router.router.health()[A].reason == category
    assert reply.attempts[0].outcome == "skipped"
    assert "cools down" in reply.attempts[0].reason


@pytest.mark.parametrize("category", sorted(ERRORS))
async def test_the_breaker_counts_what_its_row_says(world, make, category):
    world.on(A, fail(category))
    router = make(A, retry=RetryPolicy(attempts=1))
    with pytest.raises(ERRORS[category][0]):
        await router.complete()
    health = router.router.health()[A]
    assert health.failures == (1 if category in COUNTED else 0)
    assert health.reasons == {category: 1}


async def test_context_window_and_content_policy_have_their_own_lists(world, make):
    world.on(A, fail("context_window"), fail("content_policy"))
    router = make(A, fallbacks=[B], context_window_fallbacks=[C], content_policy_fallbacks=[D])
    await router.complete()
    await router.complete()
    assert world.models == [A, C, A, D]


@pytest.mark.parametrize("other", [B, "openai/z"])
async def test_the_same_model_elsewhere_is_not_asked_when_the_context_was_too_long(world, make, other):
    from llmclient import Deployment

    world.on(A, fail("context_window"))
    group = [
        Deployment(A, name="g", api_key="sk-1"),
        Deployment(A, name="g", api_key="sk-2"),
        Deployment(other, name="g"),
    ]
    await make("g", deployments=group).complete()
    assert world.models == [A, other]


async def test_a_row_can_be_replaced(world, make):
    world.on(A, fail("bad_request"))
    retry = RetryPolicy(per_category={"bad_request": Decision(fallback="general")})
    await make(A, fallbacks=[B], retry=retry).complete()
    assert world.models == [A, B]


async def test_a_row_that_retries_without_fallback_stays_with_its_deployment(world, make):
    world.on(A, fail("server_error"), fail("server_error"), ok("4"))
    retry = RetryPolicy(per_category={ErrorCategory.SERVER_ERROR: Decision(retry=True, fallback=None)})
    assert (await make(A, fallbacks=[B], retry=retry).complete()).text == "4"
    assert world.models == [A, A, A]


async def test_attempts_can_be_set_for_a_category(world, make):
    world.on(A, fail("server_error"))
    retry = RetryPolicy(per_category={"server_error": 5})
    with pytest.raises(LLMClientError):
        await make(A, retry=retry, breaker=None).complete()
    assert len(world.calls) == 5


@pytest.mark.parametrize(("said", "category", "calls"), [(True, "bad_request", 3), (False, "server_error", 1)])
async def test_the_vendors_own_word_on_retrying_overrides_the_row(world, make, said, category, calls):
    world.on(A, fail(category, should_retry=said))
    with pytest.raises(LLMClientError):
        await make(A).complete()
    assert len(world.calls) == calls


async def test_a_deployment_in_two_lists_is_one_candidate(world, make):
    world.on(A, fail("context_window")).on(B, fail("server_error"))
    router = make(A, fallbacks=[B, C], context_window_fallbacks=[B], retry=RetryPolicy(attempts=1))
    await router.complete()
    assert world.models == [A, B, C]


@pytest.mark.parametrize(
    ("category", "option"), [("context_window", "context_window"), ("content_policy", "content_policy")]
)
async def test_the_own_list_goes_before_the_rest_of_the_group(world, make, category, option):
    from llmclient import Deployment

    world.on(A, fail(category))
    group = [Deployment(model, name="g") for model in (A, B)]
    await make("g", deployments=group, fallbacks=[D], **{f"{option}_fallbacks": [C]}).complete()
    assert world.models == [A, C]
