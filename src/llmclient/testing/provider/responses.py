"""A reply as our response: what decoding the vendor's answer would have come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from llmclient.testing.answer import Answer
from llmclient.testing.dialects.errors import Family, family_of
from llmclient.testing.provider.errors import request_id
from llmclient.testing.reply import Citation, Reasoning, Reply
from llmclient.types.messages import JSONObject
from llmclient.types.response import ModelResponse, Usage

ID_FORMS: Mapping[Family, tuple[str, str]] = {
    "openai": ("chatcmpl-", "call_"),
    "anthropic": ("msg_", "toolu_"),
    "openrouter": ("gen-", "call_"),
}
"""How each vendor's ids of answers and of tool calls begin."""


def respond(answer: Answer, reply: Reply, *, finish: str | None = None) -> ModelResponse:
    """The response for `reply`; `finish` is None where the end has not come."""
    call = answer.call
    family = family_of(call.provider)
    prefix, tool_prefix = ID_FORMS[family]
    message: JSONObject = {"content": reply.text}
    if reply.tool_calls:
        message["tool_calls"] = [
            {
                "id": tool.id or f"{tool_prefix}{answer.token(f'tool{index}')}",
                "function": {"name": tool.name, "arguments": tool.arguments},
            }
            for index, tool in enumerate(reply.tool_calls)
        ]
    if reply.refusal is not None:
        if family == "anthropic":
            message["content"] = (reply.text or "") + reply.refusal
            finish = "content_filter" if finish == "stop" else finish
        else:
            message["refusal"] = reply.refusal
    if reply.reasoning:
        message |= reasoning_fields(answer, reply, family)
    if reply.citations:
        message["annotations"] = [annotation(citation, reply.text or "") for citation in reply.citations]
    if reply.audio is not None:
        message["audio"] = audio_object(answer, reply)
    # One validation for the whole: a suite makes many thousands of these.
    return ModelResponse.model_validate(
        {
            "id": f"{prefix}{answer.token('id', 29)}",
            "created": 0 if family == "anthropic" else answer.created,
            "model": reply.model or call.model,
            "provider": call.provider,
            "choices": [{"message": message, "finish_reason": finish, "logprobs": reply.logprobs}],
            "usage": usage_fields(answer, family) if finish is not None else usage_so_far(answer, family),
            "request_id": request_id(answer),
        }
    )


def usage_fields(answer: Answer, family: Family) -> JSONObject:
    """The usage, with the details that the family always has."""
    counted = answer.usage
    if family == "anthropic":
        details = cast("Mapping[str, object]", counted.get("prompt_tokens_details") or {})
        counted["prompt_tokens_details"] = {"cached_tokens": 0, "cache_write_tokens": 0, **details}
    if answer.reply is not None and answer.reply.cost is not None and family == "openrouter":
        counted["cost"] = answer.reply.cost
    return counted


def usage_of(answer: Answer, family: Family) -> Usage:
    """`usage_fields` as our type."""
    return Usage.model_validate(usage_fields(answer, family))


def usage_so_far(answer: Answer, family: Family) -> JSONObject | None:
    """What a stream has told before its end: Anthropic's `message_start` has the prompt, and one token of output."""
    if family != "anthropic":
        return None
    counted = usage_fields(answer, family)
    counted.pop("completion_tokens_details", None)
    return {**counted, "completion_tokens": 1, "total_tokens": cast("int", counted["prompt_tokens"]) + 1}


def reasoning_fields(answer: Answer, reply: Reply, family: Family) -> JSONObject:
    """What the model thought: text for all, Anthropic's blocks, OpenRouter's details."""
    fields: JSONObject = {"reasoning_content": "".join(block.text for block in reply.reasoning) or None}
    if family == "anthropic":
        fields["thinking_blocks"] = [thinking(answer, index, block) for index, block in enumerate(reply.reasoning)]
    elif family == "openrouter":
        fields["reasoning_details"] = [detail(answer, index, block) for index, block in enumerate(reply.reasoning)]
    return fields


def thinking(answer: Answer, index: int, block: Reasoning) -> JSONObject:
    """One of Anthropic's thinking blocks."""
    if block.redacted is not None:
        return {"type": "redacted_thinking", "data": block.redacted}
    return {"type": "thinking", "thinking": block.text, "signature": signature(answer, index, block)}


def detail(answer: Answer, index: int, block: Reasoning) -> JSONObject:
    """One of OpenRouter's reasoning items."""
    if block.redacted is not None:
        return {"type": "reasoning.encrypted", "data": block.redacted, "format": "unknown", "index": index}
    signed = signature(answer, index, block)
    return {"type": "reasoning.text", "text": block.text, "signature": signed, "format": "unknown", "index": index}


def signature(answer: Answer, index: int, block: Reasoning) -> str:
    """The block's signature, else one that is the same in every run."""
    return block.signature if block.signature is not None else answer.token(f"signature{index}", 64)


def annotation(citation: Citation, text: str) -> JSONObject:
    """A citation in OpenAI's `url_citation` shape."""
    end = len(text) if citation.end is None else citation.end
    return {
        "type": "url_citation",
        "url_citation": {"start_index": citation.start, "end_index": end, "title": citation.title, "url": citation.url},
    }


def audio_object(answer: Answer, reply: Reply) -> JSONObject:
    """A spoken answer, as OpenAI sends it."""
    import base64

    return {
        "id": f"audio_{answer.token('audio')}",
        "data": base64.b64encode(reply.audio or b"").decode(),
        "expires_at": answer.created + 3600,
        "transcript": reply.transcript or reply.text or "",
    }
