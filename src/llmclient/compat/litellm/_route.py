"""Who is asked, all names resolved, as a value; and the pool of routers that serve such values.

Calls with equal routes share a `ModelRouter`, so that connections and health outlive a call. The pool keeps the routers
that were used last and closes the others.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from llmclient import Breaker, Decision, Deployment, ErrorCategory, ModelRouter, ProviderConfig, RetryPolicy, Timeouts
from llmclient.compat.litellm._names import resolve
from llmclient.compat.litellm._settings import SETTINGS
from llmclient.errors import UnknownProviderError

Group = tuple[Deployment, ...]

KEPT = 256
"""How many routers a pool keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who is asked, and how.

    Attributes:
        primary: deployments that share the traffic.
        fallbacks: groups that are asked in this order when the primary fails.
        context_window: asked before these after a request was too long.
        content_policy: asked before these after a moderation refused a request.
        strategy: the order within a group.
        retry: how often and how long apart.
        breaker: when a deployment is left alone; None for never.
        organization: OpenAI's organization id.
        timeouts: limits of the whole call, over every try, wait and group.
    """

    primary: Group
    fallbacks: tuple[Group, ...] = ()
    context_window: tuple[Group, ...] = ()
    content_policy: tuple[Group, ...] = ()
    strategy: str = "weighted"
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    breaker: Breaker | None = None
    organization: str | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups that may be asked."""
        return (self.primary, *self.fallbacks, *self.context_window, *self.content_policy)

    @property
    def everybody(self) -> Group:
        """Every deployment that may be asked."""
        return tuple(deployment for group in self.groups for deployment in group)

    def limited(self, limits: Timeouts) -> Route:
        """Return the route with these limits of each try, where a deployment has none of its own.

        The whole call is bounded too: each group may take as long as all its tries.
        """

        def timed(group: Group) -> Group:
            return tuple(replace(deployment, timeouts=deployment.timeouts or limits) for deployment in group)

        def several(groups: tuple[Group, ...]) -> tuple[Group, ...]:
            return tuple(timed(group) for group in groups)

        total = limits.total and limits.total * self.retry.attempts * len(self.groups)
        return replace(
            self,
            primary=timed(self.primary),
            fallbacks=several(self.fallbacks),
            context_window=several(self.context_window),
            content_policy=several(self.content_policy),
            timeouts=replace(limits, total=total),
        )


class RouterPool:
    """Routers by route; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._routers: OrderedDict[Route, ModelRouter] = OrderedDict()

    def router(self, route: Route) -> ModelRouter:
        """Return the router of a route, made when it is first asked for."""
        with self._lock:
            found = self._routers.get(route)
            if found is None:
                found = self._routers[route] = _make(route)
            self._routers.move_to_end(route)
            old = self._routers.popitem(last=False)[1] if len(self._routers) > KEPT else None
        if old is not None:
            old.close()
        return found

    def _emptied(self) -> list[ModelRouter]:
        with self._lock:
            routers = list(self._routers.values())
            self._routers.clear()
        return routers

    def close(self) -> None:
        """Close every router; a later call makes what it needs again."""
        for router in self._emptied():
            router.close()

    async def aclose(self) -> None:
        """As `close`, with the connections of this event loop."""
        for router in self._emptied():
            await router.aclose()


def _make(route: Route) -> ModelRouter:
    members: list[Deployment] = []

    def entry(group: Group) -> str | Deployment:
        if len(group) == 1:
            return group[0]
        name = f"group {len(members)}"
        members.extend(replace(deployment, name=name) for deployment in group)
        return name

    vendors = {deployment.model.partition("/")[0] for group in route.groups for deployment in group}
    config = ProviderConfig(organization=route.organization)
    primary = entry(route.primary)
    fallbacks = [entry(group) for group in route.fallbacks]
    context_window = [entry(group) for group in route.context_window]
    content_policy = [entry(group) for group in route.content_policy]
    return ModelRouter(
        primary,
        fallbacks=fallbacks,
        context_window_fallbacks=context_window,
        content_policy_fallbacks=content_policy,
        deployments=members,
        strategy=route.strategy,
        retry=route.retry,
        breaker=route.breaker,
        timeouts=route.timeouts,
        providers=dict.fromkeys(vendors, config) if route.organization else {},
    )


_KEYS = {"openai": "openai_key", "anthropic": "anthropic_key", "openrouter": "openrouter_key"}
_KEY_VARIABLES = {"openrouter": ("OPENROUTER_API_KEY", "OR_API_KEY")}
_URL_VARIABLES = {
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    "anthropic": ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE"),
    "openrouter": ("OPENROUTER_BASE_URL", "OPENROUTER_API_BASE"),
}
"""Names that we read, and after them the one that only LiteLLM reads."""


def deployment_of(
    model: str, provider: str | None = None, *, api_key: str | None = None, base_url: str | None = None
) -> Deployment:
    """Return the deployment that a model's name means, with the module-level settings filled in.

    Raises:
        UnknownProviderError: it is not known who serves the model.
    """
    model = SETTINGS.model_alias_map.get(model, model)
    try:
        vendor, name = resolve(model, provider)
    except UnknownProviderError:
        if base_url is None or "/" in model:
            raise
        vendor, name = "custom", model
    own: str | None = getattr(SETTINGS, _KEYS[vendor]) if vendor in _KEYS else None
    return Deployment(
        f"{vendor}/{name}",
        api_key=api_key or own or SETTINGS.api_key or _from_environment(_KEY_VARIABLES.get(vendor, ())),
        base_url=base_url or SETTINGS.api_base or _from_environment(_URL_VARIABLES.get(vendor, ())),
    )


def _from_environment(names: Sequence[str]) -> str | None:
    """The value of the last of some variables, where the ones before it, which we read ourselves, are not set."""
    *ours, theirs = names or ("",)
    return None if any(name in os.environ for name in ours) else os.environ.get(theirs)


RETRIED: Sequence[ErrorCategory] = (
    ErrorCategory.RATE_LIMIT,
    ErrorCategory.OVERLOADED,
    ErrorCategory.SERVER_ERROR,
    ErrorCategory.TIMEOUT,
    ErrorCategory.CONNECTION,
    ErrorCategory.INTERRUPTED,
    ErrorCategory.MALFORMED,
    ErrorCategory.BAD_REQUEST,
)
ONCE: Sequence[ErrorCategory] = (
    ErrorCategory.QUOTA,
    ErrorCategory.AUTH,
    ErrorCategory.PERMISSION,
    ErrorCategory.NOT_FOUND,
)
_NOT_THE_DEPLOYMENTS = frozenset({ErrorCategory.BAD_REQUEST})


def retry_policy(
    retries: int, *, wait: float = 0.0, cooldown: float = 0.0, own: dict[ErrorCategory, int] | None = None
) -> RetryPolicy:
    """Return LiteLLM's rules as a policy: what is tried again there is tried again here, a bad request included.

    Args:
        retries: tries after the first.
        wait: seconds of the first wait; 0 takes ours.
        cooldown: seconds in which a deployment is left alone after a failure that trying again does not mend.
        own: tries after the first, by category.
    """
    own = own or {}
    rows: dict[ErrorCategory | str, int | Decision] = {}
    for category in RETRIED:
        asked = category not in _NOT_THE_DEPLOYMENTS
        limited = category is ErrorCategory.RATE_LIMIT
        rows[category] = Decision(
            retry=True,
            counts=asked and not limited,
            cooldown=min(cooldown, 1.0) if limited else 0.0,
            attempts=1 + own.get(category, retries),
        )
    for category in ONCE:
        again = own.get(category, 0)
        rows[category] = Decision(retry=again > 0, cooldown=cooldown, attempts=1 + again)
    return RetryPolicy(attempts=1 + retries, per_category=rows, base=wait or 0.5)
