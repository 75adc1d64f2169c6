"""What a call cost, in US dollars, as LiteLLM's functions tell it: floats, and an error for an unknown model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import BaseModel

from llmclient.compat.litellm._models import unknown_model
from llmclient.compat.litellm._names import full_name
from llmclient.costs import calculate_cost, cost_of
from llmclient.types import response as core


def completion_cost(  # noqa: PLR0917 - LiteLLM's signature
    completion_response: object = None,
    model: str | None = None,
    prompt: str = "",
    messages: Sequence[object] = (),
    completion: str = "",
    total_time: float = 0.0,  # noqa: ARG001 - LiteLLM's signature
    call_type: str | None = None,  # noqa: ARG001 - the same
    custom_llm_provider: str | None = None,
    *,
    custom_cost_per_token: Mapping[str, float] | None = None,
    base_model: str | None = None,
) -> float:
    """Return what a response cost, or what a text would.

    Args:
        completion_response: a response, of the layer or as a dictionary.
        model: the model that is priced; default the response's.
        prompt: text whose tokens are counted where there is no response.
        messages: the same, as a conversation.
        completion: the answer whose tokens are counted where there is no response.
        total_time: accepted, without effect.
        call_type: accepted, without effect.
        custom_llm_provider: the provider, where the name does not tell it; default what answered.
        custom_cost_per_token: prices of your own.
        base_model: priced instead of the model.

    Raises:
        NotFoundError: LiteLLM's class; no price is known.
    """
    name = base_model or model
    if completion_response is None:
        return sum(_of_text(name or "", prompt, messages, completion, custom_llm_provider))
    if name is None and custom_cost_per_token is None and isinstance(completion_response, core.ModelResponse):
        known = completion_response.cost
        if known is not None:
            return float(known)
    response = _core_response(completion_response)
    provider = custom_llm_provider or _provider_of(completion_response)
    asked = name or response.model
    cost = cost_of(
        response, model=full_name(asked, provider if "/" not in asked else None), price=custom_cost_per_token
    )
    if cost is None and provider is not None:
        cost = cost_of(response, model=full_name(asked), price=custom_cost_per_token)
    if cost is None:
        raise unknown_model(asked)
    return float(cost)


def _core_response(given: object) -> core.ModelResponse:
    if isinstance(given, BaseModel):
        given = given.model_dump()
    if not isinstance(given, Mapping):
        raise TypeError(f"completion_cost takes a response, not {type(given).__name__}")
    fields = cast("Mapping[str, object]", given)
    kept = {name: fields.get(name) for name in ("model", "usage", "service_tier") if fields.get(name) is not None}
    return core.ModelResponse.model_validate(kept)


def _provider_of(response: object) -> str | None:
    hidden = getattr(response, "_hidden_params", None)
    provider = cast("Mapping[str, object]", hidden).get("custom_llm_provider") if isinstance(hidden, Mapping) else None
    return provider if isinstance(provider, str) and provider else None


def _of_text(
    model: str, prompt: str, messages: Sequence[object], completion: str, provider: str | None
) -> tuple[float, float]:
    from llmclient.compat.litellm._counting import token_counter

    asked = token_counter(model=model, messages=messages) if messages else token_counter(model=model, text=prompt)
    answered = token_counter(model=model, text=completion)
    return cost_per_token(model, asked, answered, custom_llm_provider=provider)


def cost_per_token(
    model: str = "",
    prompt_tokens: int = 0,
    completion_tokens: int = 0,
    response_time_ms: float | None = 0.0,  # noqa: ARG001 - LiteLLM's signature
    custom_llm_provider: str | None = None,
    *,
    usage_object: object = None,
    cache_creation_input_tokens: int | None = 0,
    cache_read_input_tokens: int | None = 0,
    custom_cost_per_token: Mapping[str, float] | None = None,
) -> tuple[float, float]:
    """Return what the prompt cost and what the answer cost.

    Args:
        model: the model that is priced.
        prompt_tokens: tokens of the prompt, those read from and written to a cache included.
        completion_tokens: tokens of the answer.
        response_time_ms: accepted, without effect.
        custom_llm_provider: the provider, where the name does not tell it.
        usage_object: a usage, in place of the counts.
        cache_creation_input_tokens: tokens written to a cache.
        cache_read_input_tokens: tokens read from a cache.
        custom_cost_per_token: prices of your own.

    Raises:
        NotFoundError: LiteLLM's class; no price is known.
    """
    if isinstance(usage_object, BaseModel):
        usage = core.Usage.model_validate(usage_object.model_dump())
    else:
        usage = core.Usage(
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            total_tokens=prompt_tokens + completion_tokens,
            prompt_tokens_details=core.PromptTokensDetails(
                cached_tokens=cache_read_input_tokens or None, cache_write_tokens=cache_creation_input_tokens or None
            ),
        )
    priced = (full_name(model, custom_llm_provider), model)
    found = (calculate_cost(name, usage, price=custom_cost_per_token) for name in priced)
    cost = next((cost for cost in found if cost is not None), None)
    if cost is None:
        raise unknown_model(model)
    answered = cost.output + cost.reasoning
    return float(cost.total - answered), float(answered)
