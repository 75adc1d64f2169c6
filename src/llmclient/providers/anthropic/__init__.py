"""Anthropic: the Messages API from and to OpenAI's shapes. Only `provider` sends; the rest is pure."""
