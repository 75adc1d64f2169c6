"""The async router: verbs over the core. It sends nothing by itself and opens nothing until the first call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from llmclient.routing.bridge import ThreadedStream, call_in_thread
from llmclient.routing.calls import chat_call
from llmclient.routing.core import RouterCore
from llmclient.routing.operations import COMPLETE, STREAM
from llmclient.routing.replies import finished
from llmclient.routing.streams import ModelStream
from llmclient.types.policy import Attempt

if TYPE_CHECKING:
    from llmclient.protocols import ChunkStream, Clock
    from llmclient.providers.config import ProviderConfig
    from llmclient.routing.sync_router import SyncModelRouter
    from llmclient.types.messages import ChatParams, Messages
    from llmclient.types.policy import Deployment, Timeouts
    from llmclient.types.response import ModelResponse


class ModelRouter:
    """Asks models, whoever serves them.

    Args:
        primary: "provider/model", or the name of a group that several `deployments` share, or a `Deployment`.
        fallbacks: asked in this order when the primary fails.
        deployments: members of the groups that `primary` and `fallbacks` name.
        timeouts: time limits of a call; default `Timeouts()`.
        providers: how to reach a provider, by its name; what is not given comes from the environment.
        clock: time; default the system's.

    Raises:
        UnknownProviderError: a model leads to no provider.
    """

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

    async def complete(self, messages: Messages, **params: Unpack[ChatParams]) -> ModelResponse:
        """Ask for an answer and wait for the whole of it.

        Args:
            messages: a string, or a list of messages in OpenAI's shape.
            params: OpenAI's parameters; see `ChatParams`.

        Raises:
            ProviderError: the provider answered with an error, wrongly, or not at all.
            RequestError: the request cannot be sent as it is.
            ConfigurationError: a key or a package is missing.
        """
        core = self._core
        call = chat_call(messages, params, stream=False)
        endpoint = core.asked(call.model)
        provider = endpoint.lease.provider
        request = call.request_for(endpoint.model, call.timeouts or core.timeouts, core.clock)
        started, begin = core.clock.now(), core.clock.monotonic()
        if COMPLETE.flavours(provider)[0]:
            reply = await COMPLETE.on(provider)(request)
        else:
            reply = await call_in_thread(COMPLETE.on_sync(provider), request)
        attempt = Attempt(
            deployment=endpoint.deployment,
            started=started,
            duration=core.clock.monotonic() - begin,
            status_code=200,
            request_id=reply.request_id,
            usage=reply.usage,
        )
        return finished(reply, (attempt,))

    def stream(self, messages: Messages, **params: Unpack[ChatParams]) -> ModelStream:
        """Ask for an answer and read it as it comes.

        Use it as `async with router.stream(...) as stream: async for chunk in stream: ...`; afterwards
        `stream.response` is what `complete` would have given. Leaving the block early closes the connection.

        Args:
            messages: a string, or a list of messages in OpenAI's shape.
            params: OpenAI's parameters; see `ChatParams`.
        """
        core = self._core
        call = chat_call(messages, params, stream=True)

        async def connect() -> ChunkStream:
            endpoint = core.asked(call.model)
            provider = endpoint.lease.provider
            request = call.request_for(endpoint.model, call.timeouts or core.timeouts, core.clock)
            if STREAM.flavours(provider)[0]:
                return await STREAM.on(provider)(request)
            return ThreadedStream(await call_in_thread(STREAM.on_sync(provider), request))

        return ModelStream(connect)

    @property
    def sync(self) -> SyncModelRouter:
        """A router for sync code that shares this one's health, limits and statistics."""
        from llmclient.routing.sync_router import SyncModelRouter

        return SyncModelRouter.sharing(self._core)

    def close(self) -> None:
        """Release what can be released without an event loop. A later call opens what it needs again."""
        for provider in self._core.release():
            provider.close()
        self._core.loop.close()

    async def aclose(self) -> None:
        """Release every connection. A later call opens what it needs again."""
        for provider in self._core.release():
            await provider.aclose()
        self._core.loop.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
