"""Plain HTTP clients with the face of an SDK's, for vendors without an SDK of their own.

A `Call` asks of a client what the official SDKs offer: `post`, `get`, `close`. Here the same is said over httpx itself,
so that everything above (exchange, streams, naming of errors, clients by event loop) is shared by both kinds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Literal, Protocol, Unpack, cast, overload

from llmclient.errors import MissingDependencyError
from llmclient.providers._sdk import SDK, SDKClients

if TYPE_CHECKING:
    from llmclient.providers._sdk import (
        AsyncSDKClient,
        ClientSettings,
        GetArguments,
        HTTPResponse,
        PostArguments,
        SyncSDKClient,
    )
    from llmclient.providers.config import Flavour

DEFAULT_TIMEOUT = 600.0
"""Seconds for each phase of a request where nothing is configured: what the vendors' SDKs allow."""

AuthHeaders = Callable[[str], Mapping[str, str]]
"""Makes the headers that carry a key."""


class Stream:
    """Stands where an SDK has its class for streams: that one is asked for, nothing more."""


AsyncStream = Stream


class RefusedError(Exception):
    """The vendor answered with an error status, as the SDKs' own exceptions say it."""

    def __init__(self, response: object, status_code: int) -> None:
        super().__init__(f"HTTP {status_code}")
        self.response = response
        self.status_code = status_code


class _Response(Protocol):
    status_code: int
    is_success: bool
    headers: Mapping[str, str]

    @property
    def content(self) -> bytes: ...
    def read(self) -> bytes: ...
    async def aread(self) -> bytes: ...
    def iter_bytes(self) -> Iterator[bytes]: ...
    def aiter_bytes(self) -> AsyncIterator[bytes]: ...


class _Client(Protocol):
    def build_request(self, method: str, url: str, **parts: object) -> object: ...
    def send(self, request: object, *, stream: bool) -> _Response: ...
    def close(self) -> None: ...


class _AsyncClient(Protocol):
    def build_request(self, method: str, url: str, **parts: object) -> object: ...
    async def send(self, request: object, *, stream: bool) -> _Response: ...
    async def aclose(self) -> None: ...


@cache
def load_http() -> ModuleType:
    """The httpx that is there: httpx2 before httpx, since who installed it wants it used.

    Raises:
        MissingDependencyError: neither is installed.
    """
    for name in ("httpx2", "httpx"):
        with suppress(ModuleNotFoundError):
            return import_module(name)
    raise MissingDependencyError("httpx", "all")


class _Requests:
    """What both flavours share: how a request is built."""

    def __init__(self, settings: ClientSettings, headers: Mapping[str, str]) -> None:
        self._timeout = settings.timeout or DEFAULT_TIMEOUT
        self._headers = {**headers, **settings.headers}

    def parts(self, options: Mapping[str, object], body: object = None, files: object = None) -> dict[str, object]:
        given = cast("Mapping[str, str]", options.get("headers") or {})
        headers = {
            **self._headers,
            **{name: value for name, value in given.items() if files is None or name != "Content-Type"},
        }
        content = {"json": body} if files is None else {"data": body, "files": files}
        return {
            "headers": headers,
            "timeout": options.get("timeout", self._timeout),
            **(content if body is not None else {}),
        }


class HTTPClient:
    """A sync client."""

    def __init__(self, client: _Client, requests: _Requests) -> None:
        self._client = client
        self._requests = requests

    def post(self, path: str, **arguments: Unpack[PostArguments]) -> HTTPResponse:
        """Send a body."""
        parts = self._requests.parts(arguments["options"], arguments["body"], arguments.get("files"))
        return self._send("POST", path, parts, stream=arguments["stream"])

    def get(self, path: str, **arguments: Unpack[GetArguments]) -> HTTPResponse:
        """Ask without a body."""
        return self._send("GET", path, self._requests.parts(arguments["options"]), stream=False)

    def _send(self, method: str, path: str, parts: dict[str, object], *, stream: bool) -> HTTPResponse:
        request = self._client.build_request(method, path, **parts)
        response = self._client.send(request, stream=stream)
        if not response.is_success:
            response.read()
            raise RefusedError(response, response.status_code)
        return response

    def close(self) -> None:
        """Close the connection pool."""
        self._client.close()


class AsyncHTTPClient:
    """An async client."""

    def __init__(self, client: _AsyncClient, requests: _Requests) -> None:
        self._client = client
        self._requests = requests

    async def post(self, path: str, **arguments: Unpack[PostArguments]) -> HTTPResponse:
        """Send a body."""
        parts = self._requests.parts(arguments["options"], arguments["body"], arguments.get("files"))
        return await self._send("POST", path, parts, stream=arguments["stream"])

    async def get(self, path: str, **arguments: Unpack[GetArguments]) -> HTTPResponse:
        """Ask without a body."""
        return await self._send("GET", path, self._requests.parts(arguments["options"]), stream=False)

    async def _send(self, method: str, path: str, parts: dict[str, object], *, stream: bool) -> HTTPResponse:
        request = self._client.build_request(method, path, **parts)
        response = await self._client.send(request, stream=stream)
        if not response.is_success:
            await response.aread()
            raise RefusedError(response, response.status_code)
        return response

    async def close(self) -> None:
        """Close the connection pool."""
        await self._client.aclose()


class HTTPClients(SDKClients):
    """The plain clients of one provider: a sync one, and an async one for each event loop."""

    def __init__(self, settings: Callable[[], ClientSettings], auth_headers: AuthHeaders) -> None:
        super().__init__("openai", settings)
        self._auth_headers = auth_headers

    @property
    def sdk(self) -> SDK:
        """This module in the place of an SDK, and the httpx that is there."""
        return SDK(module=import_module(__name__), http=load_http())

    def url(self, path: str) -> str:
        """The whole address of a path, which may leave out its first slash."""
        return super().url(path if path.startswith("/") else f"/{path}")

    @overload
    def _make(self, flavour: Literal["sync"]) -> SyncSDKClient: ...
    @overload
    def _make(self, flavour: Literal["async"]) -> AsyncSDKClient: ...
    def _make(self, flavour: Flavour) -> object:
        settings = self.settings
        requests = _Requests(settings, self._auth_headers(settings.api_key))
        client = self._http_client(flavour)
        if flavour == "sync":
            return HTTPClient(cast("_Client", client), requests)
        return AsyncHTTPClient(cast("_AsyncClient", client), requests)


def DefaultHttpxClient(*, verify: object) -> object:  # noqa: N802 - the SDKs' name for it
    """A client that follows redirects, as the SDKs' own do."""
    made: object = load_http().Client(verify=verify, follow_redirects=True)
    return made


def DefaultAsyncHttpxClient(*, verify: object, transport: object = None) -> object:  # noqa: N802 - the SDKs' name for it
    """As `DefaultHttpxClient`, async."""
    made: object = load_http().AsyncClient(verify=verify, transport=transport, follow_redirects=True)
    return made
