"""One line for each attempt, at INFO, under "llmclient.routing". Nothing is formatted unless somebody listens."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

    from llmclient.types.policy import Attempt

_INFO = 20
"""logging.INFO; the module is imported at the first attempt."""


@cache
def _log() -> logging.Logger:
    from logging import getLogger

    return getLogger("llmclient.routing")


def log_attempt(attempt: Attempt) -> None:
    """Write the line."""
    log = _log()
    if not log.isEnabledFor(_INFO):
        return
    why = attempt.reason or (f"{type(attempt.error).__name__}: {attempt.error}" if attempt.error is not None else "")
    log.info(
        "%s %s status=%s duration=%.3f waited=%.3f request_id=%s%s",
        attempt.model,
        attempt.outcome,
        attempt.status_code,
        attempt.duration,
        attempt.waited,
        attempt.request_id,
        f" {why}" if why else "",
    )
