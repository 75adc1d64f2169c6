"""The sync router: the same verbs without `await`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from llmclient.routing.bridge import BlockingStream, call_blocking
from llmclient.routing.calls import chat_call
from llmclient.routing.core import RouterCore
from llmclient.routing.operations import COMPLETE, STREAM
from llmclient.routing.replies import finished
from llmclient.routing.streams import SyncModelStream
from llmclient.types.policy import Attempt

if TYPE_CHECKING:
    from llmclient.protocols import Clock, SyncChunkStream
    from llmclient.providers.config import ProviderConfig
    from llmclient.types.messages import ChatParams, Messages
    from llmclient.types.policy import Deployment, Timeouts
    from llmclient.types.response import ModelResponse


class SyncModelRouter:
    """Asks models, whoever serves them, from sync code. The arguments are those of `ModelRouter`."""

    def __init__(
        self,
        primary: str | Deployment,
        *,
        fallbacks: Sequence[str | Deployment] = (),
        deployments: Sequence[Deployment] = (),
        timeouts: Timeouts | None = None,
        providers: Mapping[str, ProviderConfig] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._core = RouterCore(
            primary,
            fallbacks=fallbacks,
            deployments=deployments,
            providers=providers or {},
            timeouts=timeouts,
            clock=clock,
        )

    @classmethod
    def sharing(cls, core: RouterCore) -> Self:
        """Return a router over the state of another one; `ModelRouter.sync` is the way to get it."""
        router = cls.__new__(cls)
        router._core = core  # noqa: SLF001 - it is one of ours
        return router

    def complete(self, messages: Messages, **params: Unpack[ChatParams]) -> ModelResponse:
        """Ask for an answer and wait for the whole of it; as `ModelRouter.complete`."""
        core = self._core
        call = chat_call(messages, params, stream=False)
        endpoint = core.asked(call.model)
        provider = endpoint.lease.provider
        request = call.request_for(endpoint.model, call.timeouts or core.timeouts, core.clock)
        started, begin = core.clock.now(), core.clock.monotonic()
        if COMPLETE.flavours(provider)[1]:
            reply = COMPLETE.on_sync(provider)(request)
        else:
            reply = call_blocking(core.loop, COMPLETE.on(provider), request)
        attempt = Attempt(
            deployment=endpoint.deployment,
            started=started,
            duration=core.clock.monotonic() - begin,
            status_code=200,
            request_id=reply.request_id,
            usage=reply.usage,
        )
        return finished(reply, (attempt,))

    def stream(self, messages: Messages, **params: Unpack[ChatParams]) -> SyncModelStream:
        """Ask for an answer and read it as it comes; as `ModelRouter.stream`, with `with` and `for`."""
        core = self._core
        call = chat_call(messages, params, stream=True)

        def connect() -> SyncChunkStream:
            endpoint = core.asked(call.model)
            provider = endpoint.lease.provider
            request = call.request_for(endpoint.model, call.timeouts or core.timeouts, core.clock)
            if STREAM.flavours(provider)[1]:
                return STREAM.on_sync(provider)(request)
            return BlockingStream(core.loop, call_blocking(core.loop, STREAM.on(provider), request))

        return SyncModelStream(connect)

    def close(self) -> None:
        """Release every connection. A later call opens what it needs again."""
        for provider in self._core.release():
            provider.close()
        self._core.loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
