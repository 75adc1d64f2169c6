"""The event stream of the Responses API: every item and part begins, grows and is told once more when it ends.

Each event has a number, and its fields stand in the order of the alphabet after its type. The whole response stands in
the first two events, empty, and in the last, complete. OpenRouter sends the same events without their names, between
comments, and ends with `[DONE]`.
Source: OpenAI API reference (streaming events), and recorded traffic of 2026 for what it leaves open.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from llmclient.testing.dialects.errors import error_row
from llmclient.testing.dialects.requests import mapping
from llmclient.testing.dialects.responses import PARTS, annotation, begun, call, ended, items, message, part, thought
from llmclient.testing.dialects.sse import DONE, Frame, FrameKind, StreamForm, data_frame, event_frame, obfuscation
from llmclient.testing.dialects.wire import SSE_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmclient.testing.answer import Answer
    from llmclient.testing.faults.base import StatusFault
    from llmclient.testing.pieces import Piece
    from llmclient.testing.reply import Reply


def response_stream(
    answer: Answer, reply: Reply, family: Literal["openai", "openrouter"], comment: bytes = b""
) -> StreamForm:
    """How this reply is streamed; with a `comment`, as OpenRouter does."""
    sent: list[int] = []

    def frames(pieces: Sequence[Piece]) -> list[Frame]:
        made = _Events(answer, reply, named=not comment).render(pieces)
        sent.append(len(made))
        if not comment:
            return made
        whole = bool(pieces) and pieces[-1].kind == "finish"
        return [Frame(comment), *made, *([DONE] if whole else [])]

    def error(fault: StatusFault) -> bytes:
        row = error_row(family, fault, model=answer.call.model)
        facts = {"code": row.code or row.type or None, "message": row.message, "param": None}
        event = {"type": "error", **facts, "sequence_number": sent[0] if sent else 0}
        return (data_frame(event) if comment else event_frame("error", event)).raw

    content_type = "text/event-stream" if comment else SSE_TYPE
    return StreamForm(frames=frames, error=error, comment=comment, content_type=content_type)


@dataclass(slots=True)
class _Events:
    """Pieces as events. An item is open until a piece of another one comes.

    Attributes:
        named: whether the type of an event stands in an `event:` line too.
        item: position of the open item, from 0.
        open: what is open: the name of the item, empty for none.
        part: the kind of the open part of a message, or "summary", empty for none.
    """

    answer: Answer
    reply: Reply
    named: bool = True
    frames: list[Frame] = field(default_factory=list[Frame])
    _items: Sequence[Mapping[str, object]] = ()
    item: int = -1
    open: str = ""
    part: str = ""

    def __post_init__(self) -> None:
        self._items = items(self.answer, self.reply)

    def render(self, pieces: Sequence[Piece]) -> list[Frame]:
        for piece in pieces:
            self._piece(piece)
        return self.frames

    def _piece(self, piece: Piece) -> None:
        if piece.kind == "start":
            head = begun(self.answer, self.reply)
            self._send("response.created", {"response": head}, wait=piece.delay)
            self._send("response.in_progress", {"response": head})
        elif piece.kind in ("reasoning", "redacted", "signature"):
            empty: dict[str, object] = {**thought(self.answer, self.reply, piece.index), "summary": []}
            wait = piece.delay if piece.kind == "redacted" else 0.0
            self._into(f"reasoning{piece.index}", empty, "content" if piece.kind == "redacted" else "other", wait)
            if piece.kind == "reasoning":
                self._open_part("summary")
                self._delta("response.reasoning_summary_text.delta", piece)
        elif piece.kind in PARTS:
            self._into("message", message(self.answer, [], "in_progress"))
            self._open_part(piece.kind)
            self._delta(f"response.{PARTS[piece.kind][0]}.delta", piece)
        elif piece.kind == "tool":
            self._into(
                f"call{piece.index}", call(self.answer, self.reply, piece.index, begins=True), "content", piece.delay
            )
        elif piece.kind == "arguments":
            self._delta("response.function_call_arguments.delta", piece)
        elif piece.kind == "finish":
            self._close()
            self._skip_to(len(self._items))
            whole = ended(self.answer, self.reply)
            self._send(f"response.{whole['status']}", {"response": whole}, wait=piece.delay)

    # --- what is open ---

    @property
    def _whole(self) -> Mapping[str, object]:
        """The open item as it will be."""
        return self._items[self.item]

    def _place(self) -> dict[str, object]:
        """Where an event belongs."""
        place: dict[str, object] = {"output_index": max(self.item, 0)}
        if self.open:
            place["item_id"] = self._whole["id"]
        if self.part:
            second = self.part == "refusal" and self.reply.text is not None
            place["summary_index" if self.part == "summary" else "content_index"] = int(second)
        return place

    def _into(self, name: str, item: Mapping[str, object], kind: FrameKind = "other", wait: float = 0.0) -> None:
        """Make `name` the open item."""
        if self.open == name:
            return
        self._close()
        self._skip_to(next(at for at, whole in enumerate(self._items) if whole["id"] == item["id"]))
        self._begin(name, item, kind, wait)

    def _begin(self, name: str, item: Mapping[str, object], kind: FrameKind = "other", wait: float = 0.0) -> None:
        self.item += 1
        self.open = name
        self._send("response.output_item.added", {"item": item, "output_index": self.item}, kind, wait)

    def _skip_to(self, position: int) -> None:
        """Tell the items before `position` of which no piece came: an empty message."""
        while self.item + 1 < position:
            self._begin("message", message(self.answer, [], "in_progress"))
            if self.reply.text is not None:
                self._open_part("text")
            self._close()

    def _open_part(self, kind: str) -> None:
        if self.part == kind:
            return
        if kind == "refusal" and self.reply.text == "" and not self.part:
            self._open_part("text")
        self._close_part()
        self.part = kind
        if kind == "summary":
            told: dict[str, object] = {"type": "summary_text", "text": ""}
        else:
            told = part(kind, "", replace(self.reply, citations=(), logprobs=None))
        self._send(f"{self._part_event}.added", {**self._place(), "part": told})

    @property
    def _part_event(self) -> str:
        return "response.reasoning_summary_part" if self.part == "summary" else "response.content_part"

    def _close_part(self) -> None:
        """Tell the open part as a whole: what it cites, its text, all of it."""
        if not self.part:
            return
        for number, citation in enumerate(self.reply.citations if self.part == "text" else ()):
            note = {"annotation": annotation(citation, self.reply), "annotation_index": number}
            self._send("response.output_text.annotation.added", {**self._place(), **note})
        told = self._part_whole()
        if self.part == "summary":
            event, text = "response.reasoning_summary_text", {"text": told["text"]}
        else:
            type_, name = PARTS[self.part]
            event, text = f"response.{type_}", {name: told[name]}
        if "logprobs" in told:
            text["logprobs"] = told["logprobs"]
        self._send(f"{event}.done", {**self._place(), **text})
        self._send(f"{self._part_event}.done", {**self._place(), "part": told})
        self.part = ""

    def _part_whole(self) -> dict[str, object]:
        reply = self.reply
        if self.part == "summary":
            return {"type": "summary_text", "text": reply.reasoning[int(self.open.removeprefix("reasoning"))].text}
        return part(self.part, (reply.text if self.part == "text" else reply.refusal) or "", reply)

    def _close(self) -> None:
        if not self.open:
            return
        self._close_part()
        if self.open.startswith("call"):
            told = {"arguments": self._whole["arguments"]}
            self._send("response.function_call_arguments.done", {**self._place(), **told})
        self._send("response.output_item.done", {"item": self._whole, "output_index": self.item})
        self.open = ""

    # --- sending ---

    def _delta(self, event: str, piece: Piece) -> None:
        told: dict[str, object] = {**self._place(), "delta": piece.text}
        if self.part == "text":
            told["logprobs"] = []
        if self.named and mapping(self.answer.call.body.get("stream_options")).get("include_obfuscation") is not False:
            told["obfuscation"] = obfuscation(self.answer, str(len(self.frames)))
        self._send(event, told, "content", piece.delay)

    def _send(self, event: str, fields: Mapping[str, object], kind: FrameKind = "other", wait: float = 0.0) -> None:
        numbered = {**fields, "sequence_number": len(self.frames)}
        told = {"type": event, **dict(sorted(numbered.items()))}
        self.frames.append(event_frame(event, told, kind, wait) if self.named else data_frame(told, kind, wait))
