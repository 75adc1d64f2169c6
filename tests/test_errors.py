"""The error tree: facts in, a sentence out, and it survives a pickle."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from llmclient import (
    AllModelsFailedError,
    Attempt,
    BudgetExceededError,
    Deployment,
    ErrorCategory,
    InvalidMessageError,
    LLMClientError,
    MissingAPIKeyError,
    MissingDependencyError,
    ProviderError,
    RateLimitError,
    RequestTimeoutError,
    UnknownProviderError,
    UnsupportedCapabilityError,
    UnsupportedParameterError,
    errors,
)

pytestmark = pytest.mark.unit

SAMPLES = [
    MissingAPIKeyError("openai", "OPENAI_API_KEY"),
    MissingDependencyError("anthropic", "anthropic"),
    UnknownProviderError("x", ["openai"]),
    InvalidMessageError(3, "is odd"),
    UnsupportedParameterError("anthropic", "seed"),
    UnsupportedCapabilityError("anthropic", "embeddings", ["openai"]),
    BudgetExceededError("team", limit="1 USD", spent="1.2 USD"),
    RateLimitError("slow down", provider="openai", model="m", status_code=429, retry_after=2.0, request_id="r"),
    AllModelsFailedError([ValueError("a"), KeyError("b")]),
]


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_survives_a_pickle_with_its_facts(error):
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert {k: repr(v) for k, v in vars(back).items()} == {k: repr(v) for k, v in vars(error).items()}


@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_an_error_survives_a_pickle_with_the_attempts_that_hold_it(again):
    error = RateLimitError("slow down", provider="openai", model="m", status_code=429)
    error.attempts = (Attempt(deployment=Deployment("openai/m"), started=1.0, outcome="failed", error=error),)
    back = again(error)
    assert (str(back), back.status_code) == (str(error), 429)
    (attempt,) = back.attempts
    assert (attempt.deployment, str(attempt.error)) == (Deployment("openai/m"), str(error))


def test_every_class_hangs_in_the_one_tree_and_in_its_drawing():
    classes = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, Exception)]
    for cls in classes:
        assert issubclass(cls, LLMClientError)
        assert cls.__name__ in errors.__doc__


def test_every_category_but_cancelled_has_a_class():
    def below(cls):
        return {cls.default_category}.union(*(below(child) for child in cls.__subclasses__()))

    assert below(ProviderError) >= set(ErrorCategory) - {ErrorCategory.CANCELLED}


def test_a_provider_error_says_who_what_and_why():
    error = RateLimitError("slow down", provider="openai", model="m", status_code=429, code="rl", request_id="req_1")
    assert str(error) == "openai/m [429 rl]: slow down (request id req_1)"
    assert error.category == "rate_limit"


def test_a_category_can_be_told():
    error = ProviderError("m", provider="p", category=ErrorCategory.QUOTA)
    assert (str(error), error.category) == ("p: m", "quota")


def test_errors_are_also_pythons_own_kind():
    assert isinstance(RequestTimeoutError("late", provider="p"), TimeoutError)
    assert isinstance(MissingDependencyError("x", "y"), ImportError)
    assert isinstance(InvalidMessageError(0, "x"), ValueError)


def test_all_models_failed_lists_each_and_makes_a_group():
    error = AllModelsFailedError([ValueError("first"), KeyError("second")])
    assert "1. ValueError: first" in str(error)
    assert "2. KeyError: 'second'" in str(error)
    assert len(ExceptionGroup(str(error), error.errors).exceptions) == 2


def test_the_sentence_says_what_to_do_next():
    assert str(SAMPLES[0]) == "no API key for provider 'openai'; pass api_key= or set OPENAI_API_KEY"
    assert "pip install 'llmclient[anthropic]'" in str(SAMPLES[1])
    assert "register_provider" in str(SAMPLES[2])
    assert "drop_unsupported=True" in str(SAMPLES[4])
    assert "providers that have it: openai" in str(SAMPLES[5])
