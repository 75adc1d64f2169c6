"""What a vendor has of its own: passed on to it, refused by the others."""

from __future__ import annotations

import logging

import pytest

from llmclient import ModelRouter, ProviderConfig, UnsupportedParameterError
from llmclient.testing import script
from llmclient.types import AnthropicParams, OpenAIParams, OpenRouterParams
from llmclient.types.vendor_params import foreign_params

MODELS = {
    "Anthropic": ("anthropic/claude-sonnet-4-5", AnthropicParams, {}),
    "OpenAI": ("openai/gpt-4o", OpenAIParams, {}),
    "OpenAI's responses": ("openai/gpt-4o", OpenAIParams, {"openai": ProviderConfig(api="responses")}),
    "OpenRouter": ("openrouter/openai/gpt-4o", OpenRouterParams, {}),
}
BETA = "context-1m-2025-08-07"
VALUES = {
    "betas": [BETA],
    "include": ["reasoning.encrypted_content"],
    "reasoning": {"effort": "low"},
    "thinking": {"type": "disabled"},
    "top_k": 5,
}
OWN = [(vendor, name) for vendor, (_, params, _) in MODELS.items() for name in params.__annotations__]
FOREIGN = [
    (vendor, name)
    for vendor in MODELS
    if vendor != "OpenRouter"
    for name in foreign_params(vendor.removesuffix("'s responses"))
]


def asked(vendor: str, name: str, **params) -> dict[str, object]:
    """The body that goes out, and what stands in the header for betas."""
    model, _, providers = MODELS[vendor]
    with script() as llm:
        llm.through("transport")
        llm.on().reply("fine")
        ModelRouter(model, providers=providers).sync.complete("hi", **{name: VALUES.get(name, "x")}, **params)
        return {**llm.calls.last.body, "betas": llm.calls.last.call.headers.get("anthropic-beta")}


@pytest.mark.parametrize(("vendor", "name"), OWN)
def test_a_vendors_own_parameter_reaches_it(vendor, name):
    assert asked(vendor, name)[name] == (BETA if name == "betas" else VALUES.get(name, "x"))


@pytest.mark.parametrize(("vendor", "name"), FOREIGN)
def test_another_vendors_parameter_is_refused_with_whose_it_is(vendor, name):
    whose = foreign_params(vendor.removesuffix("'s responses"))[name]
    with pytest.raises(UnsupportedParameterError, match=f"'{name}'.*it is {whose}'s.*drop_unsupported"):
        asked(vendor, name)


@pytest.mark.parametrize(("vendor", "name"), FOREIGN)
def test_another_vendors_parameter_is_left_out_with_a_warning_where_that_is_allowed(vendor, name, caplog):
    with caplog.at_level(logging.WARNING, logger="llmclient"):
        assert not asked(vendor, name, drop_unsupported=True).get(name)
    assert name in caplog.text


def test_a_fallback_goes_on_where_the_primary_does_not_know_the_parameter():
    with script() as llm:
        llm.through("transport")
        llm.on("anthropic/*").reply("fine")
        router = ModelRouter("openai/gpt-4o", fallbacks=["anthropic/claude-sonnet-4-5"]).sync
        reply = router.complete("hi", betas=[BETA])
    assert (reply.provider, [attempt.outcome for attempt in reply.attempts]) == ("anthropic", ["skipped", "success"])
