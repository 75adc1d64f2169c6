"""A fake that can do what the provider it stands for can do, and no more: what production refuses, a test refuses too.

The real provider is made and asked for its capabilities; that imports no SDK and needs no key. The methods of those it
lacks are None in the fake's class, which is how a class tells Python's protocols that it has no such method.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from llmclient.errors import ConfigurationError
from llmclient.protocols import CAPABILITY_PROTOCOLS, Provider
from llmclient.providers.registry import built_in
from llmclient.testing.doors import PLACEHOLDER_KEY
from llmclient.testing.provider.fake import FakeProvider

if TYPE_CHECKING:
    from llmclient.providers.config import ProviderConfig
    from llmclient.providers.registry import ProviderFactory
    from llmclient.testing.harness import Harness


def fake_provider(harness: Harness, name: str, config: ProviderConfig, factory: ProviderFactory) -> FakeProvider:
    """What stands at the provider door for the provider that `factory` makes."""
    fake = fake_of(name, config, factory)
    return fake(harness, name, config=config, encodes=factory is built_in(name))


def fake_of(name: str, config: ProviderConfig, factory: ProviderFactory) -> type[FakeProvider]:
    """The class of the fake that stands for a provider; one that cannot be made here is taken to have everything."""
    try:
        real = factory(name, replace(config, api_key=config.api_key or PLACEHOLDER_KEY))
    except (ConfigurationError, ImportError):
        return FakeProvider
    real.close()
    return _limited_to(type(real))


@lru_cache
def _limited_to(kind: type[Provider]) -> type[FakeProvider]:
    lacking = [
        method
        for protocols in CAPABILITY_PROTOCOLS.values()
        if not any(_has(kind, protocol) for protocol in protocols)
        for protocol in protocols
        for method in _methods(protocol)
    ]
    return type("FakeProvider", (FakeProvider,), dict.fromkeys(lacking)) if lacking else FakeProvider


def _has(kind: type[Provider], protocol: type) -> bool:
    return all(getattr(kind, method, None) is not None for method in _methods(protocol))


def _methods(protocol: type) -> list[str]:
    return [name for name in vars(protocol) if not name.startswith("_")]
