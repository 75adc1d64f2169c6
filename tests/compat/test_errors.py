"""LiteLLM's exception classes, as tests build them by hand: every spelling of the arguments, copied and pickled."""

from __future__ import annotations

import copy
import pickle

import openai
import pytest

try:
    import httpx2 as httpx
except ModuleNotFoundError:  # the older SDKs
    import httpx

from llmclient.compat import litellm
from llmclient.compat.litellm import exceptions

PROVIDER_FIRST = {
    "AuthenticationError": 401,
    "PermissionDeniedError": 403,
    "RateLimitError": 429,
    "InternalServerError": 500,
    "BadGatewayError": 502,
    "ServiceUnavailableError": 503,
    "APIConnectionError": 500,
    "APIResponseValidationError": 500,
}
MODEL_FIRST = {
    "NotFoundError": 404,
    "BadRequestError": 400,
    "ContextWindowExceededError": 400,
    "ContentPolicyViolationError": 400,
    "UnprocessableEntityError": 422,
    "Timeout": 408,
}
STATUSES = {**PROVIDER_FIRST, **MODEL_FIRST, "UnsupportedParamsError": 400, "APIError": 500}
OPENAIS = {
    "Timeout": "APITimeoutError",
    "BadGatewayError": "APIStatusError",
    "ServiceUnavailableError": "APIStatusError",
    "ContextWindowExceededError": "BadRequestError",
    "ContentPolicyViolationError": "BadRequestError",
    "UnsupportedParamsError": "BadRequestError",
}


def made(name: str, **more: object) -> Exception:
    return getattr(exceptions, name)(message="no", llm_provider="openai", model="gpt-4o", **more)


@pytest.mark.parametrize("name", STATUSES)
class TestEachClass:
    def test_has_its_facts(self, name):
        error = made(name)
        assert (error.status_code, error.llm_provider, error.model) == (STATUSES[name], "openai", "gpt-4o")
        assert error.message == str(error) == f"litellm.{name}: no"

    def test_stands_under_openais_of_the_same_meaning(self, name):
        error = made(name)
        assert isinstance(error, getattr(openai, OPENAIS.get(name, name)))
        assert getattr(litellm, name) is getattr(exceptions, name)

    def test_takes_everything_litellms_takes(self, name):
        response = httpx.Response(STATUSES[name], request=httpx.Request("POST", "https://example.org"))
        error = made(name, response=response, litellm_debug_info="x", max_retries=2, num_retries=1)
        assert error.response is response
        assert (error.litellm_debug_info, error.max_retries, error.num_retries) == ("x", 2, 1)

    @pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
    def test_survives_copies(self, name, make):
        error = made(name, body={"code": "x"})
        other = make(error)
        assert type(other) is type(error)
        assert (str(other), other.status_code, other.model, other.body) == (
            str(error),
            error.status_code,
            "gpt-4o",
            {"code": "x"},
        )
        assert other.response.status_code == error.status_code

    def test_can_be_raised_and_caught_by_its_own_name_and_openais(self, name):
        with pytest.raises(openai.OpenAIError, match="no"):
            raise made(name)


@pytest.mark.parametrize("name", PROVIDER_FIRST)
def test_the_provider_stands_before_the_model_in_these(name):
    error = getattr(exceptions, name)("no", "openai", "gpt-4o")
    assert (error.llm_provider, error.model) == ("openai", "gpt-4o")


@pytest.mark.parametrize("name", MODEL_FIRST)
def test_the_model_stands_before_the_provider_in_these(name):
    error = getattr(exceptions, name)("no", "gpt-4o", "openai")
    assert (error.llm_provider, error.model) == ("openai", "gpt-4o")


def test_an_api_error_begins_with_its_status():
    error = exceptions.APIError(418, "no", "openai", "gpt-4o")
    assert (error.status_code, error.llm_provider, error.model) == (418, "openai", "gpt-4o")
    request = httpx.Request("GET", "https://example.org")
    assert exceptions.APIError(500, "no", "openai", "gpt-4o", request).request is request


def test_a_response_that_is_handed_in_says_the_status():
    response = httpx.Response(451, request=httpx.Request("POST", "https://example.org"))
    assert made("NotFoundError", response=response).status_code == 451
    assert made("BadRequestError", response=response).status_code == 400
    assert made("InternalServerError", response=response).status_code == 500


def test_a_rate_limit_says_its_code():
    assert made("RateLimitError").code == "429"


def test_a_spent_budget_is_no_error_of_openais():
    error = exceptions.BudgetExceededError(current_cost=2.0, max_budget=1.0)
    assert not isinstance(error, openai.OpenAIError)
    assert (error.current_cost, error.max_budget) == (2.0, 1.0)
    assert pickle.loads(pickle.dumps(error)).max_budget == 1.0
