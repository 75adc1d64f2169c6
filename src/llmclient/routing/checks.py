"""Arguments that cannot be meant: refused before anything is made of them, each with what to write instead.

A type checker finds most of them; this is for the rest, and for habits from other clients. What a provider takes or not
is its own business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from llmclient.errors import ConfigurationError
from llmclient.providers.config import ProviderConfig
from llmclient.providers.registry import is_provider, list_providers
from llmclient.routing.policy.settings import Breaker, Budget, Hedge, Limits
from llmclient.types.policy import Deployment, RetryPolicy, Timeouts

_KINDS: Mapping[str, type] = {
    "retry": RetryPolicy,
    "timeouts": Timeouts,
    "breaker": Breaker,
    "limits": Limits,
    "hedge": Hedge,
}
"""Settings that are objects."""

_MEMBERS: Mapping[str, tuple[type, ...]] = {
    "fallbacks": (str, Deployment),
    "context_window_fallbacks": (str, Deployment),
    "content_policy_fallbacks": (str, Deployment),
    "deployments": (Deployment,),
    "budget": (Budget,),
    "middleware": (object,),
}
"""Settings that are lists, and what may stand in them."""

_ON_A_DEPLOYMENT = "give it to a Deployment, or to the router: providers={'openai': ProviderConfig(...)}"
_WRITE_INSTEAD: Mapping[str, str] = {
    "timeout": "pass timeouts=Timeouts(total=...)",
    "max_retries": "pass retry=RetryPolicy(attempts=...)",
    "num_retries": "pass retry=RetryPolicy(attempts=...)",
    "fallbacks": "give them to the router: ModelRouter(..., fallbacks=[...])",
    "api_key": _ON_A_DEPLOYMENT,
    "base_url": _ON_A_DEPLOYMENT,
    "api_base": _ON_A_DEPLOYMENT,
    "response_model": "use router.parse(..., response_model=...)",
}
"""Arguments of calls elsewhere, which a provider would be sent as parameters, a key among them."""


def check_router(primary: object, settings: Mapping[str, object]) -> None:
    """Look at the arguments of a router.

    Raises:
        ConfigurationError: one of them is of another kind than the router takes.
    """
    if not isinstance(primary, str | Deployment):
        raise ConfigurationError(
            f"a router needs a model such as 'openai/gpt-5-mini', or a Deployment; got {primary!r}"
        )
    for name, kind in _KINDS.items():
        value = settings.get(name)
        if value is not None and not isinstance(value, kind) and not (name == "breaker" and value == "default"):
            raise ConfigurationError(f"{name}={value!r}: give a {kind.__name__}(...)")
    for name, kinds in _MEMBERS.items():
        _check_list(name, settings.get(name, ()), kinds)
    for provider, config in cast("Mapping[str, object]", settings.get("providers") or {}).items():
        if not is_provider(provider):
            raise ConfigurationError(f"providers={{{provider!r}: ...}}: there is no such provider, only {_known()}")
        if not isinstance(config, ProviderConfig):
            raise ConfigurationError(f"providers={{{provider!r}: {type(config).__name__}}}: give a ProviderConfig(...)")


def check_call(params: Mapping[str, object]) -> None:
    """Look at the arguments of a call that are not for the provider.

    Raises:
        ConfigurationError: one of them belongs elsewhere, or is of another kind than a call takes.
    """
    for name in _WRITE_INSTEAD.keys() & params.keys():
        raise ConfigurationError(f"a call takes no {name}: {_WRITE_INSTEAD[name]}")
    for name in ("timeouts", "retry"):
        value = params.get(name)
        if value is not None and not isinstance(value, _KINDS[name]):
            raise ConfigurationError(f"{name}={value!r}: give a {_KINDS[name].__name__}(...)")
    for name in ("extra_body", "extra_headers"):
        value = params.get(name)
        if value is not None and not isinstance(value, Mapping):
            raise ConfigurationError(f"{name}={value!r}: give a dictionary")
    if isinstance(params.get("tags"), str):
        raise ConfigurationError(f"tags={params['tags']!r}: give a list, [{params['tags']!r}]")


def _check_list(name: str, value: object, kinds: tuple[type, ...]) -> None:
    if isinstance(value, kinds) and name == "budget":
        return
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ConfigurationError(f"{name}={value!r}: give a list, [{value!r}]")
    for member in cast("Sequence[object]", value):
        if not isinstance(member, kinds):
            wanted = " or ".join("a model's name" if kind is str else f"a {kind.__name__}(...)" for kind in kinds)
            raise ConfigurationError(f"{name}=[{member!r}]: each is {wanted}")


def _known() -> str:
    return ", ".join(list_providers())
