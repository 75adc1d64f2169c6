"""Where requests leave the process: the connection pools of httpx and httpx2, and aiohttp's session, watched.

A watched module is wrapped when it is there, or when somebody imports it. Pools stand beneath the transports, so that a
test's own transport, and the doubles of others that replace a method of httpx, httpcore or aiohttp, are never asked.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Protocol, cast


@dataclass(frozen=True, slots=True)
class Departure:
    """A request that is about to be sent.

    Attributes:
        method: in capitals.
        host: whom it goes to.
        path: with the query.
        headers: their names, in lower case.
        body: reads what is sent, as bytes or as what will be written as JSON; empty where only a loop could read it.
            A body that can be read once is read away.
    """

    method: str
    host: str
    path: str
    headers: frozenset[str]
    body: Callable[[], object]


Check = Callable[[Departure], None]
"""Raises where a request must not leave."""


class _CoreURL(Protocol):
    host: bytes
    target: bytes


class _CoreRequest(Protocol):
    method: bytes
    url: _CoreURL
    headers: Sequence[tuple[bytes, bytes]]
    stream: object


def _from_core(request: _CoreRequest) -> Departure:
    def body() -> bytes:
        stream = request.stream
        return b"".join(cast("Iterable[bytes]", stream)) if isinstance(stream, Iterable) else b""

    return Departure(
        method=request.method.decode("ascii"),
        host=request.url.host.decode("ascii"),
        path=request.url.target.decode("ascii"),
        headers=frozenset(name.decode("latin-1").lower() for name, _ in request.headers),
        body=body,
    )


def _core_sync(check: Check, original: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(original)
    def handle_request(self: object, request: _CoreRequest) -> object:
        check(_from_core(request))
        return original(self, request)

    return handle_request


def _core_async(check: Check, original: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    @functools.wraps(original)
    async def handle_async_request(self: object, request: _CoreRequest) -> object:
        check(_from_core(request))
        return await original(self, request)

    return handle_async_request


class _URL(Protocol):
    host: str | None
    raw_path_qs: str


class _Session(Protocol):
    headers: Mapping[str, str]

    def _build_url(self, url: object) -> _URL: ...


def _aiohttp(check: Check, original: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    @functools.wraps(original)
    async def request(self: _Session, method: str, url: object, **given: object) -> object:
        built = self._build_url(url)  # pyright: ignore[reportPrivateUsage] - what `_request` asks first
        own = given.get("headers")
        names = {*self.headers, *cast("Mapping[str, str]", own if isinstance(own, Mapping) else {})}
        check(
            Departure(
                method=method.upper(),
                host=built.host or "",
                path=built.raw_path_qs,
                headers=frozenset(name.lower() for name in names),
                body=lambda: given.get("json") or given.get("data") or b"",
            )
        )
        return await original(self, method, url, **given)

    return request


_Wrapper = Callable[[Check, Callable[..., object]], Callable[..., object]]
_POOLS: Sequence[tuple[str, str, _Wrapper]] = (
    ("ConnectionPool", "handle_request", cast("_Wrapper", _core_sync)),
    ("AsyncConnectionPool", "handle_async_request", cast("_Wrapper", _core_async)),
)
WATCHED: Mapping[str, Sequence[tuple[str, str, _Wrapper]]] = {
    "httpcore": _POOLS,
    "httpcore2": _POOLS,
    "aiohttp": (("ClientSession", "_request", cast("_Wrapper", _aiohttp)),),
}
"""Where each HTTP library sends: module, class, method. httpx stands on httpcore, httpx2 on httpcore2."""


class ImportWatch:
    """Wraps the methods of `WATCHED` when their module is there, or when it comes."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._undo: list[Callable[[], None]] = []
        self._searching: set[str] = set()

    def install(self) -> None:
        """Wrap what is there, and wait for the rest."""
        for name in WATCHED:
            module = sys.modules.get(name)
            if module is not None:
                self._wrap(name, module)
        sys.meta_path.insert(0, cast("_Finder", self))

    def uninstall(self) -> None:
        """Put everything back."""
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
