"""What crosses the wire: messages in (TypedDict), responses out (pydantic), and the values a call carries.

Names are imported when touched: the inputs and the policy values load without pydantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import lazy_exports

if TYPE_CHECKING:
    from llmclient.types.cost import (
        Cost as Cost,
    )
    from llmclient.types.history import (
        normalize_messages as normalize_messages,
    )
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
    from llmclient.types.policy import (
        Attempt as Attempt,
    )
    from llmclient.types.policy import (
        Deployment as Deployment,
    )
    from llmclient.types.policy import (
        Timeouts as Timeouts,
    )
    from llmclient.types.request import (
        ChatRequest as ChatRequest,
    )
    from llmclient.types.response import (
        CacheCreation as CacheCreation,
    )
    from llmclient.types.response import (
        Choice as Choice,
    )
    from llmclient.types.response import (
        CompletionTokensDetails as CompletionTokensDetails,
    )
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
    from llmclient.types.response import (
        WireModel as WireModel,
    )
    from llmclient.types.stream import (
        ChunkChoice as ChunkChoice,
    )
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

__all__ = [
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
    "Delta",
    "Deployment",
    "DeveloperMessage",
    "FileData",
    "FilePart",
    "FunctionCall",
    "FunctionCallDelta",
    "FunctionCallParam",
    "FunctionDefinition",
    "FunctionTool",
    "ImagePart",
    "ImageURL",
    "InputAudio",
    "JSONObject",
    "Message",
    "MessageLike",
    "MessageParam",
    "Messages",
    "ModelResponse",
    "NamedFunction",
    "NamedToolChoice",
    "PromptTokensDetails",
    "ReasoningEffort",
    "RefusalPart",
    "StreamChunk",
    "StreamOptions",
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
    "Usage",
    "UserMessage",
    "WireModel",
    "normalize_messages",
]

__getattr__ = lazy_exports(
    __name__,
    {
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
        "Delta": "llmclient.types.stream",
        "Deployment": "llmclient.types.policy",
        "DeveloperMessage": "llmclient.types.messages",
        "FileData": "llmclient.types.messages",
        "FilePart": "llmclient.types.messages",
        "FunctionCall": "llmclient.types.response",
        "FunctionCallDelta": "llmclient.types.stream",
        "FunctionCallParam": "llmclient.types.messages",
        "FunctionDefinition": "llmclient.types.messages",
        "FunctionTool": "llmclient.types.messages",
        "ImagePart": "llmclient.types.messages",
        "ImageURL": "llmclient.types.messages",
        "InputAudio": "llmclient.types.messages",
        "JSONObject": "llmclient.types.messages",
        "Message": "llmclient.types.response",
        "MessageLike": "llmclient.types.messages",
        "MessageParam": "llmclient.types.messages",
        "Messages": "llmclient.types.messages",
        "ModelResponse": "llmclient.types.response",
        "NamedFunction": "llmclient.types.messages",
        "NamedToolChoice": "llmclient.types.messages",
        "PromptTokensDetails": "llmclient.types.response",
        "ReasoningEffort": "llmclient.types.messages",
        "RefusalPart": "llmclient.types.messages",
        "StreamChunk": "llmclient.types.stream",
        "StreamOptions": "llmclient.types.messages",
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
        "Usage": "llmclient.types.response",
        "UserMessage": "llmclient.types.messages",
        "WireModel": "llmclient.types.response",
        "normalize_messages": "llmclient.types.history",
    },
)
