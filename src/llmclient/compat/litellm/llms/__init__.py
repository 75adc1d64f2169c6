"""LiteLLM's `llms`: the tree only."""
