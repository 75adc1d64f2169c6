"""The environment variable of each provider's key."""

from __future__ import annotations


def key_variable(provider: str) -> str:
    """The variable that holds the key of `provider`."""
    from llmclient.providers.gateways import GATEWAYS

    gateway = GATEWAYS.get(provider)
    found = getattr(gateway, "key_variable", None)
    return str(found) if found else f"{provider.upper()}_API_KEY"
