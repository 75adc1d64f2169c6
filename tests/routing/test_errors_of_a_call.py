"""What a failed call raises, and what passes straight through."""

from __future__ import annotations

import pickle

import pytest

from llmclient import (
    AllModelsFailedError,
    ConfigurationError,
    DeploymentUnavailableError,
    InvalidMessageError,
    MissingAPIKeyError,
    ModelRouter,
    OverloadedError,
    RequestTimeoutError,
    StreamInterruptedError,
    Timeouts,
    UnknownProviderError,
    UnsupportedParameterError,
    override_providers,
)
from support.routing_world import breaks, fail, ok

pytestmark = pytest.mark.unit

A, B = "openai/a", "anthropic/b"


class NotScripted(BaseException):
    """As a test harness would raise."""


class NotScriptedError(AssertionError):
    """The same, of the usual kind."""


@pytest.mark.parametrize("error", [NotScripted, NotScriptedError])
async def test_a_foreign_error_passes_unretried_and_unmasked(world, make, error):
    world.on(A, fail(error)).on(B, ok())
    router = make(A, fallbacks=[B])
    with pytest.raises(error):
        await router.complete()
    with pytest.raises(error):
        await router.read()
    world.on(A, breaks("He|llo", error))
    with pytest.raises(error):
        await router.read()
    assert world.models == [A, A, A]
    assert all(opened.closed for opened in world.opened)
    assert router.router.stats().cancelled == 3


@pytest.mark.parametrize(
    "error", [MissingAPIKeyError("openai", "OPENAI_API_KEY"), UnsupportedParameterError("openai", "x")]
)
async def test_a_deployment_that_cannot_take_the_request_is_passed_over(world, make, error):
    world.on(A, fail(error))
    router = make(A, fallbacks=[B])
    reply = await router.complete()
    assert [attempt.outcome for attempt in reply.attempts] == ["skipped", "success"]
    assert reply.attempts[0].reason == str(error)
    assert router.router.health()[A].state == "closed"
    with pytest.raises(type(error)) as caught:
        await make(A).complete()
    assert caught.value is error


async def test_a_conversation_that_cannot_be_read_is_refused_before_anybody_is_asked(world, make):
    with pytest.raises(InvalidMessageError):
        await make(A).complete([])
    assert world.calls == []


async def test_all_models_failed_has_one_error_for_each_deployment(world, make):
    world.on(A, fail("server_error")).on(B, fail("auth"))
    with pytest.raises(AllModelsFailedError) as caught:
        await make(A, fallbacks=[B]).complete()
    assert [error.category for error in caught.value.errors] == ["server_error", "auth"]
    assert caught.value.__cause__ is caught.value.errors[0]
    assert [attempt.model for attempt in caught.value.attempts] == [A, B, A, A]


async def test_a_call_without_time_for_anybody_says_so(world, make):
    world.on(A, fail("rate_limit", retry_after=100), ok())
    router = make(A)
    with pytest.raises(Exception, match="rate_limit"):
        await router.complete(timeouts=Timeouts(total=1))
    with pytest.raises(DeploymentUnavailableError, match="cools down for 100 s after rate_limit") as caught:
        await router.complete(timeouts=Timeouts(total=1))
    assert caught.value.attempts[0].outcome == "skipped"


async def test_a_broken_stream_is_caught_by_either_name_and_pickles(world, make):
    world.on(A, breaks("Hel|lo", "overloaded"))
    with pytest.raises(OverloadedError) as caught:
        await make(A).read()
    error = caught.value
    assert isinstance(error, StreamInterruptedError)
    assert isinstance(error.__cause__, OverloadedError)
    assert (error.partial.text, error.status_code, error.category) == ("Hello", 529, "overloaded")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, StreamInterruptedError)
    assert isinstance(again, OverloadedError)
    assert (str(again), again.status_code, again.partial.text) == (str(error), 529, "Hello")


async def test_a_stalled_stream_is_caught_by_either_name(world, make):
    world.on(A, ok("Hel|lo", gap=100.0))
    with pytest.raises(RequestTimeoutError) as caught:
        await make(A, timeouts=Timeouts(idle=5)).read()
    assert isinstance(caught.value, StreamInterruptedError)
    assert caught.value.phase == "idle"
    assert world.clock.monotonic() == pytest.approx(5)


def test_wrong_setups_are_refused_at_once():
    with pytest.raises(UnknownProviderError):
        ModelRouter("nowhere/model")
    with pytest.raises(ConfigurationError, match="needs a model"):
        ModelRouter("")
    with pytest.raises(ConfigurationError, match="no strategy 'best'"):
        ModelRouter(A, strategy="best")
    with pytest.raises(ConfigurationError, match="on_interrupted='wait'"):
        ModelRouter(A, on_interrupted="wait")


async def test_what_was_learnt_of_a_stand_in_does_not_outlive_it(world, make):
    world.on(A, fail("auth"))
    router = make(A)
    with pytest.raises(Exception, match="auth"):
        await router.complete()
    assert router.router.health()[A].state == "cooling"
    with override_providers(lambda *_: pytest.fail("nobody asks"), clock=world.clock):
        assert router.router.health()[A].state == "closed"
        assert router.router.stats().calls == 0
    assert router.router.health()[A].state == "cooling"
