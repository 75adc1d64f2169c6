"""OpenAI-compatible endpoints, a row each: where they are, which variable holds the key, and what they do differently.

A quirk is a name that the encoder or the decoder knows; a gateway without quirks is treated as OpenAI itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Quirk: TypeAlias = Literal[
    "no_developer_role",  # `developer` messages are sent as `system`
    "max_tokens_only",  # knows `max_tokens`, not `max_completion_tokens`
    "no_stream_usage",  # rejects `stream_options`
    "no_parallel_tool_calls",  # rejects `parallel_tool_calls`
    "no_done",  # ends a stream without `[DONE]`
    "keeps_reasoning",  # wants `reasoning_content` of earlier turns back
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One OpenAI-compatible endpoint.

    Attributes:
        base_url: empty where the user must give one.
        key_variable: the environment variable of the key.
        url_variable: the environment variable that overrides `base_url`.
        requires_key: whether a call without a key is refused before sending.
    """

    name: str
    base_url: str
    key_variable: str
    url_variable: str
    requires_key: bool = True
    quirks: frozenset[Quirk] = frozenset()


def _row(name: str, base_url: str, *quirks: Quirk, key: str = "", needs_key: bool = True) -> Gateway:
    prefix = name.upper()
    return Gateway(
        name=name,
        base_url=base_url,
        key_variable=key or f"{prefix}_API_KEY",
        url_variable=f"{prefix}_BASE_URL",
        requires_key=needs_key,
        quirks=frozenset(quirks),
    )


GATEWAYS: dict[str, Gateway] = {
    gateway.name: gateway
    for gateway in (
        _row("groq", "https://api.groq.com/openai/v1", "no_developer_role"),
        _row("mistral", "https://api.mistral.ai/v1", "no_developer_role", "max_tokens_only", "no_stream_usage"),
        _row("deepseek", "https://api.deepseek.com", "no_developer_role", "max_tokens_only", "keeps_reasoning"),
        _row("together", "https://api.together.xyz/v1", "no_developer_role", "max_tokens_only"),
        _row("fireworks", "https://api.fireworks.ai/inference/v1", "no_developer_role", "max_tokens_only"),
        _row("cerebras", "https://api.cerebras.ai/v1", "no_developer_role"),
        _row("xai", "https://api.x.ai/v1"),
        _row("perplexity", "https://api.perplexity.ai", "no_developer_role", "max_tokens_only"),
        _row(
            "gemini",
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "no_developer_role",
            key="GEMINI_API_KEY",
        ),
        _row("huggingface", "https://router.huggingface.co/v1", "no_developer_role", key="HF_TOKEN"),
        _row("nvidia", "https://integrate.api.nvidia.com/v1", "no_developer_role", "max_tokens_only"),
        _row("moonshot", "https://api.moonshot.ai/v1", "no_developer_role", "max_tokens_only"),
        _row("zai", "https://api.z.ai/api/paas/v4", "no_developer_role", "max_tokens_only"),
        _row("ollama", "http://localhost:11434/v1", "no_developer_role", "max_tokens_only", needs_key=False),
        _row("vllm", "http://localhost:8000/v1", "no_developer_role", "max_tokens_only", needs_key=False),
        _row("lmstudio", "http://localhost:1234/v1", "no_developer_role", "max_tokens_only", needs_key=False),
        _row("custom", "", needs_key=False),
    )
}
