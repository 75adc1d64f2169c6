"""What becomes of a parameter that a provider has no place for: an error, or a log line where the caller allows it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from llmclient.errors import UnsupportedParameterError

if TYPE_CHECKING:
    from llmclient.types.request import Request


def leave_out(provider: str, request: Request, parameter: str, why: str = "") -> None:
    """Say that a parameter stays behind; returns where the caller allows that.

    Args:
        provider: the provider's name.
        request: the call.
        parameter: the name that the caller gave.
        why: what the provider has instead, for the message.

    Raises:
        UnsupportedParameterError: `drop_unsupported` is off.
    """
    if not request.drop_unsupported:
        raise UnsupportedParameterError(provider, parameter, why)
    reason = f": {why}" if why else ""
    logger = logging.getLogger(f"llmclient.providers.{provider}")
    logger.warning("left out %r of a request to %s/%s%s", parameter, provider, request.model, reason)
