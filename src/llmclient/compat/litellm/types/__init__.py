"""LiteLLM's `types`: the tree only."""
