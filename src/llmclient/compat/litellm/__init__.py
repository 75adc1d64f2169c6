"""LiteLLM's names over this library: `from llmclient.compat import litellm`, or `install()` and `import litellm`.

Importing this loads no SDK and no pydantic: a name is fetched from its room when it is first touched. Attributes that
are settings (`drop_params`, `callbacks`, …) are listed in `_settings`; what only LiteLLM has raises and names
its replacement. `docs/leaving-litellm.md` has the table of every name and every difference.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from llmclient.compat.litellm._module import LayerModule, NotInLayerError
from llmclient.compat.litellm._settings import REFUSED, defaults

if TYPE_CHECKING:
    from llmclient.compat.litellm._callbacks import logging_callback_manager as logging_callback_manager
    from llmclient.compat.litellm._completion import acompletion as acompletion
    from llmclient.compat.litellm._completion import completion as completion
    from llmclient.compat.litellm._counting import token_counter as token_counter
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
    from llmclient.compat.litellm._install import install as install
    from llmclient.compat.litellm._install import uninstall as uninstall
    from llmclient.compat.litellm._join import stream_chunk_builder as stream_chunk_builder
    from llmclient.compat.litellm._media import aembedding as aembedding
    from llmclient.compat.litellm._media import aimage_generation as aimage_generation
    from llmclient.compat.litellm._media import aspeech as aspeech
    from llmclient.compat.litellm._media import atranscription as atranscription
    from llmclient.compat.litellm._media import embedding as embedding
    from llmclient.compat.litellm._media import image_generation as image_generation
    from llmclient.compat.litellm._media import speech as speech
    from llmclient.compat.litellm._media import transcription as transcription
    from llmclient.compat.litellm._models import get_llm_provider as get_llm_provider
    from llmclient.compat.litellm._models import get_max_tokens as get_max_tokens
    from llmclient.compat.litellm._models import get_model_info as get_model_info
    from llmclient.compat.litellm._models import get_supported_openai_params as get_supported_openai_params
    from llmclient.compat.litellm._models import model_cost as model_cost
    from llmclient.compat.litellm._models import register_model as register_model
    from llmclient.compat.litellm._models import supports_assistant_prefill as supports_assistant_prefill
    from llmclient.compat.litellm._models import supports_audio_input as supports_audio_input
    from llmclient.compat.litellm._models import supports_audio_output as supports_audio_output
    from llmclient.compat.litellm._models import supports_computer_use as supports_computer_use
    from llmclient.compat.litellm._models import supports_embedding_image_input as supports_embedding_image_input
    from llmclient.compat.litellm._models import supports_function_calling as supports_function_calling
    from llmclient.compat.litellm._models import supports_native_streaming as supports_native_streaming
    from llmclient.compat.litellm._models import (
        supports_parallel_function_calling as supports_parallel_function_calling,
    )
    from llmclient.compat.litellm._models import supports_pdf_input as supports_pdf_input
    from llmclient.compat.litellm._models import supports_prompt_caching as supports_prompt_caching
    from llmclient.compat.litellm._models import supports_reasoning as supports_reasoning
    from llmclient.compat.litellm._models import supports_response_schema as supports_response_schema
    from llmclient.compat.litellm._models import supports_system_messages as supports_system_messages
    from llmclient.compat.litellm._models import supports_tool_choice as supports_tool_choice
    from llmclient.compat.litellm._models import supports_url_context as supports_url_context
    from llmclient.compat.litellm._models import supports_vision as supports_vision
    from llmclient.compat.litellm._models import supports_web_search as supports_web_search
    from llmclient.compat.litellm._pricing import completion_cost as completion_cost
    from llmclient.compat.litellm._pricing import cost_per_token as cost_per_token
    from llmclient.compat.litellm._responses import Choices as Choices
    from llmclient.compat.litellm._responses import Delta as Delta
    from llmclient.compat.litellm._responses import EmbeddingResponse as EmbeddingResponse
    from llmclient.compat.litellm._responses import ImageResponse as ImageResponse
    from llmclient.compat.litellm._responses import LlmProviders as LlmProviders
    from llmclient.compat.litellm._responses import Message as Message
    from llmclient.compat.litellm._responses import ModelResponse as ModelResponse
    from llmclient.compat.litellm._responses import ModelResponseStream as ModelResponseStream
    from llmclient.compat.litellm._responses import StreamingChoices as StreamingChoices
    from llmclient.compat.litellm._responses import TranscriptionResponse as TranscriptionResponse
    from llmclient.compat.litellm._router import Router as Router
    from llmclient.compat.litellm._router_options import AllowedFailsPolicy as AllowedFailsPolicy
    from llmclient.compat.litellm._router_options import RetryPolicy as RetryPolicy
    from llmclient.compat.litellm._stream import CustomStreamWrapper as CustomStreamWrapper
    from llmclient.compat.litellm._usage import Usage as Usage
    from llmclient.compat.litellm.integrations.custom_logger import CustomLogger as CustomLogger

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "AllowedFailsPolicy",
    "AuthenticationError",
    "BadGatewayError",
    "BadRequestError",
    "BudgetExceededError",
    "Choices",
    "ContentPolicyViolationError",
    "ContextWindowExceededError",
    "CustomLogger",
    "CustomStreamWrapper",
    "Delta",
    "EmbeddingResponse",
    "ImageResponse",
    "InternalServerError",
    "InvalidRequestError",
    "JSONSchemaValidationError",
    "LlmProviders",
    "Message",
    "ModelResponse",
    "ModelResponseStream",
    "NotFoundError",
    "OpenAIError",
    "PermissionDeniedError",
    "RateLimitError",
    "RetryPolicy",
    "Router",
    "ServiceUnavailableError",
    "StreamingChoices",
    "Timeout",
    "TranscriptionResponse",
    "UnprocessableEntityError",
    "UnsupportedParamsError",
    "Usage",
    "acompletion",
    "aembedding",
    "aimage_generation",
    "aspeech",
    "atranscription",
    "completion",
    "completion_cost",
    "cost_per_token",
    "embedding",
    "get_llm_provider",
    "get_max_tokens",
    "get_model_info",
    "get_supported_openai_params",
    "image_generation",
    "install",
    "logging_callback_manager",
    "model_cost",
    "register_model",
    "speech",
    "stream_chunk_builder",
    "supports_assistant_prefill",
    "supports_audio_input",
    "supports_audio_output",
    "supports_computer_use",
    "supports_embedding_image_input",
    "supports_function_calling",
    "supports_native_streaming",
    "supports_parallel_function_calling",
    "supports_pdf_input",
    "supports_prompt_caching",
    "supports_reasoning",
    "supports_response_schema",
    "supports_system_messages",
    "supports_tool_choice",
    "supports_url_context",
    "supports_vision",
    "supports_web_search",
    "token_counter",
    "transcription",
    "uninstall",
]

_TABLE = {
    "APIConnectionError": "llmclient.compat.litellm._errors",
    "APIError": "llmclient.compat.litellm._errors",
    "APIResponseValidationError": "llmclient.compat.litellm._errors",
    "AllowedFailsPolicy": "llmclient.compat.litellm._router_options",
    "AuthenticationError": "llmclient.compat.litellm._errors",
    "BadGatewayError": "llmclient.compat.litellm._errors",
    "BadRequestError": "llmclient.compat.litellm._errors",
    "BudgetExceededError": "llmclient.compat.litellm._errors",
    "Choices": "llmclient.compat.litellm._responses",
    "ContentPolicyViolationError": "llmclient.compat.litellm._errors",
    "ContextWindowExceededError": "llmclient.compat.litellm._errors",
    "CustomLogger": "llmclient.compat.litellm.integrations.custom_logger",
    "CustomStreamWrapper": "llmclient.compat.litellm._stream",
    "Delta": "llmclient.compat.litellm._responses",
    "EmbeddingResponse": "llmclient.compat.litellm._responses",
    "ImageResponse": "llmclient.compat.litellm._responses",
    "InternalServerError": "llmclient.compat.litellm._errors",
    "InvalidRequestError": "llmclient.compat.litellm._errors",
    "JSONSchemaValidationError": "llmclient.compat.litellm._errors",
    "LlmProviders": "llmclient.compat.litellm._responses",
    "Message": "llmclient.compat.litellm._responses",
    "ModelResponse": "llmclient.compat.litellm._responses",
    "ModelResponseStream": "llmclient.compat.litellm._responses",
    "NotFoundError": "llmclient.compat.litellm._errors",
    "OpenAIError": "llmclient.compat.litellm._errors",
    "PermissionDeniedError": "llmclient.compat.litellm._errors",
    "RateLimitError": "llmclient.compat.litellm._errors",
    "RetryPolicy": "llmclient.compat.litellm._router_options",
    "Router": "llmclient.compat.litellm._router",
    "ServiceUnavailableError": "llmclient.compat.litellm._errors",
    "StreamingChoices": "llmclient.compat.litellm._responses",
    "Timeout": "llmclient.compat.litellm._errors",
    "TranscriptionResponse": "llmclient.compat.litellm._responses",
    "UnprocessableEntityError": "llmclient.compat.litellm._errors",
    "UnsupportedParamsError": "llmclient.compat.litellm._errors",
    "Usage": "llmclient.compat.litellm._usage",
    "acompletion": "llmclient.compat.litellm._completion",
    "aembedding": "llmclient.compat.litellm._media",
    "aimage_generation": "llmclient.compat.litellm._media",
    "aspeech": "llmclient.compat.litellm._media",
    "atranscription": "llmclient.compat.litellm._media",
    "completion": "llmclient.compat.litellm._completion",
    "completion_cost": "llmclient.compat.litellm._pricing",
    "cost_per_token": "llmclient.compat.litellm._pricing",
    "embedding": "llmclient.compat.litellm._media",
    "get_llm_provider": "llmclient.compat.litellm._models",
    "get_max_tokens": "llmclient.compat.litellm._models",
    "get_model_info": "llmclient.compat.litellm._models",
    "get_supported_openai_params": "llmclient.compat.litellm._models",
    "image_generation": "llmclient.compat.litellm._media",
    "install": "llmclient.compat.litellm._install",
    "logging_callback_manager": "llmclient.compat.litellm._callbacks",
    "model_cost": "llmclient.compat.litellm._models",
    "register_model": "llmclient.compat.litellm._models",
    "speech": "llmclient.compat.litellm._media",
    "stream_chunk_builder": "llmclient.compat.litellm._join",
    "supports_assistant_prefill": "llmclient.compat.litellm._models",
    "supports_audio_input": "llmclient.compat.litellm._models",
    "supports_audio_output": "llmclient.compat.litellm._models",
    "supports_computer_use": "llmclient.compat.litellm._models",
    "supports_embedding_image_input": "llmclient.compat.litellm._models",
    "supports_function_calling": "llmclient.compat.litellm._models",
    "supports_native_streaming": "llmclient.compat.litellm._models",
    "supports_parallel_function_calling": "llmclient.compat.litellm._models",
    "supports_pdf_input": "llmclient.compat.litellm._models",
    "supports_prompt_caching": "llmclient.compat.litellm._models",
    "supports_reasoning": "llmclient.compat.litellm._models",
    "supports_response_schema": "llmclient.compat.litellm._models",
    "supports_system_messages": "llmclient.compat.litellm._models",
    "supports_tool_choice": "llmclient.compat.litellm._models",
    "supports_url_context": "llmclient.compat.litellm._models",
    "supports_vision": "llmclient.compat.litellm._models",
    "supports_web_search": "llmclient.compat.litellm._models",
    "token_counter": "llmclient.compat.litellm._counting",
    "transcription": "llmclient.compat.litellm._media",
    "uninstall": "llmclient.compat.litellm._install",
}

_SUBMODULES = frozenset(
    {
        "_logging",
        "cost_calculator",
        "exceptions",
        "files",
        "integrations",
        "litellm_core_utils",
        "llms",
        "main",
        "router",
        "types",
        "utils",
    }
)


def __getattr__(name: str) -> object:
    module = _TABLE.get(name)
    if module is not None:
        value: object = getattr(import_module(module), name)
        globals()[name] = value
        return value
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise NotInLayerError(name, REFUSED.get(name, ""))


globals().update(defaults())
sys.modules[__name__].__class__ = LayerModule
