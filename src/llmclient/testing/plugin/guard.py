"""Safe by default: a call that nothing scripts and nothing replays fails, in the frame of the test that made it.

Two nets. Routers are caught at the registry, where an override stands in front of every provider. The vendors' SDKs
used directly are caught at their transports: httpx, httpx2 and aiohttp are watched as soon as somebody imports them,
and a request that an SDK made, or that goes to a vendor's host, is stopped before anything is sent.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import urlsplit

from llmclient.testing.cassettes.scope import current_deck
from llmclient.testing.unmasking import METHODS

if TYPE_CHECKING:
    from llmclient.protocols import Provider
    from llmclient.providers.config import ProviderConfig
    from llmclient.providers.registry import ProviderFactory

_LIBRARY = str(Path(__file__).parents[2])
_INSTALLED = ("site-packages", "dist-packages")
_STANDARD = str(Path(json.__file__).parents[1])

VENDOR_HOSTS = frozenset({"api.openai.com", "api.anthropic.com", "openrouter.ai"})
SDK_HEADER = "x-stainless-lang"
"""Every request of the openai and anthropic SDKs carries it (their `_base_client.py`, `platform_headers`)."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class UnscriptedCallError(BaseException):
    """A test asked a model, and nothing answers for it.

    No `Exception`: an SDK would take it for a broken connection and try again, and code under test that catches
    everything would hide it.
    """

    def __init__(self, model: str, where: str) -> None:
        self.model = model
        self.where = where
        super().__init__(
            f"this test called {model!r} (at {where}) and nothing answers for it; script it with the fixture `llm` "
            "(llm.on(...).reply(...)), replay a recording with @pytest.mark.vcr, or ask the real provider with "
            "@pytest.mark.llm_live and --llm-live"
        )


def caller() -> str:
    """Where the code stands that asked: the innermost line outside the library, the SDKs and Python's own."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - `inspect.stack` takes milliseconds
    while frame is not None:
        file = frame.f_code.co_filename
        if not (file.startswith((_LIBRARY, _STANDARD, "<")) or any(part in file for part in _INSTALLED)):
            return f"{file}:{frame.f_lineno}"
        frame = frame.f_back
    return "an unknown line"


# --- routers --------------------------------------------------------------------------------------------------------


def guarded(provider: Provider, config: ProviderConfig) -> Provider:
    """Let `provider` refuse what nothing answers, and return it.

    One from outside the library is left alone: a test's own double, or a vendor of the user's, whose SDK the second
    net catches. So is one that a test led elsewhere by itself, with an HTTP client or an endpoint on this machine.
    """
    if not type(provider).__module__.startswith("llmclient.") or config.http_client is not None:
        return provider
    for name in METHODS:
        method = getattr(provider, name, None)
        if method is not None:
            make = _checked_async if inspect.iscoroutinefunction(method) else _checked
            setattr(provider, name, make(method, provider, config))
    return provider


def guard_override(name: str, config: ProviderConfig, factory: ProviderFactory) -> Provider:
    """Put the guard in front of every provider."""
    return guarded(factory(name, config), config)


def _checked(
    method: Callable[[object], object], provider: Provider, config: ProviderConfig
) -> Callable[[object], object]:
    @functools.wraps(method)
    def checked(request: object) -> object:
        _require_answer(provider, config, request)
        return method(request)

    return checked


def _checked_async(
    method: Callable[[object], Awaitable[object]], provider: Provider, config: ProviderConfig
) -> Callable[[object], Awaitable[object]]:
    @functools.wraps(method)
    async def checked(request: object) -> object:
        _require_answer(provider, config, request)
        return await method(request)

    return checked


def _require_answer(provider: Provider, config: ProviderConfig, request: object) -> None:
    """Raises `UnscriptedCallError` unless a cassette is open, or the endpoint is on this machine."""
    base_url = config.base_url or os.environ.get(f"{provider.name.upper()}_BASE_URL") or ""
    if urlsplit(base_url).hostname in LOOPBACK or current_deck() is not None:
        return
    raise UnscriptedCallError(f"{provider.name}/{getattr(request, 'model', '?')}", caller())


# --- the SDKs used directly -----------------------------------------------------------------------------------------


class _Request(Protocol):
    headers: Mapping[str, str]
    url: object


class Guard:
    """Both nets, opened and closed together."""

    def __init__(self) -> None:
        self._stack: ExitStack | None = None
        self._watch = _ImportWatch(self.check)

    @property
    def closed(self) -> bool:
        """Whether nothing gets through."""
        return self._stack is not None

    def close(self) -> None:
        """Let nothing through; harmless when called again."""
        if self._stack is None:
            from llmclient.providers.registry import override_providers

            self._stack = ExitStack()
            self._stack.enter_context(override_providers(guard_override))

    def open(self) -> None:
        """Let calls through; harmless when called again."""
        if self._stack is not None:
            self._stack.close()
            self._stack = None

    def install(self) -> None:
        """Begin to watch transports."""
        self._watch.install()

    def uninstall(self) -> None:
        """Leave everything as it was."""
        self.open()
        self._watch.uninstall()

    def check(self, url: str, headers: Mapping[str, str], body: bytes | object) -> None:
        """Stop a request to a model.

        Raises:
            UnscriptedCallError: the guard is closed, and this is one.
        """
        host = urlsplit(url).hostname or ""
        if not self.closed or host in LOOPBACK or current_deck() is not None:
            return
        if host in VENDOR_HOSTS or any(name.lower() == SDK_HEADER for name in headers):
            raise UnscriptedCallError(f"{host}: {_model_in(body)}", caller())


def _model_in(body: bytes | object) -> str:
    try:
        parsed: object = json.loads(cast("bytes", body)) if isinstance(body, bytes | str) else body
    except ValueError:
        parsed = None
    model = cast("Mapping[str, object]", parsed).get("model") if isinstance(parsed, Mapping) else None
    return str(model) if model else urlsplit("").path or "no model named"


Check = Callable[[str, Mapping[str, str], object], None]


def _httpx_sync(check: Check, original: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(original)
    def handle_request(self: object, request: _Request) -> object:
        check(str(request.url), request.headers, _content(request))
        return original(self, request)

    return handle_request


def _httpx_async(check: Check, original: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    @functools.wraps(original)
    async def handle_async_request(self: object, request: _Request) -> object:
        check(str(request.url), request.headers, _content(request))
        return await original(self, request)

    return handle_async_request


def _content(request: object) -> bytes:
    """The body where it is there already; one that is still to be read stays unread."""
    content = getattr(request, "_content", b"")
    return content if isinstance(content, bytes) else b""


def _aiohttp(check: Check, original: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    @functools.wraps(original)
    async def request(self: object, method: str, url: object, **given: object) -> object:
        headers = given.get("headers")
        names = cast("Mapping[str, str]", headers if isinstance(headers, Mapping) else {})
        check(str(url), names, given.get("json") or given.get("data") or b"")
        return await original(self, method, url, **given)

    return request


_Wrapper = Callable[[Check, Callable[..., object]], Callable[..., object]]
WATCHED: Mapping[str, Sequence[tuple[str, str, _Wrapper]]] = {
    "httpx": (
        ("HTTPTransport", "handle_request", cast("_Wrapper", _httpx_sync)),
        ("AsyncHTTPTransport", "handle_async_request", cast("_Wrapper", _httpx_async)),
    ),
    "httpx2": (
        ("HTTPTransport", "handle_request", cast("_Wrapper", _httpx_sync)),
        ("AsyncHTTPTransport", "handle_async_request", cast("_Wrapper", _httpx_async)),
    ),
    "aiohttp": (("ClientSession", "_request", cast("_Wrapper", _aiohttp)),),
}
"""Where each HTTP library sends: module, class, method."""


class _ImportWatch:
    """Wraps the methods of `WATCHED` when their module is there, or when it comes."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._undo: list[Callable[[], None]] = []
        self._searching: set[str] = set()

    def install(self) -> None:
        for name in WATCHED:
            module = sys.modules.get(name)
            if module is not None:
                self._wrap(name, module)
        sys.meta_path.insert(0, cast("_Finder", self))

    def uninstall(self) -> None:
        while self._undo:
            self._undo.pop()()
        if self in sys.meta_path:
            sys.meta_path.remove(cast("_Finder", self))

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Python's import system asks; a watched module is found by the others, and wrapped once it is loaded."""
        if name not in WATCHED or name in self._searching:
            return None
        self._searching.add(name)  # another watch, of a pytest within this one, would ask us in turn
        try:
            spec = next(filter(None, (finder.find_spec(name, path, target) for finder in sys.meta_path)), None)
        finally:
            self._searching.discard(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, lambda module: self._wrap(name, module))  # type: ignore[assignment]
        return spec

    def _wrap(self, name: str, module: ModuleType) -> None:
        for owner, method, wrapper in WATCHED[name]:
            cls = getattr(module, owner, None)
            if cls is None:
                continue
            original = getattr(cls, method)
            setattr(cls, method, wrapper(self._check, original))
            self._undo.append(functools.partial(setattr, cls, method, original))


class _Finder(Protocol):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None: ...


class _LoaderProtocol(Protocol):
    def create_module(self, spec: ModuleSpec) -> ModuleType | None: ...
    def exec_module(self, module: ModuleType) -> None: ...


class _Loader:
    """Another's loader, with something to do once the module is loaded."""

    def __init__(self, inner: object, then: Callable[[ModuleType], None]) -> None:
        self._inner = cast("_LoaderProtocol", inner)
        self._then = then

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the inner loader does."""
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Load, then do it."""
        self._inner.exec_module(module)
        self._then(module)
