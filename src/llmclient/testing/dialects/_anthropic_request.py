"""Anthropic's Messages request, told in OpenAI's shape: the reverse of what a client's encoder does, and not its code.

Source: Anthropic API reference, "Create a Message". Blocks that OpenAI has no counterpart for stay as they are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from llmclient.testing.dialects.requests import JSONMapping, mapping, mappings, text_or_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_Message: TypeAlias = dict[str, object]

_SAME_NAME = ("temperature", "top_p", "top_k", "max_tokens", "thinking", "service_tier")
_CHOICES: Mapping[str, str] = {"auto": "auto", "any": "required", "none": "none"}


def neutral_messages(body: JSONMapping) -> list[JSONMapping]:
    """`system` and `messages` as one conversation in OpenAI's shape."""
    found: list[JSONMapping] = []
    system = body.get("system")
    if system:
        found.append({"role": "system", "content": _content(system)})
    for message in mappings(body.get("messages")):
        if message.get("role") == "assistant":
            found.append(_assistant(message.get("content")))
        else:
            found.extend(_user(message))
    return found


def neutral_params(body: JSONMapping) -> dict[str, object]:
    """The parameters under OpenAI's names."""
    params: dict[str, object] = {name: body[name] for name in _SAME_NAME if name in body}
    if "stop_sequences" in body:
        params["stop"] = body["stop_sequences"]
    user = mapping(body.get("metadata")).get("user_id")
    if user is not None:
        params["user"] = user
    tools = mappings(body.get("tools"))
    if tools:
        params["tools"] = [_tool(tool) for tool in tools]
    params.update(_choice(mapping(body.get("tool_choice"))))
    output = mapping(body.get("output_config"))
    if "effort" in output:
        params["reasoning_effort"] = output["effort"]
    wanted = mapping(output.get("format") or body.get("output_format"))
    if wanted.get("type") == "json_schema":
        params["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "response", "schema": wanted.get("schema"), "strict": True},
        }
    return params


def _choice(choice: JSONMapping) -> dict[str, object]:
    params: dict[str, object] = {}
    kind = choice.get("type")
    if kind == "tool":
        params["tool_choice"] = {"type": "function", "function": {"name": choice.get("name")}}
    elif isinstance(kind, str):
        params["tool_choice"] = _CHOICES.get(kind, kind)
    if choice.get("disable_parallel_tool_use"):
        params["parallel_tool_calls"] = False
    return params


def _tool(tool: JSONMapping) -> JSONMapping:
    if "input_schema" not in tool:
        return tool
    function: _Message = {"name": tool.get("name")}
    if "description" in tool:
        function["description"] = tool["description"]
    function["parameters"] = tool["input_schema"]
    if "strict" in tool:
        function["strict"] = tool["strict"]
    neutral: _Message = {"type": "function", "function": function}
    if "cache_control" in tool:
        neutral["cache_control"] = tool["cache_control"]
    return neutral


def _content(content: object) -> object:
    return content if isinstance(content, str) else text_or_parts([_part(block) for block in mappings(content)])


def _image(block: JSONMapping) -> _Message:
    return {"type": "image_url", "image_url": {"url": _url(mapping(block.get("source")))}}


def _document(block: JSONMapping) -> _Message:
    file: _Message = {"file_data": _url(mapping(block.get("source")))}
    if "title" in block:
        file["filename"] = block["title"]
    return {"type": "file", "file": file}


def _url(source: JSONMapping) -> str:
    if source.get("type") == "base64":
        return f"data:{source.get('media_type')};base64,{source.get('data')}"
    return str(source.get("url", ""))


_PARTS: Mapping[str, Callable[[JSONMapping], _Message]] = {"image": _image, "document": _document}


def _part(block: JSONMapping) -> JSONMapping:
    convert = _PARTS.get(str(block.get("type")))
    if convert is None:
        return block
    part = convert(block)
    if "cache_control" in block:
        part["cache_control"] = block["cache_control"]
    return part


def _user(message: JSONMapping) -> list[JSONMapping]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"role": message.get("role", "user"), "content": content}]
    found: list[JSONMapping] = []
    parts: list[JSONMapping] = []
    for block in mappings(content):
        if block.get("type") == "tool_result":
            found.append(_result(block))
        else:
            parts.append(_part(block))
    if parts:
        found.append({"role": message.get("role", "user"), "content": text_or_parts(parts)})
    return found


def _result(block: JSONMapping) -> JSONMapping:
    result: _Message = {
        "role": "tool",
        "tool_call_id": block.get("tool_use_id"),
        "content": _content(block.get("content", "")),
    }
    if block.get("is_error"):
        result["is_error"] = True
    return result


def _assistant(content: object) -> JSONMapping:
    if isinstance(content, str):
        return {"role": "assistant", "content": content}
    texts: list[JSONMapping] = []
    calls: list[JSONMapping] = []
    thoughts: list[JSONMapping] = []
    for block in mappings(content):
        kind = block.get("type")
        if kind == "tool_use":
            arguments = json.dumps(block.get("input", {}))
            function = {"name": block.get("name"), "arguments": arguments}
            calls.append({"id": block.get("id"), "type": "function", "function": function})
        elif kind in ("thinking", "redacted_thinking"):
            thoughts.append(block)
        else:
            texts.append(block)
    message: _Message = {"role": "assistant", "content": text_or_parts(texts) if texts else None}
    if calls:
        message["tool_calls"] = calls
    if thoughts:
        message["thinking_blocks"] = thoughts
    return message
