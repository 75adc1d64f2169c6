"""LiteLLM's `types.utils`: response classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.compat.litellm._responses import ChatCompletionDeltaToolCall as ChatCompletionDeltaToolCall
    from llmclient.compat.litellm._responses import ChatCompletionMessageToolCall as ChatCompletionMessageToolCall
    from llmclient.compat.litellm._responses import Choices as Choices
    from llmclient.compat.litellm._responses import CostPerToken as CostPerToken
    from llmclient.compat.litellm._responses import Delta as Delta
    from llmclient.compat.litellm._responses import EmbeddingResponse as EmbeddingResponse
    from llmclient.compat.litellm._responses import Function as Function
    from llmclient.compat.litellm._responses import FunctionCall as FunctionCall
    from llmclient.compat.litellm._responses import ImageObject as ImageObject
    from llmclient.compat.litellm._responses import ImageResponse as ImageResponse
    from llmclient.compat.litellm._responses import LlmProviders as LlmProviders
    from llmclient.compat.litellm._responses import Message as Message
    from llmclient.compat.litellm._responses import ModelInfo as ModelInfo
    from llmclient.compat.litellm._responses import ModelResponse as ModelResponse
    from llmclient.compat.litellm._responses import ModelResponseStream as ModelResponseStream
    from llmclient.compat.litellm._responses import StreamingChoices as StreamingChoices
    from llmclient.compat.litellm._responses import TranscriptionResponse as TranscriptionResponse
    from llmclient.compat.litellm._usage import CompletionTokensDetailsWrapper as CompletionTokensDetailsWrapper
    from llmclient.compat.litellm._usage import PromptTokensDetailsWrapper as PromptTokensDetailsWrapper
    from llmclient.compat.litellm._usage import Usage as Usage

__all__ = [
    "ChatCompletionDeltaToolCall",
    "ChatCompletionMessageToolCall",
    "Choices",
    "CompletionTokensDetailsWrapper",
    "CostPerToken",
    "Delta",
    "EmbeddingResponse",
    "Function",
    "FunctionCall",
    "ImageObject",
    "ImageResponse",
    "LlmProviders",
    "Message",
    "ModelInfo",
    "ModelResponse",
    "ModelResponseStream",
    "PromptTokensDetailsWrapper",
    "StreamingChoices",
    "TranscriptionResponse",
    "Usage",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "ChatCompletionDeltaToolCall": "llmclient.compat.litellm._responses",
        "ChatCompletionMessageToolCall": "llmclient.compat.litellm._responses",
        "Choices": "llmclient.compat.litellm._responses",
        "CompletionTokensDetailsWrapper": "llmclient.compat.litellm._usage",
        "CostPerToken": "llmclient.compat.litellm._responses",
        "Delta": "llmclient.compat.litellm._responses",
        "EmbeddingResponse": "llmclient.compat.litellm._responses",
        "Function": "llmclient.compat.litellm._responses",
        "FunctionCall": "llmclient.compat.litellm._responses",
        "ImageObject": "llmclient.compat.litellm._responses",
        "ImageResponse": "llmclient.compat.litellm._responses",
        "LlmProviders": "llmclient.compat.litellm._responses",
        "Message": "llmclient.compat.litellm._responses",
        "ModelInfo": "llmclient.compat.litellm._responses",
        "ModelResponse": "llmclient.compat.litellm._responses",
        "ModelResponseStream": "llmclient.compat.litellm._responses",
        "PromptTokensDetailsWrapper": "llmclient.compat.litellm._usage",
        "StreamingChoices": "llmclient.compat.litellm._responses",
        "TranscriptionResponse": "llmclient.compat.litellm._responses",
        "Usage": "llmclient.compat.litellm._usage",
    },
)
