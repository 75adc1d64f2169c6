"""LiteLLM's `types.llms`: the tree only."""
