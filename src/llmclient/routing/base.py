"""What both routers have: the constructor, and what can be read of their common state.

Importing a router imports no routing: the parts come when a router is made, or first asked (`asking_async`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

if TYPE_CHECKING:
    import random
    from types import TracebackType

    from llmclient.middleware.base import Middleware, MiddlewareFunction
    from llmclient.middleware.events import EventName, Hook
    from llmclient.protocols import Clock
    from llmclient.providers.config import ProviderConfig
    from llmclient.routing.core import RouterCore
    from llmclient.routing.policy.health import Health
    from llmclient.routing.policy.settings import Breaker, Budget, Hedge, Limits, OnInterrupted
    from llmclient.routing.policy.stats import RouterStats
    from llmclient.routing.policy.store import Store
    from llmclient.routing.policy.strategies import Strategy
    from llmclient.types.policy import Deployment, RetryPolicy, Timeouts

Models: TypeAlias = "str | Deployment | Sequence[str | Deployment]"
"""A model, or several: the first is asked, the others when it fails."""


def _several(models: Models) -> tuple[str | Deployment, ...]:
    return tuple(models) if isinstance(models, Sequence) and not isinstance(models, str) else (models,)


class RouterBase:
    """The constructor and the readings of both routers; `ModelRouter` documents the arguments."""

    def __init__(
        self,
        primary: str | Deployment,
        *,
        fallbacks: Sequence[str | Deployment] = (),
        embeddings: Models = (),
        images: Models = (),
        speech: Models = (),
        transcription: Models = (),
        deployments: Sequence[Deployment] = (),
        context_window_fallbacks: Sequence[str | Deployment] = (),
        content_policy_fallbacks: Sequence[str | Deployment] = (),
        strategy: str | Strategy = "ordered",
        retry: RetryPolicy | None = None,
        timeouts: Timeouts | None = None,
        breaker: Breaker | Literal["default"] | None = "default",
        limits: Limits | None = None,
        hedge: Hedge | None = None,
        budget: Budget | Sequence[Budget] = (),
        on_interrupted: OnInterrupted = "raise",
        middleware: Sequence[Middleware | MiddlewareFunction] = (),
        providers: Mapping[str, ProviderConfig] | None = None,
        clock: Clock | None = None,
        rng: random.Random | None = None,
        store: Store | None = None,
    ) -> None:
        from llmclient.protocols import Capability
        from llmclient.routing.checks import check_router
        from llmclient.routing.core import RouterCore, Setup
        from llmclient.routing.policy.settings import Breaker, Budget, Limits
        from llmclient.types.policy import RetryPolicy, Timeouts

        check_router(
            primary,
            {
                "fallbacks": fallbacks,
                "deployments": deployments,
                "context_window_fallbacks": context_window_fallbacks,
                "content_policy_fallbacks": content_policy_fallbacks,
                "retry": retry,
                "timeouts": timeouts,
                "breaker": breaker,
                "limits": limits,
                "hedge": hedge,
                "budget": budget,
                "middleware": middleware,
                "providers": providers,
            },
        )
        setup = Setup(
            fallbacks=tuple(fallbacks),
            capabilities={
                Capability.EMBEDDINGS: _several(embeddings),
                Capability.IMAGES: _several(images),
                Capability.SPEECH: _several(speech),
                Capability.TRANSCRIPTION: _several(transcription),
            },
            deployments=tuple(deployments),
            context_window_fallbacks=tuple(context_window_fallbacks),
            content_policy_fallbacks=tuple(content_policy_fallbacks),
            strategy=strategy,
            retry=retry or RetryPolicy(),
            timeouts=timeouts or Timeouts(),
            breaker=Breaker() if breaker == "default" else breaker,
            limits=limits or Limits(),
            hedge=hedge,
            budgets=(budget,) if isinstance(budget, Budget) else tuple(budget),
            on_interrupted=on_interrupted,
            middleware=tuple(middleware),
            providers=dict(providers or {}),
            clock=clock,
            rng=rng,
            store=store,
        )
        self._core: RouterCore = RouterCore(primary, setup)

    def health(self) -> Mapping[str, Health]:
        """Return how each deployment is, by its label: the model, with "#2" and so on where several have the same."""
        core = self._core
        shared = core.shared()
        return shared.health(now=shared.time(core.clock))

    def on(self, event: EventName, hook: Hook) -> None:
        """Call `hook` on every event of that name, of this router and those that share its state.

        Args:
            event: "attempt_started", "attempt_finished", "retry", "fallback", "response" or "error".
            hook: sync or async; gets a `RouterEvent`. One that fails breaks no call, and is logged once.

        Raises:
            ValueError: there is no such event.
        """
        self._core.hooks.on(event, hook)

    def stats(self) -> RouterStats:
        """Return what was done since the router was made, or since `reset_stats()`."""
        return self._core.shared().stats()

    def reset_stats(self) -> None:
        """Count from zero. Breakers, limits, budgets and what strategies go by stay as they are."""
        self._core.shared().reset_stats()

    def close(self) -> None:
        """Release what can be released without an event loop. A later call opens what it needs again."""
        for provider in self._core.release():
            provider.close()
        self._core.loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
