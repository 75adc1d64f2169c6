"""The `llmclient` command."""
