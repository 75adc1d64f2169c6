"""What each vendor writes when it refuses: a row for every status fault and vendor, and the error body made from it.

Bytes are made elsewhere; the provider door reads these rows as well, so that all doors tell the same facts. Sources:
openai/_exceptions.py; anthropic/_exceptions.py and anthropic/types/shared; OpenRouter "Errors and debugging".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from llmclient import errors
from llmclient.testing.faults.base import StatusFault
from llmclient.testing.faults.status import (
    Auth,
    BadGateway,
    BadRequest,
    Conflict,
    ContentPolicy,
    ContextWindow,
    GatewayTimeout,
    NotFound,
    Overloaded,
    Permission,
    Quota,
    RateLimit,
    RequestTimeout,
    RequestTooLarge,
    ServerFailure,
    SpendLimit,
    Status,
    Unavailable,
    Unprocessable,
)

Family: TypeAlias = Literal["openai", "anthropic", "openrouter"]
"""Whose wire format a provider speaks: every gateway speaks OpenAI's."""


def family_of(provider: str) -> Family:
    """The family of a provider's name."""
    if provider == "anthropic":
        return "anthropic"
    return "openrouter" if provider == "openrouter" else "openai"


Surfaces: TypeAlias = type[errors.ProviderError]
"""As which of our errors something surfaces."""


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """How one vendor writes one fault.

    Attributes:
        status: HTTP status.
        type: the body's error type; empty where the vendor has none (OpenRouter).
        code: the body's error code, None where it has none.
        message: the vendor's words; `{model}` is the model's name.
        error: our class for it, where it is not the fault's own.
    """

    status: int
    type: str
    code: str | None
    message: str
    error: Surfaces | None = None


_INVALID = "invalid_request_error"

OPENAI: dict[type[StatusFault], ErrorRow] = {
    BadRequest: ErrorRow(400, _INVALID, None, "Invalid value for a parameter of this request."),
    ContextWindow: ErrorRow(
        400,
        _INVALID,
        "context_length_exceeded",
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130112 tokens.",
    ),
    ContentPolicy: ErrorRow(
        400, _INVALID, "content_policy_violation", "Your request was rejected as a result of our safety system."
    ),
    Conflict: ErrorRow(409, _INVALID, None, "The resource was updated by another request."),
    RequestTooLarge: ErrorRow(413, _INVALID, None, "The request is too large."),
    Unprocessable: ErrorRow(422, _INVALID, None, "The request was well-formed and could not be processed."),
    Auth: ErrorRow(401, _INVALID, "invalid_api_key", "Incorrect API key provided."),
    Permission: ErrorRow(403, _INVALID, None, "You are not allowed to use this model."),
    NotFound: ErrorRow(
        404, _INVALID, "model_not_found", "The model `{model}` does not exist or you do not have access to it."
    ),
    RequestTimeout: ErrorRow(408, "timeout_error", None, "Timed out while waiting for the request."),
    RateLimit: ErrorRow(429, "requests", "rate_limit_exceeded", "Rate limit reached for {model} on requests per min."),
    Quota: ErrorRow(
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    SpendLimit: ErrorRow(
        429, "insufficient_quota", "insufficient_quota", "You have reached the spend limit of this organization."
    ),
    ServerFailure: ErrorRow(
        500, "server_error", None, "The server had an error while processing your request. Sorry about that!"
    ),
    BadGateway: ErrorRow(502, "server_error", None, "Bad gateway."),
    Unavailable: ErrorRow(503, "server_error", None, "The service is temporarily unavailable."),
    GatewayTimeout: ErrorRow(504, "server_error", None, "The server took too long to answer."),
    Overloaded: ErrorRow(
        503,
        "server_error",
        None,
        "The engine is currently overloaded, please try again later.",
        errors.ServerError,
    ),
}

ANTHROPIC: dict[type[StatusFault], ErrorRow] = {
    BadRequest: ErrorRow(400, _INVALID, None, "messages: the request is not valid"),
    ContextWindow: ErrorRow(400, _INVALID, None, "prompt is too long: 203045 tokens > 200000 maximum"),
    ContentPolicy: ErrorRow(400, _INVALID, None, "Output blocked by content filtering policy"),
    Conflict: ErrorRow(409, "conflict_error", None, "The resource was changed by another request."),
    RequestTooLarge: ErrorRow(413, "request_too_large", None, "Request exceeds the maximum size"),
    Unprocessable: ErrorRow(422, _INVALID, None, "The request could not be processed."),
    Auth: ErrorRow(401, "authentication_error", None, "invalid x-api-key"),
    Permission: ErrorRow(
        403, "permission_error", None, "Your API key does not have permission to use the specified resource."
    ),
    NotFound: ErrorRow(404, "not_found_error", None, "model: {model}"),
    RequestTimeout: ErrorRow(408, "timeout_error", None, "Timed out while waiting for the request."),
    RateLimit: ErrorRow(
        429,
        "rate_limit_error",
        None,
        "This request would exceed your organization's rate limit of 50 requests per minute.",
    ),
    Quota: ErrorRow(402, "billing_error", None, "Your credit balance is too low to access the Anthropic API."),
    SpendLimit: ErrorRow(
        429, "rate_limit_error", "enforced_spend_limit_reached", "You have reached your specified API usage limits."
    ),
    ServerFailure: ErrorRow(500, "api_error", None, "Internal server error"),
    BadGateway: ErrorRow(502, "api_error", None, "Bad gateway"),
    Unavailable: ErrorRow(503, "api_error", None, "Service unavailable"),
    GatewayTimeout: ErrorRow(504, "timeout_error", None, "Request timed out"),
    Overloaded: ErrorRow(529, "overloaded_error", None, "Overloaded"),
}

OPENROUTER: dict[type[StatusFault], ErrorRow] = {
    BadRequest: ErrorRow(400, "", "400", "Invalid request parameters"),
    ContextWindow: ErrorRow(
        400, "", "400", "This endpoint's maximum context length is 128000 tokens. However, you requested about 130112."
    ),
    ContentPolicy: ErrorRow(403, "", "403", "{model} requires moderation. Your input was flagged for: violence."),
    Conflict: ErrorRow(409, "", "409", "Conflict"),
    RequestTooLarge: ErrorRow(413, "", "413", "Request entity too large"),
    Unprocessable: ErrorRow(422, "", "422", "The request could not be processed"),
    Auth: ErrorRow(401, "", "401", "No auth credentials found"),
    Permission: ErrorRow(403, "", "403", "This key may not use this model"),
    NotFound: ErrorRow(404, "", "404", "No endpoints found for {model}."),
    RequestTimeout: ErrorRow(408, "", "408", "Your request timed out"),
    RateLimit: ErrorRow(429, "", "429", "Provider returned error"),
    Quota: ErrorRow(402, "", "402", "Insufficient credits. Add more using https://openrouter.ai/settings/credits"),
    SpendLimit: ErrorRow(402, "", "402", "This key has reached its spend limit."),
    ServerFailure: ErrorRow(500, "", "500", "Internal Server Error"),
    BadGateway: ErrorRow(502, "", "502", "Provider returned error"),
    Unavailable: ErrorRow(503, "", "503", "No available model provider meets your routing requirements"),
    GatewayTimeout: ErrorRow(504, "", "504", "The operation was aborted"),
    Overloaded: ErrorRow(503, "", "503", "Provider is overloaded", errors.ServerError),
}

ROWS: dict[Family, dict[type[StatusFault], ErrorRow]] = {
    "openai": OPENAI,
    "anthropic": ANTHROPIC,
    "openrouter": OPENROUTER,
}


def error_row(family: Family, fault: StatusFault, *, model: str = "") -> ErrorRow:
    """The row of `fault` at a vendor, with the fault's own words and code where it has any.

    Raises:
        LookupError: the fault's class has no row; a new fault gets one in each table.
    """
    if isinstance(fault, Status):
        message = fault.message or f"The server answered with status {fault.status}."
        kind = "" if family == "openrouter" else fault.type
        code = str(fault.status) if family == "openrouter" else fault.code
        return ErrorRow(fault.status, kind, code, message)
    row = ROWS[family].get(type(fault))
    if row is None:
        raise LookupError(f"fault {type(fault).__name__} has no row for {family}; add one in {__name__}")
    message = fault.message if fault.message is not None else row.message.format(model=model)
    return ErrorRow(row.status, row.type, fault.code or row.code, message, row.error)


def error_body(family: Family, fault: StatusFault, *, model: str = "", request_id: str = "") -> dict[str, object]:
    """The parsed body that the vendor sends for `fault`."""
    row = error_row(family, fault, model=model)
    if family == "anthropic":
        error: dict[str, object] = {"type": row.type, "message": row.message}
        if row.code is not None:
            error["details"] = {"error_code": row.code}
        return {"type": "error", "error": error, "request_id": request_id}
    if family == "openai":
        return {"error": {"message": row.message, "type": row.type, "param": None, "code": row.code}}
    code: object = int(row.code) if row.code is not None and row.code.isdigit() else row.code
    body: dict[str, object] = {"code": code, "message": row.message}
    if isinstance(fault, ContentPolicy):
        body["metadata"] = {
            "reasons": ["violence"],
            "flagged_input": "the flagged text",
            "provider_name": "OpenAI",
            "model_slug": model,
        }
    elif isinstance(fault, BadGateway | Overloaded | RateLimit | ServerFailure):
        body["metadata"] = {"provider_name": "OpenAI", "raw": row.message}
    return {"error": body, "user_id": "user_fake"}
