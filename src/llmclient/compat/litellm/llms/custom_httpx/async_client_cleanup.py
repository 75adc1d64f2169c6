"""LiteLLM's function that closes the connections of the module-level calls."""

from __future__ import annotations


async def close_litellm_async_clients() -> None:
    """Close every connection that `completion` and `acompletion` opened; a later call opens what it needs again."""
    from llmclient.compat.litellm._completion import POOL

    await POOL.aclose()
