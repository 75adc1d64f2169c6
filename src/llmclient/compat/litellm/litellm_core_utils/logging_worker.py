"""LiteLLM's background worker for callbacks. Callbacks run with the call here, so it has nothing to do."""

from __future__ import annotations

from collections.abc import Coroutine


class LoggingWorker:
    """Accepts what LiteLLM's accepts. A coroutine that is handed in is closed, not run."""

    def __init__(self, timeout: float = 20.0, max_queue_size: int = 50_000, concurrency: int = 100) -> None:
        self.timeout = timeout
        self.max_queue_size = max_queue_size
        self.concurrency = concurrency

    def start(self) -> None:
        """Does nothing."""

    def enqueue(self, coroutine: Coroutine[object, object, object]) -> None:
        """Close the coroutine: the layer hands none in, and one from elsewhere has no call to belong to."""
        coroutine.close()

    def ensure_initialized_and_enqueue(self, async_coroutine: Coroutine[object, object, object]) -> None:
        """As `enqueue`."""
        self.enqueue(async_coroutine)

    async def stop(self) -> None:
        """Does nothing."""

    async def flush(self) -> None:
        """Does nothing: callbacks have run when a call returns."""

    async def clear_queue(self) -> None:
        """Does nothing."""


GLOBAL_LOGGING_WORKER = LoggingWorker()
