"""Turns a conversation as people hand it in into plain dictionaries in OpenAI's shape.

A string is one user message. A mapping is taken as it is. Any other object is read by the attributes an input message
may have, which takes our own `Message`, the SDKs' messages and look-alikes; what only a response has is left behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from llmclient._narrow import is_mapping
from llmclient.errors import InvalidMessageError

if TYPE_CHECKING:
    from llmclient.types.messages import Messages

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})

_ATTRIBUTES = (
    "name",
    "refusal",
    "tool_call_id",
    "reasoning_content",
    "reasoning_details",
    "thinking_blocks",
    "provider_specific_fields",
    "is_error",
    "cache_control",
)


def normalize_messages(messages: Messages) -> list[dict[str, object]]:
    """Return the conversation as a list of new dictionaries.

    Raises:
        InvalidMessageError: an entry is no message, has an unknown role, or the conversation is empty.
    """
    if isinstance(messages, str):
        return [{"role": "user", "content": messages}]
    if not _is_sequence(messages):
        raise InvalidMessageError(
            "", f"a conversation is a string or a list of messages, not {type(messages).__name__}"
        )
    if not messages:
        raise InvalidMessageError(0, "the conversation is empty; pass at least one message")
    return [_normalize(position, message) for position, message in enumerate(messages)]


def _is_sequence(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, Mapping)


def _normalize(position: int, message: object) -> dict[str, object]:
    if type(message) is dict:  # by far the most, and asking an ABC for each costs more than the copy
        plain = cast("dict[str, object]", message).copy()
    else:
        plain = dict(message) if is_mapping(message) else _from_attributes(position, message)
    role = plain.get("role")
    if role not in ROLES:
        raise InvalidMessageError(position, f"role {role!r} is none of {', '.join(sorted(ROLES))}")
    return plain


def _from_attributes(position: int, message: object) -> dict[str, object]:
    role = getattr(message, "role", None)
    if not isinstance(role, str):
        raise InvalidMessageError(
            position, f"{type(message).__name__!r} is no message; pass a dict with 'role' and 'content'"
        )
    plain: dict[str, object] = {"role": str(role), "content": getattr(message, "content", None)}
    for name in _ATTRIBUTES:
        value = getattr(message, name, None)
        if value is not None:
            plain[name] = value
    calls = getattr(message, "tool_calls", None)
    if calls:
        plain["tool_calls"] = [_plain_call(call) for call in calls]
    audio = getattr(getattr(message, "audio", None), "id", None)
    if audio is not None:
        plain["audio"] = {"id": audio}
    return plain


def _plain_call(call: object) -> object:
    if is_mapping(call):
        return dict(call)
    dump = getattr(call, "model_dump", None)
    if callable(dump):
        return dump(exclude_none=True)
    function = getattr(call, "function", None)
    return {
        "id": getattr(call, "id", ""),
        "type": "function",
        "function": {"name": getattr(function, "name", ""), "arguments": getattr(function, "arguments", "")},
    }
