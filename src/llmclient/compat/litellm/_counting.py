"""LiteLLM's `token_counter`: a number for anything, never an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def token_counter(
    model: str = "",  # noqa: ARG001 - to come with the tokens room
    custom_tokenizer: object = None,
    text: str | Sequence[str] | None = None,
    messages: Sequence[object] | None = None,
    *,
    tools: Sequence[Mapping[str, object]] | None = None,
    tool_choice: Mapping[str, object] | str | None = None,
) -> int:
    """Return an estimate of how many tokens a text or a conversation has."""
    parts = [text, messages, tools, tool_choice, custom_tokenizer]
    return sum(-(-len(str(part)) // 4) for part in parts if part)
