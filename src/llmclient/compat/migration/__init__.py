"""Rewrites source code that uses LiteLLM; `llmclient migrate` is its command. Needs libcst (the extra `migrate`)."""
