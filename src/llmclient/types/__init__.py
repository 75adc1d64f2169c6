"""What crosses the wire: messages in (TypedDict), responses out (pydantic), and the values a call carries.

Names are imported when touched: the inputs and the policy values load without pydantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.types.cost import (
        Cost as Cost,
    )
    from llmclient.types.embeddings import Embedding as Embedding
    from llmclient.types.embeddings import EmbeddingInput as EmbeddingInput
    from llmclient.types.embeddings import EmbeddingParams as EmbeddingParams
    from llmclient.types.embeddings import EmbeddingRequest as EmbeddingRequest
    from llmclient.types.embeddings import EmbeddingResponse as EmbeddingResponse
    from llmclient.types.files import FileSource as FileSource
    from llmclient.types.files import UploadFile as UploadFile
    from llmclient.types.history import (
        normalize_messages as normalize_messages,
    )
    from llmclient.types.images import Image as Image
    from llmclient.types.images import ImageParams as ImageParams
    from llmclient.types.images import ImageRequest as ImageRequest
    from llmclient.types.images import ImageResponse as ImageResponse
    from llmclient.types.images import ImageUsage as ImageUsage
    from llmclient.types.messages import (
        AssistantMessage as AssistantMessage,
    )
    from llmclient.types.messages import (
        AssistantPart as AssistantPart,
    )
    from llmclient.types.messages import (
        AudioPart as AudioPart,
    )
    from llmclient.types.messages import (
        CacheControl as CacheControl,
    )
    from llmclient.types.messages import (
        ChatParams as ChatParams,
    )
    from llmclient.types.messages import (
        ContentPart as ContentPart,
    )
    from llmclient.types.messages import CustomCallParam as CustomCallParam
    from llmclient.types.messages import CustomToolCallParam as CustomToolCallParam
    from llmclient.types.messages import (
        DeveloperMessage as DeveloperMessage,
    )
    from llmclient.types.messages import (
        FileData as FileData,
    )
    from llmclient.types.messages import (
        FilePart as FilePart,
    )
    from llmclient.types.messages import (
        FunctionCallParam as FunctionCallParam,
    )
    from llmclient.types.messages import (
        FunctionDefinition as FunctionDefinition,
    )
    from llmclient.types.messages import (
        FunctionTool as FunctionTool,
    )
    from llmclient.types.messages import (
        ImagePart as ImagePart,
    )
    from llmclient.types.messages import (
        ImageURL as ImageURL,
    )
    from llmclient.types.messages import (
        InputAudio as InputAudio,
    )
    from llmclient.types.messages import (
        JSONObject as JSONObject,
    )
    from llmclient.types.messages import (
        MessageLike as MessageLike,
    )
    from llmclient.types.messages import (
        MessageParam as MessageParam,
    )
    from llmclient.types.messages import (
        Messages as Messages,
    )
    from llmclient.types.messages import (
        NamedFunction as NamedFunction,
    )
    from llmclient.types.messages import (
        NamedToolChoice as NamedToolChoice,
    )
    from llmclient.types.messages import (
        ReasoningEffort as ReasoningEffort,
    )
    from llmclient.types.messages import (
        RefusalPart as RefusalPart,
    )
    from llmclient.types.messages import (
        StreamOptions as StreamOptions,
    )
    from llmclient.types.messages import (
        SystemMessage as SystemMessage,
    )
    from llmclient.types.messages import (
        TextPart as TextPart,
    )
    from llmclient.types.messages import (
        ThinkingBlock as ThinkingBlock,
    )
    from llmclient.types.messages import (
        ToolCallParam as ToolCallParam,
    )
    from llmclient.types.messages import (
        ToolChoice as ToolChoice,
    )
    from llmclient.types.messages import (
        ToolMessage as ToolMessage,
    )
    from llmclient.types.messages import (
        ToolParam as ToolParam,
    )
    from llmclient.types.messages import (
        UserMessage as UserMessage,
    )
    from llmclient.types.models import ModelInfo as ModelInfo
    from llmclient.types.models import ModelList as ModelList
    from llmclient.types.models import ModelListRequest as ModelListRequest
    from llmclient.types.policy import (
        Attempt as Attempt,
    )
    from llmclient.types.policy import (
        Deployment as Deployment,
    )
    from llmclient.types.policy import (
        Timeouts as Timeouts,
    )
    from llmclient.types.reply import Reply as Reply
    from llmclient.types.reply import WireModel as WireModel
    from llmclient.types.request import (
        ChatRequest as ChatRequest,
    )
    from llmclient.types.request import Request as Request
    from llmclient.types.response import (
        CacheCreation as CacheCreation,
    )
    from llmclient.types.response import (
        Choice as Choice,
    )
    from llmclient.types.response import (
        CompletionTokensDetails as CompletionTokensDetails,
    )
    from llmclient.types.response import CustomCall as CustomCall
    from llmclient.types.response import (
        FunctionCall as FunctionCall,
    )
    from llmclient.types.response import (
        Message as Message,
    )
    from llmclient.types.response import (
        ModelResponse as ModelResponse,
    )
    from llmclient.types.response import (
        PromptTokensDetails as PromptTokensDetails,
    )
    from llmclient.types.response import (
        ToolCall as ToolCall,
    )
    from llmclient.types.response import (
        Usage as Usage,
    )
    from llmclient.types.speech import Speech as Speech
    from llmclient.types.speech import SpeechFacts as SpeechFacts
    from llmclient.types.speech import SpeechParams as SpeechParams
    from llmclient.types.speech import SpeechRequest as SpeechRequest
    from llmclient.types.speech import SyncSpeech as SyncSpeech
    from llmclient.types.stream import (
        ChunkChoice as ChunkChoice,
    )
    from llmclient.types.stream import CustomCallDelta as CustomCallDelta
    from llmclient.types.stream import (
        Delta as Delta,
    )
    from llmclient.types.stream import (
        FunctionCallDelta as FunctionCallDelta,
    )
    from llmclient.types.stream import (
        StreamChunk as StreamChunk,
    )
    from llmclient.types.stream import (
        ToolCallDelta as ToolCallDelta,
    )
    from llmclient.types.transcription import TranscriptionParams as TranscriptionParams
    from llmclient.types.transcription import TranscriptionRequest as TranscriptionRequest
    from llmclient.types.transcription import TranscriptionResponse as TranscriptionResponse
    from llmclient.types.transcription import TranscriptionSegment as TranscriptionSegment
    from llmclient.types.transcription import TranscriptionWord as TranscriptionWord
    from llmclient.types.vendor_params import AnthropicParams as AnthropicParams
    from llmclient.types.vendor_params import OpenAIParams as OpenAIParams
    from llmclient.types.vendor_params import OpenRouterParams as OpenRouterParams

__all__ = [
    "AnthropicParams",
    "AssistantMessage",
    "AssistantPart",
    "Attempt",
    "AudioPart",
    "CacheControl",
    "CacheCreation",
    "ChatParams",
    "ChatRequest",
    "Choice",
    "ChunkChoice",
    "CompletionTokensDetails",
    "ContentPart",
    "Cost",
    "CustomCall",
    "CustomCallDelta",
    "CustomCallParam",
    "CustomToolCallParam",
    "Delta",
    "Deployment",
    "DeveloperMessage",
    "Embedding",
    "EmbeddingInput",
    "EmbeddingParams",
    "EmbeddingRequest",
    "EmbeddingResponse",
    "FileData",
    "FilePart",
    "FileSource",
    "FunctionCall",
    "FunctionCallDelta",
    "FunctionCallParam",
    "FunctionDefinition",
    "FunctionTool",
    "Image",
    "ImageParams",
    "ImagePart",
    "ImageRequest",
    "ImageResponse",
    "ImageURL",
    "ImageUsage",
    "InputAudio",
    "JSONObject",
    "Message",
    "MessageLike",
    "MessageParam",
    "Messages",
    "ModelInfo",
    "ModelList",
    "ModelListRequest",
    "ModelResponse",
    "NamedFunction",
    "NamedToolChoice",
    "OpenAIParams",
    "OpenRouterParams",
    "PromptTokensDetails",
    "ReasoningEffort",
    "RefusalPart",
    "Reply",
    "Request",
    "Speech",
    "SpeechFacts",
    "SpeechParams",
    "SpeechRequest",
    "StreamChunk",
    "StreamOptions",
    "SyncSpeech",
    "SystemMessage",
    "TextPart",
    "ThinkingBlock",
    "Timeouts",
    "ToolCall",
    "ToolCallDelta",
    "ToolCallParam",
    "ToolChoice",
    "ToolMessage",
    "ToolParam",
    "TranscriptionParams",
    "TranscriptionRequest",
    "TranscriptionResponse",
    "TranscriptionSegment",
    "TranscriptionWord",
    "UploadFile",
    "Usage",
    "UserMessage",
    "WireModel",
    "normalize_messages",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "AnthropicParams": "llmclient.types.vendor_params",
        "AssistantMessage": "llmclient.types.messages",
        "AssistantPart": "llmclient.types.messages",
        "Attempt": "llmclient.types.policy",
        "AudioPart": "llmclient.types.messages",
        "CacheControl": "llmclient.types.messages",
        "CacheCreation": "llmclient.types.response",
        "ChatParams": "llmclient.types.messages",
        "ChatRequest": "llmclient.types.request",
        "Choice": "llmclient.types.response",
        "ChunkChoice": "llmclient.types.stream",
        "CompletionTokensDetails": "llmclient.types.response",
        "ContentPart": "llmclient.types.messages",
        "Cost": "llmclient.types.cost",
        "CustomCall": "llmclient.types.response",
        "CustomCallDelta": "llmclient.types.stream",
        "CustomCallParam": "llmclient.types.messages",
        "CustomToolCallParam": "llmclient.types.messages",
        "Delta": "llmclient.types.stream",
        "Deployment": "llmclient.types.policy",
        "DeveloperMessage": "llmclient.types.messages",
        "Embedding": "llmclient.types.embeddings",
        "EmbeddingInput": "llmclient.types.embeddings",
        "EmbeddingParams": "llmclient.types.embeddings",
        "EmbeddingRequest": "llmclient.types.embeddings",
        "EmbeddingResponse": "llmclient.types.embeddings",
        "FileData": "llmclient.types.messages",
        "FilePart": "llmclient.types.messages",
        "FileSource": "llmclient.types.files",
        "FunctionCall": "llmclient.types.response",
        "FunctionCallDelta": "llmclient.types.stream",
        "FunctionCallParam": "llmclient.types.messages",
        "FunctionDefinition": "llmclient.types.messages",
        "FunctionTool": "llmclient.types.messages",
        "Image": "llmclient.types.images",
        "ImageParams": "llmclient.types.images",
        "ImagePart": "llmclient.types.messages",
        "ImageRequest": "llmclient.types.images",
        "ImageResponse": "llmclient.types.images",
        "ImageURL": "llmclient.types.messages",
        "ImageUsage": "llmclient.types.images",
        "InputAudio": "llmclient.types.messages",
        "JSONObject": "llmclient.types.messages",
        "Message": "llmclient.types.response",
        "MessageLike": "llmclient.types.messages",
        "MessageParam": "llmclient.types.messages",
        "Messages": "llmclient.types.messages",
        "ModelInfo": "llmclient.types.models",
        "ModelList": "llmclient.types.models",
        "ModelListRequest": "llmclient.types.models",
        "ModelResponse": "llmclient.types.response",
        "NamedFunction": "llmclient.types.messages",
        "NamedToolChoice": "llmclient.types.messages",
        "OpenAIParams": "llmclient.types.vendor_params",
        "OpenRouterParams": "llmclient.types.vendor_params",
        "PromptTokensDetails": "llmclient.types.response",
        "ReasoningEffort": "llmclient.types.messages",
        "RefusalPart": "llmclient.types.messages",
        "Reply": "llmclient.types.reply",
        "Request": "llmclient.types.request",
        "Speech": "llmclient.types.speech",
        "SpeechFacts": "llmclient.types.speech",
        "SpeechParams": "llmclient.types.speech",
        "SpeechRequest": "llmclient.types.speech",
        "StreamChunk": "llmclient.types.stream",
        "StreamOptions": "llmclient.types.messages",
        "SyncSpeech": "llmclient.types.speech",
        "SystemMessage": "llmclient.types.messages",
        "TextPart": "llmclient.types.messages",
        "ThinkingBlock": "llmclient.types.messages",
        "Timeouts": "llmclient.types.policy",
        "ToolCall": "llmclient.types.response",
        "ToolCallDelta": "llmclient.types.stream",
        "ToolCallParam": "llmclient.types.messages",
        "ToolChoice": "llmclient.types.messages",
        "ToolMessage": "llmclient.types.messages",
        "ToolParam": "llmclient.types.messages",
        "TranscriptionParams": "llmclient.types.transcription",
        "TranscriptionRequest": "llmclient.types.transcription",
        "TranscriptionResponse": "llmclient.types.transcription",
        "TranscriptionSegment": "llmclient.types.transcription",
        "TranscriptionWord": "llmclient.types.transcription",
        "UploadFile": "llmclient.types.files",
        "Usage": "llmclient.types.response",
        "UserMessage": "llmclient.types.messages",
        "WireModel": "llmclient.types.reply",
        "normalize_messages": "llmclient.types.history",
    },
)
