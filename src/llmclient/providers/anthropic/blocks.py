"""Anthropic's content blocks laid flat into OpenAI's message shape, and the question whether they can be put back.

A message of OpenAI's has one text, one list of tool calls, and (as an addition) thinking blocks. Blocks that stand in
the order thinking, one text, tool calls, and have no other fields than these need, are rebuilt from those parts when
the message goes back. Any other arrangement (server tools and their results, citations, text after a tool call, a
`caller`, a block type newer than this library) would lose something, so the blocks themselves are kept beside the
parts, under `provider_specific_fields["content_blocks"]`, and are sent back as they came.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmclient.providers.anthropic._json import objects_of, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmclient.types.messages import JSONObject

CONTENT_BLOCKS = "content_blocks"
"""The key of `provider_specific_fields` that holds the blocks of a message that cannot be laid flat without loss."""

THINKING_TYPES = frozenset({"thinking", "redacted_thinking"})

_PART_OF = {"thinking": 0, "redacted_thinking": 0, "text": 1, "tool_use": 2}
_TEXT_FIELDS = frozenset({"type", "text"})
_TOOL_FIELDS = frozenset({"type", "id", "name", "input"})


@dataclass(slots=True)
class FlatMessage:
    """The parts of OpenAI's message shape that a list of blocks comes to."""

    text: list[str] = field(default_factory=list[str])
    reasoning: list[str] = field(default_factory=list[str])
    thinking_blocks: list[JSONObject] = field(default_factory=list["JSONObject"])
    tool_calls: list[JSONObject] = field(default_factory=list["JSONObject"])
    annotations: list[JSONObject] = field(default_factory=list["JSONObject"])


def flatten(blocks: Sequence[JSONObject], *, answer_tool: str | None = None) -> FlatMessage:
    """Lay blocks flat.

    Args:
        blocks: the content of a message, in order.
        answer_tool: name of a tool that stands in for `response_format`: its input is the text of the answer.
    """
    flat = FlatMessage()
    length = 0
    for block in blocks:
        kind = block.get("type")
        if kind == "text" or (kind == "tool_use" and block.get("name") == answer_tool):
            text = text_of(block.get("text")) if kind == "text" else arguments_text(block.get("input"))
            flat.annotations.extend(annotations_of(block, start=length, end=length + len(text)))
            flat.text.append(text)
            length += len(text)
        elif kind == "tool_use":
            flat.tool_calls.append(_tool_call(block))
        elif kind in THINKING_TYPES:
            flat.thinking_blocks.append(block)
            flat.reasoning.append(text_of(block.get("thinking")))
    return flat


def arguments_text(arguments: object) -> str:
    """A tool's parsed input as the JSON text that OpenAI's shape has."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)


def _tool_call(block: JSONObject) -> JSONObject:
    return {
        "id": text_of(block.get("id")),
        "type": "function",
        "function": {"name": text_of(block.get("name")), "arguments": arguments_text(block.get("input"))},
    }


def annotations_of(block: JSONObject, *, start: int, end: int) -> list[JSONObject]:
    """The citations of a text block as annotations, which speak of characters `start` to `end` of the whole text.

    A citation with an address becomes OpenAI's `url_citation`; one of a document keeps Anthropic's own type. Either
    holds every field of the citation.
    """
    return [_annotation(citation, start, end) for citation in objects_of(block.get("citations"))]


def _annotation(citation: JSONObject, start: int, end: int) -> JSONObject:
    kind = text_of(citation.get("type"))
    span: JSONObject = {"start_index": start, "end_index": end}
    fields = {name: value for name, value in citation.items() if name != "type"}
    if "url" in fields:
        return {"type": "url_citation", "url_citation": {**span, **fields}}
    return {"type": kind, kind: {**span, **fields}}


def is_flat(blocks: Sequence[JSONObject]) -> bool:
    """Whether the flat parts say everything that the blocks do, their order included."""
    last, texts = 0, 0
    for block in blocks:
        kind = text_of(block.get("type"))
        part = _PART_OF.get(kind)
        if part is None or part < last:
            return False
        last = part
        if kind == "text":
            texts += 1
            if texts > 1 or not _TEXT_FIELDS.issuperset(block):
                return False
        elif kind == "tool_use" and not _TOOL_FIELDS.issuperset(block):
            return False
    return True


def kept_blocks(blocks: Sequence[JSONObject], *, answer_tool: str | None = None) -> list[JSONObject]:
    """The blocks, where they have to be kept; an empty list where the flat parts are enough."""
    said = [block for block in blocks if block.get("type") != "text" or block.get("text")]
    if is_flat(said) or any(_stands_in(block, answer_tool) for block in said):
        return []
    return list(blocks)


def _stands_in(block: JSONObject, answer_tool: str | None) -> bool:
    """A call of the stand-in tool has no result to follow it, so it cannot go back as a call; its text can."""
    return answer_tool is not None and block.get("type") == "tool_use" and block.get("name") == answer_tool
