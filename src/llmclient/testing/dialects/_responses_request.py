"""OpenAI's Responses request, told in the shape of chat: the reverse of what a client's encoder does, and not its code.

Source: OpenAI API reference, "Create a model response". Items without a counterpart in chat are left out of the
conversation; parameters without one keep their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from llmclient.testing.dialects.requests import (
    JSONMapping,
    mapping,
    mappings,
    sequence,
    text_or_parts,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_Message: TypeAlias = dict[str, object]

_CALLS: Mapping[str, tuple[str, str]] = {
    "function_call": ("function", "arguments"),
    "custom_tool_call": ("custom", "input"),
}
_RESULTS = frozenset({"function_call_output", "custom_tool_call_output"})
_PARTS: Mapping[str, str] = {"input_text": "text", "output_text": "text", "input_image": "image_url"}
_NOT_PARAMETERS = frozenset({"model", "input", "instructions", "stream", "text", "reasoning", "tools", "tool_choice"})


def neutral_messages(body: JSONMapping) -> list[JSONMapping]:
    """`instructions` and `input` as one conversation in the shape of chat."""
    found: list[_Message] = []
    if body.get("instructions"):
        found.append({"role": "system", "content": body["instructions"]})
    given = body.get("input")
    if isinstance(given, str):
        return [*found, {"role": "user", "content": given}]
    for item in mappings(given):
        _take(found, item)
    return list(found)


def _take(found: list[_Message], item: JSONMapping) -> None:
    kind = str(item.get("type") or "message")
    if kind in _CALLS:
        turn = _assistant(found)
        turn["tool_calls"] = [*sequence(turn.get("tool_calls")), _call(item, kind)]
    elif kind in _RESULTS:
        content = _content(item.get("output"))
        found.append({"role": "tool", "tool_call_id": item.get("call_id"), "content": content})
    elif kind == "reasoning":
        texts = [str(part.get("text") or "") for part in mappings(item.get("summary"))]
        found.append({"role": "assistant", "content": None, "reasoning_content": "\n\n".join(texts)})
    elif kind == "message" and item.get("role") == "assistant":
        _assistant(found)["content"] = _content(item.get("content"))
    elif kind == "message":
        found.append({"role": item.get("role"), "content": _content(item.get("content"))})


def _assistant(found: list[_Message]) -> _Message:
    """The assistant's turn that is being read: one turn may be several items."""
    if not found or found[-1].get("role") != "assistant":
        found.append({"role": "assistant", "content": None})
    return found[-1]


def _call(item: JSONMapping, kind: str) -> dict[str, object]:
    type_, field = _CALLS[kind]
    return {
        "id": item.get("call_id"),
        "type": type_,
        "function": {"name": item.get("name"), "arguments": item.get(field)},
    }


def _content(content: object) -> object:
    if isinstance(content, str) or content is None:
        return content
    return text_or_parts([_part(part) for part in mappings(content)])


def _part(part: JSONMapping) -> JSONMapping:
    kind = _PARTS.get(str(part.get("type")))
    if kind == "text":
        return {"type": "text", "text": part.get("text")}
    if kind == "image_url":
        return {"type": "image_url", "image_url": {"url": part.get("image_url")}}
    return part


def neutral_params(body: JSONMapping) -> dict[str, object]:
    """The parameters under the names of chat."""
    params = {name: value for name, value in body.items() if name not in _NOT_PARAMETERS}
    if "max_output_tokens" in params:
        params["max_completion_tokens"] = params.pop("max_output_tokens")
    effort = mapping(body.get("reasoning")).get("effort")
    if effort is not None:
        params["reasoning_effort"] = effort
    tools = mappings(body.get("tools"))
    if tools:
        params["tools"] = [_tool(tool) for tool in tools]
    if "tool_choice" in body:
        choice = mapping(body["tool_choice"])
        named = {"type": "function", "function": {"name": choice.get("name")}}
        params["tool_choice"] = named if choice.get("type") == "function" else body["tool_choice"]
    wanted = mapping(mapping(body.get("text")).get("format"))
    if wanted.get("type") == "json_schema":
        schema = {name: value for name, value in wanted.items() if name != "type"}
        params["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif wanted:
        params["response_format"] = dict(wanted)
    return params


def _tool(tool: JSONMapping) -> JSONMapping:
    if tool.get("type") != "function":
        return tool
    return {"type": "function", "function": {name: value for name, value in tool.items() if name != "type"}}
