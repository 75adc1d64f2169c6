"""Counting by the provider that will be asked, for those that offer it: exact, and a request of its own.

It stands here and not with the counting of texts because it needs a provider; `llmclient.tokens` names it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmclient.errors import UnsupportedCapabilityError
from llmclient.protocols import Capability, Provider, SyncTokenCountCapability, TokenCountCapability
from llmclient.providers.capabilities import find_providers
from llmclient.providers.registry import get_provider, split_model
from llmclient.tokens.count import TokenCount
from llmclient.types.history import normalize_messages
from llmclient.types.request import ChatRequest

if TYPE_CHECKING:
    from llmclient.providers.config import ProviderConfig
    from llmclient.types.messages import Messages, ToolChoice, ToolParam


async def count_tokens_exact(
    messages: Messages,
    model: str,
    *,
    tools: Sequence[ToolParam] | None = None,
    tool_choice: ToolChoice | None = None,
    provider: Provider | None = None,
    config: ProviderConfig | None = None,
) -> TokenCount:
    """Ask the provider how many input tokens a request has.

    Args:
        messages: the conversation, as `ModelRouter.complete` takes it.
        model: "provider/model", or a bare name of Anthropic's.
        tools: tools of the request.
        tool_choice: the choice of the request.
        provider: the provider to ask; it stays open. Default: a new one, closed afterwards.
        config: how to reach a new one: key, base URL, client. Default: the environment's.

    Raises:
        UnsupportedCapabilityError: this provider does not count (only Anthropic does today).
        ProviderError: the provider refused, or could not be reached.
    """
    name, request = _request(messages, model, tools, tool_choice)
    asked = provider or get_provider(name, config)
    try:
        if not isinstance(asked, TokenCountCapability):
            raise _unsupported(name)
        tokens = await asked.count_tokens(request)
    finally:
        if provider is None:
            await asked.aclose()
    return TokenCount(tokens=tokens, method="exact", tokenizer="provider")


def count_tokens_exact_sync(
    messages: Messages,
    model: str,
    *,
    tools: Sequence[ToolParam] | None = None,
    tool_choice: ToolChoice | None = None,
    provider: Provider | None = None,
    config: ProviderConfig | None = None,
) -> TokenCount:
    """As `count_tokens_exact`, without an event loop."""
    name, request = _request(messages, model, tools, tool_choice)
    asked = provider or get_provider(name, config)
    try:
        if not isinstance(asked, SyncTokenCountCapability):
            raise _unsupported(name)
        tokens = asked.count_tokens_sync(request)
    finally:
        if provider is None:
            asked.close()
    return TokenCount(tokens=tokens, method="exact", tokenizer="provider")


def _request(
    messages: Messages, model: str, tools: Sequence[ToolParam] | None, tool_choice: ToolChoice | None
) -> tuple[str, ChatRequest]:
    name, bare = split_model(model)
    params: dict[str, object] = {}
    if tools:
        params["tools"] = tools
    if tool_choice is not None:
        params["tool_choice"] = tool_choice
    return name, ChatRequest(model=bare, messages=normalize_messages(messages), params=params)


def _unsupported(provider: str) -> UnsupportedCapabilityError:
    return UnsupportedCapabilityError(provider, Capability.COUNTING, find_providers(Capability.COUNTING))
