"""What the routers of one family share: deployments, provider leases, clock. `router.sync` is a second face of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from llmclient.clock import SystemClock
from llmclient.errors import ConfigurationError
from llmclient.providers.config import ProviderConfig
from llmclient.providers.registry import ProviderLease, split_model
from llmclient.routing.bridge import LoopThread
from llmclient.types.policy import Deployment, Timeouts

if TYPE_CHECKING:
    from llmclient.protocols import Clock, Provider


@dataclass(slots=True)
class Endpoint:
    """A deployment with the lease on its provider."""

    deployment: Deployment
    provider_name: str
    model: str
    lease: ProviderLease


class RouterCore:
    """State behind a router; safe to share between threads and tasks."""

    def __init__(
        self,
        primary: str | Deployment,
        *,
        fallbacks: Sequence[str | Deployment],
        deployments: Sequence[Deployment],
        providers: Mapping[str, ProviderConfig],
        timeouts: Timeouts | None,
        clock: Clock | None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.timeouts = timeouts or Timeouts()
        self.loop = LoopThread()
        self._providers = dict(providers)
        self._lock = threading.Lock()
        groups: dict[str, list[Deployment]] = {}
        for deployment in deployments:
            groups.setdefault(deployment.name or deployment.model, []).append(deployment)
        self._endpoints: dict[Deployment, Endpoint] = {}
        self.chain: list[Endpoint] = [
            self.endpoint(deployment) for entry in (primary, *fallbacks) for deployment in _members(entry, groups)
        ]

    def endpoint(self, deployment: Deployment) -> Endpoint:
        """Return the endpoint of `deployment`, the same one for equal deployments.

        Raises:
            UnknownProviderError: its model leads to no provider.
        """
        found = self._endpoints.get(deployment)
        if found is not None:
            return found
        provider, model = split_model(deployment.model)
        config = self._providers.get(provider) or ProviderConfig()
        if deployment.api_key is not None:
            config = replace(config, api_key=deployment.api_key)
        if deployment.base_url is not None:
            config = replace(config, base_url=deployment.base_url)
        with self._lock:
            return self._endpoints.setdefault(
                deployment, Endpoint(deployment, provider, model, ProviderLease(provider, config))
            )

    def asked(self, model: str | None) -> Endpoint:
        """Return who is asked: the deployment of the call's `model`, else the first of the router."""
        return self.chain[0] if model is None else self.endpoint(Deployment(model))

    def release(self) -> list[Provider]:
        """Give up every lease; returns the providers to close."""
        with self._lock:
            return [orphan for endpoint in self._endpoints.values() for orphan in endpoint.lease.release()]


def _members(entry: str | Deployment, groups: Mapping[str, Sequence[Deployment]]) -> Sequence[Deployment]:
    if isinstance(entry, Deployment):
        return (entry,)
    if not entry:
        raise ConfigurationError("a router needs a model such as 'openai/gpt-5-mini'; got ''")
    return groups.get(entry) or (Deployment(entry),)
