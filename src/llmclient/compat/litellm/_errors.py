"""LiteLLM's exception classes under openai's classes of the same meaning. This module loads the SDK: touch it late.

Positional arguments come in LiteLLM's order, which is not the same for every class. Every error has `status_code`,
`message`, `llm_provider` and `model`; one that the layer raised has our own error as its `__cause__`, and `attempts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

import openai

from llmclient._secrets import mask
from llmclient.providers._sdk import load_sdk

if TYPE_CHECKING:
    from llmclient.types.policy import Attempt

_ENDPOINT = "https://api.openai.com/v1"


class _Facts(openai.OpenAIError):
    """What the classes share. The SDK's constructors differ from version to version, so attributes are set here."""

    status: ClassVar[int] = 500
    """The HTTP status that the class stands for."""

    told: ClassVar[Mapping[str, object]] = {}
    """What an error of the class says in any case."""

    told_by_response: ClassVar[bool] = False
    """Whether a response that is handed in says the status."""

    attempts: Sequence[Attempt] = ()
    message: str
    llm_provider: str | None
    model: str | None

    def _fill(
        self, message: str, llm_provider: str | None, model: str | None, response: object, **rest: object
    ) -> None:
        self.message = f"litellm.{type(self).__name__}: {mask(str(message))}"
        Exception.__init__(self, self.message)
        self.llm_provider = llm_provider
        self.model = model
        told = getattr(response, "status_code", None)
        status = rest.get("status_code", told if isinstance(told, int) and self.told_by_response else self.status)
        answer = response if response is not None else _response(cast("int", status))
        headers = cast("dict[str, str]", getattr(answer, "headers", {}))
        # The SDK declares these with types of its httpx, which is one of two: they are set, not declared again.
        self.__dict__.update({**dict.fromkeys(_UNSET), **self.told})
        self.__dict__.update(status_code=status, response=answer, request=getattr(answer, "request", None))
        self.__dict__.update({"request_id": headers.get("x-request-id"), **rest})

    def answered(self, status: int) -> None:
        """The status that came, where it is another one of the class's meaning, such as 504 of a timeout."""
        if status != self.__dict__["status_code"]:
            answer = _response(status)
            self.__dict__.update(status_code=status, response=answer, request=getattr(answer, "request", None))

    def __str__(self) -> str:
        return self.message

    __repr__ = __str__

    def __reduce__(self) -> tuple[object, ...]:
        state = {name: value for name, value in self.__dict__.items() if name not in {"response", "request"}}
        return _rebuild, (type(self), self.args, state)


def _rebuild(cls: type[_Facts], args: tuple[object, ...], state: dict[str, object]) -> _Facts:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    answer = _response(cast("int", state["status_code"]))
    error.__dict__.update(response=answer, request=getattr(answer, "request", None))
    return error


_UNSET = ("litellm_debug_info", "max_retries", "num_retries", "body", "code", "param", "type")


def _response(status: int) -> object:
    http = load_sdk("openai").http
    made: object = http.Response(status, request=http.Request("POST", _ENDPOINT))
    return made


class _ProviderFirst(_Facts):
    """Takes `(message, llm_provider, model)`."""

    def __init__(
        self,
        message: str,
        llm_provider: str | None = None,
        model: str | None = None,
        response: object = None,
        **rest: object,
    ) -> None:
        self._fill(message, llm_provider, model, response, **rest)


class _ModelFirst(_Facts):
    """Takes `(message, model, llm_provider)`."""

    def __init__(
        self,
        message: str,
        model: str | None = None,
        llm_provider: str | None = None,
        response: object = None,
        **rest: object,
    ) -> None:
        self._fill(message, llm_provider, model, response, **rest)


class AuthenticationError(_ProviderFirst, openai.AuthenticationError):
    """The key is missing, wrong or revoked."""

    status = 401
    told_by_response = True


class PermissionDeniedError(_ProviderFirst, openai.PermissionDeniedError):
    """The key is good, and may not do this."""

    status = 403
    told_by_response = True


class NotFoundError(_ModelFirst, openai.NotFoundError):
    """The model or the path does not exist."""

    status = 404
    told_by_response = True


class BadRequestError(_ModelFirst, openai.BadRequestError):
    """The provider refuses the request as it is."""

    status = 400


class ContextWindowExceededError(BadRequestError):
    """The conversation is longer than the model's context window."""


class ContentPolicyViolationError(BadRequestError):
    """A moderation rule refused the request."""


class UnsupportedParamsError(BadRequestError):
    """A parameter that the provider has no place for."""

    def __init__(
        self,
        message: str,
        llm_provider: str | None = None,
        model: str | None = None,
        status_code: int = 400,
        response: object = None,
        **rest: object,
    ) -> None:
        super().__init__(message, model, llm_provider, response, **{**rest, "status_code": status_code})


class InvalidRequestError(BadRequestError):
    """An older name of `BadRequestError`."""


class UnprocessableEntityError(_ModelFirst, openai.UnprocessableEntityError):
    """The request is well formed, and its content is not."""

    status = 422
    told_by_response = True


class RateLimitError(_ProviderFirst, openai.RateLimitError):
    """Too many requests or tokens, or credits used up."""

    status = 429
    told_by_response = True
    told: ClassVar[Mapping[str, object]] = {"code": "429", "type": "throttling_error"}


class Timeout(_ModelFirst, openai.APITimeoutError):
    """Nothing came in time."""

    status = 408


class InternalServerError(_ProviderFirst, openai.InternalServerError):
    """The provider failed on its own side."""

    status = 500


class BadGatewayError(_ProviderFirst, openai.APIStatusError):
    """A gateway got no answer from the host behind it."""

    status = 502


class ServiceUnavailableError(_ProviderFirst, openai.APIStatusError):
    """The provider takes no requests for now."""

    status = 503


class APIError(_Facts, openai.APIError):
    """Any other failure, with the status as its first argument."""

    def __init__(
        self,
        status_code: int = 500,
        message: str = "",
        llm_provider: str | None = None,
        model: str | None = None,
        request: object = None,
        *,
        response: object = None,
        **rest: object,
    ) -> None:
        self._fill(message, llm_provider, model, response, **{**rest, "status_code": status_code})
        if request is not None:
            self.__dict__.update(request=request)


class APIConnectionError(_ProviderFirst, openai.APIConnectionError):
    """No connection, or it broke."""

    status = 500


class APIResponseValidationError(_ProviderFirst, openai.APIResponseValidationError):
    """An answer that cannot be read."""

    status = 500


class JSONSchemaValidationError(APIResponseValidationError):
    """An answer that does not fit the schema that was asked for."""


class OpenAIError(openai.OpenAIError):
    """Any failure of the SDK's."""


class BudgetExceededError(Exception):
    """A budget of the user's own is spent."""

    def __init__(self, current_cost: float, max_budget: float, message: str | None = None) -> None:
        self.current_cost = current_cost
        self.max_budget = max_budget
        self.message: str = message or f"the budget of {max_budget} is spent: {current_cost}"
        super().__init__(self.message)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.current_cost, self.max_budget, self.message)
