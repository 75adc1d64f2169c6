"""OpenAI-compatible endpoints, a row each: where they are, which variable holds the key, what they do differently.

A new gateway is one row. A gateway without quirks is spoken to as OpenAI is. Sources: each host's API reference.
"""

from __future__ import annotations

from llmclient.protocols import Capability
from llmclient.providers._endpoint import Endpoint, Quirk


def _row(name: str, base_url: str, *quirks: Quirk, has: str = "", key: str = "", needs_key: bool = True) -> Endpoint:
    prefix = name.upper()
    return Endpoint(
        name=name,
        base_url=base_url,
        key_variable=key or f"{prefix}_API_KEY",
        url_variable=f"{prefix}_BASE_URL",
        requires_key=needs_key,
        quirks=frozenset(quirks),
        capabilities=frozenset(Capability(word) for word in has.split()),
    )


_PLAIN: tuple[Quirk, ...] = ("developer_as_system", "max_tokens_only")
"""What most hosts have in common: the message roles and the limit of OpenAI's first version."""

_LOCAL = "embeddings model_listing responses"
_ALL = " ".join(Capability)

_ROWS: tuple[Endpoint, ...] = (
    _row(
        "groq",
        "https://api.groq.com/openai/v1",
        "developer_as_system",
        has="speech transcription model_listing responses",
    ),
    _row(
        "mistral",
        "https://api.mistral.ai/v1",
        *_PLAIN,
        "no_stream_usage",
        has="embeddings transcription model_listing",
    ),
    _row(
        "deepseek",
        "https://api.deepseek.com",
        *_PLAIN,
        "format_by_tool",
        "reasoning_history",
        has="model_listing responses",
    ),
    _row(
        "together",
        "https://api.together.xyz/v1",
        *_PLAIN,
        has="embeddings images speech transcription model_listing",
    ),
    _row("fireworks", "https://api.fireworks.ai/inference/v1", *_PLAIN, has="embeddings model_listing responses"),
    _row("cerebras", "https://api.cerebras.ai/v1", "developer_as_system", has="model_listing"),
    _row("xai", "https://api.x.ai/v1", has="images model_listing responses"),
    _row("perplexity", "https://api.perplexity.ai", *_PLAIN),
    _row(
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "developer_as_system",
        has="embeddings images model_listing",
    ),
    _row(
        "huggingface",
        "https://router.huggingface.co/v1",
        "developer_as_system",
        has="model_listing responses",
        key="HF_TOKEN",
    ),
    _row("nvidia", "https://integrate.api.nvidia.com/v1", *_PLAIN, has="embeddings model_listing"),
    _row("moonshot", "https://api.moonshot.ai/v1", *_PLAIN, "reasoning_history", has="model_listing"),
    _row(
        "zai",
        "https://api.z.ai/api/paas/v4",
        *_PLAIN,
        "format_by_tool",
        "reasoning_history",
        has="images model_listing",
    ),
    _row("ollama", "http://localhost:11434/v1", *_PLAIN, has=_LOCAL, needs_key=False),
    _row("vllm", "http://localhost:8000/v1", *_PLAIN, has=f"{_LOCAL} transcription", needs_key=False),
    _row("lmstudio", "http://localhost:1234/v1", *_PLAIN, has=_LOCAL, needs_key=False),
    _row("custom", "", has=_ALL, needs_key=False),
)

GATEWAYS: dict[str, Endpoint] = {row.name: row for row in _ROWS}
"""By provider name."""
