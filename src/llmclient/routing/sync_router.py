"""The sync router: the same verbs without `await`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, Unpack

from llmclient.routing.base import RouterBase
from llmclient.routing.structured.verbs_sync import SyncStructuredVerbs
from llmclient.routing.verbs_sync import SyncCapabilityVerbs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from llmclient.routing.bulk import MapRequest, MapResult, Progress
    from llmclient.routing.core import RouterCore
    from llmclient.routing.sync_streams import SyncModelStream
    from llmclient.types.messages import ChatParams, Messages
    from llmclient.types.response import ModelResponse


class SyncModelRouter(SyncCapabilityVerbs, SyncStructuredVerbs, RouterBase):
    """Asks models, whoever serves them, from sync code. The arguments are those of `ModelRouter`."""

    @classmethod
    def sharing(cls, core: RouterCore) -> Self:
        """Return a router over the state of another one; `ModelRouter.sync` is the way to get it."""
        router = cls.__new__(cls)
        router._core = core  # noqa: SLF001 - it is one of ours
        return router

    def complete(self, messages: Messages, **params: Unpack[ChatParams]) -> ModelResponse:
        """Ask for an answer and wait for the whole of it; as `ModelRouter.complete`."""
        from llmclient.routing import asking_sync as asking

        return asking.complete(self._core, messages, params)

    def stream(self, messages: Messages, **params: Unpack[ChatParams]) -> SyncModelStream:
        """Ask for an answer and read it as it comes; as `ModelRouter.stream`, with `with` and `for`."""
        from llmclient.routing import asking_sync as asking

        return asking.stream(self._core, messages, params)

    def map(
        self,
        requests: Iterable[MapRequest],
        *,
        concurrency: int = 16,
        ordered: bool = True,
        progress: Progress = False,
        checkpoint: str | Path | None = None,
        **params: Unpack[ChatParams],
    ) -> Iterator[MapResult]:
        """Ask many requests in threads, at most `concurrency` at once; as `ModelRouter.map`."""
        from llmclient.routing.bulk import Run, map_sync

        run = Run(
            concurrency=concurrency,
            ordered=ordered,
            progress=progress,
            checkpoint=checkpoint,
            model=self._core.label,
            params=dict(params),
        )
        return map_sync(self, requests, run)
