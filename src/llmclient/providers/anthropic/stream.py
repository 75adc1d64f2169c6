"""A stream of Anthropic's as a state machine: one event in, the chunks it comes to out. No I/O.

    message_start -> role, and the usage of the prompt
    content_block_start / _delta / _stop -> text, reasoning and thinking fragments, tool call fragments, annotations
    message_delta -> finish reason, usage (cumulative: it replaces), and what OpenAI's shape has no place for
    message_stop -> nothing; the answer is whole
    ping, and events newer than this library -> nothing
    error -> `StreamError`

Blocks are put together as they come, because the last chunk may have to carry them (see `blocks`). Citations arrive
before the text they speak of has ended, so annotations are given when their block stops and its span is known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from llmclient._narrow import is_mapping
from llmclient.providers.anthropic._json import int_of, list_of, object_of, parsed, text_of
from llmclient.providers.anthropic.blocks import THINKING_TYPES, annotations_of, arguments_text
from llmclient.providers.anthropic.decode import finish_reason, reported_error, specific_fields, usage_fields
from llmclient.types.stream import StreamChunk

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmclient.providers._sse import ServerSentEvent
    from llmclient.types.messages import JSONObject


@dataclass(slots=True)
class _Block:
    """A content block on its way: as it began, the fragments since, and where it stands among its kind."""

    content: JSONObject
    number: int = 0
    start: int = 0
    fragments: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    closed: bool = False


class MessageStream:
    """The decoder of one stream.

    Attributes:
        done: whether `message_stop` has come. A stream that ends before it was cut.
    """

    def __init__(self, *, answer_tool: str | None = None) -> None:
        self.done: bool = False
        self._answer_tool = answer_tool
        self._id = ""
        self._model = ""
        self._message: JSONObject = {}
        self._usage: JSONObject = {}
        self._blocks: dict[int, _Block] = {}
        self._text_length = 0
        self._tools = 0
        self._thoughts = 0

    def decode(self, event: ServerSentEvent) -> list[StreamChunk]:
        """Take one event and return the chunks it comes to.

        Raises:
            StreamError: the event reports an error.
            ValueError: the event cannot be read.
        """
        try:
            told = parsed(event.data)
        except ValueError:
            if event.data.strip() == b"[DONE]":
                return []
            raise
        if not is_mapping(told):
            raise ValueError("the event is no JSON object")
        payload = object_of(told)
        kind = text_of(payload.get("type")) or event.name
        handler = self._HANDLERS.get(kind)
        return [] if handler is None else handler(self, payload)

    @property
    def message(self) -> JSONObject:
        """The message as a plain call gives it, of what has come so far; empty before the first event."""
        if not self._message:
            return {}
        return {**self._message, "content": self._content, "usage": self._usage}

    @property
    def _content(self) -> list[JSONObject]:
        return [block.content for _, block in sorted(self._blocks.items())]

    # --- events ---

    def _on_message_start(self, event: JSONObject) -> list[StreamChunk]:
        message = self._message = dict(object_of(event.get("message")))
        self._id, self._model = text_of(message.get("id")), text_of(message.get("model"))
        self._usage = dict(object_of(message.get("usage")))
        return [self._chunk({"role": "assistant"}, usage=True)]

    def _on_block_start(self, event: JSONObject) -> list[StreamChunk]:
        content = dict(object_of(event.get("content_block")))
        block = self._blocks[int_of(event.get("index"))] = _Block(content, start=self._text_length)
        kind = content.get("type")
        if kind in THINKING_TYPES:
            block.number, self._thoughts = self._thoughts, self._thoughts + 1
            return [self._thinking_chunk(block, content)]
        if kind == "text":
            return self._text_chunks(text_of(content.get("text")))
        if kind == "tool_use" and content.get("name") != self._answer_tool:
            block.number, self._tools = self._tools, self._tools + 1
            function: JSONObject = {"name": text_of(content.get("name")), "arguments": ""}
            return [
                self._tool_chunk(block, {"id": text_of(content.get("id")), "type": "function", "function": function})
            ]
        return []

    def _on_block_delta(self, event: JSONObject) -> list[StreamChunk]:
        index = int_of(event.get("index"))
        block = self._blocks.get(index)
        if block is None:
            raise ValueError(f"a delta for content block {index}, which has not begun")
        delta = object_of(event.get("delta"))
        kind = delta.get("type")
        # A thinking block goes back to the API, which takes no field in it but its own.
        known = _THINKING_FIELDS if kind in _THINKING_DELTAS else delta
        fragment = {name: value for name, value in delta.items() if name in known and name != "type"}
        for name, value in fragment.items():
            _grow(block, name, value)
        if kind == "text_delta":
            return self._text_chunks(text_of(delta.get("text")))
        if kind == "input_json_delta":
            return self._argument_chunks(block, text_of(delta.get("partial_json")))
        return [self._thinking_chunk(block, fragment)] if kind in _THINKING_DELTAS else []

    def _on_block_stop(self, event: JSONObject) -> list[StreamChunk]:
        block = self._blocks.get(int_of(event.get("index")))
        if block is None:
            raise ValueError("the end of a content block that has not begun")
        return self._close(block)

    def _close(self, block: _Block) -> list[StreamChunk]:
        """Put the block together, and give what is known only now that it is whole."""
        if block.closed:
            return []
        block.closed = True
        chunks: list[StreamChunk] = []
        arguments = "".join(block.fragments.pop("partial_json", ()))
        if block.content.get("type") == "tool_use" and not arguments.strip():
            chunks = self._argument_chunks(block, arguments_text(block.content.get("input")))
        elif arguments.strip():
            block.content["input"] = _parsed(arguments)
        for name, fragments in block.fragments.items():
            block.content[name] = text_of(block.content.get(name)) + "".join(fragments)
        annotations = annotations_of(block.content, start=block.start, end=self._text_length)
        return [*chunks, self._chunk({"annotations": annotations})] if annotations else chunks

    def _on_message_delta(self, event: JSONObject) -> list[StreamChunk]:
        told = {name: value for name, value in event.items() if name not in {"type", "delta", "usage"}}
        told |= object_of(event.get("delta"))
        self._message |= {name: value for name, value in told.items() if value is not None}
        self._usage |= {name: value for name, value in object_of(event.get("usage")).items() if value is not None}
        stop_reason = told.get("stop_reason")
        if stop_reason is None:
            return [self._chunk({}, usage=True)]
        late = [chunk for block in self._blocks.values() for chunk in self._close(block)]
        delta: JSONObject = {}
        specific = specific_fields(self._message, self._content, answer_tool=self._answer_tool)
        if specific is not None:
            delta["provider_specific_fields"] = specific
        reason = finish_reason(stop_reason, answered=self._answer_tool is not None and not self._tools)
        return [*late, self._chunk(delta, finish=reason, usage=True)]

    def _on_message_stop(self, _event: JSONObject) -> list[StreamChunk]:
        self.done = True
        return []

    def _on_error(self, event: JSONObject) -> list[StreamChunk]:
        raise reported_error(event)

    # --- chunks ---

    def _text_chunks(self, text: str) -> list[StreamChunk]:
        self._text_length += len(text)
        return [self._chunk({"content": text})] if text else []

    def _argument_chunks(self, block: _Block, fragment: str) -> list[StreamChunk]:
        if not fragment or block.content.get("type") != "tool_use":
            return []
        if block.content.get("name") == self._answer_tool:
            return self._text_chunks(fragment)
        return [self._tool_chunk(block, {"function": {"arguments": fragment}})]

    def _tool_chunk(self, block: _Block, fragment: JSONObject) -> StreamChunk:
        return self._chunk({"tool_calls": [{"index": block.number, **fragment}]})

    def _thinking_chunk(self, block: _Block, fragment: JSONObject) -> StreamChunk:
        delta: JSONObject = {"thinking_blocks": [{"index": block.number, **fragment}]}
        thought = text_of(fragment.get("thinking"))
        if thought:
            delta["reasoning_content"] = thought
        return self._chunk(delta)

    def _chunk(self, delta: JSONObject, *, finish: str | None = None, usage: bool = False) -> StreamChunk:
        fields: JSONObject = {
            "id": self._id,
            "model": self._model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        if usage and self._usage:
            fields["usage"] = usage_fields(self._usage)
            fields["service_tier"] = text_of(self._usage.get("service_tier")) or None
        return StreamChunk.model_validate(fields)

    _HANDLERS: ClassVar[dict[str, Callable[[MessageStream, JSONObject], list[StreamChunk]]]] = {
        "message_start": _on_message_start,
        "content_block_start": _on_block_start,
        "content_block_delta": _on_block_delta,
        "content_block_stop": _on_block_stop,
        "message_delta": _on_message_delta,
        "message_stop": _on_message_stop,
        "error": _on_error,
    }


_THINKING_DELTAS = frozenset({"thinking_delta", "signature_delta"})
_THINKING_FIELDS = frozenset({"thinking", "signature"})


def _grow(block: _Block, name: str, value: object) -> None:
    """Text of a delta grows the field of that name, a citation the list of them; anything else replaces the field."""
    if isinstance(value, str):
        block.fragments.setdefault(name, []).append(value)
    elif name == "citation":
        block.content["citations"] = [*list_of(block.content.get("citations")), value]
    else:
        block.content[name] = value


def _parsed(text: str) -> object:
    """The input of a tool; what is no JSON (a call cut off by `max_tokens`) stays text."""
    try:
        parsed: object = json.loads(text)
    except ValueError:
        return text
    return parsed
