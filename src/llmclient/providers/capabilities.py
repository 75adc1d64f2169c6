"""Who can do what: a provider has a capability when it satisfies the capability's async or sync protocol."""

from __future__ import annotations

from llmclient.errors import ConfigurationError
from llmclient.protocols import CAPABILITY_PROTOCOLS, Capability, Provider
from llmclient.providers.registry import get_provider, list_providers


def get_provider_capabilities(provider: Provider | str) -> frozenset[Capability]:
    """Return what a provider can do. Nothing is sent, and no key is needed.

    Args:
        provider: a provider, or the registered name of one.

    Raises:
        UnknownProviderError: no provider goes by that name.
    """
    found = get_provider(provider) if isinstance(provider, str) else provider
    return frozenset(
        capability
        for capability, (asynchronous, synchronous) in CAPABILITY_PROTOCOLS.items()
        if isinstance(found, (asynchronous, synchronous))
    )


def find_providers(capability: Capability | str) -> list[str]:
    """Return the names of the providers that have a capability, sorted.

    A provider that cannot be made here, because its package or its setup is missing, is not among them.

    Args:
        capability: such as `Capability.EMBEDDINGS`, or "embeddings".
    """
    wanted = Capability(capability)
    found: list[str] = []
    for name in list_providers():
        try:
            has = wanted in get_provider_capabilities(name)
        except (ConfigurationError, ImportError):
            continue
        if has:
            found.append(name)
    return found
