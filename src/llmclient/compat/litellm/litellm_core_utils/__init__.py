"""LiteLLM's `litellm_core_utils`: the tree only."""
