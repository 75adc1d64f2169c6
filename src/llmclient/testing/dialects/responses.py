"""OpenAI's Responses API as a fake speaks it, beside chat: whole responses, and the events that build one.

A reply becomes output items in the order that the vendor has: reasoning, a message, calls of functions. Every event
has a number; the whole response stands in the first events, empty, and in the last, complete.
Source: OpenAI API reference (responses, streaming events), and recorded traffic for what it leaves open.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from llmclient.protocols import Capability
from llmclient.testing.dialects.errors import error_row
from llmclient.testing.dialects.requests import mapping
from llmclient.testing.dialects.sse import Frame, FrameKind, StreamForm, event_frame
from llmclient.testing.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmclient.testing.answer import Answer
    from llmclient.testing.call import Call
    from llmclient.testing.dialects.errors import Family
    from llmclient.testing.faults.base import StatusFault
    from llmclient.testing.reply import Citation, Reply

_INCOMPLETE: Mapping[str, str] = {"length": "max_output_tokens", "content_filter": "content_filter"}
_PARTS: Mapping[str, tuple[str, str]] = {"text": ("output_text", "text"), "refusal": ("refusal", "refusal")}
"""The part of a message by the kind of piece: its type, and the field of its text."""


def is_response(call: Call) -> bool:
    """Whether a request came over this API: it has an input where chat has messages."""
    return call.capability is Capability.CHAT and "input" in call.body and "messages" not in call.body


def response_body(answer: Answer, reply: Reply) -> dict[str, object]:
    """The object `response`, complete."""
    reason = _INCOMPLETE.get(reply.finish)
    return {
        **_head(answer, reply),
        "status": "completed" if reason is None else "incomplete",
        "incomplete_details": None if reason is None else {"reason": reason},
        "output": _items(answer, reply),
        "usage": _usage(answer),
    }


def _head(answer: Answer, reply: Reply) -> dict[str, object]:
    body = answer.call.body
    return {
        "id": f"resp_{answer.token('id', 48)}",
        "object": "response",
        "created_at": answer.created,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "model": reply.model or answer.call.model,
        "output": [],
        "parallel_tool_calls": True,
        "service_tier": "default",
        "store": body.get("store", True),
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools", []),
        "usage": None,
    }


def _usage(answer: Answer) -> dict[str, object]:
    counted = answer.usage
    read = mapping(counted.get("prompt_tokens_details")).get("cached_tokens", 0)
    thought = mapping(counted.get("completion_tokens_details")).get("reasoning_tokens", 0)
    return {
        "input_tokens": counted["prompt_tokens"],
        "input_tokens_details": {"cached_tokens": read},
        "output_tokens": counted["completion_tokens"],
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": counted["total_tokens"],
    }


# --- items ------------------------------------------------------------------------------------------------------------


def _items(answer: Answer, reply: Reply) -> list[dict[str, object]]:
    items = [_thought(answer, reply, index) for index in range(len(reply.reasoning))]
    said = [
        _part(kind, text, reply)
        for kind, text in (("text", reply.text), ("refusal", reply.refusal))
        if text is not None
    ]
    if said or not (reply.tool_calls or items):
        items.append(_message(answer, said))
    return [*items, *(_call(answer, reply, index) for index in range(len(reply.tool_calls)))]


def _thought(answer: Answer, reply: Reply, index: int) -> dict[str, object]:
    block = reply.reasoning[index]
    summary = [{"type": "summary_text", "text": block.text}] if block.text else []
    sealed = block.redacted or block.signature or answer.token(f"signature{index}", 64)
    wanted = "reasoning.encrypted_content" in str(answer.call.body.get("include"))
    encrypted = {"encrypted_content": sealed} if wanted or block.redacted else {}
    return {"id": f"rs_{answer.token(f'reasoning{index}', 48)}", "type": "reasoning", **encrypted, "summary": summary}


def _message(answer: Answer, parts: Sequence[Mapping[str, object]], status: str = "completed") -> dict[str, object]:
    identity = f"msg_{answer.token('message', 48)}"
    return {"id": identity, "type": "message", "status": status, "content": list(parts), "role": "assistant"}


def _part(kind: str, text: str, reply: Reply) -> dict[str, object]:
    type_, name = _PARTS[kind]
    if kind == "refusal":
        return {"type": type_, name: text}
    cited = [_annotation(citation, reply) for citation in reply.citations]
    return {"type": type_, "annotations": cited, "logprobs": [], name: text}


def _annotation(citation: Citation, reply: Reply) -> dict[str, object]:
    end = len(reply.text or "") if citation.end is None else citation.end
    place = {"start_index": citation.start, "end_index": end}
    return {"type": "url_citation", **place, "title": citation.title, "url": citation.url}


def _call(answer: Answer, reply: Reply, index: int, *, begun: bool = False) -> dict[str, object]:
    call = reply.tool_calls[index]
    return {
        "id": f"fc_{answer.token(f'function{index}', 48)}",
        "type": "function_call",
        "status": "in_progress" if begun else "completed",
        "arguments": "" if begun else call.arguments,
        "call_id": call.id or f"call_{answer.token(f'tool{index}')}",
        "name": call.name,
    }


# --- streamed ---------------------------------------------------------------------------------------------------------


def response_stream(answer: Answer, reply: Reply, family: Family) -> StreamForm:
    """How this reply is streamed."""

    def error(fault: StatusFault) -> bytes:
        row = error_row(family, fault, model=answer.call.model)
        told = {"code": row.code or row.type or None, "message": row.message, "param": None, "sequence_number": 0}
        return event_frame("error", {"type": "error", **told}).raw

    return StreamForm(frames=lambda pieces: _Events(answer, reply).render(pieces), error=error)


@dataclass(slots=True)
class _Events:
    """Pieces as events. An item is open until a piece of another one comes."""

    answer: Answer
    reply: Reply
    frames: list[Frame] = field(default_factory=list[Frame])
    item: int = -1
    open: str = ""

    def render(self, pieces: Sequence[Piece]) -> list[Frame]:
        for piece in pieces:
            self._piece(piece)
        return self.frames

    def _piece(self, piece: Piece) -> None:
        if piece.kind == "start":
            head = _head(self.answer, self.reply)
            self._send("response.created", {"response": head}, wait=piece.delay)
            self._send("response.in_progress", {"response": head})
        elif piece.kind in ("reasoning", "redacted"):
            self._into(f"reasoning{piece.index}", {**_thought(self.answer, self.reply, piece.index), "summary": []})
            if piece.kind == "reasoning":
                self._delta("response.reasoning_summary_text.delta", piece, summary_index=0)
        elif piece.kind in _PARTS:
            self._into("message", _message(self.answer, [], "in_progress"), part=piece.kind)
            self._delta(f"response.{_PARTS[piece.kind][0]}.delta", piece, content_index=0)
        elif piece.kind == "citation" and piece.citation is not None:
            note = {"annotation": _annotation(piece.citation, self.reply), "annotation_index": 0, "content_index": 0}
            self._send("response.output_text.annotation.added", {**self._place(), **note})
        elif piece.kind == "tool":
            begun = _call(self.answer, self.reply, piece.index, begun=True)
            self._into(f"call{piece.index}", begun, kind="content", wait=piece.delay)
        elif piece.kind == "arguments":
            self._delta("response.function_call_arguments.delta", piece)
        elif piece.kind == "finish":
            self._close()
            whole = response_body(self.answer, self.reply)
            self._send(f"response.{whole['status']}", {"response": whole}, wait=piece.delay)

    def _place(self) -> dict[str, object]:
        return {"output_index": max(self.item, 0)}

    def _into(
        self, name: str, item: Mapping[str, object], *, part: str = "", kind: FrameKind = "other", wait: float = 0.0
    ) -> None:
        """Make `name` the open item."""
        if self.open == name:
            return
        self._close()
        self.item += 1
        self.open = name
        self._send("response.output_item.added", {"item": dict(item), **self._place()}, kind, wait)
        begun: dict[str, object] = {}
        if part:
            begun = {"content_index": 0, "part": _part(part, "", replace(self.reply, citations=()))}
            self._send("response.content_part.added", {**self._place(), **begun})
        elif name.startswith("reasoning"):
            begun = {"summary_index": 0, "part": {"type": "summary_text", "text": ""}}
            self._send("response.reasoning_summary_part.added", {**self._place(), **begun})

    def _close(self) -> None:
        if not self.open:
            return
        item = _items(self.answer, self.reply)[self.item]
        self.open = ""
        self._send("response.output_item.done", {"item": item, **self._place()})

    def _delta(self, event: str, piece: Piece, **place: object) -> None:
        self._send(event, {**self._place(), **place, "delta": piece.text}, "content", piece.delay)

    def _send(self, event: str, fields: Mapping[str, object], kind: FrameKind = "other", wait: float = 0.0) -> None:
        told = {"type": event, **fields, "sequence_number": len(self.frames)}
        self.frames.append(event_frame(event, told, kind, wait))
