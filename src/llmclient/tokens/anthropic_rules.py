"""What a conversation comes to at Anthropic, estimated: Anthropic publishes no vocabulary since Claude 2.

Texts are counted in o200k_base times a factor, and the frames are fitted to `usage.input_tokens` of recorded calls:
each message a little, tools a long preamble (Anthropic documents one of 300 to 600 tokens, tool use, pricing), server
tools a preamble of their own. `docs/costs.md` states the error. `count_tokens_exact` asks the provider instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from llmclient._narrow import as_list, as_mapping, as_text, is_mapping
from llmclient.tokens.content import Content, read_content

if TYPE_CHECKING:
    from llmclient.tokens.encodings import Vocabulary

_PER_MESSAGE: Final = 4.0
_PER_REQUEST: Final = 3.0
_PER_CALL: Final = 30.0
_PER_RESULT: Final = 15.0
_TOOLS: Final = 500.0
_FORCED_TOOLS: Final = 600.0
_CITATIONS: Final = 530.0

_SERVER_TOOLS: Final[tuple[tuple[str, float], ...]] = (
    ("web_search", 2190.0),
    ("web_fetch", 520.0),
    ("code_execution", 4600.0),
    ("memory", 1550.0),
    ("advisor", 2350.0),
    ("tool_search", 60.0),
    ("bash", 240.0),
    ("text_editor", 700.0),
    ("computer", 730.0),
)
"""Tools that run at Anthropic, or that it defines, by the beginning of their type, and the tokens each adds."""


class TextCounter(Protocol):
    """Counts texts in the vocabulary it has."""

    vocabulary: Vocabulary

    def __call__(self, text: str) -> int:
        """Tokens of a text, before the vocabulary's factor."""
        ...


def count_request(
    messages: Sequence[Mapping[str, object]],
    tools: Sequence[object],
    tool_choice: object,
    count: TextCounter,
    *,
    attachments: Callable[[Content], int],
) -> int:
    """About how many input tokens a request has.

    Args:
        messages: the conversation, in OpenAI's shape.
        tools: tools, in OpenAI's shape or Anthropic's.
        tool_choice: OpenAI's choice; one that forces a tool has a longer preamble.
        count: counts texts.
        attachments: counts what is no text.
    """
    texts, frames, cited = 0, _PER_REQUEST, False
    for message in messages:
        content = read_content(message.get("content"))
        calls = as_list(message.get("tool_calls"))
        texts += sum(count(text) for text in content.texts) + sum(_call(call, count) for call in calls)
        frames += _PER_MESSAGE + _PER_CALL * len(calls) + attachments(content)
        frames += _PER_RESULT if message.get("role") == "tool" else 0.0
        cited = cited or content.cited
    functions = [tool for tool in tools if _server_tool(tool) is None]
    texts += sum(_function(tool, count) for tool in functions)
    if functions:
        frames += _FORCED_TOOLS if tool_choice == "required" or is_mapping(tool_choice) else _TOOLS
    frames += sum(_server_tool(tool) or 0.0 for tool in tools) + (_CITATIONS if cited else 0.0)
    return round(texts * count.vocabulary.factor + frames)


def _call(call: object, count: TextCounter) -> int:
    function = as_mapping(as_mapping(call).get("function"))
    return count(str(function.get("name") or "")) + count(str(function.get("arguments") or ""))


def _function(tool: object, count: TextCounter) -> int:
    entry = as_mapping(tool)
    function = as_mapping(entry.get("function")) or entry
    return count(json.dumps(dict(function), ensure_ascii=False, default=str))


def _server_tool(tool: object) -> float | None:
    """What a tool of Anthropic's own adds, None for a function."""
    kind = as_text(as_mapping(tool).get("type")) or ""
    return next((tokens for start, tokens in _SERVER_TOOLS if kind.startswith(f"{start}_")), None)
