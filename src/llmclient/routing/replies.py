"""Fills in what only the router knows of a response."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmclient.types.policy import Attempt
    from llmclient.types.response import ModelResponse


def finished(reply: ModelResponse, attempts: tuple[Attempt, ...]) -> ModelResponse:
    """Return `reply` with its attempts."""
    reply._attempts = attempts  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - no field of the wire
    return reply
