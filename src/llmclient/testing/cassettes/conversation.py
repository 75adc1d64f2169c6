"""What was said in a recording, whatever the API: the last words asked, the text answered, the tools called.

Three shapes are read, each plain and streamed: chat completions, responses, and Anthropic's messages. What is in none
of them (images, audio, embeddings) has no words and gives none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from llmclient.testing.cassettes.inspection import documents
from llmclient.testing.cassettes.recording import as_fields, as_items, decode_recording

_ANTHROPIC_FINISH = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tool_calls"}


@dataclass(slots=True)
class Called:
    """A tool call: its name and the JSON text of its arguments."""

    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class Said:
    """What a model said.

    Attributes:
        pieces: the text in the pieces that a stream brought it in.
        finish: why it ended, in OpenAI's words; empty where it did not end.
        error: the provider's error message; empty where there was none.
        end: "whole", "cut", or "closed".
    """

    text: str = ""
    reasoning: str = ""
    calls: list[Called] = field(default_factory=list[Called])
    pieces: list[str] = field(default_factory=list[str])
    finish: str = ""
    error: str = ""
    status: int = 200
    end: str = "whole"


def said_in(response: Mapping[str, object]) -> Said:
    """Read a response."""
    recording = decode_recording(response)
    said = Said(status=recording.status, end=recording.end)
    calls: dict[object, Called] = {}
    for document in documents(response):
        before = len(said.text)
        error = document.get("error")
        if error:
            message = (as_fields(error) or {}).get("message")
            said.error = str(message or error)
        _chat(document, said, calls)
        _anthropic(document, said, calls)
        _responses(document, said, calls)
        if len(said.text) > before:
            said.pieces.append(said.text[before:])
    said.calls = list(calls.values())
    return said


def _chat(document: Mapping[str, object], said: Said, calls: dict[object, Called]) -> None:
    for choice in as_items(document.get("choices"))[:1]:
        fields = as_fields(choice) or {}
        message = as_fields(fields.get("message")) or as_fields(fields.get("delta")) or {}
        said.text += _text(message.get("content"))
        said.reasoning += _text(message.get("reasoning_content") or message.get("reasoning"))
        said.finish = _text(fields.get("finish_reason")) or said.finish
        for position, call in enumerate(as_items(message.get("tool_calls"))):
            entry = as_fields(call) or {}
            function = as_fields(entry.get("function")) or {}
            called = calls.setdefault(entry.get("index", position), Called())
            called.name += _text(function.get("name"))
            called.arguments += _text(function.get("arguments"))


def _anthropic(document: Mapping[str, object], said: Said, calls: dict[object, Called]) -> None:
    kind = document.get("type")
    index = document.get("index")
    if kind == "message":
        for position, block in enumerate(as_items(document.get("content"))):
            _block(as_fields(block) or {}, position, said, calls)
        said.finish = _finish(document.get("stop_reason"))
    elif kind == "content_block_start":
        _block(as_fields(document.get("content_block")) or {}, index, said, calls)
    elif kind == "content_block_delta":
        delta = as_fields(document.get("delta")) or {}
        said.text += _text(delta.get("text"))
        said.reasoning += _text(delta.get("thinking"))
        if index in calls:
            calls[index].arguments += _text(delta.get("partial_json"))
    elif kind == "message_delta":
        said.finish = _finish((as_fields(document.get("delta")) or {}).get("stop_reason")) or said.finish


def _block(block: Mapping[str, object], index: object, said: Said, calls: dict[object, Called]) -> None:
    if block.get("type") == "tool_use":
        given = block.get("input")
        calls[index] = Called(_text(block.get("name")), json.dumps(given, ensure_ascii=False) if given else "")
    said.text += _text(block.get("text"))
    said.reasoning += _text(block.get("thinking"))


def _finish(reason: object) -> str:
    return _ANTHROPIC_FINISH.get(_text(reason), _text(reason))


def _responses(document: Mapping[str, object], said: Said, calls: dict[object, Called]) -> None:
    if document.get("type") == "response.output_text.delta":
        said.text += _text(document.get("delta"))
    if document.get("object") == "response":
        whole: Mapping[str, object] | None = document
    else:
        whole = as_fields(document.get("response")) if document.get("type") == "response.completed" else None
    if whole is None:
        return
    for position, item in enumerate(as_items(whole.get("output"))):
        fields = as_fields(item) or {}
        if fields.get("type") == "function_call":
            calls[position] = Called(_text(fields.get("name")), _text(fields.get("arguments")))
        if whole is document:
            said.text += "".join(_text((as_fields(part) or {}).get("text")) for part in as_items(fields.get("content")))
    said.finish = "tool_calls" if calls else "stop"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation: who, and what."""

    role: str
    text: str


def conversation(document: object) -> Iterator[Line]:
    """The messages of a request body, each as a line; parts that are no text by their type."""
    body = as_fields(document) or {}
    system = body.get("system") or body.get("instructions")
    if system:
        yield Line("system", _content(system))
    messages = body.get("messages", body.get("input", body.get("prompt")))
    for message in as_items(messages) or ([messages] if isinstance(messages, str) else []):
        fields = as_fields(message)
        if fields is None:
            yield Line("user", _text(message))
            continue
        text = _content(fields.get("content", fields.get("output")))
        for call in as_items(fields.get("tool_calls")):
            function = as_fields((as_fields(call) or {}).get("function")) or {}
            text += f"\n→ {function.get('name')}({function.get('arguments')})"
        yield Line(_text(fields.get("role")) or _text(fields.get("type")), text.strip())


def _content(content: object) -> str:
    if isinstance(content, str):
        return content
    parts: list[str] = []
    for part in as_items(content):
        fields = as_fields(part) or {}
        kind = _text(fields.get("type"))
        if kind == "tool_use":
            parts.append(f"→ {fields.get('name')}({json.dumps(fields.get('input'), ensure_ascii=False)})")
        elif kind == "tool_result":
            parts.append(_content(fields.get("content")))
        else:
            parts.append(_text(fields.get("text")) or f"[{kind}]")
    return "\n".join(parts)
