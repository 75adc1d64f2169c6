"""What OpenAI's error codes, and those of the hosts that speak its dialect, mean.

Source: OpenAI API reference, error codes; recorded answers of the hosts. Rows by text stand last: they serve hosts
that send nothing but a sentence.
"""

from __future__ import annotations

from llmclient.errors import (
    AuthenticationError,
    ContentPolicyError,
    ContextWindowExceededError,
    NotFoundError,
    OverloadedError,
    QuotaExceededError,
    RateLimitError,
    RequestTimeoutError,
)
from llmclient.providers._errors import ErrorRow

OPENAI_ROWS: tuple[ErrorRow, ...] = (
    ErrorRow(code="context_length_exceeded", error=ContextWindowExceededError),
    ErrorRow(code="content_policy_violation", error=ContentPolicyError),
    ErrorRow(code="content_filter", error=ContentPolicyError),
    ErrorRow(code="insufficient_quota", error=QuotaExceededError),
    ErrorRow(type="insufficient_quota", error=QuotaExceededError),
    ErrorRow(code="billing_hard_limit_reached", error=QuotaExceededError),
    ErrorRow(code="billing_not_active", error=QuotaExceededError),
    ErrorRow(code="invalid_api_key", error=AuthenticationError),
    ErrorRow(code="model_not_found", error=NotFoundError),
    # Inside a stream there is no status: the type has to do.
    ErrorRow(status=None, code="rate_limit_exceeded", error=RateLimitError),
    ErrorRow(type="rate_limit_error", error=RateLimitError),
    ErrorRow(type="overloaded_error", error=OverloadedError),
    ErrorRow(type="timeout_error", error=RequestTimeoutError),
    ErrorRow(status=400, text="maximum context length", error=ContextWindowExceededError),
    ErrorRow(status=400, text="context window", error=ContextWindowExceededError),
    ErrorRow(status=413, text="context", error=ContextWindowExceededError),
)
