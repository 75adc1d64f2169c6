"""From a message of Anthropic's to our response: the whole answer of a plain call, and the parts streams share.

Every field without a place in OpenAI's shape is kept: those of a message under `provider_specific_fields`, those of
the usage beside the mapped numbers, and all of it in `raw_response`. Values newer than this library pass as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._narrow import is_mapping
from llmclient.providers._call import StreamError
from llmclient.providers.anthropic._json import int_of, object_of, objects_of, parsed, text_of
from llmclient.providers.anthropic.blocks import CONTENT_BLOCKS, flatten, kept_blocks
from llmclient.providers.anthropic.errors import STATUS_OF_TYPE

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject
    from llmclient.types.response import ModelResponse

FINISH_REASONS: dict[str, str] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
"""Anthropic's stop reasons in OpenAI's words. What is not listed passes as it is: "pause_turn" asks the caller to go
on with the same conversation, and is never a stop."""

_PLACED = frozenset({"id", "type", "role", "model", "content", "stop_reason", "usage"})
_MAPPED_USAGE = frozenset(
    {"input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens_details"}
)


def decode_message(body: bytes, *, answer_tool: str | None = None) -> ModelResponse:
    """Read the whole answer of a plain call.

    Args:
        body: the response body.
        answer_tool: name of the tool that stands in for `response_format`, None where there is none.

    Raises:
        StreamError: the body reports an error, whatever status it came with.
        ValueError: the body is no message.
    """
    from llmclient.types.response import ModelResponse

    message = object_of(parsed(body))
    if message.get("type") == "error" or is_mapping(message.get("error")):
        raise reported_error(message)
    if not isinstance(message.get("content"), list):
        raise ValueError("no message: it has no list of content blocks")  # noqa: TRY004 - the body is wrong
    blocks = objects_of(message["content"])
    flat = flatten(blocks, answer_tool=answer_tool)
    answered = answer_tool is not None and not flat.tool_calls
    usage = object_of(message.get("usage"))
    return ModelResponse.model_validate(
        {
            "id": text_of(message.get("id")),
            "model": text_of(message.get("model")),
            "choices": [
                {
                    "finish_reason": finish_reason(message.get("stop_reason"), answered=answered),
                    "message": {
                        "content": "".join(flat.text) or None,
                        "reasoning_content": "".join(flat.reasoning) or None,
                        "thinking_blocks": flat.thinking_blocks or None,
                        "tool_calls": flat.tool_calls or None,
                        "annotations": flat.annotations or None,
                        "provider_specific_fields": specific_fields(message, blocks, answer_tool=answer_tool),
                    },
                }
            ],
            "usage": usage_fields(usage) if usage else None,
            "service_tier": text_of(usage.get("service_tier")) or None,
        }
    )


def reported_error(body: JSONObject) -> StreamError:
    """The error that a body or an event reports, with the status that its type stands for."""
    kind = text_of(object_of(body.get("error")).get("type"))
    return StreamError(body, STATUS_OF_TYPE.get(kind, 500))


def finish_reason(stop_reason: object, *, answered: bool = False) -> str | None:
    """OpenAI's word for a stop reason; `answered` says that the only tool called was the answer itself."""
    if stop_reason == "tool_use" and answered:
        return "stop"
    reason = text_of(stop_reason)
    return FINISH_REASONS.get(reason, reason) or None


def specific_fields(
    message: JSONObject, blocks: list[JSONObject], *, answer_tool: str | None = None
) -> JSONObject | None:
    """What a message holds beyond OpenAI's shape: fields that are set and have no place, and blocks to be kept."""
    fields: JSONObject = {name: value for name, value in message.items() if value is not None and name not in _PLACED}
    kept = kept_blocks(blocks, answer_tool=answer_tool)
    if kept:
        fields[CONTENT_BLOCKS] = kept
    return fields or None


def usage_fields(usage: JSONObject) -> JSONObject:
    """Anthropic's usage in OpenAI's terms.

    `input_tokens` leaves out what was read from and written to the cache, OpenAI's `prompt_tokens` does not (fact 16).
    """
    read, written = int_of(usage.get("cache_read_input_tokens")), int_of(usage.get("cache_creation_input_tokens"))
    prompt = int_of(usage.get("input_tokens")) + read + written
    completion = int_of(usage.get("output_tokens"))
    details = object_of(usage.get("output_tokens_details"))
    fields: JSONObject = {name: value for name, value in usage.items() if name not in _MAPPED_USAGE}
    fields |= {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written},
    }
    if details:
        rest = {name: value for name, value in details.items() if name != "thinking_tokens"}
        fields["completion_tokens_details"] = {**rest, "reasoning_tokens": details.get("thinking_tokens")}
    return fields
