"""From one of our errors to LiteLLM's class for it, by a table. Loads the SDK, on the first error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from llmclient import errors as ours
from llmclient.compat.litellm import _errors as theirs


@dataclass(frozen=True, slots=True)
class _Row:
    """`error` (of that status, where one is given) becomes `becomes`."""

    error: type[ours.LLMClientError]
    becomes: type[theirs._Facts]  # pyright: ignore[reportPrivateUsage] - the base of the classes in the next room
    status: int | None = None


_ROWS: tuple[_Row, ...] = (
    _Row(ours.ContextWindowExceededError, theirs.ContextWindowExceededError),
    _Row(ours.ContentPolicyError, theirs.ContentPolicyViolationError),
    _Row(ours.BadRequestError, theirs.UnprocessableEntityError, 422),
    _Row(ours.BadRequestError, theirs.APIError, 409),
    _Row(ours.BadRequestError, theirs.BadRequestError),
    _Row(ours.AuthenticationError, theirs.AuthenticationError),
    _Row(ours.PermissionDeniedError, theirs.PermissionDeniedError),
    _Row(ours.NotFoundError, theirs.NotFoundError),
    _Row(ours.RateLimitError, theirs.RateLimitError),
    _Row(ours.ServerError, theirs.BadGatewayError, 502),
    _Row(ours.ServerError, theirs.ServiceUnavailableError, 503),
    _Row(ours.ServerError, theirs.InternalServerError),
    _Row(ours.RequestTimeoutError, theirs.Timeout),
    _Row(ours.APIConnectionError, theirs.APIConnectionError),
    _Row(ours.StreamInterruptedError, theirs.APIConnectionError),
    _Row(ours.MalformedResponseError, theirs.APIResponseValidationError),
    _Row(ours.UnsupportedParameterError, theirs.UnsupportedParamsError),
    _Row(ours.RequestError, theirs.BadRequestError),
    _Row(ours.MissingAPIKeyError, theirs.AuthenticationError),
    _Row(ours.UnknownProviderError, theirs.BadRequestError),
    _Row(ours.ProviderError, theirs.ServiceUnavailableError),
)
"""The first row that fits wins; what fits none passes as it is."""

_NOT_ASKED: Mapping[ours.ErrorCategory, type[theirs._Facts]] = {  # pyright: ignore[reportPrivateUsage] - as above
    ours.ErrorCategory.AUTH: theirs.AuthenticationError,
    ours.ErrorCategory.PERMISSION: theirs.PermissionDeniedError,
    ours.ErrorCategory.NOT_FOUND: theirs.NotFoundError,
    ours.ErrorCategory.TIMEOUT: theirs.Timeout,
    ours.ErrorCategory.CONNECTION: theirs.APIConnectionError,
    ours.ErrorCategory.SERVER_ERROR: theirs.InternalServerError,
    ours.ErrorCategory.OVERLOADED: theirs.InternalServerError,
}
"""What a deployment that was not asked counts as, by what put it aside; else it is a `RateLimitError`."""


def translate(error: ours.LLMClientError, spelled: Mapping[str, str] | None = None) -> Exception:
    """Return LiteLLM's error for `error`, which becomes its cause; `error` itself where LiteLLM has none.

    Where every model failed, the class is that of the first one's error, and the message lists all of them.

    Args:
        error: ours.
        spelled: "provider/model" to the name that the program gave, which is the error's `model`.
    """
    if isinstance(error, ours.BudgetExceededError):
        return _caused(theirs.BudgetExceededError(_number(error.spent), _number(error.limit), str(error)), error)
    first = error
    if isinstance(error, ours.AllModelsFailedError):
        first = next((found for found in error.errors if isinstance(found, ours.LLMClientError)), error)
    cls: type[theirs._Facts] | None  # pyright: ignore[reportPrivateUsage] - as above
    if isinstance(first, ours.DeploymentUnavailableError):
        cls = _NOT_ASKED.get(first.category, theirs.RateLimitError)
    else:
        status = getattr(first, "status_code", None)
        found = (row.becomes for row in _ROWS if isinstance(first, row.error) and row.status in {None, status})
        cls = next(found, None)
    return error if cls is None else _made(cls, first, error, spelled or {})


def _made(
    cls: type[theirs._Facts],  # pyright: ignore[reportPrivateUsage] - as above
    first: ours.LLMClientError,
    whole: ours.LLMClientError,
    spelled: Mapping[str, str],
) -> Exception:
    provider, model = getattr(first, "provider", None), getattr(first, "model", None)
    facts: dict[str, object] = {
        "message": str(whole),
        "llm_provider": provider,
        "model": spelled.get(f"{provider}/{model}", model),
    }
    status, body = getattr(first, "status_code", None), getattr(first, "body", None)
    if isinstance(first, ours.UnknownProviderError):
        facts["message"] = f"LLM Provider NOT provided: {whole}"  # the words that code looks for
        facts["llm_provider"] = ""
    made = cls(**facts, body=_inner(body))  # type: ignore[call-arg]
    if status is not None:
        made.answered(status)
    for name in ("code", "type", "request_id"):
        value = getattr(first, name, None)
        if value is not None:
            setattr(made, name, value)
    made.attempts = tuple(whole.attempts)
    return _caused(made, whole)


def _inner(body: object) -> object:
    """The SDKs show the object under "error"."""
    if not isinstance(body, dict):
        return body
    fields = cast("dict[str, object]", body)
    return fields.get("error", fields)


def _number(text: str) -> float:
    digits = "".join(mark for mark in text if mark in "0123456789.")
    return float(digits) if digits.count(".") <= 1 and digits.strip(".") else 0.0


def _caused(made: Exception, cause: ours.LLMClientError) -> Exception:
    made.__cause__ = cause
    return made
