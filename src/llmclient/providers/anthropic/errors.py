"""Anthropic's errors as a table of rows, most telling first; what no row names goes by its HTTP status.

An error inside a 200 stream has no status of its own, and the SDK reports 200: its type stands for one. The code is
`error.details.error_code`, which is stable where the wording is not. Three things have neither type nor code of their
own and go by their text: a conversation too long for the model, a refusal by the content filter, and used-up credit.

Source: Anthropic's documentation, "Errors", and the error classes that anthropic 2.12 exports with their codes.
"""

from __future__ import annotations

from llmclient.errors import (
    ContentPolicyError,
    ContextWindowExceededError,
    OverloadedError,
    PermissionDeniedError,
    QuotaExceededError,
    RequestTimeoutError,
)
from llmclient.providers._errors import ErrorRow

CODE_ROWS: tuple[ErrorRow, ...] = (
    # 429, and yet no waiting mends them (fact 19)
    ErrorRow(code="contract_spend_limit_reached", error=QuotaExceededError),
    ErrorRow(code="enforced_spend_limit_reached", error=QuotaExceededError),
    # 400, and yet nothing is wrong with the request: this account may not send it, another may
    ErrorRow(code="organization_on_hold", error=PermissionDeniedError),
    ErrorRow(code="claude_code_key_creator_not_member", error=PermissionDeniedError),
    ErrorRow(code="cmek_key_disabled", error=PermissionDeniedError),
    ErrorRow(code="cmek_key_network_blocked", error=PermissionDeniedError),
    ErrorRow(code="request_body_timeout", error=RequestTimeoutError),
)

TEXT_ROWS: tuple[ErrorRow, ...] = tuple(
    ErrorRow(type=kind, text=text, error=error)
    for kind in ("invalid_request_error", "request_too_large")
    for text, error in (
        ("prompt is too long", ContextWindowExceededError),
        ("exceed context limit", ContextWindowExceededError),
        ("exceeds the context window", ContextWindowExceededError),
        ("content filtering policy", ContentPolicyError),
        ("credit balance is too low", QuotaExceededError),
    )
)

TYPE_ROWS: tuple[ErrorRow, ...] = (
    ErrorRow(type="overloaded_error", error=OverloadedError),
    ErrorRow(type="billing_error", error=QuotaExceededError),
    ErrorRow(type="timeout_error", error=RequestTimeoutError),
)
"""Types that say more than the status they may come with; every other type means what its status means."""

ERROR_ROWS: tuple[ErrorRow, ...] = (
    *CODE_ROWS,
    *TEXT_ROWS,
    *TYPE_ROWS,
)
"""Anthropic's own rows; `providers._errors.classify` adds those by status that all vendors share."""

STATUS_OF_TYPE: dict[str, int] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "memory_path_conflict_error": 409,
    "memory_precondition_failed_error": 412,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""The status that an error type stands for, where it comes inside a stream that began with 200."""
