"""The vendors' SDK clients, and the one place that knows which httpx they speak.

openai 2 and anthropic 0.x are built on httpx, openai 3 and anthropic 2 on httpx2. The SDK's own default client tells:
the first class in its line of ancestors that is not the SDK's names the module. Nothing else asks.

A client of the async flavour belongs to the event loop it was made in, so there is one for each loop that is alive.
It is closed with its loop: an async generator that waits in `finally` is finalised by `loop.shutdown_asyncgens()`,
which `asyncio.run` and test runners call before they close a loop. All clients share one SSL context.

Left out of what the SDKs do: the headers that tell a vendor the machine's system, architecture and Python. A request
needs none of them, and each costs every call the work of a header.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Literal, NotRequired, Protocol, TypedDict, Unpack, cast, overload
from weakref import WeakKeyDictionary, finalize

from llmclient._secrets import mask, masked_repr
from llmclient.errors import ConfigurationError, MissingDependencyError
from llmclient.providers._pools import spread_over_pools

if TYPE_CHECKING:
    import asyncio

    from llmclient.providers.config import Flavour

_TOLD = ("Lang", "Package-Version", "OS", "Arch", "Runtime", "Runtime-Version", "Async")
"""Names of the `X-Stainless-` headers that are left out (`platform_headers` in each SDK's `_base_client.py`)."""


class HTTPResponse(Protocol):
    """The part of an httpx response that is read here; both httpx have it."""

    status_code: int
    headers: Mapping[str, str]

    @property
    def content(self) -> bytes:
        """The whole body."""
        ...


class PostArguments(TypedDict):
    """The arguments of an SDK client's `post`."""

    cast_to: object
    body: object
    options: Mapping[str, object]
    stream: bool
    stream_cls: object
    files: NotRequired[object]


class GetArguments(TypedDict):
    """The arguments of an SDK client's `get`."""

    cast_to: object
    options: Mapping[str, object]


class SyncSDKClient(Protocol):
    """The part of an SDK's sync client that is used."""

    def post(self, path: str, **arguments: Unpack[PostArguments]) -> HTTPResponse:
        """Send a request through the SDK's authentication, transport and error mapping."""
        ...

    def get(self, path: str, **arguments: Unpack[GetArguments]) -> HTTPResponse:
        """As `post`, without a body."""
        ...

    def close(self) -> None:
        """Close the connection pool."""
        ...


class AsyncSDKClient(Protocol):
    """The part of an SDK's async client that is used."""

    async def post(self, path: str, **arguments: Unpack[PostArguments]) -> HTTPResponse:
        """Send a request through the SDK's authentication, transport and error mapping."""
        ...

    async def get(self, path: str, **arguments: Unpack[GetArguments]) -> HTTPResponse:
        """As `post`, without a body."""
        ...

    async def close(self) -> None:
        """Close the connection pool."""
        ...


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SDK:
    """An installed SDK.

    Attributes:
        module: the package.
        http: the httpx that it speaks, `httpx` or `httpx2`.
    """

    module: ModuleType
    http: ModuleType

    def client_class(self, flavour: Flavour) -> Callable[..., object]:
        """The SDK's client class of that flavour."""
        name = {"openai": "OpenAI", "anthropic": "Anthropic"}[self.module.__name__]
        found: Callable[..., object] = getattr(self.module, name if flavour == "sync" else f"Async{name}")
        return found


@cache
def load_sdk(package: Literal["openai", "anthropic"]) -> SDK:
    """Import an SDK, on the first call that needs it.

    Raises:
        MissingDependencyError: it is not installed; the message names the extra.
    """
    try:
        module = import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingDependencyError(package, "anthropic" if package == "anthropic" else "all") from error
    ancestors: tuple[type, ...] = module.DefaultHttpxClient.__mro__
    spoken = next(root for cls in ancestors if (root := cls.__module__.partition(".")[0]) != package)
    return SDK(module=module, http=import_module(spoken))


@cache
def ssl_context(http: ModuleType) -> object:
    """One for all clients: building it reads the certificate store (24 ms)."""
    make: Callable[[], object] = http.create_ssl_context
    return make()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ClientSettings:
    """What an SDK client is made from, with everything resolved."""

    api_key: str = field(repr=False)
    base_url: str
    http_client: object | None = None
    timeout: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    attributes: Mapping[str, object] = field(default_factory=dict[str, object])
    """Set on the client after it is made, over what the SDK took from the environment on its own."""

    def __repr__(self) -> str:
        return masked_repr(self)


@dataclass(slots=True, eq=False)
class _LoopClient:
    client: AsyncSDKClient
    guard: AsyncGenerator[None, None]


class SDKClients:
    """The clients of one provider: a sync one, and an async one for each event loop."""

    def __init__(self, package: Literal["openai", "anthropic"], settings: Callable[[], ClientSettings]) -> None:
        self._package: Literal["openai", "anthropic"] = package
        self._resolve = settings
        self._settings: ClientSettings | None = None
        self._base: str | None = None
        self._lock = threading.Lock()
        self._sync: SyncSDKClient | None = None
        self._close_sync: Callable[[], object] | None = None
        self._async: WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopClient] = WeakKeyDictionary()

    @property
    def sdk(self) -> SDK:
        """The SDK, imported on first use."""
        return load_sdk(self._package)

    @property
    def settings(self) -> ClientSettings:
        """Key, endpoint and the rest, resolved on first use."""
        if self._settings is None:
            self._settings = self._resolve()
        return self._settings

    def url(self, path: str) -> str:
        """The whole address of a path: joining the two is work that the SDK would do for each call."""
        if self._base is None:
            self._base = self.settings.base_url.rstrip("/")
        return self._base + path

    def for_sync(self) -> SyncSDKClient:
        """The sync client."""
        if self._sync is None:
            with self._lock:
                if self._sync is None:
                    self._sync = self._make("sync")
                    # It is closed with this object, or at the end of the process, where nobody closes it before.
                    self._close_sync = finalize(self, self._sync.close) if self._owned else None
        return self._sync

    async def for_async(self) -> AsyncSDKClient:
        """The async client of the running event loop."""
        import asyncio

        loop = asyncio.get_running_loop()
        held = self._async.get(loop)
        if held is None:
            client = self._make("async")
            guard = _close_with_loop(client, owned=self._owned)
            await anext(guard)
            held = self._async[loop] = _LoopClient(client, guard)
        return held.client

    @property
    def _owned(self) -> bool:
        given = self.settings.http_client
        return given is None or callable(given)

    def close(self) -> None:
        """Close the sync client, and the async ones whose loops run in other threads."""
        import asyncio

        with self._lock:
            close_sync, self._close_sync, self._sync = self._close_sync, None, None
            held = list(self._async.items())
            self._async.clear()
        if close_sync is not None:
            close_sync()
        for loop, entry in held:
            if loop.is_running():
                asyncio.run_coroutine_threadsafe(_finish(entry), loop)

    async def aclose(self) -> None:
        """Close every client."""
        import asyncio

        held = self._async.pop(asyncio.get_running_loop(), None)
        if held is not None:
            await held.guard.aclose()
        self.close()

    @overload
    def _make(self, flavour: Literal["sync"]) -> SyncSDKClient: ...
    @overload
    def _make(self, flavour: Literal["async"]) -> AsyncSDKClient: ...
    def _make(self, flavour: Flavour) -> object:
        sdk, settings = self.sdk, self.settings
        make, http_client = sdk.client_class(flavour), self._http_client(flavour)
        client, problem = None, ""
        try:
            client = make(
                api_key=settings.api_key,
                base_url=settings.base_url,
                http_client=http_client,
                max_retries=0,
                default_headers={**self._left_out(), **settings.headers},
                **({} if settings.timeout is None else {"timeout": settings.timeout}),
            )
        except sdk.http.InvalidURL as error:
            problem = str(error)
        if client is None:  # outside the handler: the SDK's own frames, whose variables hold the key, stay behind
            raise ConfigurationError(f"{mask(settings.base_url)[:80]!r} is no endpoint: {problem}; check base_url=")
        for name, value in settings.attributes.items():
            setattr(client, name, value)
        return client

    def _left_out(self) -> dict[str, object]:
        omit: Callable[[], object] = self.sdk.module.Omit
        return {f"X-Stainless-{name}": omit() for name in _TOLD}

    def _http_client(self, flavour: Flavour) -> object:
        sdk, given = self.sdk, self.settings.http_client
        if given is None:
            name = "DefaultHttpxClient" if flavour == "sync" else "DefaultAsyncHttpxClient"
            default: Callable[..., object] = getattr(sdk.module, name)
            context = ssl_context(sdk.http)
            if flavour == "sync" or _has_proxies():
                return default(verify=context)
            return default(verify=context, transport=spread_over_pools(sdk.http, context))
        if callable(given):
            factory = cast("Callable[[ModuleType, Flavour], object]", given)
            return factory(sdk.http, flavour)
        if hasattr(given, "aclose") != (flavour == "async"):
            needed = "Client" if flavour == "sync" else "AsyncClient"
            raise ConfigurationError(
                f"ProviderConfig(http_client=) is a {type(given).__name__}, and this router needs an "
                f"{sdk.http.__name__}.{needed}; pass one, or a function (httpx_module, flavour) that makes either"
            )
        return given


def _has_proxies() -> bool:
    """Whether the environment names a proxy: a client that is given a transport would not ask."""
    from urllib.request import getproxies

    return bool(getproxies())


async def _close_with_loop(client: AsyncSDKClient, *, owned: bool) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        if owned:
            await client.close()


async def _finish(held: _LoopClient) -> None:
    await held.guard.aclose()
