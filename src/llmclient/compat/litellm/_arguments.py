"""The arguments of LiteLLM's calls, sorted by a table: what steers the call, what has no effect, what is refused.

Whatever is in no row is a parameter of the provider's and travels as it was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, cast

from llmclient.compat.litellm._module import GUIDE
from llmclient.compat.litellm._settings import SETTINGS
from llmclient.errors import ConfigurationError
from llmclient.types.policy import Timeouts

Arguments: TypeAlias = dict[str, object]

STEERING = frozenset(
    {
        "additional_drop_params",
        "api_base",
        "api_key",
        "base_url",
        "context_window_fallback_dict",
        "custom_llm_provider",
        "deployment_id",
        "drop_params",
        "extra_body",
        "extra_headers",
        "fallbacks",
        "headers",
        "litellm_metadata",
        "max_retries",
        "metadata",
        "model",
        "messages",
        "num_retries",
        "organization",
        "request_timeout",
        "stream",
        "stream_timeout",
        "tags",
        "timeout",
    }
)
"""Read by the layer; none of them is a field of the body."""

IGNORED = frozenset(
    {
        "acompletion",
        "allowed_openai_params",
        "api_version",
        "force_timeout",
        "id",
        "litellm_call_id",
        "litellm_logging_obj",
        "litellm_params",
        "litellm_session_id",
        "litellm_trace_id",
        "model_info",
        "no-log",
        "proxy_server_request",
        "set_verbose",
        "specific_deployment",
        "verbose",
    }
)
"""Accepted without effect."""

REFUSED: Mapping[str, str] = {
    "mock_response": "a script: llm.on(model).reply(text), from the pytest plugin llmclient.testing",
    "mock_tool_calls": "a script: llm.on(model).reply(tool_calls=[...]), from the pytest plugin llmclient.testing",
    "mock_timeout": "a script: llm.on(model).fail(...), from the pytest plugin llmclient.testing",
    "mock_delay": "a script: llm.on(model).reply(...), from the pytest plugin llmclient.testing",
    "mock_testing_fallbacks": "a script: llm.on(model).fail(...), from the pytest plugin llmclient.testing",
    "cache": "ModelRouter(..., middleware=[cache_responses()])",
    "caching": "ModelRouter(..., middleware=[cache_responses()])",
    "logger_fn": "a CustomLogger in litellm.callbacks",
    "model_list": "Router(model_list=[...])",
    "client": "ModelRouter(..., providers={name: ProviderConfig(http_client=...)})",
    "shared_session": "ModelRouter(..., providers={name: ProviderConfig(http_client=...)})",
    "ssl_verify": "ModelRouter(..., providers={name: ProviderConfig(http_client=...)})",
    "custom_prompt_dict": "messages in the shape that the model takes",
    "prompt_id": "messages",
    "prompt_variables": "messages",
    "guardrails": "middleware: ModelRouter(..., middleware=[...])",
    "use_litellm_proxy": "base_url",
    "fastest_response": "ModelRouter(..., hedge=Hedge(...))",
    "azure_ad_token": "llmclient.register_provider(name, factory)",
    "aws_access_key_id": "llmclient.register_provider(name, factory)",
    "aws_region_name": "llmclient.register_provider(name, factory)",
    "vertex_project": "llmclient.register_provider(name, factory)",
    "vertex_credentials": "llmclient.register_provider(name, factory)",
}
"""Refused, with what stands in their place."""

PRICES = frozenset(
    {
        "cache_creation_input_token_cost",
        "cache_read_input_token_cost",
        "input_cost_per_second",
        "input_cost_per_token",
        "output_cost_per_second",
        "output_cost_per_token",
    }
)
"""Prices of a deployment; read by the layer."""


class NotSupportedError(ConfigurationError, TypeError):
    """An argument of LiteLLM's that the layer does not take; the message says what to use."""

    def __init__(self, argument: str, instead: str) -> None:
        super().__init__(f"the LiteLLM layer takes no {argument}=; use {instead}; {GUIDE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallArguments:
    """A call's arguments, sorted. `given` is all of them, as callbacks see them."""

    model: str
    messages: object
    stream: bool
    params: Arguments
    given: Arguments
    provider: str | None = None
    api_key: str | None = None
    base_url: str | None = None
    organization: str | None = None
    timeout: object = None
    retries: int | None = None
    fallbacks: Sequence[object] = ()
    context_window_fallbacks: Mapping[str, str] = field(default_factory=dict[str, str])
    drop_params: bool = False
    extra_body: Mapping[str, object] = field(default_factory=dict[str, object])
    extra_headers: Mapping[str, str] = field(default_factory=dict[str, str])
    price: Mapping[str, float] | None = None
    metadata: object = None

    def with_defaults(self, defaults: Mapping[str, object]) -> CallArguments:
        """Return the call with a deployment's own parameters under those of the call."""
        return replace(self, params={**defaults, **self.params}) if defaults else self


def read_arguments(model: object, messages: object, given: Mapping[str, object]) -> CallArguments:
    """Sort a call's arguments.

    Raises:
        NotSupportedError: one of them is refused.
        TypeError: there is no model.
    """
    refuse(given, REFUSED)
    if not isinstance(model, str) or not model:
        raise TypeError(f"a call needs model=, such as 'openai/gpt-5-mini'; got {model!r}")
    named = {name: given[name] for name in STEERING if given.get(name) is not None}
    return CallArguments(
        model=cast("str", named.get("deployment_id", model)),
        messages=messages,
        stream=bool(named.get("stream")),
        params=_parameters(given, cast("Sequence[str]", named.get("additional_drop_params", ()))),
        given={"model": model, "messages": messages, **given},
        provider=cast("str | None", named.get("custom_llm_provider")),
        api_key=cast("str | None", named.get("api_key")),
        base_url=cast("str | None", named.get("base_url", named.get("api_base"))),
        organization=cast("str | None", named.get("organization")),
        timeout=named.get("timeout", named.get("request_timeout")),
        retries=cast("int | None", named.get("num_retries", named.get("max_retries"))),
        fallbacks=cast("Sequence[object]", named.get("fallbacks", ())),
        context_window_fallbacks=cast("Mapping[str, str]", named.get("context_window_fallback_dict", {})),
        drop_params=bool(named.get("drop_params", SETTINGS.drop_params)),
        extra_body=cast("Mapping[str, object]", named.get("extra_body", {})),
        extra_headers=_headers(named),
        price=prices_in(given),
        metadata=named.get("metadata", named.get("litellm_metadata")),
    )


def refuse(given: Mapping[str, object], table: Mapping[str, str]) -> None:
    """Raise for the first argument that a table refuses and that is set."""
    for name, instead in table.items():
        if given.get(name):
            raise NotSupportedError(name, instead)


def prices_in(given: Mapping[str, object]) -> Mapping[str, float] | None:
    """The prices among some arguments, None where there are none."""
    found = {name: float(value) for name in PRICES if isinstance(value := given.get(name), int | float)}
    return found if any(found.values()) else None


def _parameters(given: Mapping[str, object], dropped: Sequence[str]) -> Arguments:
    handled = STEERING | IGNORED | PRICES | set(dropped) | set(REFUSED)
    params = {name: value for name, value in given.items() if name not in handled and value is not None}
    wanted = params.get("response_format")
    if isinstance(wanted, type):
        params["response_format"] = _schema_of(wanted)
    return params


def _schema_of(model: type) -> Mapping[str, object]:
    """A pydantic class as a response format, in the strict form that OpenAI asks for."""
    import openai

    function = cast("Mapping[str, object]", openai.pydantic_function_tool(model)["function"])
    schema = {"name": model.__name__, "schema": function["parameters"], "strict": True}
    return {"type": "json_schema", "json_schema": schema}


def _headers(named: Mapping[str, object]) -> Mapping[str, str]:
    everyone = SETTINGS.headers or {}
    plain = cast("Mapping[str, str]", named.get("headers", {}))
    return {**everyone, **plain, **cast("Mapping[str, str]", named.get("extra_headers", {}))}


def try_limits(timeout: object, *, stream: bool) -> Timeouts:
    """Read LiteLLM's `timeout`, seconds or a `Timeout` of httpx, as the limits of one try. Default 600 s.

    A plain call's try ends within it; a stream's waits so long for its first event, and between two.
    """
    if timeout is None:
        timeout = SETTINGS.request_timeout
    connect: object = None
    if not isinstance(timeout, int | float | str | None):
        connect, timeout = getattr(timeout, "connect", None), getattr(timeout, "read", None)
    seconds = float(timeout) if isinstance(timeout, int | float | str) else 0.0
    seconds = seconds if seconds > 0 else _TIMEOUT
    opening = min(float(connect), seconds) if isinstance(connect, int | float) else min(10.0, seconds)
    if stream:
        return Timeouts(total=None, connect=opening, first_token=seconds, idle=seconds)
    return Timeouts(total=seconds, connect=opening, idle=None)


_TIMEOUT = 600.0
