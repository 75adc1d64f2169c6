"""Redaction: what must not leave the house is replaced in requests, and put back in answers.

Each different match of a pattern gets a placeholder such as `[EMAIL_1]`, the same one throughout a call, so that the
model can still speak of it. In a stream, text that may be the beginning of a placeholder is held back until it is one
or is none. Messages and tool results are searched, parts and tool arguments included; files and images are not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from llmclient.middleware.base import Around, Middleware
from llmclient.types.request import ChatRequest

if TYPE_CHECKING:
    from llmclient.middleware.base import ChunkFunction, Flow
    from llmclient.types.response import ModelResponse
    from llmclient.types.stream import StreamChunk

PATTERNS: Mapping[str, str] = {
    "EMAIL": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}",
    "PHONE": r"\+\d[\d ()/-]{6,}\d",
    "CARD": r"\b(?:\d[ -]?){13,16}\b",
    "KEY": r"\b(?:sk|pk|ghp|xox[bp])[-_][A-Za-z0-9_-]{12,}",
}
"""Patterns by name, where the caller gives none of their own."""

_SEARCHED = frozenset({"content", "text", "arguments", "reasoning_content"})
_PLACEHOLDER = re.compile(r"\[[A-Z]+_\d+\]")
_BEGUN = re.compile(r"\[(?:[A-Z]+(?:_\d*)?)?$")


def redact(patterns: Mapping[str, str | re.Pattern[str]] | None = None) -> Middleware:
    """Keep matches of patterns out of requests, and put them back in answers.

    Args:
        patterns: regular expressions by upper-case name. Default `PATTERNS`: e-mail addresses, telephone numbers, card
            numbers, keys.
    """
    compiled = {name: re.compile(pattern) for name, pattern in (patterns or PATTERNS).items()}

    def redacted(around: Around) -> Flow:
        request = around.request
        if not isinstance(request, ChatRequest):
            yield
            return None
        book = _Book(compiled)
        messages = [cast("Mapping[str, object]", _each_text(message, book.hide)) for message in request.messages]
        around.request = replace(request, messages=messages)
        around.each_chunk(_unhide_chunks(book))
        reply = yield
        return _unhidden(cast("ModelResponse", reply), book) if book.known else None

    return Middleware(redacted, "call")


class _Book:
    """The placeholders of one call."""

    def __init__(self, patterns: Mapping[str, re.Pattern[str]]) -> None:
        self._patterns = patterns
        self._placeholders: dict[str, str] = {}
        self.known: dict[str, str] = {}

    def hide(self, text: str) -> str:
        for name, pattern in self._patterns.items():
            text = pattern.sub(partial(self._placeholder, name), text)
        return text

    def show(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: self.known.get(match[0], match[0]), text)

    def _placeholder(self, name: str, match: re.Match[str]) -> str:
        found = match[0]
        held = self._placeholders.get(found)
        if held is None:
            count = sum(placeholder.startswith(f"[{name}_") for placeholder in self.known) + 1
            held = self._placeholders[found] = f"[{name}_{count}]"
            self.known[held] = found
        return held


def _each_text(value: object, change: Callable[[str], str], *, searched: bool = False) -> object:
    """A copy of a message with every text in it changed."""
    if isinstance(value, str):
        return change(value) if searched else value
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        return {name: _each_text(item, change, searched=name in _SEARCHED) for name, item in fields.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_each_text(item, change) for item in cast("Sequence[object]", value)]
    return value


def _unhidden(reply: ModelResponse, book: _Book) -> ModelResponse:
    shown = reply.model_copy(deep=True)
    for choice in shown.choices:
        message = choice.message
        message.content = message.content and book.show(message.content)
        message.reasoning_content = message.reasoning_content and book.show(message.reasoning_content)
        for call in message.tool_calls or ():
            call.function.arguments = book.show(call.function.arguments)
    return shown


def _unhide_chunks(book: _Book) -> ChunkFunction:
    held = ""

    def show(chunk: StreamChunk | None) -> Iterable[StreamChunk]:
        nonlocal held
        if chunk is None or not chunk.choices or not book.known:
            return [] if chunk is None else [chunk]
        delta = chunk.choices[0].delta
        text = held + (delta.content or "")
        begun = None if chunk.finish_reason else _BEGUN.search(text)
        held = begun[0] if begun else ""
        whole = text[: len(text) - len(held)]
        if whole or delta.content is not None:
            delta.content = book.show(whole)
        for call in delta.tool_calls or ():
            if call.function is not None and call.function.arguments:
                call.function.arguments = book.show(call.function.arguments)
        return [chunk]

    return show
