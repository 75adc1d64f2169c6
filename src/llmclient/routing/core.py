"""What the routers of one family share: settings, deployments, provider leases. `router.sync` is a second face of it.

The state between calls (`shared()`) belongs to the providers in force: under an override of the registry it begins
anew, so that a deployment that failed as a stand-in is not left alone for it afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from llmclient.errors import ConfigurationError
from llmclient.middleware.events import Hooks
from llmclient.providers.config import ProviderConfig
from llmclient.providers.registry import ProviderLease, current_clock, override_in_force, split_model
from llmclient.routing.around import functions_at
from llmclient.routing.bridge import LoopThread
from llmclient.routing.policy.health import Rules
from llmclient.routing.policy.plan import Plan
from llmclient.routing.policy.settings import Breaker, Budget, Hedge, Limits, OnInterrupted
from llmclient.routing.policy.shared import Shared
from llmclient.routing.policy.store import MemoryStore, Store
from llmclient.routing.policy.strategies import Strategy, strategy_named
from llmclient.types.policy import Deployment, RetryPolicy, Timeouts

if TYPE_CHECKING:
    import random

    from llmclient.middleware.base import Middleware, MiddlewareFunction
    from llmclient.middleware.events import RouterEvent
    from llmclient.protocols import Capability, Clock, Provider
    from llmclient.routing.calls import Call
    from llmclient.routing.watch import Watchdog


@dataclass(slots=True, eq=False)
class Endpoint:
    """A deployment with the lease on its provider, and the label that its records go by."""

    deployment: Deployment
    key: str
    provider_name: str
    model: str
    lease: ProviderLease
    rules: Rules

    def counts_tokens(self, router: Rules) -> bool:
        """Whether a limit on tokens wants an estimate."""
        return self.rules.tpm is not None or router.tpm is not None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Setup:
    """A router's settings; `ModelRouter` says what each means."""

    fallbacks: Sequence[str | Deployment] = ()
    capabilities: Mapping[Capability, Sequence[str | Deployment]] = field(
        default_factory=dict["Capability", Sequence["str | Deployment"]]
    )
    deployments: Sequence[Deployment] = ()
    context_window_fallbacks: Sequence[str | Deployment] = ()
    content_policy_fallbacks: Sequence[str | Deployment] = ()
    strategy: str | Strategy = "ordered"
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    timeouts: Timeouts = field(default_factory=Timeouts)
    breaker: Breaker | None = field(default_factory=Breaker)
    limits: Limits = field(default_factory=Limits)
    hedge: Hedge | None = None
    budgets: Sequence[Budget] = ()
    on_interrupted: OnInterrupted = "raise"
    middleware: Sequence[Middleware | MiddlewareFunction] = ()
    providers: Mapping[str, ProviderConfig] = field(default_factory=dict[str, ProviderConfig])
    clock: Clock | None = None
    rng: random.Random | None = None
    store: Store | None = None


class RouterCore:
    """State behind a router; safe to share between threads and tasks."""

    def __init__(self, primary: str | Deployment, setup: Setup) -> None:
        if setup.on_interrupted not in ("raise", "restart", "continue"):
            raise ConfigurationError(f"on_interrupted={setup.on_interrupted!r}; give 'raise', 'restart' or 'continue'")
        self.setup = setup
        self.label: str = primary if isinstance(primary, str) else primary.model
        self.loop: LoopThread = LoopThread()
        self.hooks: Hooks = Hooks()
        self.watchdog: Watchdog | None = None
        self.call_middleware: tuple[MiddlewareFunction, ...] = functions_at(setup.middleware, "call")
        self.attempt_middleware: tuple[MiddlewareFunction, ...] = functions_at(setup.middleware, "attempt")
        self._strategy = strategy_named(setup.strategy)
        limits = setup.limits
        self._rules = Rules(rpm=limits.rpm, tpm=limits.tpm, max_parallel=limits.max_parallel)
        self._rng = setup.rng or _new_rng()
        self._lock = threading.RLock()
        self._groups: dict[str, list[Deployment]] = {}
        for deployment in setup.deployments:
            self._groups.setdefault(deployment.name or deployment.model, []).append(deployment)
        self._endpoints: dict[Deployment, Endpoint] = {}
        self._states: dict[int, Shared] = {}
        self._primary = self._list(primary)
        self._fallbacks = [self._list(entry) for entry in setup.fallbacks]
        self._context_window = self._flat(setup.context_window_fallbacks)
        self._content_policy = self._flat(setup.content_policy_fallbacks)
        self._stages = self._chain(self._primary)
        self._alone = self._is_alone(self._stages)
        self._own_stages = {
            capability: tuple(self._list(entry) for entry in entries)
            for capability, entries in setup.capabilities.items()
            if entries
        }

    # --- what a call goes by ---

    @property
    def clock(self) -> Clock:
        """The clock of the router, else the one in force."""
        return self.setup.clock or current_clock()

    @property
    def watched(self) -> bool:
        """Whether anything stands around calls or attempts."""
        return bool(self.setup.middleware or self.hooks)

    def tell(self, events: Sequence[RouterEvent]) -> None:
        """Tell the hooks, from sync code."""
        if events:
            self.hooks.tell_sync(events, self._wait_for)

    def _wait_for(self, told: Awaitable[object]) -> object:
        async def wait() -> object:
            return await told

        return self.loop.run(wait())

    def primary_model(self, capability: Capability) -> str:
        """The model that is asked first."""
        own = self._own_stages.get(capability)
        return (own[0] if own else self._primary)[0].deployment.model

    def plan(self, call: Call[object]) -> Plan:
        """Return what `call` goes by."""
        setup = self.setup
        stages, alone = self._stages, self._alone
        if call.only is not None:
            stages, alone = ((call.only,),), True
        elif call.model is not None:
            stages = self._chain(self._list(call.model))
            alone = self._is_alone(stages)
        elif call.capability in self._own_stages:
            stages = self._own_stages[call.capability]
            alone = self._is_alone(stages)
        return Plan(
            stages=stages,
            context_window=self._context_window,
            content_policy=self._content_policy,
            alone=alone,
            strategy=self._strategy,
            retry=call.retry or setup.retry,
            timeouts=call.timeouts or setup.timeouts,
            rules=self._rules,
            wait_when_full=setup.limits.when_full == "wait",
            hedge=setup.hedge,
            budgets=setup.budgets,
            tags=call.tags,
            on_interrupted=setup.on_interrupted,
            needs=call.needs,
        )

    def shared(self) -> Shared:
        """Return the state between calls, for the providers in force."""
        override = override_in_force()
        found = self._states.get(override)
        return found if found is not None else self._begin_state(override)

    def _begin_state(self, override: int) -> Shared:
        with self._lock:
            self._states = {serial: state for serial, state in self._states.items() if serial <= override}
            store = self.setup.store or MemoryStore()
            state = Shared(store, self._rng)
            for endpoint in list(self._endpoints.values()):
                state.tally(endpoint.key)
            return self._states.setdefault(override, state)

    # --- deployments ---

    def providers(self) -> list[Endpoint]:
        """One endpoint of each provider that the router may ask, in the order of asking."""
        found: dict[str, Endpoint] = {}
        for endpoint in list(self._endpoints.values()):
            found.setdefault(endpoint.provider_name, endpoint)
        return list(found.values())

    def _chain(self, first: Sequence[Endpoint]) -> Sequence[Sequence[Endpoint]]:
        return tuple(stage for stage in (first, *self._fallbacks) if stage)

    def _is_alone(self, stages: Sequence[Sequence[Endpoint]]) -> bool:
        special = (self._context_window, self._content_policy)
        return len({endpoint.key for stage in (*stages, *special) for endpoint in stage}) == 1

    def _flat(self, entries: Sequence[str | Deployment]) -> Sequence[Endpoint]:
        return tuple(endpoint for entry in entries for endpoint in self._list(entry))

    def _list(self, entry: str | Deployment) -> Sequence[Endpoint]:
        if isinstance(entry, Deployment):
            return (self._endpoint(entry),)
        if not entry:
            raise ConfigurationError("a router needs a model such as 'openai/gpt-5-mini'; got ''")
        return tuple(self._endpoint(member) for member in self._groups.get(entry) or (Deployment(entry),))

    def _endpoint(self, deployment: Deployment) -> Endpoint:
        found = self._endpoints.get(deployment)
        return found if found is not None else self._make(deployment)

    def _make(self, deployment: Deployment) -> Endpoint:
        provider, model = split_model(deployment.model)
        config = self.setup.providers.get(provider) or ProviderConfig()
        if deployment.api_key is not None:
            config = replace(config, api_key=deployment.api_key)
        if deployment.base_url is not None:
            config = replace(config, base_url=deployment.base_url)
        placed = deployment
        if provider == "openai" and config.base_url is not None and deployment.base_url is None:
            from llmclient.costs.regions import region_of  # what the deployment itself names is read when it is priced

            placed = replace(deployment, region=deployment.region or region_of(config.base_url) or "global")
        rules = Rules(
            breaker=self.setup.breaker,
            rpm=deployment.rpm,
            tpm=deployment.tpm,
            max_parallel=deployment.max_parallel,
        )
        with self._lock:
            same = sum(other.model == deployment.model for other in self._endpoints)
            key = f"{deployment.model}#{same + 1}" if same else deployment.model
            endpoint = Endpoint(placed, key, provider, model, ProviderLease(provider, config), rules)
            return self._endpoints.setdefault(deployment, endpoint)

    def release(self) -> list[Provider]:
        """Give up every lease; returns the providers to close."""
        with self._lock:
            return [orphan for endpoint in self._endpoints.values() for orphan in endpoint.lease.release()]


def _new_rng() -> random.Random:
    from random import Random  # 5 ms: only where a router is made

    return Random()  # noqa: S311 - jitter, no secret
