"""Every exception class that an installed SDK exports, and every one of httpx, becomes one of ours.

A test of a private name: most of these cannot be provoked from outside, and each must have a row all the same.
"""

from __future__ import annotations

import importlib
import importlib.util

import pytest

import llmclient
from llmclient import LLMClientError, ProviderError
from llmclient.providers._errors import translate
from llmclient.providers._sdk import load_sdk
from llmclient.providers.openai.errors import OPENAI_ROWS

PACKAGES = [name for name in ("openai", "anthropic", "httpx", "httpx2") if importlib.util.find_spec(name)]


def exported(package: str) -> list[type[Exception]]:
    """By the type of a name: to ask openai's lazy proxies whether they are classes would load all of its resources."""
    values = list(vars(importlib.import_module(package)).values())
    found = {value for value in values if issubclass(type(value), type) and issubclass(value, Exception)}
    return sorted(found, key=lambda cls: cls.__name__)


CASES = [
    pytest.param(cls, id=f"{package}.{cls.__name__}")
    for package in PACKAGES
    for cls in exported(package)
    if not issubclass(cls, Warning)
]

NOT_OF_A_CALL = {"CookieConflict"}
"""Raised by reading a cookie jar, never by sending."""


STATUS = {
    "BadRequestError": (400, llmclient.BadRequestError),
    "AuthenticationError": (401, llmclient.AuthenticationError),
    "OAuthError": (401, llmclient.AuthenticationError),
    "PaymentRequiredError": (402, llmclient.QuotaExceededError),
    "PermissionDeniedError": (403, llmclient.PermissionDeniedError),
    "NotFoundError": (404, llmclient.NotFoundError),
    "RequestTimeoutError": (408, llmclient.RequestTimeoutError),
    "ConflictError": (409, llmclient.BadRequestError),
    "PreconditionFailedError": (412, llmclient.BadRequestError),
    "ContentTooLargeError": (413, llmclient.BadRequestError),
    "RequestTooLargeError": (413, llmclient.BadRequestError),
    "UnprocessableEntityError": (422, llmclient.BadRequestError),
    "RateLimitError": (429, llmclient.RateLimitError),
    "RequestHeaderFieldsTooLargeError": (431, llmclient.BadRequestError),
    "ClientClosedRequestError": (499, llmclient.APIConnectionError),
    "InternalServerError": (500, llmclient.ServerError),
    "HTTPNotImplementedError": (501, llmclient.ServerError),
    "ServiceUnavailableError": (503, llmclient.ServerError),
    "GatewayTimeoutError": (504, llmclient.RequestTimeoutError),
    "DeadlineExceededError": (504, llmclient.RequestTimeoutError),
    "OverloadedError": (529, llmclient.OverloadedError),
    "APIStatusError": (418, llmclient.BadRequestError),
}
"""The SDKs' classes that carry a status, and ours."""


def carries_status(cls: type[Exception]) -> bool:
    return any(ancestor.__name__ == "APIStatusError" for ancestor in cls.__mro__)


def instance_of(cls: type[Exception], status: int | None = None) -> Exception:
    """As the SDK would have raised it; constructors differ, so the attributes are set from outside."""
    error = cls.__new__(cls)
    Exception.__init__(error, "what happened")
    for name in ("request_id", "body", "request"):
        if not hasattr(error, name):
            setattr(error, name, None)
    if status is not None:
        http = load_sdk("openai").http
        error.status_code = status
        error.response = http.Response(status, json={"error": {"message": "what happened"}})
    return error


@pytest.mark.parametrize("cls", [case for case in CASES if carries_status(case.values[0])])
def test_an_exception_with_a_status_becomes_the_class_of_that_status(cls):
    status, ours = next(STATUS[base.__name__] for base in cls.__mro__ if base.__name__ in STATUS)
    translated = translate(instance_of(cls, status), OPENAI_ROWS, provider="p")
    assert type(translated) is ours
    assert translated.status_code == status


@pytest.mark.parametrize("cls", CASES)
def test_an_exported_exception_becomes_one_of_ours(cls):
    error = instance_of(cls)
    if cls.__name__ in NOT_OF_A_CALL:
        assert translate(error, OPENAI_ROWS, provider="p") is None
        return
    translated = translate(error, OPENAI_ROWS, provider="p", model="m")
    assert isinstance(translated, LLMClientError)
    if isinstance(translated, ProviderError):
        assert (translated.provider, translated.model) == ("p", "m")


def test_an_exception_of_nobody_we_know_passes():
    assert translate(KeyError("x"), OPENAI_ROWS, provider="p") is None
