"""A limit on money: when it is spent, calls are refused before they are sent.

The router's own `Budget` reserves before it sends and counts by tags and periods; this one is for a script or a session
that shall not cost more than so much, over any number of routers.
"""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import TYPE_CHECKING

from llmclient.errors import BudgetExceededError, LLMClientError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmclient.middleware.base import Around, Flow
    from llmclient.types.policy import Attempt


class SpendingLimit:
    """A middleware around calls, to hand to one router or to several. `spent` is what was spent so far.

    Args:
        usd: US dollars; the call that would begin after they are spent is refused. Calls that run may go over it.
        scope: what the limit is called in the error. Default "session".
    """

    def __init__(self, usd: float | Decimal, *, scope: str = "session") -> None:
        self._limit = Decimal(str(usd))
        self._scope = scope
        self._lock = threading.Lock()
        self.spent: Decimal = Decimal(0)

    def __call__(self, around: Around) -> Flow:
        """Refuse where nothing is left; else count what the call cost, its failed attempts included."""
        del around
        if self.spent >= self._limit:
            raise BudgetExceededError(self._scope, limit=f"${self._limit}", spent=f"${self.spent}")
        try:
            reply = yield
        except LLMClientError as error:
            self._count(error.attempts, None)
            raise
        attempts: Sequence[Attempt] = getattr(reply, "attempts", ())
        cost = getattr(reply, "cost", None)
        self._count(attempts, None if cost is None else cost.total)
        return None

    def _count(self, attempts: Sequence[Attempt], total: Decimal | None) -> None:
        tried = sum(
            (
                attempt.cost.total
                for attempt in attempts
                if attempt.cost is not None and (total is None or attempt.outcome != "success")
            ),
            Decimal(0),
        )
        with self._lock:
            self.spent += tried + (total or 0)
