"""What providers share: a name, the clients, and the four ways to chat."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal

from llmclient.providers._sdk import ClientSettings, SDKClients

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmclient.providers._event_stream import AsyncEventStream, SyncEventStream
    from llmclient.providers._exchange import Exchange
    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse


class ExchangeProvider(ABC):
    """A provider that chats by exchanges over clients of one kind.

    Args:
        name: the registered name.
        clients: what requests are sent through.
    """

    def __init__(self, name: str, clients: SDKClients) -> None:
        self.name = name
        self._clients = clients

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @abstractmethod
    def _exchange(self, request: ChatRequest) -> Exchange:
        """One call: the request with the wire that carries it."""

    async def complete(self, request: ChatRequest) -> ModelResponse:
        """Send one request and read the whole answer."""
        return await self._exchange(request).complete()

    async def stream(self, request: ChatRequest) -> AsyncEventStream:
        """Send one request and return the open stream."""
        return await self._exchange(request).stream()

    def complete_sync(self, request: ChatRequest) -> ModelResponse:
        """Send one request and read the whole answer."""
        return self._exchange(request).complete_sync()

    def stream_sync(self, request: ChatRequest) -> SyncEventStream:
        """Send one request and return the open stream."""
        return self._exchange(request).stream_sync()

    def close(self) -> None:
        """Close the sync client, and the async ones whose loops run in other threads."""
        self._clients.close()

    async def aclose(self) -> None:
        """Close every client."""
        await self._clients.aclose()


class SDKProvider(ExchangeProvider):
    """A provider that chats through an official SDK.

    Args:
        name: the registered name.
        package: the SDK.
        settings: resolves key and endpoint; called when a client is first needed.
    """

    def __init__(
        self, name: str, *, package: Literal["openai", "anthropic"], settings: Callable[[], ClientSettings]
    ) -> None:
        super().__init__(name, SDKClients(package, settings))
