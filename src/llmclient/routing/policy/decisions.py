"""The decision table: what each category of failure means for the call, the deployment, and the breaker.

Rows are data; `RetryPolicy(per_category=...)` replaces one. `docs/routing.md` shows the same table, and a test holds
that the two agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from llmclient.errors import ErrorCategory
from llmclient.types.policy import Decision

if TYPE_CHECKING:
    from llmclient.types.policy import RetryPolicy

LONG = 300.0
"""Seconds that a deployment rests after a failure that waiting does not mend soon: a wrong key, a spent quota."""

DECISIONS: Mapping[ErrorCategory, Decision] = MappingProxyType(
    {
        ErrorCategory.RATE_LIMIT: Decision(retry=True, cooldown=1.0),
        ErrorCategory.OVERLOADED: Decision(retry=True, cooldown=1.0, counts=True),
        ErrorCategory.SERVER_ERROR: Decision(retry=True, counts=True),
        ErrorCategory.TIMEOUT: Decision(retry=True, counts=True),
        ErrorCategory.CONNECTION: Decision(retry=True, counts=True),
        ErrorCategory.INTERRUPTED: Decision(retry=True, counts=True),
        ErrorCategory.MALFORMED: Decision(retry=True, counts=True),
        ErrorCategory.QUOTA: Decision(cooldown=LONG),
        ErrorCategory.AUTH: Decision(cooldown=LONG),
        ErrorCategory.PERMISSION: Decision(cooldown=LONG),
        ErrorCategory.NOT_FOUND: Decision(cooldown=LONG),
        ErrorCategory.CONTEXT_WINDOW: Decision(fallback="context_window"),
        ErrorCategory.CONTENT_POLICY: Decision(fallback="content_policy"),
        ErrorCategory.BAD_REQUEST: Decision(fallback=None),
        ErrorCategory.CANCELLED: Decision(fallback=None),
    }
)


def decide(category: ErrorCategory, retry: RetryPolicy) -> Decision:
    """Return the row for `category`, the user's own before the table's, with its number of attempts filled in."""
    own = retry.per_category.get(category)
    row = own if isinstance(own, Decision) else DECISIONS[category]
    attempts = own if isinstance(own, int) else row.attempts
    return replace(row, attempts=retry.attempts if attempts is None else attempts)
