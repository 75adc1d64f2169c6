"""Lets a script's own errors through the real providers, which take what a transport raises for a broken connection.

Only providers that a harness made are touched, one instance at a time: each capability's method looks for a script's
error among the causes of what it raises, and raises that instead.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import cast

from llmclient.protocols import CAPABILITY_PROTOCOLS, Provider
from llmclient.testing.turns import NoTurnError

METHODS: tuple[str, ...] = tuple(
    dict.fromkeys(
        name
        for pair in CAPABILITY_PROTOCOLS.values()
        for protocol in pair
        for name in vars(protocol)
        if not name.startswith("_")
    )
)
"""The methods by which providers are asked."""


def unmask(provider: Provider) -> Provider:
    """Let a `NoTurnError` out of `provider` as it is, and return the provider."""
    for name in METHODS:
        method = getattr(provider, name, None)
        if method is not None:
            setattr(provider, name, _async(method) if inspect.iscoroutinefunction(method) else _sync(method))
    return provider


def script_error(error: BaseException | None) -> NoTurnError | None:
    """The script's error among `error` and its causes."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, NoTurnError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _sync(method: Callable[[object], object]) -> Callable[[object], object]:
    @functools.wraps(method)
    def unmasked(request: object) -> object:
        try:
            return method(request)
        except Exception as error:
            found = script_error(error)
            if found is None:
                raise
            raise found from None

    return unmasked


def _async(method: Callable[[object], object]) -> Callable[[object], Awaitable[object]]:
    asked = cast("Callable[[object], Awaitable[object]]", method)

    @functools.wraps(method)
    async def unmasked(request: object) -> object:
        try:
            return await asked(request)
        except Exception as error:
            found = script_error(error)
            if found is None:
                raise
            raise found from None

    return unmasked
