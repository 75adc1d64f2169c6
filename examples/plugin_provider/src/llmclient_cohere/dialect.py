"""Cohere's wire as a fake speaks it, so that scripts play it at every door. Source: Cohere API reference, v2/chat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmclient.testing.dialects.vendor import Answer, ErrorRow, Piece, Reply, VendorDialect

REASONS = {"stop": "COMPLETE", "length": "MAX_TOKENS", "tool_calls": "TOOL_CALL", "content_filter": "ERROR"}


class CohereDialect(VendorDialect):
    """What Cohere sends."""

    path = "/v2/chat"

    def whole(self, answer: Answer, reply: Reply) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant"}
        content = [{"type": "thinking", "thinking": block.text} for block in reply.reasoning]
        if reply.text is not None:
            content.append({"type": "text", "text": reply.text})
        if reply.tool_calls:
            message["tool_calls"] = [
                call(answer, reply, index, given.arguments) for index, given in enumerate(reply.tool_calls)
            ]
        if content:
            message["content"] = content
        end = {"finish_reason": REASONS.get(reply.finish, reply.finish), "usage": usage(answer)}
        return {"id": answer.token("id"), "message": message, **end}

    def events(self, answer: Answer, reply: Reply, piece: Piece) -> Iterator[dict[str, Any]]:
        index = piece.index
        if piece.kind == "start":
            yield event("message-start", {"message": {"role": "assistant", "content": []}}, id=answer.token("id"))
        elif piece.kind in ("text", "reasoning"):
            name = "text" if piece.kind == "text" else "thinking"
            yield event("content-delta", {"message": {"content": {name: piece.text}}}, index=0)
        elif piece.kind == "tool":
            yield event("tool-call-start", {"message": {"tool_calls": call(answer, reply, index, "")}}, index=index)
        elif piece.kind == "arguments":
            told = {"function": {"arguments": piece.text}}
            yield event("tool-call-delta", {"message": {"tool_calls": told}}, index=index)
        elif piece.kind == "finish":
            yield event("message-end", {"finish_reason": REASONS.get(piece.text, piece.text), "usage": usage(answer)})

    def error(self, row: ErrorRow) -> Mapping[str, Any]:
        return {"id": "error", "message": row.message}


def event(kind: str, delta: Mapping[str, Any], **fields: object) -> dict[str, Any]:
    """One event of a stream."""
    return {"type": kind, **fields, "delta": delta}


def call(answer: Answer, reply: Reply, index: int, arguments: str) -> dict[str, Any]:
    """A tool call, with as much of its arguments as is given."""
    given = reply.tool_calls[index]
    name = {"name": given.name, "arguments": arguments}
    return {"id": given.id or f"{given.name}_{answer.token(f'tool{index}', 12)}", "type": "function", "function": name}


def usage(answer: Answer) -> dict[str, Any]:
    """What was used, in Cohere's shape."""
    counted = {"input_tokens": answer.usage["prompt_tokens"], "output_tokens": answer.usage["completion_tokens"]}
    return {"billed_units": counted, "tokens": counted}
