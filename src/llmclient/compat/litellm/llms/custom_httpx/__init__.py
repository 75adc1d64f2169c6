"""LiteLLM's `llms.custom_httpx`: the tree only."""
