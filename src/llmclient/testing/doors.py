"""Doors 2 and 3, as overrides of the provider registry: the real provider, led to the script by its configuration.

Nothing in production code knows of them: a configuration takes an HTTP client and a base URL anyway. The key is a
placeholder, so that none is needed and none can leak.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from llmclient.testing import transport
from llmclient.testing.player import WirePlayer

if TYPE_CHECKING:
    from llmclient.protocols import Provider
    from llmclient.providers.config import ProviderConfig
    from llmclient.providers.registry import ProviderFactory, ProviderOverride
    from llmclient.testing.harness import Harness
    from llmclient.testing.server.app import FakeServer

PLACEHOLDER_KEY = "sk-fake-0000"
"""What the vendors' SDKs are given as a key."""

_OWN_URL = "http://fake.invalid/v1"
"""Where a provider without an endpoint of its own is sent; the transport answers before anything is resolved."""


def transport_override(harness: Harness) -> ProviderOverride:
    """Every provider is the real one, above a transport that plays the harness's script."""
    player = WirePlayer(harness, "transport")

    def override(name: str, config: ProviderConfig, factory: ProviderFactory) -> Provider:
        client = transport.client_factory(player, name)
        base_url = config.base_url or (_OWN_URL if name == "custom" else None)
        return factory(name, replace(config, http_client=client, api_key=PLACEHOLDER_KEY, base_url=base_url))

    return override


def server_override(server: FakeServer) -> ProviderOverride:
    """Every provider is the real one, talking to `server` over a socket."""
    from llmclient.testing.server.client import client_factory

    def override(name: str, config: ProviderConfig, factory: ProviderFactory) -> Provider:
        client = client_factory(server)
        url = server.base_url(name)
        return factory(name, replace(config, http_client=client, api_key=PLACEHOLDER_KEY, base_url=url))

    return override
