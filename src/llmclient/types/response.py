"""What comes out of a plain call: pydantic models in the shape of OpenAI's chat completions, for every provider.

Fields a vendor adds are kept (`extra="allow"`), and open sets such as finish reasons are plain strings, so that a
value newer than this library survives. Conveniences are properties over the wire fields: they are never dumped.
What the provider sent stays in `raw_response`, parsed when it is first asked for.
"""

from __future__ import annotations

import json

from pydantic import AliasChoices, Field, SerializerFunctionWrapHandler, model_serializer

from llmclient.types.messages import JSONObject
from llmclient.types.reply import Reply
from llmclient.types.reply import WireModel as WireModel


class FunctionCall(WireModel):
    """A function the model wants called; `arguments` is the JSON text it wrote."""

    name: str = ""
    arguments: str = ""


class CustomCall(WireModel):
    """A custom tool (OpenAI) the model wants called; `input` is the free text it wrote."""

    name: str = ""
    input: str = ""


class ToolCall(WireModel):
    """One tool call. `arguments` parses the JSON text.

    Attributes:
        type: "function" or "custom", or a vendor's own word.
        custom: the tool of a call of type "custom", whose `function` is empty; None for all others.
    """

    id: str = ""
    type: str = "function"
    function: FunctionCall = Field(default_factory=FunctionCall)
    custom: CustomCall | None = None

    @property
    def name(self) -> str:
        """Name of the function, or of the custom tool."""
        return self.function.name if self.custom is None else self.custom.name

    @property
    def arguments(self) -> JSONObject:
        """The arguments, parsed; an empty text is an empty object, and so are those of a custom tool.

        Raises:
            ValueError: the model wrote something that is no JSON object.
        """
        text = self.function.arguments.strip()
        parsed: JSONObject | list[object] = json.loads(text) if text else {}
        if not isinstance(parsed, dict):
            message = f"arguments of tool call {self.id!r} ({self.name}) are no JSON object: {text!r}"
            raise ValueError(message)  # noqa: TRY004 - the value is wrong, not its type
        return parsed

    @model_serializer(mode="wrap")
    def _as_it_came(self, serialize: SerializerFunctionWrapHandler) -> dict[str, object]:
        """A call is of a function or of a custom tool; a message that goes back holds the one alone."""
        plain: dict[str, object] = serialize(self)
        plain.pop("custom" if self.custom is None else "function", None)
        return plain


class PromptTokensDetails(WireModel):
    """Parts of `prompt_tokens`: read from a cache, written to one, and audio."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None
    text_tokens: int | None = None


class CompletionTokensDetails(WireModel):
    """Parts of `completion_tokens`."""

    reasoning_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None
    accepted_prediction_tokens: int | None = None
    rejected_prediction_tokens: int | None = None


class CacheCreation(WireModel):
    """Cache writes by lifetime (Anthropic, prompt caching)."""

    ephemeral_5m_input_tokens: int = 0
    ephemeral_1h_input_tokens: int = 0


class Usage(WireModel):
    """Tokens of a call. `prompt_tokens` includes what was read from and written to a cache, for every provider.

    Attributes:
        cost: US dollars the provider says it charged (OpenRouter), None where it does not say.
        cache_creation: cache writes by lifetime, where the provider tells them apart (Anthropic).
        server_tool_use: how often server-side tools ran, as the provider counts them.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    prompt_tokens_details: PromptTokensDetails | None = None
    completion_tokens_details: CompletionTokensDetails | None = None
    cost: float | None = None
    cache_creation: CacheCreation | None = None
    server_tool_use: JSONObject | None = None

    @property
    def cached_tokens(self) -> int:
        """Prompt tokens read from a cache; 0 where the provider does not say."""
        return (self.prompt_tokens_details and self.prompt_tokens_details.cached_tokens) or 0

    @property
    def reasoning_tokens(self) -> int:
        """Completion tokens spent on reasoning; 0 where the provider does not say."""
        return (self.completion_tokens_details and self.completion_tokens_details.reasoning_tokens) or 0


class Message(WireModel):
    """An assistant message, as it can be put back into a conversation.

    Attributes:
        reasoning_content: what the model thought, as text, where the provider shows it (`reasoning` on some hosts).
        reasoning_details: OpenRouter's reasoning items, to be sent back unchanged.
        thinking_blocks: Anthropic's thinking blocks with their signatures, to be sent back unchanged.
        annotations: citations, in OpenAI's `url_citation` shape.
        provider_specific_fields: what a vendor's message holds beyond this shape, such as Anthropic's server tool
            blocks under "content_blocks".
    """

    role: str = "assistant"
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None
    reasoning_content: str | None = Field(default=None, validation_alias=AliasChoices("reasoning_content", "reasoning"))
    reasoning_details: list[JSONObject] | None = None
    thinking_blocks: list[JSONObject] | None = None
    annotations: list[JSONObject] | None = None
    audio: JSONObject | None = None
    provider_specific_fields: JSONObject | None = None

    @property
    def text(self) -> str:
        """The text, empty where there is none."""
        return self.content or ""


class Choice(WireModel):
    """One answer. `finish_reason` is stop, length, tool_calls or content_filter, or a vendor's own word."""

    index: int = 0
    message: Message = Field(default_factory=Message)
    finish_reason: str | None = None
    logprobs: JSONObject | None = None


class ModelResponse(Reply):
    """The answer of a model, in OpenAI's shape whoever gave it.

    Attributes:
        model: the model as the provider names it, often a dated snapshot.
        served_by: the host behind a gateway that tells it (OpenRouter), such as "Amazon Bedrock".
    """

    id: str = ""
    object: str = "chat.completion"
    created: int = 0
    model: str = ""
    choices: list[Choice] = Field(default_factory=list[Choice])
    usage: Usage | None = None
    system_fingerprint: str | None = None
    service_tier: str | None = None
    served_by: str | None = None

    @property
    def message(self) -> Message:
        """The first choice's message."""
        return self.choices[0].message if self.choices else Message()

    @property
    def text(self) -> str:
        """The first choice's text, empty where there is none."""
        return self.message.text

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The first choice's tool calls, empty where there are none."""
        return self.message.tool_calls or []

    @property
    def reasoning(self) -> str:
        """What the model thought, as text; empty where the provider does not show it."""
        return self.message.reasoning_content or ""

    @property
    def finish_reason(self) -> str | None:
        """Why the first choice ended."""
        return self.choices[0].finish_reason if self.choices else None
