"""Counting: a text, a conversation, and either without holding up an event loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from llmclient._narrow import as_text
from llmclient.tokens import anthropic_rules, openai_rules
from llmclient.tokens.content import Content, read_content
from llmclient.tokens.encodings import Vocabulary, vocabulary_of
from llmclient.tokens.vocabulary import count_text, encoder

if TYPE_CHECKING:
    from llmclient.types.messages import Messages, ToolChoice, ToolParam

Method = Literal["exact", "estimate"]

_FILE: Final[Mapping[str, int]] = {"openai": 230, "anthropic": 2600, "other": 1000}
"""A document of a page. Vendors take its text and its picture, and say only orders of magnitude."""

_AUDIO_BYTES_PER_TOKEN: Final = 1600
"""Sixteen kilobytes a second of MP3, ten tokens a second (OpenAI, realtime costs)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCount:
    """A number of tokens, and how it came about. `int(count)` is the number.

    Attributes:
        tokens: the number.
        method: "exact" where it is the vendor's own way of counting, "estimate" otherwise.
        tokenizer: what counted: the name of a tiktoken vocabulary, "characters" where none was to be had, or
            "provider" where the provider counted.
    """

    tokens: int
    method: Method
    tokenizer: str

    @property
    def exact(self) -> bool:
        """Whether the count is exact."""
        return self.method == "exact"

    def __int__(self) -> int:
        return self.tokens

    __index__ = __int__


class _Counter:
    """Counts texts in one vocabulary and remembers whether each was counted rather than guessed."""

    __slots__ = ("_roles", "exact", "tokens_by_vocabulary", "vocabulary")

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.exact = vocabulary.exact
        self.tokens_by_vocabulary = True
        self._roles: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        if not text:
            return 0
        tokens, counted = count_text(text, self.vocabulary.encoding)
        if not counted:
            self.exact = False
            self.tokens_by_vocabulary = encoder(self.vocabulary.encoding) is not None
        return tokens

    def role(self, role: str) -> int:
        """Tokens of a role's name, which every message has and few are."""
        tokens = self._roles.get(role)
        if tokens is None:
            tokens = self._roles[role] = self(role)
        return tokens

    def result(self, tokens: int) -> TokenCount:
        """The count of all that was counted."""
        name = self.vocabulary.encoding if self.tokens_by_vocabulary else "characters"
        return TokenCount(tokens=tokens, method="exact" if self.exact else "estimate", tokenizer=name)


def count_tokens(text: str, model: str) -> TokenCount:
    """Count the tokens of a text. Never raises; special tokens count as the plain text they are.

    Args:
        text: any text, of any length.
        model: any name of a model; one that is not known gets an estimate.

    The first count of a vocabulary loads it, up to ten seconds where a network is asked for it; `acount_tokens` does
    that beside an event loop.
    """
    vocabulary = vocabulary_of(model)
    tokens, counted = count_text(text, vocabulary.encoding)
    if vocabulary.factor != 1.0:
        tokens = round(tokens * vocabulary.factor)
    name = vocabulary.encoding if counted or encoder(vocabulary.encoding) is not None else "characters"
    return TokenCount(tokens=tokens, method="exact" if counted and vocabulary.exact else "estimate", tokenizer=name)


def count_message_tokens(
    messages: Messages,
    model: str,
    *,
    tools: Sequence[ToolParam] | None = None,
    tool_choice: ToolChoice | None = None,
) -> TokenCount:
    """Count the prompt tokens of a conversation, with what the vendor's frame adds.

    Args:
        messages: a string, or messages in OpenAI's shape; Anthropic's content blocks are understood too.
        model: any name of a model.
        tools: tools sent with it.
        tool_choice: the choice sent with it.

    The count is exact for a conversation of texts at OpenAI, by the documented recipe; with images, files, tools or
    tool calls, and for every other vendor, it is an estimate. Never raises for a conversation that can be sent.

    Raises:
        InvalidMessageError: the conversation is none.
    """
    from llmclient.types.history import normalize_messages

    vocabulary = vocabulary_of(model)
    count = _Counter(vocabulary)
    plain = normalize_messages(messages)
    if vocabulary.family == "anthropic":
        attachments = partial(count_attachments, model=model, vocabulary=vocabulary)
        return count.result(
            anthropic_rules.count_request(plain, tools or (), tool_choice, count, attachments=attachments)
        )
    if not vocabulary.framed(model):
        count.exact = False
    tokens = openai_rules.REPLY + sum(_count_message(message, model, count) for message in plain)
    if tools:
        frame = openai_rules.OLD_TOOLS if vocabulary.encoding == "cl100k_base" else openai_rules.TOOLS
        has_system = any(message.get("role") in ("system", "developer") for message in plain)
        tokens += openai_rules.count_tools(tools, count, frame=frame, has_system=has_system)
        count.exact = False
    return count.result(tokens + openai_rules.count_tool_choice(tool_choice, count))


def _count_message(message: Mapping[str, object], model: str, count: _Counter) -> int:
    role, content = message.get("role"), message.get("content")
    total = openai_rules.PER_MESSAGE + count.role(str(role))
    if isinstance(content, str):
        total += count(content)
    elif content is not None:
        read = read_content(content)
        total += sum(count(text) for text in read.texts) + count_attachments(read, model, count.vocabulary)
        count.exact = count.exact and read.plain
    name = as_text(message.get("name"))
    if name is not None:
        total += openai_rules.PER_NAME + count(name)
    calls = message.get("tool_calls")
    if calls:
        total += openai_rules.count_tool_calls(calls, count)
    if calls or role == "tool":
        count.exact = False
    return total


def count_attachments(content: Content, model: str, vocabulary: Vocabulary) -> int:
    """Tokens of what is no text."""
    total = content.files * _FILE[vocabulary.family] + content.audio_bytes // _AUDIO_BYTES_PER_TOKEN
    if content.images:
        from llmclient.tokens.image_size import image_size
        from llmclient.tokens.images import image_tokens

        for image in content.images:
            total += image_tokens(model, image_size(image.url), detail=image.detail, family=vocabulary.family)
    return total


async def acount_tokens(
    text: str | None = None,
    model: str = "",
    *,
    messages: Messages | None = None,
    tools: Sequence[ToolParam] | None = None,
    tool_choice: ToolChoice | None = None,
) -> TokenCount:
    """Count a text or a conversation in a thread, so that loading a vocabulary or a long text holds up no event loop.

    Args:
        text: a text, as `count_tokens` takes it.
        model: any name of a model.
        messages: a conversation instead, as `count_message_tokens` takes it, with `tools` and `tool_choice`.
        tools: tools sent with the conversation.
        tool_choice: the choice sent with it.
    """
    import asyncio

    if messages is not None:
        return await asyncio.to_thread(count_message_tokens, messages, model, tools=tools, tool_choice=tool_choice)
    return await asyncio.to_thread(count_tokens, text or "", model)
