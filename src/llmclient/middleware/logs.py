"""Logging: one structured record for each call and each attempt, with every secret masked."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from llmclient._secrets import mask
from llmclient.middleware.base import Around, Middleware

if TYPE_CHECKING:
    from llmclient.middleware.base import Flow


def log_calls(
    logger: logging.Logger | None = None, *, level: int = logging.INFO, attempts: bool = False, content: bool = False
) -> Middleware:
    """Log every call as it ends.

    The record's message is a sentence; its `extra` has the same as fields: `llm_capability`, `llm_model`,
    `llm_provider`, `llm_attempt`, `llm_duration` (seconds), `llm_tokens`, `llm_cost` (US dollars), `llm_attempts`,
    `llm_error`, and `llm_request` and `llm_response` where content is asked for.

    Args:
        logger: default the logger "llmclient.calls".
        level: of a call that went well. Default INFO; a failed one is logged at WARNING or above.
        attempts: log each attempt, in place of each call. Default False.
        content: log what was asked and answered. Default False: prompts are nobody's business.
    """
    target = logger or logging.getLogger("llmclient.calls")

    def log(around: Around) -> Flow:
        began = around.clock.monotonic()
        try:
            reply = yield
        except Exception as error:
            facts = _facts(around, began, None)
            facts["llm_error"] = mask(f"{type(error).__name__}: {error}")
            target.log(max(level, logging.WARNING), "%s", _sentence(facts), extra=facts)
            raise
        facts = _facts(around, began, reply)
        if content:
            facts["llm_request"] = mask(repr(_asked(around)))
            facts["llm_response"] = mask(str(getattr(reply, "text", "")))
        target.log(level, "%s", _sentence(facts), extra=facts)
        return None

    return Middleware(log, "attempt" if attempts else "call")


def _asked(around: Around) -> object:
    request = around.request
    return getattr(request, "messages", None) or getattr(request, "input", None) or getattr(request, "prompt", None)


def _facts(around: Around, began: float, reply: object) -> dict[str, object]:
    usage = getattr(reply, "usage", None)
    cost = getattr(reply, "cost", None) if around.level == "call" else None
    return {
        "llm_capability": str(around.capability),
        "llm_model": around.request.model,
        "llm_provider": around.provider or getattr(reply, "provider", ""),
        "llm_attempt": around.number,
        "llm_duration": around.clock.monotonic() - began,
        "llm_tokens": getattr(usage, "total_tokens", None),
        "llm_cost": None if cost is None else float(cost.total),
        "llm_attempts": len(getattr(reply, "attempts", ())),
        "llm_error": None,
    }


def _sentence(facts: dict[str, object]) -> str:
    failed = f" failed: {facts['llm_error']}" if facts["llm_error"] else ""
    number = f" (attempt {facts['llm_attempt']})" if facts["llm_attempt"] else ""
    return f"{facts['llm_capability']} {facts['llm_model']}{number}{failed} in {facts['llm_duration']:.3f} s"
