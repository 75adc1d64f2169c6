"""Which provider a model name leads to, and the one live instance of each.

A provider is registered under a name as a factory `(name, config) -> Provider`; entry points of the group
`llmclient.providers` are looked at when a name is not known. Routers lease instances: equal configurations share one,
and the last lease to be released closes it. This is the library's only global mutable state. `override_providers` puts
a factory in front of all others, for leases taken before or after, until it is left: leases are resolved at each call.
It may bring a clock along: `current_clock()` is what a router without a clock of its own asks for at each call.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from typing import TypeAlias

from llmclient.clock import SystemClock
from llmclient.errors import ConfigurationError, UnknownProviderError
from llmclient.protocols import Clock, Provider
from llmclient.providers.config import ProviderConfig
from llmclient.providers.gateways import GATEWAYS

ProviderFactory: TypeAlias = Callable[[str, ProviderConfig], Provider]
"""Makes a provider: called with the registered name and the configuration, on the first call that needs it."""

ProviderOverride: TypeAlias = Callable[[str, ProviderConfig, ProviderFactory], Provider]
"""Stands in front of every factory: called with the name, the configuration and the factory it stands before."""

ENTRY_POINT_GROUP = "llmclient.providers"

_BUILTIN: dict[str, str] = {
    "openai": "llmclient.providers.openai.provider:OpenAIProvider",
    "anthropic": "llmclient.providers.anthropic.provider:AnthropicProvider",
    "openrouter": "llmclient.providers.openrouter.provider:OpenRouterProvider",
    **dict.fromkeys(GATEWAYS, "llmclient.providers.openai.provider:gateway_provider"),
}

_BARE_NAMES: tuple[tuple[str, str], ...] = (
    ("gpt-", "openai"),
    ("chatgpt-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("claude-", "anthropic"),
)


@dataclass(slots=True, eq=False)
class _State:
    factories: dict[str, ProviderFactory] = field(default_factory=dict[str, ProviderFactory])
    live: dict[tuple[int, str, ProviderConfig], _Live] = field(
        default_factory=dict[tuple[int, str, ProviderConfig], "_Live"]
    )
    overrides: list[tuple[int, ProviderOverride]] = field(default_factory=list[tuple[int, ProviderOverride]])
    clocks: list[tuple[int, Clock]] = field(default_factory=list[tuple[int, Clock]])
    serial: int = 0
    clock_serial: int = 0


@dataclass(slots=True, eq=False)
class _Live:
    provider: Provider
    leases: int = 0


_lock = threading.RLock()
_state = _State()
_SYSTEM_CLOCK = SystemClock()


def split_model(model: str) -> tuple[str, str]:
    """Return `(provider, model name)` of "provider/model", or of a bare name of OpenAI's or Anthropic's.

    Raises:
        UnknownProviderError: no provider goes by that name; the message lists those that exist.
    """
    provider, slash, name = model.partition("/")
    if slash and name and _factory(provider) is not None:
        return provider, name
    if not slash:
        for prefix, vendor in _BARE_NAMES:
            if model.startswith(prefix):
                return vendor, model
    raise UnknownProviderError(model, list_providers())


def register_provider(name: str, factory: ProviderFactory, *, replace: bool = False) -> None:
    """Add a provider under `name`, so that "name/model" leads to it.

    Args:
        name: lower-case, without a slash.
        factory: called with the name and a `ProviderConfig` on the first call that needs the provider.
        replace: allow a name that is already taken. Default False.

    Raises:
        ConfigurationError: the name is taken or has a slash.
    """
    if not name or "/" in name:
        message = f"provider name {name!r} must not be empty or hold a slash"
        raise ConfigurationError(message)
    with _lock:
        if not replace and (name in _BUILTIN or name in _state.factories):
            message = f"provider {name!r} is registered already; pass replace=True to put yours in its place"
            raise ConfigurationError(message)
        _state.factories[name] = factory


def unregister_provider(name: str) -> None:
    """Remove a provider added by `register_provider`; a built-in one of the same name is there again."""
    with _lock:
        if _state.factories.pop(name, None) is None:
            message = f"provider {name!r} was not registered by register_provider"
            raise ConfigurationError(message)


def is_provider(name: str) -> bool:
    """Whether a provider goes by that name."""
    return _factory(name) is not None


def list_providers() -> list[str]:
    """Names of all providers: built in, registered, and from entry points; sorted."""
    with _lock:
        return sorted({*_BUILTIN, *_state.factories, *_entry_points()})


def get_provider(name: str, config: ProviderConfig | None = None) -> Provider:
    """Return a new provider instance, not shared; the caller closes it.

    Raises:
        UnknownProviderError: no provider goes by that name.
        MissingDependencyError: its package is not installed.
    """
    return _make(name, config or ProviderConfig(), _active_override()[1])


class ProviderLease:
    """A router's hold on one provider. `provider` is resolved at each access, so that an override takes effect."""

    __slots__ = ("_config", "_held", "_name")

    def __init__(self, name: str, config: ProviderConfig) -> None:
        self._name = name
        self._config = config
        self._held: dict[int, Provider] = {}

    @property
    def provider(self) -> Provider:
        """The live instance: the override's while one is active, else the shared one of this configuration."""
        overrides = _state.overrides
        serial = overrides[-1][0] if overrides else 0
        held = self._held.get(serial)
        return held if held is not None else self._acquire()

    def _acquire(self) -> Provider:
        with _lock:
            serial, override = _active_override()
            key = (serial, self._name, self._config)
            live = _state.live.get(key)
            if live is None:
                live = _state.live[key] = _Live(_make(self._name, self._config, override))
            live.leases += 1
            self._held[serial] = live.provider
            return live.provider

    def release(self) -> list[Provider]:
        """Give up the hold; returns the providers that nobody holds any more, for the caller to close."""
        with _lock:
            orphans: list[Provider] = []
            for serial, provider in self._held.items():
                key = (serial, self._name, self._config)
                live = _state.live.get(key)
                if live is None or live.provider is not provider:
                    continue
                live.leases -= 1
                if live.leases == 0:
                    del _state.live[key]
                    orphans.append(provider)
            self._held.clear()
            return orphans


@contextmanager
def override_providers(override: ProviderOverride, *, clock: Clock | None = None) -> Generator[None, None, None]:
    """Put `override` in front of every provider of every router in the process, until the block is left.

    It applies in every thread and to routers made before. Blocks nest: the inner one wins. Providers that the
    override made are closed when the block is left.

    Args:
        override: called with the name, the configuration and the factory it stands before; makes the provider.
        clock: what routers without a clock of their own use meanwhile. Default: the enclosing block's, else the
            system's.
    """
    with _lock:
        _state.serial += 1
        serial = _state.serial
        _state.overrides = [*_state.overrides, (serial, override)]
        if clock is not None:
            _state.clocks = [*_state.clocks, (serial, clock)]
    try:
        yield
    finally:
        with _lock:
            _state.overrides = [entry for entry in _state.overrides if entry[0] != serial]
            _state.clocks = [entry for entry in _state.clocks if entry[0] != serial]
            made = [live.provider for key, live in _state.live.items() if key[0] == serial]
            _state.live = {key: live for key, live in _state.live.items() if key[0] != serial}
        for provider in made:
            provider.close()


@contextmanager
def override_clock(clock: Clock) -> Generator[None]:
    """Hand `clock` to routers without one of their own, until the block is left; providers stay what they are.

    A replayed cassette does this: the providers are real, and nobody shall wait for a recorded `retry-after`.
    """
    with _lock:
        _state.clock_serial += 1
        entry = (-_state.clock_serial, clock)
        _state.clocks = [*_state.clocks, entry]
    try:
        yield
    finally:
        with _lock:
            _state.clocks = [other for other in _state.clocks if other[0] != entry[0]]


def current_clock() -> Clock:
    """The clock of the innermost override that brought one, else the system's. Ask for it at each call."""
    clocks = _state.clocks
    return clocks[-1][1] if clocks else _SYSTEM_CLOCK


def override_in_force() -> int:
    """A number for the innermost override, 0 while there is none: what was learnt of providers holds under it only."""
    overrides = _state.overrides
    return overrides[-1][0] if overrides else 0


@cache
def built_in(name: str) -> ProviderFactory | None:
    """The library's own factory of that name, always the same object; None where it has none."""
    target = _BUILTIN.get(name)
    return None if target is None else partial(_load_and_make, target)


def _active_override() -> tuple[int, ProviderOverride | None]:
    return _state.overrides[-1] if _state.overrides else (0, None)


def _make(name: str, config: ProviderConfig, override: ProviderOverride | None) -> Provider:
    factory = _factory(name)
    if factory is None:
        raise UnknownProviderError(name, list_providers())
    return factory(name, config) if override is None else override(name, config, factory)


def _factory(name: str) -> ProviderFactory | None:
    found = _state.factories.get(name) or built_in(name)
    if found is not None:
        return found
    target = _entry_points().get(name)
    return None if target is None else partial(_load_and_make, target)


def _load_and_make(target: str, name: str, config: ProviderConfig) -> Provider:
    module, _, attribute = target.partition(":")
    factory: ProviderFactory = getattr(import_module(module), attribute)
    return factory(name, config)


def _entry_points() -> dict[str, str]:
    from importlib.metadata import entry_points  # 15 ms: only when a name is not known or all are listed

    return {entry.name: entry.value for entry in entry_points(group=ENTRY_POINT_GROUP)}
