"""What LiteLLM's users ask about models: who serves one, what it can do, how much it takes, what a row says.

Everything is read from the price table of `llmclient.costs`. An unknown model supports nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import cast

from llmclient.compat.litellm._names import full_name, resolve
from llmclient.costs import get_cost_database, register_price
from llmclient.costs import get_model_info as find_info
from llmclient.costs import supports as has_feature
from llmclient.errors import UnknownProviderError


def get_llm_provider(
    model: str,
    custom_llm_provider: str | None = None,
    api_base: str | None = None,
    api_key: str | None = None,
    litellm_params: object = None,  # noqa: ARG001 - LiteLLM's signature
) -> tuple[str, str, str | None, str | None]:
    """Return `(model without prefix, provider, key as given, endpoint as given)`.

    Args:
        model: the model's name.
        custom_llm_provider: the provider, where the name does not tell it.
        api_base: handed back.
        api_key: handed back.
        litellm_params: accepted, without effect.

    Raises:
        BadRequestError: LiteLLM's class; it is not known who serves the model.
    """
    try:
        provider, name = resolve(model, custom_llm_provider)
    except UnknownProviderError as error:
        from llmclient.compat.litellm._translate import translate

        raise translate(error) from error
    return name, provider, api_key, api_base


def get_model_info(model: str, custom_llm_provider: str | None = None) -> dict[str, object]:
    """Return the price table's row of a model, with its name under "key".

    Raises:
        NotFoundError: LiteLLM's class; the table does not know the model.
    """
    info = find_info(full_name(model, custom_llm_provider)) or find_info(model)
    if info is None:
        raise unknown_model(model)
    limits = {"max_input_tokens": info.context_window, "max_output_tokens": info.max_output_tokens}
    return {"key": info.name, **limits, "litellm_provider": info.provider, "mode": info.mode, **_row(info.row)}


def _row(fields: Mapping[str, object]) -> dict[str, object]:
    """A row with `max_tokens`, LiteLLM's older name of the limit of an answer."""
    limit = fields.get("max_output_tokens", fields.get("max_input_tokens"))
    return {"max_tokens": limit, **fields} if limit is not None else dict(fields)


def unknown_model(model: str) -> Exception:
    """The error for a model that the price table does not know."""
    from llmclient.compat.litellm._errors import NotFoundError

    return NotFoundError(
        f"the price table has no model {model!r}; add it with model_cost[{model!r}] = {{'input_cost_per_token': ...}}",
        model=model,
    )


def get_max_tokens(model: str) -> int | None:
    """Return how many tokens an answer may hold.

    Raises:
        NotFoundError: LiteLLM's class; the table does not know the model.
    """
    info = find_info(full_name(model)) or find_info(model)
    if info is None:
        raise unknown_model(model)
    return info.max_output_tokens


def _support(feature: str) -> Callable[..., bool]:
    def supported(model: str, custom_llm_provider: str | None = None) -> bool:
        found = has_feature(full_name(model, custom_llm_provider), feature)
        return bool(found if found is not None else has_feature(model, feature))

    supported.__name__ = supported.__qualname__ = f"supports_{feature}"
    supported.__doc__ = f"Return whether the price table's row of a model says `supports_{feature}`; False if unknown."
    return supported


supports_function_calling: Callable[..., bool] = _support("function_calling")
supports_parallel_function_calling: Callable[..., bool] = _support("parallel_function_calling")
supports_vision: Callable[..., bool] = _support("vision")
supports_pdf_input: Callable[..., bool] = _support("pdf_input")
supports_response_schema: Callable[..., bool] = _support("response_schema")
supports_prompt_caching: Callable[..., bool] = _support("prompt_caching")
supports_audio_input: Callable[..., bool] = _support("audio_input")
supports_audio_output: Callable[..., bool] = _support("audio_output")
supports_web_search: Callable[..., bool] = _support("web_search")
supports_url_context: Callable[..., bool] = _support("url_context")
supports_reasoning: Callable[..., bool] = _support("reasoning")
supports_computer_use: Callable[..., bool] = _support("computer_use")
supports_system_messages: Callable[..., bool] = _support("system_messages")
supports_tool_choice: Callable[..., bool] = _support("tool_choice")
supports_assistant_prefill: Callable[..., bool] = _support("assistant_prefill")
supports_native_streaming: Callable[..., bool] = _support("native_streaming")
supports_embedding_image_input: Callable[..., bool] = _support("embedding_image_input")


_EVERYWHERE = (
    "frequency_penalty",
    "max_tokens",
    "max_completion_tokens",
    "n",
    "presence_penalty",
    "seed",
    "stop",
    "stream",
    "stream_options",
    "temperature",
    "top_p",
    "tools",
    "tool_choice",
    "response_format",
    "user",
    "extra_headers",
    "parallel_tool_calls",
    "reasoning_effort",
)
_OPENAI = (
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "modalities",
    "prediction",
    "audio",
    "web_search_options",
    "service_tier",
    "safety_identifier",
    "functions",
    "function_call",
    "verbosity",
    "store",
    "metadata",
    "prompt_cache_key",
)
_ANTHROPIC = (
    "stream",
    "stop",
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "tools",
    "tool_choice",
    "extra_headers",
    "parallel_tool_calls",
    "response_format",
    "user",
    "thinking",
    "reasoning_effort",
    "web_search_options",
)


def get_supported_openai_params(
    model: str, custom_llm_provider: str | None = None, request_type: str = "chat_completion"
) -> list[str] | None:
    """Return the chat parameters that a model's provider has a place for; None where the provider is not known.

    Args:
        model: the model's name.
        custom_llm_provider: the provider, where the name does not tell it.
        request_type: "chat_completion" is the only one that is told.
    """
    try:
        provider, _ = resolve(model, custom_llm_provider)
    except UnknownProviderError:
        return None
    if request_type != "chat_completion":
        return []
    return list(_ANTHROPIC) if provider == "anthropic" else [*_EVERYWHERE, *_OPENAI]


class _Row(dict[str, object]):
    """A row of `model_cost`; setting a field of it registers the row."""

    def __init__(self, model: str, fields: Mapping[str, object]) -> None:
        super().__init__(fields)
        self._model = model

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, value)
        register_price(self._model, {name: value})


class ModelCost(MutableMapping[str, dict[str, object]]):
    """The price table as a mapping. Assigning a row registers prices for that model, in this process."""

    def __getitem__(self, model: str) -> dict[str, object]:
        found = get_cost_database().find(model)
        if found is None:
            raise KeyError(model)
        return _Row(model, _row(found.row))

    def __setitem__(self, model: str, row: Mapping[str, object]) -> None:
        register_price(model, {name: value for name, value in row.items() if value is not None})

    def __delitem__(self, model: str) -> None:
        get_cost_database().unregister(model)

    def __iter__(self) -> Iterator[str]:
        return iter(get_cost_database())

    def __len__(self) -> int:
        return len(get_cost_database())

    def __contains__(self, model: object) -> bool:
        return isinstance(model, str) and get_cost_database().find(model) is not None


model_cost: ModelCost = ModelCost()


def register_model(model_cost: Mapping[str, object] | str) -> Mapping[str, object]:
    """Register prices of several models, by name; returns them.

    Raises:
        TypeError: a URL was given; refresh the table by `llmclient.costs.refresh_cost_data` instead.
    """
    if isinstance(model_cost, str):
        raise TypeError("a price table is not loaded from a URL here; call llmclient.costs.refresh_cost_data()")
    for model, row in model_cost.items():
        register_price(model, cast("Mapping[str, object]", row))
    return model_cost
