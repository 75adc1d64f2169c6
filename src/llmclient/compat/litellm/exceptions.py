"""LiteLLM's exception classes, built when the first is touched: they stand under openai's, and that loads the SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.compat.litellm._errors import APIConnectionError as APIConnectionError
    from llmclient.compat.litellm._errors import APIError as APIError
    from llmclient.compat.litellm._errors import APIResponseValidationError as APIResponseValidationError
    from llmclient.compat.litellm._errors import AuthenticationError as AuthenticationError
    from llmclient.compat.litellm._errors import BadGatewayError as BadGatewayError
    from llmclient.compat.litellm._errors import BadRequestError as BadRequestError
    from llmclient.compat.litellm._errors import BudgetExceededError as BudgetExceededError
    from llmclient.compat.litellm._errors import ContentPolicyViolationError as ContentPolicyViolationError
    from llmclient.compat.litellm._errors import ContextWindowExceededError as ContextWindowExceededError
    from llmclient.compat.litellm._errors import InternalServerError as InternalServerError
    from llmclient.compat.litellm._errors import InvalidRequestError as InvalidRequestError
    from llmclient.compat.litellm._errors import JSONSchemaValidationError as JSONSchemaValidationError
    from llmclient.compat.litellm._errors import NotFoundError as NotFoundError
    from llmclient.compat.litellm._errors import OpenAIError as OpenAIError
    from llmclient.compat.litellm._errors import PermissionDeniedError as PermissionDeniedError
    from llmclient.compat.litellm._errors import RateLimitError as RateLimitError
    from llmclient.compat.litellm._errors import ServiceUnavailableError as ServiceUnavailableError
    from llmclient.compat.litellm._errors import Timeout as Timeout
    from llmclient.compat.litellm._errors import UnprocessableEntityError as UnprocessableEntityError
    from llmclient.compat.litellm._errors import UnsupportedParamsError as UnsupportedParamsError

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "AuthenticationError",
    "BadGatewayError",
    "BadRequestError",
    "BudgetExceededError",
    "ContentPolicyViolationError",
    "ContextWindowExceededError",
    "InternalServerError",
    "InvalidRequestError",
    "JSONSchemaValidationError",
    "NotFoundError",
    "OpenAIError",
    "PermissionDeniedError",
    "RateLimitError",
    "ServiceUnavailableError",
    "Timeout",
    "UnprocessableEntityError",
    "UnsupportedParamsError",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "APIConnectionError": "llmclient.compat.litellm._errors",
        "APIError": "llmclient.compat.litellm._errors",
        "APIResponseValidationError": "llmclient.compat.litellm._errors",
        "AuthenticationError": "llmclient.compat.litellm._errors",
        "BadGatewayError": "llmclient.compat.litellm._errors",
        "BadRequestError": "llmclient.compat.litellm._errors",
        "BudgetExceededError": "llmclient.compat.litellm._errors",
        "ContentPolicyViolationError": "llmclient.compat.litellm._errors",
        "ContextWindowExceededError": "llmclient.compat.litellm._errors",
        "InternalServerError": "llmclient.compat.litellm._errors",
        "InvalidRequestError": "llmclient.compat.litellm._errors",
        "JSONSchemaValidationError": "llmclient.compat.litellm._errors",
        "NotFoundError": "llmclient.compat.litellm._errors",
        "OpenAIError": "llmclient.compat.litellm._errors",
        "PermissionDeniedError": "llmclient.compat.litellm._errors",
        "RateLimitError": "llmclient.compat.litellm._errors",
        "ServiceUnavailableError": "llmclient.compat.litellm._errors",
        "Timeout": "llmclient.compat.litellm._errors",
        "UnprocessableEntityError": "llmclient.compat.litellm._errors",
        "UnsupportedParamsError": "llmclient.compat.litellm._errors",
    },
)
