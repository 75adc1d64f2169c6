"""What LiteLLM's `Router` takes, by tables: what works, what is accepted without effect, what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from llmclient.errors import ErrorCategory


@dataclass(slots=True, kw_only=True)
class RetryPolicy:
    """Tries after the first, by kind of error; None takes the router's `num_retries`."""

    BadRequestErrorRetries: int | None = None
    AuthenticationErrorRetries: int | None = None
    TimeoutErrorRetries: int | None = None
    RateLimitErrorRetries: int | None = None
    ContentPolicyViolationErrorRetries: int | None = None
    InternalServerErrorRetries: int | None = None

    def by_category(self) -> dict[ErrorCategory, int]:
        """The numbers that are set, by our categories."""
        found: dict[ErrorCategory, int] = {}
        for name, categories in _CATEGORIES.items():
            number: int | None = getattr(self, f"{name}Retries")
            if number is not None:
                found.update(dict.fromkeys(categories, number))
        return found


@dataclass(slots=True, kw_only=True)
class AllowedFailsPolicy:
    """Failures before a deployment is left alone, by kind of error. The breaker has one number: the lowest given."""

    BadRequestErrorAllowedFails: int | None = None
    AuthenticationErrorAllowedFails: int | None = None
    TimeoutErrorAllowedFails: int | None = None
    RateLimitErrorAllowedFails: int | None = None
    ContentPolicyViolationErrorAllowedFails: int | None = None
    InternalServerErrorAllowedFails: int | None = None

    def lowest(self) -> int | None:
        """The lowest number, None where none is set."""
        numbers = [getattr(self, f"{name}AllowedFails") for name in _CATEGORIES]
        return min((number for number in numbers if number is not None), default=None)


_CATEGORIES: Mapping[str, tuple[ErrorCategory, ...]] = {
    "BadRequestError": (ErrorCategory.BAD_REQUEST,),
    "AuthenticationError": (ErrorCategory.AUTH,),
    "TimeoutError": (ErrorCategory.TIMEOUT,),
    "RateLimitError": (ErrorCategory.RATE_LIMIT,),
    "ContentPolicyViolationError": (),
    "InternalServerError": (ErrorCategory.SERVER_ERROR, ErrorCategory.OVERLOADED),
}

Fallbacks = Sequence[Mapping[str, Sequence[object]]]


class RouterOptions(TypedDict, total=False):
    """Options of LiteLLM's `Router` that work, with the layer's own `callbacks`."""

    fallbacks: Fallbacks | None
    context_window_fallbacks: Fallbacks | None
    content_policy_fallbacks: Fallbacks | None
    default_fallbacks: Sequence[str] | None
    num_retries: int | None
    timeout: float | None
    stream_timeout: float | None
    retry_after: float | None
    retry_policy: RetryPolicy | Mapping[str, int] | None
    allowed_fails: int | None
    allowed_fails_policy: AllowedFailsPolicy | Mapping[str, int] | None
    cooldown_time: float | None
    disable_cooldowns: bool | None
    routing_strategy: str
    model_group_alias: Mapping[str, object] | None
    default_litellm_params: Mapping[str, object] | None
    callbacks: Sequence[object] | None


ALLOWED_FAILS = 3
COOLDOWN = 5.0
"""LiteLLM's own numbers, where nobody says."""

DEFAULTS: Mapping[str, object] = {
    "fallbacks": None,
    "context_window_fallbacks": None,
    "content_policy_fallbacks": None,
    "default_fallbacks": None,
    "num_retries": None,
    "timeout": None,
    "stream_timeout": None,
    "retry_after": None,
    "retry_policy": None,
    "allowed_fails": ALLOWED_FAILS,
    "allowed_fails_policy": None,
    "cooldown_time": COOLDOWN,
    "disable_cooldowns": None,
    "routing_strategy": "simple-shuffle",
    "model_group_alias": None,
    "default_litellm_params": None,
    "callbacks": None,
    "set_verbose": False,
    "debug_level": "INFO",
    "enable_pre_call_checks": False,
    "default_priority": None,
    "max_fallbacks": 5,
    "model_group_retry_policy": None,
    "optional_pre_call_checks": None,
    "routing_strategy_args": None,
    "client_ttl": 3600,
}
"""Attributes of a router: the options that work, read at each call, and after `callbacks` some that have no effect."""

STRATEGIES: Mapping[str, str] = {
    "simple-shuffle": "weighted",
    "least-busy": "least_busy",
    "latency-based-routing": "lowest_latency",
    "usage-based-routing": "most_remaining",
    "usage-based-routing-v2": "most_remaining",
    "cost-based-routing": "lowest_cost",
}
"""LiteLLM's routing strategies, and ours."""

IGNORED = frozenset(
    {
        "alerting_config",
        "assistants_config",
        "cache_kwargs",
        "caching_groups",
        "client_ttl",
        "debug_level",
        "default_max_parallel_requests",
        "default_priority",
        "enable_pre_call_checks",
        "ignore_invalid_deployments",
        "max_fallbacks",
        "model_group_retry_policy",
        "optional_pre_call_checks",
        "polling_interval",
        "router_general_settings",
        "routing_strategy_args",
        "search_tools",
        "set_verbose",
        "tag_filtering_match_any",
    }
)
"""Accepted without effect. A request that a deployment cannot take is passed over in any case."""

REFUSED: Mapping[str, str] = {
    "cache_responses": "ModelRouter(..., middleware=[cache_responses()])",
    "redis_url": "ModelRouter(..., store=...)",
    "redis_host": "ModelRouter(..., store=...)",
    "redis_port": "ModelRouter(..., store=...)",
    "redis_password": "ModelRouter(..., store=...)",
    "provider_budget_config": "ModelRouter(..., budget=Budget(...))",
    "enable_tag_filtering": "a router for each tag",
    "guardrail_list": "middleware: ModelRouter(..., middleware=[...])",
}
"""Refused when set, with what stands in their place."""
