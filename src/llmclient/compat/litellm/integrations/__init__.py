"""LiteLLM's `integrations`: the base class of callbacks."""
