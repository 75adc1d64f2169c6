"""Redaction: what must not leave the house is replaced in requests, and put back in answers.

Each different match of a pattern gets a placeholder such as `[EMAIL_1]`, the same one throughout a call, so that the
model can still speak of it; one that the conversation has already is not given. In a stream, what may be the beginning
of a placeholder is held back until it is one or is none, in text, reasoning and tool arguments alike.
Messages and tool results are searched, parts and tool arguments included, and the texts of the other capabilities;
files and images are not. `raw_response` stays as the provider sent it, with the placeholders.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, cast

from llmclient._narrow import as_mapping
from llmclient.errors import ProviderError
from llmclient.middleware.base import Around, Middleware
from llmclient.types.request import ChatRequest

if TYPE_CHECKING:
    from llmclient.middleware.base import Flow
    from llmclient.types.request import Request
    from llmclient.types.response import ModelResponse
    from llmclient.types.stream import Delta, StreamChunk, ToolCallDelta

PATTERNS: Mapping[str, str] = {
    "EMAIL": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}",
    "PHONE": r"\+\d[\d ()/-]{6,}\d",
    "CARD": r"\b(?:\d[ -]?){13,16}\b",
    "KEY": r"\b(?:sk|pk|ghp|xox[bp])[-_][A-Za-z0-9_-]{12,}",
}
"""Patterns by name, where the caller gives none of their own."""

_INPUT = frozenset({"arguments", "input"})
_SEARCHED = frozenset({"content", "text", "reasoning_content"}) | _INPUT
_WITH_PROMPT = ("input", "prompt")
"""Attributes of the requests beside chat that are text of the caller's."""
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z0-9_]*_\d+\]")
_BEGUN = re.compile(r"\[(?:[A-Z][A-Z0-9_]*)?$")


def redact(patterns: Mapping[str, str | re.Pattern[str]] | None = None) -> Middleware:
    """Keep matches of patterns out of requests, and put them back in answers.

    Args:
        patterns: regular expressions by upper-case name; where two match the same text, the first has it. Default
            `PATTERNS`: e-mail addresses, telephone numbers, card numbers, keys.

    Raises:
        ValueError: a name is not made of capitals, digits and `_`.
    """
    compiled = {name: re.compile(pattern) for name, pattern in (PATTERNS if patterns is None else patterns).items()}
    for name in compiled:
        if not _NAME.fullmatch(name):
            raise ValueError(f"redact() cannot name a pattern {name!r}; use capitals, digits and '_', as in 'ORDER_ID'")

    def redacted(around: Around) -> Flow:
        request = around.request
        if not isinstance(request, ChatRequest):
            around.request = _without_private_text(request, compiled)
            yield
            return None
        book = _Book(compiled, json_wanted=_wants_json(request))
        _each_text(request.messages, book.keep_free)
        messages = [cast("Mapping[str, object]", _each_text(message, book.hide)) for message in request.messages]
        around.request = replace(request, messages=messages)
        around.each_chunk(_Shown(book).chunk)
        try:
            reply = yield
        except ProviderError as error:
            if error.partial is not None:
                error.partial = _unhidden(error.partial, book)
            raise
        return _unhidden(cast("ModelResponse", reply), book) if book.known else None

    return Middleware(redacted, "call")


def _wants_json(request: ChatRequest) -> bool:
    wanted = as_mapping(request.params.get("response_format"))
    return wanted.get("type", "text") != "text"


class _Book:
    """The placeholders of one call."""

    def __init__(self, patterns: Mapping[str, re.Pattern[str]], *, json_wanted: bool = False) -> None:
        self.show_content = self.show_in_json if json_wanted else self.show
        self._patterns = patterns
        self._placeholders: dict[str, str] = {}
        self._taken: set[str] = set()
        self.known: dict[str, str] = {}

    def keep_free(self, text: str) -> str:
        """Give no placeholder that the conversation has of its own."""
        self._taken.update(_PLACEHOLDER.findall(text))
        return text

    def hide(self, text: str) -> str:
        """The text with placeholders."""
        pieces: list[str] = []
        done = 0
        for start, end, name in self._spans(text):
            pieces += text[done:start], self._placeholder(name, text[start:end])
            done = end
        return "".join((*pieces, text[done:]))

    def show(self, text: str) -> str:
        """The text with what the placeholders stand for."""
        return _PLACEHOLDER.sub(lambda match: self.known.get(match[0], match[0]), text)

    def show_in_json(self, text: str) -> str:
        """The same for text that is JSON, in whose strings the placeholders stand."""
        return _PLACEHOLDER.sub(lambda match: _in_json(self.known.get(match[0], match[0])), text)

    def _spans(self, text: str) -> list[tuple[int, int, str]]:
        """Where something is hidden. Matches that overlap are one, or a part of the later would be left to read."""
        names = list(self._patterns)
        matches = ((rank, found) for rank, name in enumerate(names) for found in self._patterns[name].finditer(text))
        spans: list[tuple[int, int, int]] = []
        for start, end, rank in sorted((found.start(), found.end(), rank) for rank, found in matches if found[0]):
            if spans and start < spans[-1][1]:
                first, last, named = spans[-1]
                spans[-1] = (first, max(last, end), min(named, rank))
            else:
                spans.append((start, end, rank))
        return [(start, end, names[rank]) for start, end, rank in spans]

    def _placeholder(self, name: str, found: str) -> str:
        held = self._placeholders.get(found)
        if held is None:
            numbered = (f"[{name}_{number}]" for number in count(1))
            held = next(one for one in numbered if one not in self.known and one not in self._taken)
            self._placeholders[found], self.known[held] = held, found
        return held


def _each_text(value: object, change: Callable[[str], str], *, searched: bool = False, deep: bool = False) -> object:
    """A copy of a message with every text in it changed; all of a tool's input is text, of a part what its key says."""
    if isinstance(value, str):
        return change(value) if searched else value
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        return {
            name: _each_text(item, change, searched=deep or name in _SEARCHED, deep=deep or name in _INPUT)
            for name, item in fields.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_each_text(item, change, searched=searched, deep=deep) for item in cast("Sequence[object]", value)]
    return value


def _without_private_text(request: Request, patterns: Mapping[str, re.Pattern[str]]) -> Request:
    """Each text for itself, so that its vector does not depend on what it is embedded with."""

    def hidden(text: str) -> str:
        return _Book(patterns).hide(text)

    changed = {
        name: _each_text(getattr(request, name), hidden, searched=True)
        for name in _WITH_PROMPT
        if hasattr(request, name)
    }
    change = cast("Callable[..., Request]", replace)
    return change(request, **changed) if changed else request


def _unhidden(reply: ModelResponse, book: _Book) -> ModelResponse:
    shown = reply.model_copy()
    shown.choices = [choice.model_copy(deep=True) for choice in reply.choices]
    for choice in shown.choices:
        message = choice.message
        message.content = message.content and book.show_content(message.content)
        message.refusal = message.refusal and book.show(message.refusal)
        message.reasoning_content = message.reasoning_content and book.show(message.reasoning_content)
        for call in message.tool_calls or ():
            call.function.arguments = book.show_in_json(call.function.arguments)
    return shown


class _Shown:
    """A stream with what the placeholders stand for: what may become one is held back, for each text that grows."""

    def __init__(self, book: _Book) -> None:
        self._book = book
        self._held: dict[tuple[int, str], str] = {}

    def chunk(self, chunk: StreamChunk | None) -> Iterable[StreamChunk]:
        """What is handed on in the place of a chunk."""
        if chunk is None or not self._book.known:
            return [] if chunk is None else [chunk]
        if chunk.marker == "restart":
            self._held.clear()
        for choice in chunk.choices:
            self._show(choice.index, choice.delta, last=bool(choice.finish_reason))
        return [chunk]

    def _show(self, index: int, delta: Delta, *, last: bool) -> None:
        delta.content = self._grown((index, "content"), delta.content, self._book.show_content, last=last)
        delta.reasoning_content = self._grown((index, "reasoning"), delta.reasoning_content, self._book.show, last=last)
        calls = delta.tool_calls or []
        for call in calls:
            if call.function is not None:
                key = (index, f"call {call.index}")
                function = call.function
                function.arguments = self._grown(key, function.arguments, self._book.show_in_json, last=last)
        if last:
            rest = [key for key, held in self._held.items() if held and key[0] == index and key[1].startswith("call ")]
            calls += [_fragment(int(key[1].removeprefix("call ")), self._held.pop(key)) for key in rest]
            delta.tool_calls = calls or delta.tool_calls

    def _grown(
        self, key: tuple[int, str], fragment: str | None, show: Callable[[str], str], *, last: bool
    ) -> str | None:
        held = self._held.pop(key, "")
        text = held + (fragment or "")
        begun = None if last else _BEGUN.search(text)
        if begun is not None:
            self._held[key] = begun[0]
            text = text[: begun.start()]
        return show(text) if text or fragment is not None else None


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _fragment(index: int, arguments: str) -> ToolCallDelta:
    from llmclient.types.stream import FunctionCallDelta, ToolCallDelta

    return ToolCallDelta(index=index, function=FunctionCallDelta(arguments=arguments))
