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
from typing import Final, TypeAlias

from llmclient._narrow import as_list, as_mapping, is_list, is_mapping
from llmclient.tokens.declarations import declared, has_simple_properties

Count: TypeAlias = Callable[[str], int]
"""Counts the tokens of a text."""

PER_MESSAGE: Final = 3
PER_NAME: Final = 1
REPLY: Final = 3
PER_TOOL_CALL: Final = 8
CHOSEN_TOOL: Final = 4
DECLARED: Final = 8
DECLARED_AFTER_SYSTEM: Final = 4
PARALLEL_CALLS: Final = 12


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


def count_tools(tools: Sequence[object], count: Count, *, frame: ToolFrame, has_system: bool) -> int:
    """Tokens of the definitions of functions: by the recipe where it covers all of them, else as they are declared.

    A tool that is no function counts as its JSON text.

    Args:
        tools: functions, in OpenAI's shape or bare.
        count: counts texts.
        frame: the recipe's constants.
        has_system: whether there is a system message, which declarations share a frame with.
    """
    functions = [function for tool in tools if (function := _function(tool)) is not None]
    total = sum(_count_other(tool, count) for tool in tools if _function(tool) is None)
    if all(has_simple_properties(function) for function in functions):
        return total + frame.end + sum(_count_function(function, count, frame) for function in functions)
    return total + count(declared(functions)) + (DECLARED_AFTER_SYSTEM if has_system else DECLARED)


def _function(tool: object) -> Mapping[str, object] | None:
    function = as_mapping(tool).get("function", tool)
    return function if is_mapping(function) and isinstance(function.get("name"), str) else None


def _count_other(tool: object, count: Count) -> int:
    return count(json.dumps(tool, ensure_ascii=False, default=str))


def _count_function(function: Mapping[str, object], count: Count, frame: ToolFrame) -> int:
    total = frame.function + count(f"{function['name']}:{_sentence(function.get('description'))}")
    properties = as_mapping(as_mapping(function.get("parameters")).get("properties"))
    for name, value in properties.items():
        rule = as_mapping(value)
        total += frame.key
        items = rule.get("enum")
        if is_list(items):
            total += frame.enum + sum(frame.item + count(str(item)) for item in items)
        total += count(f"{name}:{rule.get('type')}:{_sentence(rule.get('description'))}")
    return total + (frame.properties if properties else 0)


def _sentence(text: object) -> str:
    return text.removesuffix(".") if isinstance(text, str) else ""


def count_tool_calls(calls: object, count: Count) -> int:
    """Tokens of the calls an assistant's message made: names and arguments, and a frame where they run in parallel."""
    functions = [
        function for call in as_list(calls) if is_mapping(call) and is_mapping(function := call.get("function"))
    ]
    total = PARALLEL_CALLS if len(functions) > 1 else 0
    for function in functions:
        total += PER_TOOL_CALL + count(str(function.get("name") or "")) + count(str(function.get("arguments") or ""))
    return total


def count_tool_choice(choice: object, count: Count) -> int:
    """Tokens of a forced choice; a word ("auto", "required") costs nothing."""
    if not is_mapping(choice):
        return int(choice == "none")
    function = choice.get("function", choice)
    name = function.get("name") if is_mapping(function) else None
    return CHOSEN_TOOL + count(name) if isinstance(name, str) else 0
