"""LiteLLM's usage classes: openai's own, so that code which adds usages up or checks their class goes on working.

This module loads the SDK: touch it late.
"""

# mypy: disable-error-code="assignment"
# pyright: reportIncompatibleVariableOverride=false, reportIncompatibleMethodOverride=false
# (fields hold the narrower classes of this layer, and `json` is what LiteLLM's is)

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from openai.types import completion_usage as sdk
from pydantic import BaseModel

from llmclient.compat.litellm._shape import Shape
from llmclient.types.messages import JSONObject  # noqa: TC001 - the same

_CACHE_WRITES = {"cache_write_tokens"} - sdk.PromptTokensDetails.model_fields.keys()
"""Newer SDKs have a field for these; with older ones they are there once a provider tells them."""


class PromptTokensDetailsWrapper(Shape, sdk.PromptTokensDetails):
    """Parts of the prompt tokens."""

    image_tokens: int | None = None
    text_tokens: int | None = None
    cache_creation_tokens: int | None = None

    silent: ClassVar[frozenset[str]] = frozenset({"cache_creation_tokens", *_CACHE_WRITES})


class CompletionTokensDetailsWrapper(Shape, sdk.CompletionTokensDetails):
    """Parts of the completion tokens."""

    image_tokens: int | None = None
    text_tokens: int | None = None


class Usage(Shape, sdk.CompletionUsage):
    """Tokens of a call. What is not given is 0 or None; the total is not added up for you."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    prompt_tokens_details: PromptTokensDetailsWrapper | None = None
    completion_tokens_details: CompletionTokensDetailsWrapper | None = None
    cost: float | None = None
    server_tool_use: JSONObject | None = None

    parts: ClassVar[Mapping[str, type[Shape]]] = {
        "prompt_tokens_details": PromptTokensDetailsWrapper,
        "completion_tokens_details": CompletionTokensDetailsWrapper,
    }
    silent: ClassVar[frozenset[str]] = frozenset({"cost", "server_tool_use"})

    def __init__(self, **values: object) -> None:
        given = {name: value for name, value in values.items() if value is not None or name not in _COUNTS}
        reasoning = given.pop("reasoning_tokens", None)
        if reasoning is not None:
            given.setdefault("completion_tokens_details", {"reasoning_tokens": reasoning})
        cached = {name: given[key] for key, name in _CACHE_TRAFFIC.items() if given.get(key)}
        if cached:
            given.setdefault("prompt_tokens_details", cached)
        super().__init__(**given)

    @classmethod
    def of(cls, value: BaseModel) -> Self:
        """Return a usage of the core in this shape."""
        fields: dict[str, object] = {**value.__dict__, **(value.model_extra or {})}
        lifetimes = fields.pop("cache_creation", None)
        if isinstance(lifetimes, BaseModel):
            fields["cache_creation"] = lifetimes.model_dump()
        return cls(**fields)

    def name_as_anthropic_does(self) -> None:
        """Give the counts of cache traffic the names that they have at Anthropic too."""
        details = self.prompt_tokens_details
        if details is None:
            return
        written = (details.model_extra or {}).get("cache_write_tokens", getattr(details, "cache_write_tokens", None))
        details.cache_creation_tokens = written
        extra = {"cache_read_input_tokens": details.cached_tokens, "cache_creation_input_tokens": written}
        for name, tokens in extra.items():
            setattr(self, name, tokens or 0)


_CACHE_TRAFFIC = {
    "cache_read_input_tokens": "cached_tokens",
    "prompt_cache_hit_tokens": "cached_tokens",
    "cache_creation_input_tokens": "cache_creation_tokens",
}
"""Names of vendors for what the details tell."""

_COUNTS = frozenset({"prompt_tokens", "completion_tokens", "total_tokens"})

for _model in (sdk.PromptTokensDetails, sdk.CompletionTokensDetails, sdk.CompletionUsage):
    # The SDK builds a model's serializer when the model first validates; a dump of ours may come before that.
    _model.model_rebuild()
