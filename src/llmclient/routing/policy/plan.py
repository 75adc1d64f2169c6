"""What one call goes by: the router's settings with the call's own in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmclient.routing.core import Endpoint
    from llmclient.routing.policy.candidates import Kept
    from llmclient.routing.policy.fit import Needs
    from llmclient.routing.policy.health import Rules
    from llmclient.routing.policy.settings import Budget, Hedge, OnInterrupted
    from llmclient.routing.policy.strategies import Strategy
    from llmclient.types.policy import RetryPolicy, Timeouts


@dataclass(slots=True, eq=False, kw_only=True)
class Plan:
    """One call's settings.

    Attributes:
        stages: the lists to ask, the primary's first.
        context_window: list that goes first after a request was too long.
        content_policy: list that goes first after a moderation refused.
        alone: whether there is one deployment in all lists together, so that its own error is the call's.
        needs: what the request needs of a model; None where that cannot be told.
        rules: the router's own limits.
        wait_when_full: whether a full limit is waited for, or the next list asked.
        budgets: those that count every deployment's calls or have a tag.
        tags: of the call.
    """

    stages: Sequence[Sequence[Endpoint]]
    context_window: Sequence[Endpoint] = ()
    content_policy: Sequence[Endpoint] = ()
    alone: bool
    strategy: Strategy
    retry: RetryPolicy
    timeouts: Timeouts
    rules: Rules
    wait_when_full: bool = True
    hedge: Hedge | None = None
    budgets: Sequence[Budget] = ()
    tags: Sequence[str] = ()
    on_interrupted: OnInterrupted = "raise"
    needs: Needs | None = None

    def budgets_of(self, endpoint: Endpoint) -> Kept:
        """Return the budgets that a try at `endpoint` is charged to, each with the key of its document."""
        tags = (*self.tags, *endpoint.deployment.tags)
        return tuple(
            (f"budget:{position}:{budget.scope}", budget)
            for position, budget in enumerate(self.budgets)
            if budget.tag is None or budget.tag in tags
        )
