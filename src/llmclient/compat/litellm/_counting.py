"""LiteLLM's `token_counter`: a number for anything, never an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from llmclient._narrow import is_mapping
from llmclient.compat.litellm._names import full_name
from llmclient.errors import LLMClientError
from llmclient.tokens import count_message_tokens, count_tokens

if TYPE_CHECKING:
    from llmclient.types.messages import Messages, ToolChoice, ToolParam


def token_counter(  # noqa: PLR0917 - LiteLLM's signature
    model: str = "",
    custom_tokenizer: object = None,  # noqa: ARG001 - LiteLLM's signature
    text: str | Sequence[str] | None = None,
    messages: Sequence[object] | None = None,
    count_response_tokens: bool | None = False,  # noqa: FBT001, FBT002 - LiteLLM's signature
    tools: Sequence[Mapping[str, object]] | None = None,
    tool_choice: Mapping[str, object] | str | None = None,
    use_default_image_token_count: bool | None = False,  # noqa: ARG001, FBT001, FBT002 - LiteLLM's signature
    default_token_count: int | None = None,  # noqa: ARG001 - the same
) -> int:
    """Return how many tokens a text or a conversation has; an estimate where the vocabulary is not at hand.

    Args:
        model: any name of a model; an unknown one counts by an estimate.
        custom_tokenizer: accepted, without effect.
        text: a text, or several; an empty one has none.
        messages: a conversation; each message counts, also an empty one.
        count_response_tokens: count the texts of the messages alone, as of an answer.
        tools: sent with the conversation.
        tool_choice: the same.
        use_default_image_token_count: accepted, without effect.
        default_token_count: the same.
    """
    name = full_name(model) if model else ""
    if messages is not None and not text:
        return _conversation(messages, name, tools, tool_choice, bare=bool(count_response_tokens))
    texts = [text] if isinstance(text, str) else list(text or ())
    return sum(count_tokens(part, name).tokens for part in texts if part)


def _conversation(messages: Sequence[object], model: str, tools: object, tool_choice: object, *, bare: bool) -> int:
    if bare:
        return sum(count_tokens(str(_content(message) or ""), model).tokens for message in messages)
    given = cast("Sequence[ToolParam] | None", tools)
    choice = cast("ToolChoice | None", tool_choice)
    try:
        return count_message_tokens(cast("Messages", messages), model, tools=given, tool_choice=choice).tokens
    except (LLMClientError, TypeError, ValueError, AttributeError):
        # Not a conversation as a provider takes it, such as tool calls in the place of tools: what is said counts.
        said = sum(count_tokens(str(_content(message) or ""), model).tokens + 4 for message in messages)
        return said + (count_tokens(str(tools), model).tokens if tools else 0)


def _content(message: object) -> object:
    return message.get("content") if is_mapping(message) else getattr(message, "content", None)
