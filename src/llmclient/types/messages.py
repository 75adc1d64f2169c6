"""What goes in: messages, tools and the parameters of a chat call, in OpenAI's shape.

These are `TypedDict`s: plain dictionaries at run time, checked by type checkers, without a cost. A conversation may
also be a bare string (one user message) or hold objects with the same attributes, such as a `Message` of a response
or one of an SDK's; `llmclient.types.history` turns all of them into plain dictionaries.

Two kinds of content come from Anthropic and have no OpenAI counterpart: `cache_control` on a part, and the
`thinking_blocks` of an assistant message, which must go back to the model exactly as they came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, Required, TypeAlias, TypedDict, runtime_checkable

from llmclient.types.vendor_params import AnthropicParams, OpenAIParams, OpenRouterParams

if TYPE_CHECKING:
    from llmclient.types.policy import RetryPolicy, Timeouts

JSONObject: TypeAlias = dict[str, object]
"""A parsed JSON object. Its values are `object`: narrow before use."""


class CacheControl(TypedDict, total=False):
    """Marks the end of a prefix that Anthropic caches (Anthropic documentation, prompt caching)."""

    type: Required[Literal["ephemeral"]]
    ttl: Literal["5m", "1h"]


class TextPart(TypedDict, total=False):
    type: Required[Literal["text"]]
    text: Required[str]
    cache_control: CacheControl


class ImageURL(TypedDict, total=False):
    """`url` is an https URL or a `data:image/png;base64,…` URL."""

    url: Required[str]
    detail: Literal["auto", "low", "high"]


class ImagePart(TypedDict, total=False):
    type: Required[Literal["image_url"]]
    image_url: Required[ImageURL]
    cache_control: CacheControl


class InputAudio(TypedDict):
    """`data` is base64."""

    data: str
    format: Literal["wav", "mp3"]


class AudioPart(TypedDict):
    type: Literal["input_audio"]
    input_audio: InputAudio


class FileData(TypedDict, total=False):
    """`file_id` of an uploaded file, or `file_data` (a `data:application/pdf;base64,…` URL) with a `filename`."""

    file_data: str
    file_id: str
    filename: str


class FilePart(TypedDict, total=False):
    type: Required[Literal["file"]]
    file: Required[FileData]
    cache_control: CacheControl


class RefusalPart(TypedDict):
    type: Literal["refusal"]
    refusal: str


ContentPart: TypeAlias = TextPart | ImagePart | AudioPart | FilePart
AssistantPart: TypeAlias = TextPart | RefusalPart


class FunctionCallParam(TypedDict):
    """`arguments` is JSON text, as the model wrote it."""

    name: str
    arguments: str


class ToolCallParam(TypedDict):
    id: str
    type: Literal["function"]
    function: FunctionCallParam


class CustomCallParam(TypedDict):
    """`input` is the free text that the model wrote."""

    name: str
    input: str


class CustomToolCallParam(TypedDict):
    """A call of a custom tool (OpenAI)."""

    id: str
    type: Literal["custom"]
    custom: CustomCallParam


class ThinkingBlock(TypedDict, total=False):
    """A thinking block of Anthropic's: `thinking` with its `signature`, or `redacted_thinking` with `data`."""

    type: Required[Literal["thinking", "redacted_thinking"]]
    thinking: str
    signature: str
    data: str


class SystemMessage(TypedDict, total=False):
    role: Required[Literal["system"]]
    content: Required[str | Sequence[TextPart]]
    name: str
    cache_control: CacheControl


class DeveloperMessage(TypedDict, total=False):
    role: Required[Literal["developer"]]
    content: Required[str | Sequence[TextPart]]
    name: str
    cache_control: CacheControl


class UserMessage(TypedDict, total=False):
    role: Required[Literal["user"]]
    content: Required[str | Sequence[ContentPart]]
    name: str
    cache_control: CacheControl


class AssistantMessage(TypedDict, total=False):
    role: Required[Literal["assistant"]]
    content: str | Sequence[AssistantPart] | None
    name: str
    refusal: str | None
    tool_calls: Sequence[ToolCallParam | CustomToolCallParam] | None
    reasoning_content: str | None
    reasoning_details: Sequence[Mapping[str, object]] | None
    thinking_blocks: Sequence[ThinkingBlock] | None
    cache_control: CacheControl


class ToolMessage(TypedDict, total=False):
    """The result of a tool call. `is_error` tells Anthropic that the tool failed; others do not have it."""

    role: Required[Literal["tool"]]
    content: Required[str | Sequence[TextPart | ImagePart]]
    tool_call_id: Required[str]
    name: str
    is_error: bool
    cache_control: CacheControl


MessageParam: TypeAlias = SystemMessage | DeveloperMessage | UserMessage | AssistantMessage | ToolMessage


@runtime_checkable
class MessageLike(Protocol):
    """Any object with a role and content: our own `Message`, an SDK's, or yours."""

    @property
    def role(self) -> str:
        """Who speaks."""
        ...

    @property
    def content(self) -> object:
        """What is said: text, parts, or None."""
        ...


Messages: TypeAlias = str | Sequence[MessageParam | MessageLike | Mapping[str, object]]
"""A conversation: a string is one user message."""


class FunctionDefinition(TypedDict, total=False):
    """`parameters` is a JSON schema of type object."""

    name: Required[str]
    description: str
    parameters: Mapping[str, object]
    strict: bool | None


class FunctionTool(TypedDict, total=False):
    type: Required[Literal["function"]]
    function: Required[FunctionDefinition]
    cache_control: CacheControl


ToolParam: TypeAlias = FunctionTool | Mapping[str, object]
"""A function tool, or a provider's own tool (web search, code execution) as that provider writes it."""


class NamedFunction(TypedDict):
    name: str


class NamedToolChoice(TypedDict):
    type: Literal["function"]
    function: NamedFunction


ToolChoice: TypeAlias = Literal["none", "auto", "required"] | NamedToolChoice | Mapping[str, object]


class StreamOptions(TypedDict, total=False):
    include_usage: bool
    include_obfuscation: bool


ReasoningEffort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class ChatParams(AnthropicParams, OpenAIParams, OpenRouterParams, total=False):
    """The keyword arguments of `complete` and `stream`, all optional, under OpenAI's names, and what vendors add.

    Anything not listed is sent as it is given, so that a parameter newer than this list needs no new release.
    `extra_body` is merged into the body last; `extra_headers` are sent with this call only.
    A parameter that a provider has no place for is an `UnsupportedParameterError`, unless `drop_unsupported` is true:
    then it is left out and the fact is logged.
    """

    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    max_completion_tokens: int | None
    n: int | None
    stop: str | Sequence[str] | None
    seed: int | None
    presence_penalty: float | None
    frequency_penalty: float | None
    logit_bias: Mapping[str, int] | None
    logprobs: bool | None
    top_logprobs: int | None
    tools: Sequence[ToolParam]
    tool_choice: ToolChoice
    parallel_tool_calls: bool
    response_format: Mapping[str, object]
    reasoning_effort: ReasoningEffort | None
    verbosity: Literal["low", "medium", "high"] | None
    modalities: Sequence[Literal["text", "audio"]] | None
    audio: Mapping[str, object] | None
    prediction: Mapping[str, object] | None
    web_search_options: Mapping[str, object]
    service_tier: str | None
    store: bool | None
    metadata: Mapping[str, str] | None
    user: str
    safety_identifier: str
    prompt_cache_key: str
    stream_options: StreamOptions | None
    extra_body: Mapping[str, object]
    extra_headers: Mapping[str, str]
    drop_unsupported: bool
    timeouts: Timeouts
    retry: RetryPolicy
    model: str
    tags: Sequence[str]
