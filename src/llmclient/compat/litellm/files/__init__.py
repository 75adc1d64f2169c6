"""LiteLLM's `files`: the tree only."""
