"""What a conversation adds to its texts at OpenAI: the frame of a message, tools, tool calls.

The recipe for messages and tools is the one OpenAI documents (OpenAI Cookbook, "How to count tokens with tiktoken",
sections 6 and 7): three tokens frame a message, one more its name, three begin the answer; a tool costs its name and
description, and each property its name, type and description, with constants that depend on the model. It says
nothing of tool calls and their results; for these the frames are those that recorded traffic has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from llmclient._narrow import is_mapping

Count: TypeAlias = Callable[[str], int]
"""Counts the tokens of a text."""

PER_MESSAGE: Final = 3
PER_NAME: Final = 1
REPLY: Final = 3
PER_TOOL_CALL: Final = 8
CHOSEN_TOOL: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFrame:
    """Constants of the recipe for tools.

    Attributes:
        function: for each function.
        end: once, after all of them.
        properties: where a function has any.
        key: for each property.
        enum: where a property has a list of values.
        item: for each of those.
    """

    function: int
    end: int = 12
    properties: int = 3
    key: int = 3
    enum: int = -3
    item: int = 3


OLD_TOOLS: Final = ToolFrame(function=10)
"""gpt-3.5-turbo and gpt-4."""

TOOLS: Final = ToolFrame(function=7)
"""gpt-4o and later."""


def count_tools(tools: Sequence[object], count: Count, *, frame: ToolFrame) -> int:
    """Tokens of the definitions of functions. A tool that is no function counts as its JSON text."""
    if not tools:
        return 0
    return sum(_count_tool(tool, count, frame) for tool in tools) + frame.end


def _count_tool(tool: object, count: Count, frame: ToolFrame) -> int:
    function = tool.get("function", tool) if is_mapping(tool) else None
    if not is_mapping(function) or not isinstance(function.get("name"), str):
        return count(json.dumps(tool, ensure_ascii=False, default=str))
    parameters = function.get("parameters") or function.get("input_schema")
    total = frame.function + count(f"{function['name']}:{_sentence(function.get('description'))}")
    inside = _count_properties(parameters, count, frame)
    return total + inside + (frame.properties if inside else 0)


def _sentence(text: object) -> str:
    return text.removesuffix(".") if isinstance(text, str) else ""


def _count_properties(schema: object, count: Count, frame: ToolFrame) -> int:
    properties = schema.get("properties") if is_mapping(schema) else None
    if not is_mapping(properties) or not properties:
        return 0
    total = 0
    for name, value in properties.items():
        rule = value if is_mapping(value) else cast("Mapping[str, object]", {})
        total += frame.key
        items = rule.get("enum")
        if isinstance(items, Sequence) and not isinstance(items, str):
            total += frame.enum + sum(frame.item + count(str(item)) for item in cast("Sequence[object]", items))
        kind = rule.get("type")
        total += count(f"{name}:{kind if isinstance(kind, str) else ''}:{_sentence(rule.get('description'))}")
        total += _count_properties(rule, count, frame) + _count_properties(rule.get("items"), count, frame)
    return total


def count_tool_calls(calls: object, count: Count) -> int:
    """Tokens of the calls an assistant's message made: names and arguments."""
    total = 0
    for call in cast("Sequence[object]", calls) if isinstance(calls, Sequence) and not isinstance(calls, str) else ():
        function = call.get("function") if is_mapping(call) else None
        if is_mapping(function):
            total += (
                PER_TOOL_CALL + count(str(function.get("name") or "")) + count(str(function.get("arguments") or ""))
            )
    return total


def count_tool_choice(choice: object, count: Count) -> int:
    """Tokens of a forced choice; a word ("auto", "required") costs nothing."""
    if not is_mapping(choice):
        return int(choice == "none")
    function = choice.get("function", choice)
    name = function.get("name") if is_mapping(function) else None
    return CHOSEN_TOOL + count(name) if isinstance(name, str) else 0
