"""What the SDK-backed providers share: a name, a wire, the clients, and the four ways to chat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llmclient.providers._exchange import AsyncEventStream, Exchange, SyncEventStream, Wire
from llmclient.providers._sdk import ClientSettings, SDKClients

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse


class SDKProvider:
    """A provider that chats through an official SDK.

    Args:
        name: the registered name.
        package: the SDK.
        wire: how this vendor's requests and answers look.
        settings: resolves key and endpoint; called when a client is first needed.
    """

    def __init__(
        self, name: str, *, package: Literal["openai", "anthropic"], wire: Wire, settings: Callable[[], ClientSettings]
    ) -> None:
        self.name = name
        self._wire = wire
        self._clients = SDKClients(package, settings)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    async def complete(self, request: ChatRequest) -> ModelResponse:
        """Send one request and read the whole answer."""
        return await Exchange(self.name, self._wire, self._clients, request).complete()

    async def stream(self, request: ChatRequest) -> AsyncEventStream:
        """Send one request and return the open stream."""
        return await Exchange(self.name, self._wire, self._clients, request).stream()

    def complete_sync(self, request: ChatRequest) -> ModelResponse:
        """Send one request and read the whole answer."""
        return Exchange(self.name, self._wire, self._clients, request).complete_sync()

    def stream_sync(self, request: ChatRequest) -> SyncEventStream:
        """Send one request and return the open stream."""
        return Exchange(self.name, self._wire, self._clients, request).stream_sync()

    def close(self) -> None:
        """Close the sync client, and the async ones whose loops run in other threads."""
        self._clients.close()

    async def aclose(self) -> None:
        """Close every client."""
        await self._clients.aclose()
