"""OpenAI's Responses API as a fake speaks it, beside chat: whole responses, and the items they are made of.

A reply becomes output items in the order that the vendor has: reasoning, a message, calls of functions. What a request
asked for is told again, with the vendor's defaults for what it left open. Streams are in `_response_events.py`.
Source: OpenAI API reference (responses), and recorded traffic of 2026 for what it leaves open (the order of keys).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient.protocols import Capability
from llmclient.testing.dialects.requests import mapping, mappings, sequence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmclient.testing.answer import Answer
    from llmclient.testing.call import Call
    from llmclient.testing.reply import Citation, Reply

_INCOMPLETE: Mapping[str, str] = {"length": "max_output_tokens", "content_filter": "content_filter"}
PARTS: Mapping[str, tuple[str, str]] = {"text": ("output_text", "text"), "refusal": ("refusal", "refusal")}
"""The part of a message by the kind of piece: its type, and the field of its text."""


def is_response(call: Call) -> bool:
    """Whether a request came over this API: it has an input where chat has messages."""
    return call.capability is Capability.CHAT and "input" in call.body and "messages" not in call.body


def response_body(answer: Answer, reply: Reply) -> dict[str, object]:
    """The object `response`, complete, as a plain call gets it."""
    body: dict[str, object] = {}
    for name, value in ended(answer, reply).items():
        body[name] = value
        if name == "background":
            body["billing"] = {"payer": "developer"}
    return body


def ended(answer: Answer, reply: Reply) -> dict[str, object]:
    """The object `response`, complete, as the last event of a stream has it."""
    reason = _INCOMPLETE.get(reply.finish)
    return {
        **begun(answer, reply),
        "status": status_of(reply),
        "completed_at": answer.created if reason is None else None,
        "incomplete_details": None if reason is None else {"reason": reason},
        "output": items(answer, reply),
        "service_tier": "default",
        "usage": _usage(answer),
    }


def status_of(reply: Reply) -> str:
    """How a response, and the item it ends with, came out."""
    return "incomplete" if reply.finish in _INCOMPLETE else "completed"


def begun(answer: Answer, reply: Reply) -> dict[str, object]:
    """The object `response` before anything of it is there."""
    body = answer.call.body
    reasoning = mapping(body.get("reasoning"))
    wanted = mapping(body.get("text"))
    return {
        "id": f"resp_{answer.token('id', 48)}",
        "object": "response",
        "created_at": answer.created,
        "status": "in_progress",
        "background": body.get("background") or False,
        "completed_at": None,
        "error": None,
        "frequency_penalty": _decimal(body.get("frequency_penalty"), 0.0),
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": body.get("max_tool_calls"),
        "model": reply.model or answer.call.model,
        "moderation": None,
        "output": [],
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        "presence_penalty": _decimal(body.get("presence_penalty"), 0.0),
        "previous_response_id": body.get("previous_response_id"),
        "prompt_cache_key": body.get("prompt_cache_key"),
        "prompt_cache_retention": body.get("prompt_cache_retention") or "in_memory",
        "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": body.get("service_tier") or "auto",
        "store": body.get("store") is not False,
        "temperature": _decimal(body.get("temperature"), 1.0),
        "text": {"format": _format(mapping(wanted.get("format"))), "verbosity": wanted.get("verbosity") or "medium"},
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": body.get("tools") or [],
        "top_logprobs": body.get("top_logprobs") or 0,
        "top_p": _decimal(body.get("top_p"), 1.0),
        "truncation": body.get("truncation") or "disabled",
        "usage": None,
        "user": body.get("user"),
        "metadata": body.get("metadata") or {},
    }


def _decimal(given: object, default: float) -> float:
    return float(given) if isinstance(given, (int, float)) else default


def _format(wanted: Mapping[str, object]) -> Mapping[str, object]:
    if wanted.get("type") != "json_schema":
        return wanted or {"type": "text"}
    keys = ("type", "description", "name", "schema", "strict")
    return {key: wanted.get(key) for key in keys} | dict(wanted)


def _usage(answer: Answer) -> dict[str, object]:
    counted = answer.usage
    prompt = mapping(counted.get("prompt_tokens_details"))
    details = {name: prompt.get(name, 0) for name in ("cache_write_tokens", "cached_tokens")}
    thought = mapping(counted.get("completion_tokens_details")).get("reasoning_tokens", 0)
    return {
        "input_tokens": counted["prompt_tokens"],
        "input_tokens_details": details,
        "output_tokens": counted["completion_tokens"],
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": counted["total_tokens"],
    }


# --- items ------------------------------------------------------------------------------------------------------------


def items(answer: Answer, reply: Reply) -> list[dict[str, object]]:
    """The output items, complete."""
    found = [thought(answer, reply, index) for index in range(len(reply.reasoning))]
    said = [
        part(kind, text, reply) for kind, text in (("text", reply.text), ("refusal", reply.refusal)) if text is not None
    ]
    calls = [call(answer, reply, index) for index in range(len(reply.tool_calls))]
    if said or not (calls or found):
        found.append(message(answer, said, "completed" if calls else status_of(reply)))
    return [*found, *calls]


def thought(answer: Answer, reply: Reply, index: int) -> dict[str, object]:
    """A reasoning item; what is sealed is told where a request includes it, and where it is all there is."""
    block = reply.reasoning[index]
    sealed = block.redacted or block.signature or answer.token(f"signature{index}", 64)
    wanted = "reasoning.encrypted_content" in sequence(answer.call.body.get("include"))
    encrypted = {"encrypted_content": sealed} if wanted or block.redacted else {}
    summary = [{"type": "summary_text", "text": block.text}] if block.text else []
    return {"id": f"rs_{answer.token(f'reasoning{index}', 48)}", "type": "reasoning", **encrypted, "summary": summary}


def message(answer: Answer, parts: Sequence[Mapping[str, object]], status: str) -> dict[str, object]:
    """A message item."""
    identity = f"msg_{answer.token('message', 48)}"
    return {"id": identity, "type": "message", "status": status, "content": list(parts), "role": "assistant"}


def part(kind: str, text: str, reply: Reply) -> dict[str, object]:
    """A part of a message."""
    type_, name = PARTS[kind]
    if kind == "refusal":
        return {"type": type_, name: text}
    cited = [annotation(citation, reply) for citation in reply.citations]
    return {"type": type_, "annotations": cited, "logprobs": logprobs(reply), name: text}


def logprobs(reply: Reply) -> list[dict[str, object]]:
    """The script's logprobs, as this API lists them: those of the text, with the bytes of every token."""
    return [_token(entry) for entry in mappings(mapping(reply.logprobs).get("content"))]


def _token(entry: Mapping[str, object]) -> dict[str, object]:
    told: dict[str, object] = dict(entry)
    if told.get("bytes") is None:
        told["bytes"] = list(str(entry.get("token", "")).encode())
    if "top_logprobs" in told:
        told["top_logprobs"] = [_token(other) for other in mappings(told["top_logprobs"])]
    return told


def annotation(citation: Citation, reply: Reply) -> dict[str, object]:
    """A citation as an annotation of a part."""
    end = len(reply.text or "") if citation.end is None else citation.end
    place = {"start_index": citation.start, "end_index": end}
    return {"type": "url_citation", **place, "title": citation.title, "url": citation.url}


def call(answer: Answer, reply: Reply, index: int, *, begins: bool = False) -> dict[str, object]:
    """A function call item, complete, or as it begins."""
    made = reply.tool_calls[index]
    return {
        "id": f"fc_{answer.token(f'function{index}', 48)}",
        "type": "function_call",
        "status": "in_progress" if begins else "completed",
        "arguments": "" if begins else made.arguments,
        "call_id": made.id or f"call_{answer.token(f'tool{index}')}",
        "name": made.name,
    }
