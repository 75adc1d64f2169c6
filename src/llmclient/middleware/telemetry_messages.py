"""Messages as OpenTelemetry records them: a role, and parts each with a type.

Source: OpenTelemetry, semantic conventions for generative AI, JSON schemas of input and output messages.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from llmclient._narrow import as_list, as_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmclient.types.messages import JSONObject


def recorded(messages: Sequence[Mapping[str, object]], finish_reasons: Sequence[str | None] = ()) -> str:
    """Messages in OpenAI's shape as the JSON text of an attribute; `finish_reasons` are those of answers."""
    told: list[JSONObject] = [{"role": message.get("role") or "user", "parts": _parts(message)} for message in messages]
    for entry, reason in zip(told, finish_reasons, strict=False):
        entry["finish_reason"] = reason or "unknown"
    return json.dumps(told, default=str, ensure_ascii=False)


def _parts(message: Mapping[str, object]) -> list[JSONObject]:
    content = message.get("content")
    if message.get("role") == "tool":
        return [{"type": "tool_call_response", "id": message.get("tool_call_id"), "response": content}]
    parts: list[JSONObject] = []
    if message.get("reasoning_content"):
        parts.append({"type": "reasoning", "content": message["reasoning_content"]})
    if isinstance(content, str):
        parts.append({"type": "text", "content": content})
    parts += [_part(as_mapping(part)) for part in as_list(content)]
    if message.get("refusal"):
        parts.append({"type": "refusal", "content": message["refusal"]})
    return [*parts, *(_call(as_mapping(call)) for call in as_list(message.get("tool_calls")))]


def _part(part: Mapping[str, object]) -> JSONObject:
    if part.get("type") == "text":
        return {"type": "text", "content": part.get("text")}
    if part.get("type") == "image_url":
        return {"type": "uri", "modality": "image", "uri": as_mapping(part.get("image_url")).get("url")}
    return dict(part)


def _call(call: Mapping[str, object]) -> JSONObject:
    function = as_mapping(call.get("function"))
    return {
        "type": "tool_call",
        "id": call.get("id"),
        "name": function.get("name"),
        "arguments": function.get("arguments"),
    }
