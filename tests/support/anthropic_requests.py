"""Recorded requests of Anthropic's, put back into the OpenAI shape that a caller of ours would have written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def messages_of(request: Json) -> list[Json]:
    """The conversation of a request."""
    system = request.get("system")
    messages: list[Json] = []
    if system:
        text = system if isinstance(system, str) else "\n\n".join(block.get("text", "") for block in system)
        messages.append({"role": "system", "content": text})
    for message in request["messages"]:
        messages.extend(_message(message))
    return messages


def _message(message: Json) -> Iterator[Json]:
    content = message["content"]
    if isinstance(content, str):
        yield {"role": message["role"], "content": content}
        return
    rest: list[Json] = []
    calls: list[Json] = []
    for block in content:
        if block["type"] == "tool_use":
            function = {"name": block["name"], "arguments": json.dumps(block["input"])}
            calls.append({"id": block["id"], "type": "function", "function": function})
        elif block["type"] == "tool_result":
            yield {"role": "tool", "tool_call_id": block["tool_use_id"], "content": block.get("content", "")}
        else:
            rest.append(block)
    if rest or calls:
        yield {"role": message["role"], "content": rest, **({"tool_calls": calls} if calls else {})}


def tools_of(request: Json) -> list[Json]:
    """The tools of a request; those that run at Anthropic stay as they are."""
    return [_tool(tool) for tool in request.get("tools", [])]


def _tool(tool: Json) -> Json:
    if "input_schema" not in tool:
        return tool
    function = {key: tool[key] for key in ("name", "description") if key in tool}
    return {"type": "function", "function": {**function, "parameters": tool["input_schema"]}}
