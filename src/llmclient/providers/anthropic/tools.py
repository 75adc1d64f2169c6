"""Tools and the choice among them, from OpenAI's shapes to Anthropic's.

A tool without OpenAI's `function` is Anthropic's own (web search, code execution, a client tool in Anthropic's shape)
and passes as it is, as does a choice in Anthropic's words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._narrow import is_mapping
from llmclient.errors import RequestError
from llmclient.providers.anthropic._json import list_of, object_of, objects_of, text_of
from llmclient.providers.anthropic.messages import TOOL_NAME
from llmclient.providers.anthropic.schema import strict_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmclient.types.messages import JSONObject

FORCED = frozenset({"any", "tool"})
"""Choices that force a tool; they exclude thinking (fact 7)."""

_CHOICES = {"auto": "auto", "required": "any", "none": "none"}
_OWN_CHOICES = frozenset({"auto", "any", "tool", "none"})
_WITHOUT_PARALLEL = frozenset({"auto", "any", "tool"})
_FUNCTION_FIELDS = frozenset({"name", "description", "parameters", "strict"})


def encode_tools(tools: object) -> list[JSONObject]:
    """Tools in Anthropic's shape.

    Raises:
        RequestError: an entry is no tool, or its name is not one that Anthropic takes.
    """
    return [_tool(tool, position) for position, tool in enumerate(list_of(tools))]


def _tool(tool: object, position: int) -> JSONObject:
    if not is_mapping(tool):
        raise RequestError(f"tools[{position}]: a tool is an object, not {type(tool).__name__}")
    fields = object_of(tool)
    if not is_mapping(fields.get("function")):
        return dict(fields)
    function = object_of(fields["function"])
    name = text_of(function.get("name"))
    if not TOOL_NAME.fullmatch(name):
        raise RequestError(
            f"tools[{position}]: the name {name!r} must be 1 to 128 letters, digits, '_' and '-' for anthropic"
        )
    parameters = object_of(function.get("parameters"))
    strict = function.get("strict") is True
    encoded: JSONObject = {"name": name}
    if function.get("description") is not None:
        encoded["description"] = function["description"]
    encoded["input_schema"] = strict_schema(_object_schema(parameters)) if strict else _object_schema(parameters)
    if strict:
        encoded["strict"] = True
    # Fields of Anthropic's own (defer_loading, cache_control, …) may stand at either level.
    encoded |= {key: value for key, value in function.items() if key not in _FUNCTION_FIELDS}
    encoded |= {key: value for key, value in fields.items() if key not in {"type", "function"} and value is not None}
    return encoded


def _object_schema(parameters: JSONObject) -> JSONObject:
    return {"type": "object", **parameters} if "type" not in parameters else parameters


def encode_choice(choice: object, *, parallel: object) -> JSONObject | None:
    """The choice in Anthropic's shape; None where nothing has to be said.

    Args:
        choice: OpenAI's `tool_choice` or one in Anthropic's shape; None where none was given.
        parallel: OpenAI's `parallel_tool_calls`; False forbids more than one call in an answer.

    Raises:
        RequestError: the choice is none that Anthropic knows.
    """
    encoded = _choice(choice)
    if parallel is False:
        encoded = encoded or {"type": "auto"}
        if encoded["type"] in _WITHOUT_PARALLEL:
            encoded = {**encoded, "disable_parallel_tool_use": True}
    return encoded


def _choice(choice: object) -> JSONObject | None:
    if choice is None:
        return None
    if isinstance(choice, str) and choice in _CHOICES:
        return {"type": _CHOICES[choice]}
    fields = object_of(choice)
    kind = fields.get("type")
    if kind == "function":
        return {"type": "tool", "name": text_of(object_of(fields.get("function")).get("name"))}
    if kind in _OWN_CHOICES:
        return dict(fields)
    raise RequestError(f"tool_choice {choice!r} is none of auto, required, none, or a function for anthropic")


def tools_of_history(turns: Sequence[JSONObject]) -> list[JSONObject]:
    """Bare definitions of the tools that a conversation has called.

    A conversation with tool blocks is rejected without `tools` (fact 6), though OpenAI's callers may leave them out
    once no more calls are wanted. These definitions go with a choice of "none": none of them can be called.
    """
    names = {
        text_of(block.get("name")): None
        for turn in turns
        for block in objects_of(turn.get("content"))
        if block.get("type") == "tool_use"
    }
    return [{"name": name, "input_schema": {"type": "object"}} for name in names]
