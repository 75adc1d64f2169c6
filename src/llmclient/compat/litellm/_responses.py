"""LiteLLM's response classes: thin subclasses of the core's models under LiteLLM's names.

`choices[0].__class__.__name__` is "Choices", a message always has `provider_specific_fields`, and what OpenAI's own
message has (`refusal`, `annotations`) are fields. This module loads the SDK, for `Usage`: touch it late.
"""

# mypy: disable-error-code="assignment"
# pyright: reportIncompatibleVariableOverride=false, reportIncompatibleMethodOverride=false
# (fields hold the narrower classes of this layer, and `json` is what LiteLLM's is)

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import ClassVar, Self, TypedDict, cast

from pydantic import BaseModel, Field, PrivateAttr, SerializeAsAny

from llmclient.compat.litellm._shape import Shape
from llmclient.compat.litellm._usage import Usage
from llmclient.types import response as core
from llmclient.types import stream as core_stream
from llmclient.types.messages import JSONObject

_OPTIONAL = frozenset(
    {"refusal", "reasoning_content", "reasoning_details", "thinking_blocks", "annotations", "audio", "images"}
)
"""Fields of a message that a dump leaves out while they are None."""

_ENDS = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tool_calls"}
"""Anthropic's words for how an answer ended, in OpenAI's."""

_WITHOUT_REFUSAL = frozenset({"", "anthropic"})
"""Providers whose messages have no `refusal`; the name is empty for chunks that were joined."""

_SHOWN_ONCE = frozenset({"refusal", "reasoning_details"})

_VENDORS = ("reasoning_content", "reasoning_details")
"""Fields of a message that are told under `provider_specific_fields` as well."""


class Function(Shape, core.FunctionCall):
    """The function of a tool call; arguments given as a dictionary become JSON text."""

    order: ClassVar[tuple[str, ...]] = ("arguments", "name")
    name: str | None = None

    def __init__(self, arguments: object = "", name: object = None, **rest: object) -> None:
        text = json.dumps(arguments) if isinstance(arguments, dict | list) else arguments
        super().__init__(arguments="" if text is None else text, name=name, **rest)


class FunctionCall(Function):
    """The function call of a message, as models had it before tool calls."""


class ChatCompletionMessageToolCall(Shape, core.ToolCall):
    """One tool call; a missing id is made up."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {"function": Function}
    silent: ClassVar[frozenset[str]] = frozenset({"custom"})
    order: ClassVar[tuple[str, ...]] = ("function", "id", "type")
    function: SerializeAsAny[Function] = Field(default_factory=Function)

    def __init__(self, function: object = None, id: object = None, type: object = "function", **rest: object) -> None:  # noqa: A002 - LiteLLM's names
        super().__init__(function=function or {}, id=id or f"call_{uuid.uuid4().hex}", type=type or "function", **rest)


class ChatCompletionDeltaToolCall(Shape, core_stream.ToolCallDelta):
    """A fragment of a tool call; `type` is there also in a fragment that does not say it."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {"function": Function}
    silent: ClassVar[frozenset[str]] = frozenset({"custom"})
    order: ClassVar[tuple[str, ...]] = ("id", "function", "type", "index")
    function: SerializeAsAny[Function] | None = None

    def __init__(self, **values: object) -> None:
        super().__init__(**{**values, "type": values.get("type") or "function"})


class Message(Shape, core.Message):
    """An assistant message."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {
        "tool_calls": ChatCompletionMessageToolCall,
        "function_call": FunctionCall,
    }
    silent: ClassVar[frozenset[str]] = _OPTIONAL
    order: ClassVar[tuple[str, ...]] = (
        "content",
        "role",
        "tool_calls",
        "function_call",
        "reasoning_content",
        "thinking_blocks",
        "provider_specific_fields",
        "annotations",
    )

    tool_calls: SerializeAsAny[list[ChatCompletionMessageToolCall]] | None = None
    function_call: SerializeAsAny[FunctionCall] | None = None
    images: list[JSONObject] | None = None

    def __init__(self, content: object = None, role: object = "assistant", **rest: object) -> None:
        super().__init__(content=content, role=role, **rest)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """Without what LiteLLM shows under `provider_specific_fields` only."""
        return (pair for pair in super().__repr_args__() if pair[0] not in _SHOWN_ONCE)

    def name_the_vendors_own(self, *, refusal: bool) -> None:
        """Say under `provider_specific_fields` too what a vendor adds; an empty list of calls is None.

        Args:
            refusal: say `refusal` there in any case, as LiteLLM does for what speaks OpenAI's chat API.
        """
        own: dict[str, object] = {"refusal": self.refusal} if refusal else {}
        own |= {name: value for name in _VENDORS if (value := self.__dict__.get(name)) is not None}
        specific = {**own, **(self.provider_specific_fields or {})}
        vars(self).update(provider_specific_fields=specific, tool_calls=self.tool_calls or None)


class Choices(Shape, core.Choice):
    """One answer."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {"message": Message}
    silent: ClassVar[frozenset[str]] = frozenset({"logprobs", "provider_specific_fields"})
    order: ClassVar[tuple[str, ...]] = ("finish_reason", "index", "message", "logprobs", "provider_specific_fields")

    message: SerializeAsAny[Message] = Field(default_factory=Message)
    provider_specific_fields: JSONObject | None = None

    def __init__(self, finish_reason: object = None, index: object = 0, message: object = None, **rest: object) -> None:
        super().__init__(
            finish_reason=_ENDS.get(str(finish_reason), finish_reason) or "stop",
            index=index,
            message={} if message is None else message,
            **rest,
        )

    @classmethod
    def of(cls, value: BaseModel) -> Self:
        """Return a choice of the core in this shape; an answer that was cut off has no finish reason here either."""
        made = super().of(value)
        made.finish_reason = getattr(value, "finish_reason", None)
        made.provider_specific_fields = dict(made.model_extra or {})
        made.__pydantic_extra__ = {}
        return made


class Delta(Shape, core_stream.Delta):
    """What a chunk adds to a message."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {
        "tool_calls": ChatCompletionDeltaToolCall,
        "function_call": FunctionCall,
    }
    silent: ClassVar[frozenset[str]] = _OPTIONAL - {"audio"}
    order: ClassVar[tuple[str, ...]] = (
        "provider_specific_fields",
        "content",
        "role",
        "function_call",
        "tool_calls",
        "audio",
    )

    tool_calls: SerializeAsAny[list[ChatCompletionDeltaToolCall]] | None = None
    function_call: SerializeAsAny[FunctionCall] | None = None
    images: list[JSONObject] | None = None

    def __init__(self, content: object = None, role: object = None, **rest: object) -> None:
        super().__init__(content=content, role=role, **rest)


class StreamingChoices(Shape, core_stream.ChunkChoice):
    """What a chunk adds to one answer."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {"delta": Delta}
    delta: SerializeAsAny[Delta] = Field(default_factory=Delta)

    def __init__(self, finish_reason: object = None, index: object = 0, delta: object = None, **rest: object) -> None:
        super().__init__(finish_reason=finish_reason or None, index=index, delta={} if delta is None else delta, **rest)


class ModelResponseStream(Shape, core_stream.StreamChunk):
    """One chunk of a stream."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {"choices": StreamingChoices, "usage": Usage}
    silent: ClassVar[frozenset[str]] = frozenset({"usage", "provider", "served_by", "marker", "service_tier"})

    choices: SerializeAsAny[list[StreamingChoices]] = Field(default_factory=list[StreamingChoices])
    usage: SerializeAsAny[Usage] | None = None
    _hidden_params: dict[str, object] = PrivateAttr(default_factory=dict[str, object])

    def __init__(self, choices: object = None, **values: object) -> None:
        if isinstance(choices, StreamingChoices | dict):
            choices = cast("object", [choices])
        super().__init__(choices=[StreamingChoices()] if choices is None else choices, **_identity(values, ".chunk"))

    @classmethod
    def of(cls, value: BaseModel) -> Self:
        """Return a chunk of the core in this shape."""
        made = super().of(value)
        if isinstance(value, core_stream.StreamChunk):
            _say_who_answered(made, value.provider, value.served_by)
        return made


class ModelResponse(Shape, core.ModelResponse):
    """The answer of a model. `_hidden_params` has what LiteLLM's users look there for: cost, deployment, provider."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {"choices": Choices, "usage": Usage}
    silent: ClassVar[frozenset[str]] = frozenset({"usage", "provider", "served_by", "request_id", "service_tier"})
    loose: ClassVar[frozenset[str]] = frozenset({"usage", "service_tier", "provider"})
    order: ClassVar[tuple[str, ...]] = (
        "id",
        "created",
        "model",
        "object",
        "system_fingerprint",
        "choices",
        "usage",
        "service_tier",
        "provider",
    )

    choices: SerializeAsAny[list[Choices]] = Field(default_factory=list[Choices])
    usage: SerializeAsAny[Usage] | None = None
    _hidden_params: dict[str, object] = PrivateAttr(default_factory=dict[str, object])
    _response_ms: float | None = PrivateAttr(default=None)
    _response_headers: dict[str, str] | None = PrivateAttr(default=None)

    def __init__(self, **values: object) -> None:
        stream = values.pop("stream", None)
        hidden = values.pop("hidden_params", None)
        milliseconds = values.pop("response_ms", None)
        headers = values.pop("_response_headers", None)
        if values.get("choices") is None:
            values["choices"] = [StreamingChoices() if stream else Choices()]
        if values.get("usage") is None and not stream:
            values["usage"] = Usage()
        super().__init__(**_identity(values, ".chunk" if stream else ""))
        if isinstance(hidden, dict):
            self._hidden_params = hidden
        if isinstance(milliseconds, int | float):
            self._response_ms = float(milliseconds)
        if isinstance(headers, dict):
            self._response_headers = headers

    @classmethod
    def of(cls, value: BaseModel) -> Self:
        """Return a response of the core in this shape, with its attempts, its cost and the provider's own JSON."""
        made = super().of(value)
        if isinstance(value, core.ModelResponse):
            raw = value._raw  # noqa: SLF001 - asking for `raw_response` would parse it
            made.attach(raw=raw, attempts=value.attempts, price=lambda _: value.cost)
            for choice in made.choices:
                choice.message.name_the_vendors_own(refusal=value.provider not in _WITHOUT_REFUSAL)
            _say_who_answered(made, value.provider, value.served_by)
        return made

    @property
    def response_ms(self) -> float | None:
        """Milliseconds that the call took."""
        return self._response_ms


def _say_who_answered(made: ModelResponse | ModelResponseStream, provider: str, served_by: str | None) -> None:
    """As LiteLLM does: `provider` is OpenRouter's word for the host, and Anthropic's usage has its own names."""
    vars(made).pop("served_by", None)
    vars(made).pop("provider", None)
    (made.__pydantic_extra__ or {}).pop("provider", None)
    if served_by:
        made.provider = served_by
    if provider == "anthropic" and made.usage is not None:
        made.usage.name_as_anthropic_does()


def _identity(values: dict[str, object], kind: str) -> dict[str, object]:
    """An id and a time for what a program built by hand without them."""
    return {
        **values,
        "id": values.get("id") or f"chatcmpl-{uuid.uuid4()}",
        "created": values.get("created") or int(time.time()),
        "object": values.get("object") or f"chat.completion{kind}",
        "model": values.get("model"),
    }


class EmbeddingResponse(Shape):
    """Vectors: `data` is a list of dictionaries with `embedding` and `index`."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {"usage": Usage}
    model: str | None = None
    data: list[JSONObject] = Field(default_factory=list[JSONObject])
    usage: SerializeAsAny[Usage] | None = None
    _hidden_params: dict[str, object] = PrivateAttr(default_factory=dict[str, object])
    object: str = "list"


class ImageObject(Shape):
    """One image, as a URL or as base64."""

    url: str | None = None
    b64_json: str | None = None
    revised_prompt: str | None = None


class ImageResponse(Shape):
    """Images."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {"data": ImageObject}
    created: int = 0
    data: list[ImageObject] = Field(default_factory=list[ImageObject])
    usage: JSONObject | None = None
    _hidden_params: dict[str, object] = PrivateAttr(default_factory=dict[str, object])


class TranscriptionResponse(Shape):
    """A transcript."""

    text: str | None = None
    _hidden_params: dict[str, object] = PrivateAttr(default_factory=dict[str, object])


class CostPerToken(TypedDict, total=False):
    """US dollars per token."""

    input_cost_per_token: float
    output_cost_per_token: float


class ModelInfo(TypedDict, total=False):
    """What the price table says of a model; a row has more keys than these."""

    key: str
    max_tokens: int | None
    max_input_tokens: int | None
    max_output_tokens: int | None
    input_cost_per_token: float
    output_cost_per_token: float
    litellm_provider: str
    mode: str


class LlmProviders(StrEnum):
    """Providers, under LiteLLM's names."""

    OPENAI = "openai"
    OPENAI_LIKE = "openai_like"
    CUSTOM_OPENAI = "custom_openai"
    ANTHROPIC = "anthropic"
    OPENROUTER = "openrouter"
    GROQ = "groq"
    MISTRAL = "mistral"
    DEEPSEEK = "deepseek"
    TOGETHER_AI = "together_ai"
    FIREWORKS_AI = "fireworks_ai"
    CEREBRAS = "cerebras"
    XAI = "xai"
    PERPLEXITY = "perplexity"
    GEMINI = "gemini"
    HUGGINGFACE = "huggingface"
    NVIDIA_NIM = "nvidia_nim"
    MOONSHOT = "moonshot"
    ZAI = "zai"
    OLLAMA = "ollama"
    HOSTED_VLLM = "hosted_vllm"
    LM_STUDIO = "lm_studio"
