"""Parameters that a vendor has of its own, typed; any call takes them.

A provider passes its own on as they are. One that is another vendor's alone it refuses, or leaves out with a log line
under `drop_unsupported=True`; gateways judge for themselves. A name that several vendors have stands with each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal, TypedDict


class AnthropicParams(TypedDict, total=False):
    """Anthropic's own (Messages API reference).

    Attributes:
        betas: names of beta features; they become the header `anthropic-beta`.
        cache_control: caches up to the last block that can be, such as `{"type": "ephemeral"}`.
        container: a container of the code execution tool, to be used again.
        context_management: what is cleared or summed up when the context grows.
        inference_geo: where inference may run, such as "us".
        mcp_servers: servers whose tools the model may call.
        output_config: `effort` and `format` in Anthropic's own words.
        speed: "fast" answers sooner, at a higher price.
        thinking: a budget of thinking, or adaptive thinking.
        top_k: sample from this many of the likeliest tokens.
    """

    betas: Sequence[str]
    cache_control: Mapping[str, object]
    container: str | Mapping[str, object]
    context_management: Mapping[str, object]
    inference_geo: str
    mcp_servers: Sequence[Mapping[str, object]]
    output_config: Mapping[str, object]
    speed: Literal["standard", "fast"]
    thinking: Mapping[str, object]
    top_k: int


class OpenAIParams(TypedDict, total=False):
    """OpenAI's own, those of the Responses API among them (API reference, chat and responses).

    Attributes:
        conversation: the conversation that the items of this call join.
        include: what the answer holds beside the usual, such as "reasoning.encrypted_content".
        max_tool_calls: how many calls of built-in tools an answer may make.
        previous_response_id: the response that this call goes on from.
        prompt: a stored prompt, with its variables.
        prompt_cache_retention: how long a cached prefix lives, such as "24h".
        reasoning: `effort` and `summary` (OpenRouter: also `max_tokens`, `exclude`).
        truncation: "auto" lets the API drop what does not fit.
    """

    conversation: str | Mapping[str, object]
    include: Sequence[str]
    max_tool_calls: int
    previous_response_id: str
    prompt: Mapping[str, object]
    prompt_cache_retention: str
    reasoning: Mapping[str, object]
    truncation: Literal["auto", "disabled"]


class OpenRouterParams(TypedDict, total=False):
    """OpenRouter's own (API reference, parameters; provider routing; model fallbacks; plugins).

    Attributes:
        min_p: least probability of a token, relative to the likeliest.
        models: models to try one after the other.
        plugins: such as web search or file parsing.
        provider: which hosts may serve the call, and in which order.
        reasoning: `effort`, `max_tokens`, `exclude`, `enabled`.
        repetition_penalty: from 0 to 2; 1 is none.
        session_id: groups the calls of one conversation.
        top_a: sample from tokens that are likely enough beside the likeliest.
        top_k: sample from this many of the likeliest tokens.
        transforms: such as "middle-out".
    """

    min_p: float
    models: Sequence[str]
    plugins: Sequence[Mapping[str, object]]
    provider: Mapping[str, object]
    reasoning: Mapping[str, object]
    repetition_penalty: float
    session_id: str
    top_a: float
    top_k: int
    transforms: Sequence[str]


_OWN: Mapping[str, frozenset[str]] = {
    "Anthropic": frozenset(AnthropicParams.__annotations__),
    "OpenAI": frozenset(OpenAIParams.__annotations__),
    "OpenRouter": frozenset(OpenRouterParams.__annotations__),
}


@cache
def foreign_params(vendor: str) -> Mapping[str, str]:
    """The parameters that `vendor` ("OpenAI") has not and another has, each with whose it is."""
    return {name: other for other, names in _OWN.items() for name in sorted(names - _OWN[vendor])}
