"""What stands where a real provider has its SDK clients: requests go to a player as bytes, and no SDK is imported.

So everything but the wire itself is the provider's own: what it refuses, how it divides a request, how it reads an
answer. What is no chat comes here; chat, of which suites make thousands, has a shorter way (`fake.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Unpack, cast

from llmclient.providers._call import WholeAnswer
from llmclient.providers._sdk import SDK, ClientSettings, SDKClients
from llmclient.testing.dialects.requests import write_form
from llmclient.testing.dialects.wire import WireRequest, dump
from llmclient.testing.provider import http
from llmclient.testing.transport import Performance, Player

if TYPE_CHECKING:
    from llmclient.providers._sdk import AsyncSDKClient, GetArguments, HTTPResponse, PostArguments, SyncSDKClient


@dataclass(frozen=True, slots=True)
class Timeout:
    """The limits of one request, by the names of httpx."""

    total: float | None
    connect: float | None = None
    read: float | None = None


_NO_SDK = SDK(
    module=cast("ModuleType", SimpleNamespace(Stream=object, AsyncStream=object)),
    http=cast("ModuleType", SimpleNamespace(Response=object, Timeout=Timeout)),
)
"""What a call takes from an SDK beside its clients: names to hand over."""


class ScriptedClients(SDKClients):
    """The clients of one provider.

    Args:
        player: answers.
        provider: who is asked.
    """

    def __init__(self, player: Player, provider: str) -> None:
        super().__init__("openai", lambda: ClientSettings(api_key="", base_url=""))
        self._requests = _Requests(player, provider)

    @property
    def sdk(self) -> SDK:
        """Names, and nothing behind them."""
        return _NO_SDK

    def for_sync(self) -> SyncSDKClient:
        """The sync client."""
        return _Client(self._requests)

    async def for_async(self) -> AsyncSDKClient:
        """The async client."""
        return _AsyncClient(self._requests)


@dataclass(frozen=True, slots=True)
class _Requests:
    """How a request is written, and performed."""

    player: Player
    provider: str

    def written(self, method: str, path: str, arguments: PostArguments | GetArguments) -> WireRequest:
        given = cast("Mapping[str, str]", arguments["options"].get("headers") or {})
        headers = {name.lower(): value for name, value in given.items()}
        files, body = arguments.get("files"), arguments.get("body")
        if files is not None:
            content, headers["content-type"] = write_form(body, files)
        else:
            content = b"" if body is None else dump(body)
        return WireRequest(
            method=method, path=path.partition("?")[0], headers=headers, body=content, provider=self.provider
        )

    def performance(self, arguments: PostArguments | GetArguments) -> Performance:
        limits = arguments["options"].get("timeout")
        known = {"connect": limits.connect, "read": limits.read} if isinstance(limits, Timeout) else {}
        return Performance(http.HTTP, SimpleNamespace(extensions={"timeout": known}), self.player.clock)


class _Client:
    """A sync client."""

    def __init__(self, requests: _Requests) -> None:
        self._requests = requests

    def post(self, path: str, **arguments: Unpack[PostArguments]) -> HTTPResponse:
        body = self._opened("POST", path, arguments)
        return cast("HTTPResponse", body) if arguments["stream"] else WholeAnswer(body.headers, b"".join(body))

    def get(self, path: str, **arguments: Unpack[GetArguments]) -> HTTPResponse:
        body = self._opened("GET", path, arguments)
        return WholeAnswer(body.headers, b"".join(body))

    def _opened(self, method: str, path: str, arguments: PostArguments | GetArguments) -> http.OpenBody:
        wire = self._requests.player.answer(self._requests.written(method, path, arguments))
        return http.accepted_sync(self._requests.performance(arguments), wire)

    def close(self) -> None:
        """Nothing is held."""


class _AsyncClient:
    """An async client."""

    def __init__(self, requests: _Requests) -> None:
        self._requests = requests

    async def post(self, path: str, **arguments: Unpack[PostArguments]) -> HTTPResponse:
        body = await self._opened("POST", path, arguments)
        return cast("HTTPResponse", body) if arguments["stream"] else await _read(body)

    async def get(self, path: str, **arguments: Unpack[GetArguments]) -> HTTPResponse:
        return await _read(await self._opened("GET", path, arguments))

    async def _opened(self, method: str, path: str, arguments: PostArguments | GetArguments) -> http.OpenBody:
        wire = await self._requests.player.answer_async(self._requests.written(method, path, arguments))
        return await http.accepted(self._requests.performance(arguments), wire)

    async def close(self) -> None:
        """Nothing is held."""


async def _read(body: http.OpenBody) -> HTTPResponse:
    return WholeAnswer(body.headers, b"".join([data async for data in body]))
