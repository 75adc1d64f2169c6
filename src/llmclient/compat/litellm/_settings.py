"""LiteLLM's module-level settings, each a row: what works, what is accepted without effect, what is refused.

The values are attributes of `llmclient.compat.litellm` itself, where programs and `monkeypatch` assign them; `SETTINGS`
reads them there at each call. The native API does not know them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import cast


class Settings:
    """Settings that work."""

    drop_params: bool
    """Leave out parameters that the provider has no place for, instead of raising."""
    callbacks: list[object]
    """`CustomLogger`s and functions told of every call made through the layer by who has no callbacks of its own."""
    success_callback: list[object]
    """The same, told of successes only."""
    failure_callback: list[object]
    """The same, told of failures only."""
    input_callback: list[object]
    """The same, told before a call."""
    _async_success_callback: list[object]
    _async_failure_callback: list[object]
    api_key: str | None
    """Key for every provider whose own is not set."""
    openai_key: str | None
    anthropic_key: str | None
    openrouter_key: str | None
    api_base: str | None
    """Endpoint for every provider."""
    organization: str | None
    headers: Mapping[str, str] | None
    """Sent with every request."""
    request_timeout: float | None
    """Seconds that a call may take."""
    num_retries: int | None
    """Tries after the first, for the module-level functions."""
    model_alias_map: dict[str, str]
    """Other names of models."""


class _View:
    """Settings as they are now."""

    def __getattr__(self, name: str) -> object:
        value: object = vars(sys.modules[_LAYER])[name]
        return value


_LAYER = "llmclient.compat.litellm"
SETTINGS = cast("Settings", _View())

WORKING = frozenset(Settings.__annotations__)


def defaults() -> dict[str, object]:
    """What every setting is at first, those without effect included."""
    return {
        "drop_params": False,
        "callbacks": list[object](),
        "success_callback": list[object](),
        "failure_callback": list[object](),
        "input_callback": list[object](),
        "_async_success_callback": list[object](),
        "_async_failure_callback": list[object](),
        "api_key": None,
        "openai_key": None,
        "anthropic_key": None,
        "openrouter_key": None,
        "api_base": None,
        "organization": None,
        "headers": None,
        "request_timeout": None,
        "num_retries": None,
        "model_alias_map": dict[str, str](),
        **IGNORED,
    }


IGNORED: Mapping[str, object] = {
    "telemetry": False,
    "set_verbose": False,
    "suppress_debug_info": True,
    "disable_aiohttp_transport": True,
    "use_aiohttp_transport": False,
    "aiohttp_trust_env": False,
    "disable_streaming_logging": False,
    "turn_off_message_logging": True,
    "log_raw_request_response": False,
    "json_logs": False,
    "local_model_cost_map": True,
    "print_verbose": False,
    "disable_hf_tokenizer_download": True,
    "suppress_warnings": True,
}
"""Accepted without effect, with what reading them gives until somebody assigns: nothing of the kind exists here."""

REFUSED: Mapping[str, str] = {
    "cache": "ModelRouter(..., middleware=[cache_responses()])",
    "caching": "ModelRouter(..., middleware=[cache_responses()])",
    "caching_with_models": "ModelRouter(..., middleware=[cache_responses()])",
    "max_budget": "ModelRouter(..., budget=Budget(usd=...))",
    "budget_duration": "ModelRouter(..., budget=Budget(usd=..., seconds=...))",
    "modify_params": "change the messages before the call",
    "client_session": "ProviderConfig(http_client=...)",
    "aclient_session": "ProviderConfig(http_client=...)",
    "ssl_verify": "ProviderConfig(http_client=...)",
    "ssl_certificate": "ProviderConfig(http_client=...)",
    "proxies": "ProviderConfig(http_client=...)",
    "enable_json_schema_validation": "ModelRouter.parse(messages, response_model=...)",
    "pre_call_rules": "middleware",
    "post_call_rules": "middleware",
    "add_function_to_prompt": "a model that takes tools",
    "custom_provider_map": "llmclient.register_provider(name, factory)",
    "fallbacks": "Router(fallbacks=...), or completion(..., fallbacks=[...])",
    "default_fallbacks": "Router(default_fallbacks=...)",
    "context_window_fallbacks": "Router(context_window_fallbacks=...)",
    "content_policy_fallbacks": "Router(content_policy_fallbacks=...)",
    "secret_manager_client": "environment variables, or ProviderConfig(api_key=...)",
    "Cache": "ModelRouter(..., middleware=[cache_responses()])",
    "BudgetManager": "ModelRouter(..., budget=Budget(usd=...))",
    "batch_completion": "ModelRouter.map(requests)",
    "abatch_completion": "ModelRouter.map(requests)",
    "batch_completion_models": "ModelRouter(..., hedge=Hedge(...))",
    "text_completion": "completion()",
    "atext_completion": "acompletion()",
    "moderation": "the provider's own SDK",
    "amoderation": "the provider's own SDK",
    "rerank": "the provider's own SDK",
    "arerank": "the provider's own SDK",
    "mock_completion": "the pytest plugin: llm.on(model).reply(text)",
}
"""Names that are not here, with what stands in their place."""
