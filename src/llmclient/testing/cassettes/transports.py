"""Where requests are caught: in the transports of httpx and httpx2, sync and async, and in aiohttp's session.

One dispatcher is set on each transport class when the first cassette of the process opens, and taken off when the last
one closes. It asks `scope` which cassette the request belongs to, so cassettes of different threads and tasks do not
disturb one another, whatever the order in which they open and close. Without one, the request goes on untouched. Only
the transports that open connections are caught: a `MockTransport` or a transport of one's own keeps working.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

_VCR_STUBS = ("vcr.stubs.httpx_stubs", "vcr.stubs.aiohttp_stubs")


@dataclass(frozen=True, slots=True)
class Patch:
    """A method of a class, and what makes the dispatcher that stands in for it."""

    owner: type
    name: str
    wrap: Callable[[Callable[..., object]], Callable[..., object]]


_lock = threading.Lock()
_open_count = 0
_installed: list[tuple[Patch, object, object]] = []


def acquire() -> None:
    """Catch requests; the first call sets the dispatchers."""
    global _open_count  # noqa: PLW0603 - one count for the one set of classes in the process
    with _lock:
        _open_count += 1
        if _open_count > 1:
            return
        for patch in _patches():
            before = getattr(patch.owner, patch.name)
            ours = patch.wrap(_real(before))
            _installed.append((patch, before, ours))
            setattr(patch.owner, patch.name, ours)


def release() -> None:
    """Stop catching; the last call puts the methods back."""
    global _open_count  # noqa: PLW0603 - one count for the one set of classes in the process
    with _lock:
        _open_count -= 1
        if _open_count:
            return
        for patch, before, ours in reversed(_installed):
            if patch.owner.__dict__.get(patch.name) is ours:  # somebody may have wrapped it since
                setattr(patch.owner, patch.name, before)
        _installed.clear()


def _real(method: Callable[..., object]) -> Callable[..., object]:
    """The method beneath vcrpy's own patch, where a suite's `skip_patchers` left that in place."""
    while getattr(method, "__globals__", {}).get("__name__") in _VCR_STUBS and hasattr(method, "__wrapped__"):
        method = cast("Callable[..., object]", vars(method)["__wrapped__"])
    return method


def _patches() -> list[Patch]:
    found: list[Patch] = []
    for flavour in ("httpx", "httpx2"):
        if importlib.util.find_spec(flavour) is not None:
            from llmclient.testing.cassettes.httpx_transport import httpx_patches

            found += httpx_patches(flavour)
    if importlib.util.find_spec("aiohttp") is not None:
        from llmclient.testing.cassettes.aiohttp_transport import aiohttp_patches

        found += aiohttp_patches()
    return found
