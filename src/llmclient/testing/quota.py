"""A scripted quota: so many requests and tokens a window of virtual time; past it, a rate limit.

What is left is told in the vendor's rate-limit headers with every answer, counting down.
"""

from __future__ import annotations

import threading

from llmclient.protocols import Clock
from llmclient.testing.answer import CHARACTERS_PER_TOKEN
from llmclient.testing.call import Call, matches_model, text_of
from llmclient.testing.faults.status import RateLimit
from llmclient.testing.reply import RateLimits


class Quota:
    """A quota for the calls of some models.

    Args:
        on: pattern for the models, as in `llm.on`.
        clock: on which the window runs.
        requests: requests a window; None is without limit.
        tokens: tokens a window, counted on the prompt; None is without limit.
        per: seconds a window.
    """

    def __init__(self, on: str, clock: Clock, *, requests: int | None, tokens: int | None, per: float) -> None:
        if requests is None and tokens is None:
            raise ValueError("quota(): give requests=, tokens=, or both")
        self.on = on
        self._clock = clock
        self._requests = requests
        self._tokens = tokens
        self._per = per
        self._began: float | None = None
        self._used_requests = 0
        self._used_tokens = 0
        self._lock = threading.Lock()

    def applies(self, call: Call) -> bool:
        """Whether it speaks of this call's model."""
        return matches_model(self.on, call)

    def take(self, call: Call) -> RateLimit | None:
        """Use it for one call; the fault where it is used up."""
        tokens = _prompt_tokens(call)
        with self._lock:
            self._roll()
            spent_requests = self._requests is not None and self._used_requests >= self._requests
            spent_tokens = self._tokens is not None and self._used_tokens + tokens > self._tokens
            if spent_requests or spent_tokens:
                return RateLimit(retry_after=round(self._reset(), 3))
            self._used_requests += 1
            self._used_tokens += tokens
        return None

    def limits(self) -> RateLimits:
        """How it stands."""
        with self._lock:
            self._roll()
            return RateLimits(
                limit_requests=self._requests,
                remaining_requests=max(0, (self._requests or 0) - self._used_requests),
                reset_requests=self._reset(),
                limit_tokens=self._tokens,
                remaining_tokens=max(0, (self._tokens or 0) - self._used_tokens),
                reset_tokens=self._reset(),
            )

    def _roll(self) -> None:
        now = self._clock.monotonic()
        if self._began is None or now - self._began >= self._per:
            self._began = now
            self._used_requests = self._used_tokens = 0

    def _reset(self) -> float:
        return self._per if self._began is None else max(0.0, self._began + self._per - self._clock.monotonic())


def _prompt_tokens(call: Call) -> int:
    characters = sum(len(text_of(message.get("content"))) for message in call.messages) or len(call.text)
    return -(-characters // CHARACTERS_PER_TOKEN)
