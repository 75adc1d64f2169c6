"""LiteLLM's `utils`: response classes, counting, and what models can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.compat.litellm._counting import token_counter as token_counter
    from llmclient.compat.litellm._models import get_llm_provider as get_llm_provider
    from llmclient.compat.litellm._models import get_max_tokens as get_max_tokens
    from llmclient.compat.litellm._models import get_model_info as get_model_info
    from llmclient.compat.litellm._models import get_supported_openai_params as get_supported_openai_params
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
    from llmclient.compat.litellm._responses import ChatCompletionMessageToolCall as ChatCompletionMessageToolCall
    from llmclient.compat.litellm._responses import Choices as Choices
    from llmclient.compat.litellm._responses import Delta as Delta
    from llmclient.compat.litellm._responses import EmbeddingResponse as EmbeddingResponse
    from llmclient.compat.litellm._responses import Function as Function
    from llmclient.compat.litellm._responses import ImageResponse as ImageResponse
    from llmclient.compat.litellm._responses import Message as Message
    from llmclient.compat.litellm._responses import ModelResponse as ModelResponse
    from llmclient.compat.litellm._responses import ModelResponseStream as ModelResponseStream
    from llmclient.compat.litellm._responses import StreamingChoices as StreamingChoices
    from llmclient.compat.litellm._responses import TranscriptionResponse as TranscriptionResponse
    from llmclient.compat.litellm._stream import CustomStreamWrapper as CustomStreamWrapper
    from llmclient.compat.litellm._usage import Usage as Usage

__all__ = [
    "ChatCompletionMessageToolCall",
    "Choices",
    "CustomStreamWrapper",
    "Delta",
    "EmbeddingResponse",
    "Function",
    "ImageResponse",
    "Message",
    "ModelResponse",
    "ModelResponseStream",
    "StreamingChoices",
    "TranscriptionResponse",
    "Usage",
    "get_llm_provider",
    "get_max_tokens",
    "get_model_info",
    "get_supported_openai_params",
    "register_model",
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
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "ChatCompletionMessageToolCall": "llmclient.compat.litellm._responses",
        "Choices": "llmclient.compat.litellm._responses",
        "CustomStreamWrapper": "llmclient.compat.litellm._stream",
        "Delta": "llmclient.compat.litellm._responses",
        "EmbeddingResponse": "llmclient.compat.litellm._responses",
        "Function": "llmclient.compat.litellm._responses",
        "ImageResponse": "llmclient.compat.litellm._responses",
        "Message": "llmclient.compat.litellm._responses",
        "ModelResponse": "llmclient.compat.litellm._responses",
        "ModelResponseStream": "llmclient.compat.litellm._responses",
        "StreamingChoices": "llmclient.compat.litellm._responses",
        "TranscriptionResponse": "llmclient.compat.litellm._responses",
        "Usage": "llmclient.compat.litellm._usage",
        "get_llm_provider": "llmclient.compat.litellm._models",
        "get_max_tokens": "llmclient.compat.litellm._models",
        "get_model_info": "llmclient.compat.litellm._models",
        "get_supported_openai_params": "llmclient.compat.litellm._models",
        "register_model": "llmclient.compat.litellm._models",
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
    },
)
