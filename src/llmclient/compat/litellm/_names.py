"""Model names as LiteLLM writes them, turned into "provider/model" of the registry. Nothing is fetched or read."""

from __future__ import annotations

from collections.abc import Mapping

from llmclient.costs import get_model_info
from llmclient.errors import UnknownProviderError
from llmclient.providers.registry import list_providers, split_model

OTHER_NAMES: Mapping[str, str] = {
    "together_ai": "together",
    "fireworks_ai": "fireworks",
    "nvidia_nim": "nvidia",
    "hosted_vllm": "vllm",
    "lm_studio": "lmstudio",
    "openai_like": "custom",
    "custom_openai": "custom",
    "text-completion-openai": "openai",
    "ollama_chat": "ollama",
}
"""Providers that LiteLLM has under another name."""


def resolve(model: str, provider: str | None = None) -> tuple[str, str]:
    """Return `(provider, model)`, as the registry names them.

    Args:
        model: with or without its provider's prefix.
        provider: LiteLLM's `custom_llm_provider`; the prefix, if it is the same, is dropped.

    Raises:
        UnknownProviderError: neither the name nor the price table tells who serves it.
    """
    if provider:
        ours = OTHER_NAMES.get(provider, provider)
        prefix, slash, rest = model.partition("/")
        return (ours, rest) if slash and prefix in {provider, ours} else (ours, model)
    prefix, slash, rest = model.partition("/")
    if slash and prefix in OTHER_NAMES:
        return OTHER_NAMES[prefix], rest
    try:
        return split_model(model)
    except UnknownProviderError:
        known = get_model_info(model)
        if known is None:
            raise
        vendor = OTHER_NAMES.get(known.provider, known.provider)
        if vendor not in list_providers():
            raise
        return vendor, model


def full_name(model: str, provider: str | None = None) -> str:
    """Return "provider/model" where it is known who serves a model, else the name as it is; never raises."""
    try:
        return "/".join(resolve(model, provider))
    except UnknownProviderError:
        return model
