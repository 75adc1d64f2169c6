"""Error statuses, a class each. Status, type, code and words of each vendor: `dialects/errors.py`.

Sources: OpenAI "Error codes" (platform guide) and openai/_exceptions.py; Anthropic "Errors" and
anthropic/_exceptions.py; OpenRouter "Errors and debugging". At the provider door
each is the error of its class, with the facts of the row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from llmclient import errors
from llmclient.testing.faults.base import StatusFault


@dataclass(frozen=True)
class BadRequest(StatusFault):
    """400: the request is wrong. OpenAI and Anthropic: type `invalid_request_error`.

    Source: OpenAI "Error codes", 400; Anthropic "Errors", 400; OpenRouter "Errors and debugging", 400.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.BadRequestError


@dataclass(frozen=True)
class ContextWindow(StatusFault):
    """400: the conversation is too long. OpenAI says so by code `context_length_exceeded`, the others by words.

    Source: OpenAI and OpenRouter answer so, without a page for it; Anthropic "Errors", 400 `invalid_request_error`.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.ContextWindowExceededError


@dataclass(frozen=True)
class ContentPolicy(StatusFault):
    """400: moderation refused. OpenAI: code `content_policy_violation`; OpenRouter: 403 with `metadata.reasons`.

    Source: OpenRouter "Errors and debugging", moderation errors; OpenAI answers so, without a page for it.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.ContentPolicyError


@dataclass(frozen=True)
class Conflict(StatusFault):
    """409: another request changed the same thing. Anthropic: `conflict_error`.

    Source: Anthropic "Errors", 409; openai/_exceptions.py, ConflictError.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.BadRequestError


@dataclass(frozen=True)
class RequestTooLarge(StatusFault):
    """413: more bytes than the endpoint takes. Anthropic: `request_too_large`, above 32 MB.

    Source: Anthropic "Errors", 413 and request size limits.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.BadRequestError


@dataclass(frozen=True)
class Unprocessable(StatusFault):
    """422: well-formed, and not to be processed (openai/_exceptions.py: UnprocessableEntityError)."""

    error: ClassVar[type[errors.ProviderError]] = errors.BadRequestError


@dataclass(frozen=True)
class Auth(StatusFault):
    """401: the key is missing, wrong or revoked. OpenAI: code `invalid_api_key`; Anthropic: `authentication_error`.

    Source: OpenAI "Error codes", 401; Anthropic "Errors", 401; OpenRouter "Errors and debugging", 401.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.AuthenticationError


@dataclass(frozen=True)
class Permission(StatusFault):
    """403: the key may not do this. Anthropic: `permission_error`.

    Source: OpenAI "Error codes", 403; Anthropic "Errors", 403.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.PermissionDeniedError


@dataclass(frozen=True)
class NotFound(StatusFault):
    """404: no such model. OpenAI: code `model_not_found`; Anthropic: `not_found_error`.

    Source: OpenAI "Error codes", 404; Anthropic "Errors", 404.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.NotFoundError


@dataclass(frozen=True)
class RequestTimeout(StatusFault):
    """408: the server waited too long for the request.

    Source: RFC 9110 15.5.9; OpenRouter "Errors and debugging", 408.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.RequestTimeoutError


@dataclass(frozen=True)
class RateLimit(StatusFault):
    """429: too many requests or tokens for now. `RateLimit(retry_after=2)` asks to come back in two seconds.

    Source: OpenAI "Error codes" and "Rate limits", 429; Anthropic "Rate limits"; OpenRouter "Limits".
    """

    error: ClassVar[type[errors.ProviderError]] = errors.RateLimitError


@dataclass(frozen=True)
class Quota(StatusFault):
    """The credits are used up. OpenAI: 429 with code `insufficient_quota`; Anthropic, OpenRouter: 402.

    Source: OpenAI "Error codes", 429 "exceeded your current quota"; Anthropic "Errors", 402; OpenRouter "Errors and
    debugging", 402.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.QuotaExceededError


@dataclass(frozen=True)
class SpendLimit(StatusFault):
    """429 that waiting does not mend: Anthropic's error code `enforced_spend_limit_reached`; elsewhere as `Quota`.

    Source: Anthropic "Errors", `details.error_code`.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.QuotaExceededError


@dataclass(frozen=True)
class ServerFailure(StatusFault):
    """500: the provider failed. OpenAI: type `server_error`; Anthropic: `api_error`.

    Source: OpenAI "Error codes", 500; Anthropic "Errors", 500.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.ServerError


@dataclass(frozen=True)
class BadGateway(StatusFault):
    """502 with the vendor's own JSON: the host behind it is down (OpenRouter "Errors and debugging")."""

    error: ClassVar[type[errors.ProviderError]] = errors.ServerError


@dataclass(frozen=True)
class Unavailable(StatusFault):
    """503: no capacity now. OpenRouter: no host meets the request's routing demands.

    Source: OpenAI "Error codes", 503; OpenRouter "Errors and debugging", 503.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.ServerError


@dataclass(frozen=True)
class GatewayTimeout(StatusFault):
    """504: the provider ran out of time. Anthropic: `timeout_error`.

    Source: Anthropic "Errors", 504; RFC 9110 15.6.5.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.RequestTimeoutError


@dataclass(frozen=True)
class Overloaded(StatusFault):
    """529: more work than the provider can take. Anthropic: `overloaded_error`; the others have 503 for it.

    Source: Anthropic "Errors", 529; OpenAI "Error codes", 503 "overloaded or slow down".
    """

    error: ClassVar[type[errors.ProviderError]] = errors.OverloadedError


@dataclass(frozen=True)
class Status(StatusFault):
    """Any other status, such as `Status(status=418)`; the body is the vendor's form for it.

    Source: RFC 9110 15.5 and 15.6; what the SDKs make of each, openai/_exceptions.py and anthropic/_exceptions.py.

    Args:
        status: 400 to 599.
        type: the vendor's error type. Default "api_error".
    """

    status: int = field(default=500, kw_only=True)
    type: str = field(default="api_error", kw_only=True)

    def __post_init__(self) -> None:
        """The status is one of an error.

        Raises:
            ValueError: it is none.
        """
        super().__post_init__()
        if not 400 <= self.status <= 599:  # noqa: PLR2004 - the range of error statuses, RFC 9110 15.5 and 15.6
            raise ValueError(f"Status(status={self.status!r}): give a status from 400 to 599")


STATUS_FAULTS: tuple[type[StatusFault], ...] = (
    BadRequest,
    ContextWindow,
    ContentPolicy,
    Conflict,
    RequestTooLarge,
    Unprocessable,
    Auth,
    Permission,
    NotFound,
    RequestTimeout,
    RateLimit,
    Quota,
    SpendLimit,
    ServerFailure,
    BadGateway,
    Unavailable,
    GatewayTimeout,
    Overloaded,
    Status,
)
