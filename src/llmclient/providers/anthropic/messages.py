"""A conversation in OpenAI's shape as Anthropic's system prompt and turns.

Leading system and developer messages are the system prompt. A later one stays where it is for models that take it
there and is added to the system prompt for others. Messages of one side in a row are one turn, as the API itself has
it; the results of tools come first in the user's turn. An assistant message goes back as the blocks it came in where
it carries them and they still say what the message says; else it is rebuilt: thinking, text, tool calls.

A conversation may begin with the assistant: recorded traffic shows the API taking it (recording
`test_anthropic_model_empty_message_on_history`), so nothing is put in front of it. A speaker's `name` has no place.
"""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, cast

from llmclient._narrow import is_mapping
from llmclient.errors import InvalidMessageError, UnsupportedCapabilityError
from llmclient.providers.anthropic._json import list_of, object_of, objects_of, text_of
from llmclient.providers.anthropic.blocks import CONTENT_BLOCKS, THINKING_TYPES, flatten
from llmclient.providers.anthropic.content import content_blocks, mark_cached, text_block

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmclient.providers.anthropic.models import ModelTraits
    from llmclient.types.messages import JSONObject

logger: logging.Logger = logging.getLogger("llmclient.providers.anthropic")

TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
"""What a tool's name must look like (Anthropic, tool use)."""

_ID_REST = re.compile(r"[^a-zA-Z0-9_-]")


class Conversation:
    """The system prompt and the turns, while they are put together."""

    def __init__(self, model: str, traits: ModelTraits) -> None:
        self.system: list[JSONObject] = []
        self.turns: list[JSONObject] = []
        self._model = model
        self._traits = traits

    def add(self, message: Mapping[str, object], position: int) -> None:
        """Take the next message.

        Raises:
            InvalidMessageError: the message cannot be sent.
            UnsupportedCapabilityError: it holds something that Anthropic cannot take.
        """
        role = text_of(message.get("role"))
        if role in {"system", "developer"}:
            self._add_system(message, position)
        elif role == "user":
            self._add_user(message, position)
        elif role == "tool":
            self._add_result(message, position)
        elif role == "assistant":
            self._extend("assistant", assistant_blocks(message, position))
        else:
            raise InvalidMessageError(position, f"anthropic has no role {role!r}")

    def finish(self, position: int) -> None:
        """Look at the end of the conversation, whose last message stood at `position`.

        Raises:
            InvalidMessageError: there is nothing to answer, or the model takes no beginning of its answer.
        """
        if not any(turn["role"] != "system" for turn in self.turns):
            raise InvalidMessageError(position, "there is no message to answer; add one with the role 'user'")
        last = self.turns[-1]
        blocks = _content(last)
        if last["role"] != "assistant" or blocks[-1].get("type") != "text":
            return
        # A turn that paused for a server tool is continued, not prefilled.
        paused = any(block.get("type") == "server_tool_use" for block in blocks)
        if not self._traits.prefill and not paused:
            raise InvalidMessageError(
                position,
                f"{self._model} takes no beginning of its answer; let the conversation end with a user message",
            )
        blocks[-1] = {**blocks[-1], "text": text_of(blocks[-1].get("text")).rstrip()}

    @property
    def resumes_without_thought(self) -> bool:
        """Whether tools have answered an assistant turn that does not begin with thinking, such as another vendor's."""
        if len(self.turns) < 2:  # noqa: PLR2004 - a call and its results
            return False
        called, answered = self.turns[-2:]
        return (
            called["role"] == "assistant"
            and _content(called)[0].get("type") not in THINKING_TYPES
            and _content(answered)[0].get("type") == "tool_result"
        )

    def _add_system(self, message: Mapping[str, object], position: int) -> None:
        blocks = content_blocks(message.get("content"), position)
        mark_cached(blocks, message.get("cache_control"))
        if self.turns and self._traits.later_system:
            self._extend("system", blocks)
        else:
            if self.turns and blocks:
                # It changes what stands in front of the conversation, and with it what a cache holds of it (fact 4).
                logger.debug("messages[%d] joins the system prompt: %s takes none later on", position, self._model)
            self.system.extend(blocks)

    def _add_user(self, message: Mapping[str, object], position: int) -> None:
        blocks = content_blocks(message.get("content"), position)
        if not blocks:
            raise InvalidMessageError(position, "the message is empty; Anthropic rejects text of white space only")
        mark_cached(blocks, message.get("cache_control"))
        self._extend("user", blocks)

    def _add_result(self, message: Mapping[str, object], position: int) -> None:
        """All results of one assistant turn go into one user turn, before any text (fact 5)."""
        call_id = text_of(message.get("tool_call_id"))
        if not call_id:
            raise InvalidMessageError(position, "a tool message needs tool_call_id")
        content = message.get("content")
        result: JSONObject = {
            "type": "tool_result",
            "tool_use_id": clean_id(call_id),
            "content": content if isinstance(content, str) else content_blocks(content, position),
        }
        if message.get("is_error") is not None:
            result["is_error"] = message["is_error"]
        if message.get("cache_control") is not None:
            result["cache_control"] = message["cache_control"]
        self._extend("user", [])
        blocks = _content(self.turns[-1])
        results = sum(block.get("type") == "tool_result" for block in blocks)
        blocks.insert(results, result)

    def _extend(self, role: str, blocks: Sequence[JSONObject]) -> None:
        if self.turns and self.turns[-1]["role"] == role:
            _content(self.turns[-1]).extend(blocks)
        elif blocks or role == "user":
            self.turns.append({"role": role, "content": list(blocks)})


def _content(turn: JSONObject) -> list[JSONObject]:
    return cast("list[JSONObject]", turn["content"])


def clean_id(call_id: str) -> str:
    """A tool call's id in the characters Anthropic allows: other vendors' ids have dots and colons."""
    return _ID_REST.sub("_", call_id)


def assistant_blocks(message: Mapping[str, object], position: int) -> list[JSONObject]:
    """The blocks of an assistant message: as they came, else rebuilt from its parts.

    Raises:
        InvalidMessageError: a tool call cannot be sent.
        UnsupportedCapabilityError: the message is audio.
    """
    parts = content_blocks(message.get("content"), position)
    if not parts and text_of(message.get("refusal")).strip():
        parts = [text_block(text_of(message.get("refusal")))]
    if not parts and message.get("audio") is not None:
        raise UnsupportedCapabilityError("anthropic", "audio in messages", ("openai",))
    calls = [_tool_use(call, position) for call in list_of(message.get("tool_calls"))]
    thinking = [dict(block) for block in objects_of(message.get("thinking_blocks")) if _is_signed(block)]
    kept = objects_of(object_of(message.get("provider_specific_fields")).get(CONTENT_BLOCKS))
    if kept and _still_say(kept, parts, calls, thinking):
        blocks = [block for block in kept if block.get("type") != "text" or text_of(block.get("text")).strip()]
    else:
        blocks = [*thinking, *parts, *calls]
    mark_cached(blocks, message.get("cache_control"))
    return blocks


def _is_signed(block: JSONObject) -> bool:
    """Thinking without a signature is another vendor's, or was cut off: the API takes none back."""
    kind = block.get("type")
    return kind in THINKING_TYPES and bool(block.get("data" if kind == "redacted_thinking" else "signature"))


def _still_say(
    kept: list[JSONObject], parts: list[JSONObject], calls: list[JSONObject], thinking: list[JSONObject]
) -> bool:
    """Whether nobody has edited the message since it came with these blocks."""
    flat = flatten(kept)
    if "".join(flat.text).strip() != "".join(text_of(part.get("text")) for part in parts).strip():
        return False
    if [block for block in flat.thinking_blocks if _is_signed(block)] != thinking:
        return False
    came = [block for block in kept if block.get("type") == "tool_use"]
    return [_essence(block) for block in came] == [_essence(block) for block in calls]


def _essence(block: JSONObject) -> tuple[object, object, object]:
    return clean_id(text_of(block.get("id"))), block.get("name"), block.get("input") or {}


def _tool_use(call: object, position: int) -> JSONObject:
    fields = object_of(call)
    function = object_of(fields.get("function"))
    name, call_id = text_of(function.get("name")), text_of(fields.get("id"))
    if not call_id or not TOOL_NAME.fullmatch(name):
        raise InvalidMessageError(
            position, f"tool call {call_id!r} ({name!r}) needs an id and a name of letters, digits, '_' and '-'"
        )
    return {
        "type": "tool_use",
        "id": clean_id(call_id),
        "name": name,
        "input": _arguments(function.get("arguments"), f"tool call {call_id!r} ({name})", position),
    }


def _arguments(arguments: object, whose: str, position: int) -> JSONObject:
    if is_mapping(arguments):
        return object_of(arguments)
    text = text_of(arguments).strip()
    try:
        parsed: object = json.loads(text) if text else {}
    except ValueError:
        parsed = None
    if not is_mapping(parsed):
        raise InvalidMessageError(position, f"arguments of {whose} are no JSON object: {text[:200]!r}")
    return object_of(parsed)
