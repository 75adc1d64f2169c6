"""One line for each attempt, at INFO, under "llmclient.routing". Nothing is formatted unless somebody listens."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmclient.types.policy import Attempt

_log = logging.getLogger("llmclient.routing")


def log_attempt(attempt: Attempt) -> None:
    """Write the line."""
    if not _log.isEnabledFor(logging.INFO):
        return
    why = attempt.reason or (f"{type(attempt.error).__name__}: {attempt.error}" if attempt.error is not None else "")
    _log.info(
        "%s %s status=%s duration=%.3f waited=%.3f request_id=%s%s",
        attempt.model,
        attempt.outcome,
        attempt.status_code,
        attempt.duration,
        attempt.waited,
        attempt.request_id,
        f" {why}" if why else "",
    )
