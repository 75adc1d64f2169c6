"""Anthropic's dialect: messages, plain and streamed, the counting of tokens, and the list of models.

Source: Anthropic API reference ("Create a Message", "Streaming Messages", "Rate limits"), and recorded traffic for what
it leaves open: the padding before a closing brace, the ping after the first block has begun, an empty first fragment
of a tool's input, the signature just before its block stops. Refusals are text with the stop reason `refusal`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from llmclient.protocols import Capability
from llmclient.testing.call import Call, Door, text_of
from llmclient.testing.dialects._anthropic_request import neutral_messages, neutral_params
from llmclient.testing.dialects.base import request_id
from llmclient.testing.dialects.errors import Family, error_body
from llmclient.testing.dialects.openai import tool_call_id
from llmclient.testing.dialects.requests import RefusedRequestError, mapping, read_object, sequence
from llmclient.testing.dialects.sse import Frame, FrameKind, StreamForm, event_frame
from llmclient.testing.dialects.wire import JSON_TYPE, WireRequest, dump
from llmclient.testing.pieces import Piece
from llmclient.testing.reply import Citation, RateLimits, Reasoning, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmclient.testing.answer import Answer
    from llmclient.testing.faults.base import StatusFault

STOP_REASONS: Mapping[str, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}
"""OpenAI's finish reasons in Anthropic's words; others are Anthropic's own already, such as `pause_turn`."""

ERROR_TYPES: Mapping[int, str] = {404: "not_found_error", 413: "request_too_large"}
_UNKNOWN_OF_MODELS = ("capabilities", "deprecated_at", "line", "max_input_tokens", "max_tokens", "retires_at")
_MOST_PADDING = 16
_PING = Frame(b'event: ping\ndata: {"type": "ping"}\n\n')


class AnthropicDialect:
    """Messages as Anthropic sends them."""

    family: Family = "anthropic"

    def parse(self, request: WireRequest, door: Door) -> Call:
        """Read a request."""
        path = request.path.rstrip("/")
        if "/models" in path and request.method == "GET":
            name = path.partition("/models")[2].strip("/")
            return Call(
                provider=request.provider,
                model=name,
                capability=Capability.MODEL_LISTING,
                door=door,
                headers=request.headers,
            )
        if not path.endswith(("/messages", "/messages/count_tokens")):
            raise RefusedRequestError(404, "Not found")
        if request.method != "POST":
            raise RefusedRequestError(405, "Method Not Allowed")
        body = read_object(request.body, "The request body is not valid JSON")
        required = ["model", "messages"] if path.endswith("count_tokens") else ["model", "max_tokens", "messages"]
        for name in required:
            if name not in body:
                raise RefusedRequestError(400, f"{name}: Field required")
        if not isinstance(body["messages"], list):
            raise RefusedRequestError(400, "messages: Input should be a valid list")
        if not body["messages"]:
            raise RefusedRequestError(400, "messages: at least one message is required")
        return Call(
            provider=request.provider,
            model=str(body["model"]),
            messages=neutral_messages(body),
            params=neutral_params(body),
            stream=body.get("stream") is True,
            door=door,
            headers=request.headers,
            body=body,
        )

    def refused_headers(self, identity: str) -> list[tuple[str, str]]:
        """The id of a request."""
        return [("request-id", identity)]

    def headers(self, answer: Answer) -> list[tuple[str, str]]:
        """Request id, organization, and the quota where one is scripted."""
        return [
            *self.refused_headers(request_id(answer)),
            ("anthropic-organization-id", "00000000-0000-4000-8000-000000000000"),
            *_limit_headers(answer.limits, answer.clock.now()),
        ]

    def body(self, answer: Answer, reply: Reply) -> tuple[bytes, str]:
        """A whole answer."""
        return dump(message_body(answer, reply)), JSON_TYPE

    def stream_form(self, answer: Answer, reply: Reply) -> StreamForm:
        """How this reply is streamed."""

        def error(fault: StatusFault) -> bytes:
            return event_frame("error", self.error_body(answer, fault)).raw

        return StreamForm(frames=lambda pieces: _Events(answer, reply).render(pieces), error=error)

    def null_body(self, answer: Answer) -> dict[str, object]:
        """A message whose content is null."""
        return {**message_body(answer, answer.reply or Reply()), "content": None}

    def error_body(self, answer: Answer, fault: StatusFault) -> Mapping[str, object]:
        """The error body for a fault."""
        return error_body("anthropic", fault, model=answer.call.model, request_id=request_id(answer))

    def refusal(self, error: RefusedRequestError, identity: str) -> Mapping[str, object]:
        """The error body for a request that cannot be read."""
        kind = ERROR_TYPES.get(error.status, "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": error.message}, "request_id": identity}


# --- plain ------------------------------------------------------------------------------------------------------------


def message_body(answer: Answer, reply: Reply) -> dict[str, object]:
    """The object `message`."""
    stop_reason = _stop_reason(reply, reply.finish)
    return {
        **_head(answer, reply),
        "content": _content(answer, reply),
        "stop_reason": stop_reason,
        "stop_sequence": _stop_sequence(answer, stop_reason),
        "stop_details": None,
        "usage": _usage(answer),
    }


def _head(answer: Answer, reply: Reply) -> dict[str, object]:
    return {
        "model": reply.model or answer.call.model,
        "id": f"msg_{answer.token('id')}",
        "type": "message",
        "role": "assistant",
    }


def _stop_reason(reply: Reply, finish: str) -> str:
    return "refusal" if reply.refusal else STOP_REASONS.get(finish, finish)


def _stop_sequence(answer: Answer, stop_reason: str) -> object:
    """What ended the text, where the script says that something did: the first sequence that was asked for."""
    asked = sequence(answer.call.body.get("stop_sequences"))
    return asked[0] if stop_reason == "stop_sequence" and asked else None


def _content(answer: Answer, reply: Reply) -> list[dict[str, object]]:
    blocks = [_thinking(answer, index, block) for index, block in enumerate(reply.reasoning)]
    text = (reply.text or "") + (reply.refusal or "")
    if text:
        block: dict[str, object] = {"type": "text", "text": text}
        if reply.citations:
            block = {"citations": [citation_location(answer, citation) for citation in reply.citations], **block}
        blocks.append(block)
    for index, call in enumerate(reply.tool_calls):
        identity = tool_call_id(answer, index, given=call.id, prefix="toolu_")
        told = {"type": "tool_use", "id": identity, "name": call.name, "input": _input(call.arguments)}
        blocks.append({**told, "caller": {"type": "direct"}})
    return blocks


def _thinking(answer: Answer, index: int, block: Reasoning) -> dict[str, object]:
    if block.redacted is not None:
        return {"type": "redacted_thinking", "data": block.redacted}
    return {"type": "thinking", "thinking": block.text, "signature": signature(answer, index, block)}


def signature(answer: Answer, index: int, block: Reasoning) -> str:
    """The signature of a block of thought: the script's, else one that is the same in every run."""
    return block.signature or answer.token(f"signature{index}", 64)


def _input(arguments: str) -> object:
    """The arguments as an object; text that is no JSON can only stand in a stream, and is told as text here."""
    try:
        parsed: object = json.loads(arguments or "{}")
    except ValueError:
        return arguments
    return parsed


def citation_location(answer: Answer, citation: Citation) -> dict[str, object]:
    """A citation as the web search tool gives it."""
    return {
        "type": "web_search_result_location",
        "cited_text": citation.quote,
        "url": citation.url,
        "title": citation.title,
        "encrypted_index": answer.token(f"citation:{citation.url}", 40),
    }


def _usage(answer: Answer) -> dict[str, object]:
    """`input_tokens` leaves out what was read from and written to the cache."""
    counted = answer.usage
    prompt = mapping(counted.get("prompt_tokens_details"))
    read, written = _number(prompt.get("cached_tokens")), _number(prompt.get("cache_write_tokens"))
    lifetimes = mapping(counted.get("cache_creation"))
    hour = _number(lifetimes.get("ephemeral_1h_input_tokens"))
    usage: dict[str, object] = {
        "input_tokens": max(0, _number(counted.get("prompt_tokens")) - read - written),
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "cache_creation": {"ephemeral_5m_input_tokens": written - hour, "ephemeral_1h_input_tokens": hour},
        "output_tokens": _number(counted.get("completion_tokens")),
        "service_tier": "standard",
        "inference_geo": "global",
    }
    thinking = mapping(counted.get("completion_tokens_details")).get("reasoning_tokens")
    if thinking is not None:
        usage["output_tokens_details"] = {"thinking_tokens": thinking}
    if "server_tool_use" in counted:
        usage["server_tool_use"] = counted["server_tool_use"]
    return usage


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


# --- streamed ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Events:
    """Pieces as events. A block is open until a piece of another one comes; the ping follows the first that begins."""

    answer: Answer
    reply: Reply
    frames: list[Frame] = field(default_factory=list[Frame])
    block: int = -1
    open: str = ""

    def render(self, pieces: Sequence[Piece]) -> list[Frame]:
        for piece in pieces:
            self._piece(piece)
        return self.frames

    def _piece(self, piece: Piece) -> None:
        if piece.kind == "start":
            self._start(piece)
        elif piece.kind == "reasoning":
            self._into(f"reasoning{piece.index}", {"type": "thinking", "thinking": "", "signature": ""})
            self._delta({"type": "thinking_delta", "thinking": piece.text}, piece)
        elif piece.kind == "signature" and piece.block is not None:
            self._into(f"reasoning{piece.index}", {"type": "thinking", "thinking": "", "signature": ""})
            signed = signature(self.answer, piece.index, piece.block)
            self._delta({"type": "signature_delta", "signature": signed}, piece, kind="other")
        elif piece.kind == "redacted" and piece.block is not None:
            data = {"type": "redacted_thinking", "data": piece.block.redacted}
            self._into(f"reasoning{piece.index}", data, kind="content", wait=piece.delay)
        elif piece.kind in ("text", "refusal", "citation"):
            self._into_text()
            if piece.kind != "citation":
                self._delta({"type": "text_delta", "text": piece.text}, piece)
        elif piece.kind == "tool" and piece.call is not None:
            identity = tool_call_id(self.answer, piece.index, given=piece.call.id, prefix="toolu_")
            block: dict[str, object] = {"type": "tool_use", "id": identity, "name": piece.call.name, "input": {}}
            self._into(f"tool{piece.index}", block, kind="content", wait=piece.delay)
            self._delta({"type": "input_json_delta", "partial_json": ""}, Piece(kind="arguments"), kind="other")
        elif piece.kind == "arguments":
            self._delta({"type": "input_json_delta", "partial_json": piece.text}, piece)
        elif piece.kind == "finish":
            self._finish(piece)

    def _into_text(self) -> None:
        """Make the text the open block; what it cites is told before its first words."""
        if self.open == "text":
            return
        block: dict[str, object] = {"type": "text", "text": ""}
        self._into("text", {"citations": [], **block} if self.reply.citations else block)
        for citation in self.reply.citations:
            location = citation_location(self.answer, citation)
            self._delta({"type": "citations_delta", "citation": location}, Piece(kind="citation"), kind="other")

    def _start(self, piece: Piece) -> None:
        usage = {**_usage(self.answer), "output_tokens": 1}
        usage.pop("output_tokens_details", None)
        usage.pop("server_tool_use", None)
        beginning: dict[str, object] = {"content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
        message = {**_head(self.answer, self.reply), **beginning, "usage": usage}
        self._send({"type": "message_start", "message": message}, wait=piece.delay)

    def _into(self, block: str, content: Mapping[str, object], kind: FrameKind = "other", wait: float = 0.0) -> None:
        """Make `block` the open one."""
        if self.open == block:
            return
        self._close()
        self.block += 1
        self.open = block
        self._send({"type": "content_block_start", "index": self.block, "content_block": content}, kind, wait)
        if self.block == 0:
            self.frames.append(_PING)

    def _close(self) -> None:
        if self.open:
            self._send({"type": "content_block_stop", "index": self.block})
            self.open = ""

    def _delta(self, delta: Mapping[str, object], piece: Piece, kind: FrameKind = "content") -> None:
        self._send({"type": "content_block_delta", "index": self.block, "delta": delta}, kind, piece.delay)

    def _finish(self, piece: Piece) -> None:
        self._close()
        usage = _usage(self.answer)
        for name in ("cache_creation", "service_tier", "inference_geo"):
            usage.pop(name)
        reason = _stop_reason(self.reply, piece.text)
        met = _stop_sequence(self.answer, reason)
        delta = {"stop_reason": reason, "stop_sequence": met, "stop_details": None}
        self._send({"type": "message_delta", "delta": delta, "usage": usage}, wait=piece.delay)
        self._send({"type": "message_stop"}, "end")

    def _send(self, event: dict[str, object], kind: FrameKind = "other", wait: float = 0.0) -> None:
        padding = sum(map(ord, self.answer.token(f"padding{len(self.frames)}", 4))) % _MOST_PADDING
        self.frames.append(event_frame(cast("str", event["type"]), event, kind, wait, padding=padding))


# --- headers, and what is no message ----------------------------------------------------------------------------------


def _limit_headers(limits: RateLimits | None, now: float) -> list[tuple[str, str]]:
    """`anthropic-ratelimit-*`, resets as RFC 3339 moments (Anthropic, "Rate limits", response headers)."""
    if limits is None:
        return []
    tokens = (limits.limit_tokens, limits.remaining_tokens, limits.reset_tokens)
    rows = (
        ("requests", limits.limit_requests, limits.remaining_requests, limits.reset_requests),
        # A script has one kind of token; the most restrictive of the vendor's two is told as "tokens".
        *((what, *tokens) for what in ("tokens", "input-tokens", "output-tokens")),
    )
    headers: list[tuple[str, str]] = []
    for what, limit, remaining, reset in rows:
        if limit is not None:
            moment = datetime.fromtimestamp(now + reset, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            headers += [
                (f"anthropic-ratelimit-{what}-limit", str(limit)),
                (f"anthropic-ratelimit-{what}-remaining", str(remaining)),
                (f"anthropic-ratelimit-{what}-reset", moment),
            ]
    return headers


def tokens_of(call: Call) -> int:
    """Input tokens of a request: four characters a token."""
    return -(-sum(len(text_of(message.get("content"))) for message in call.messages) // 4)


def count_tokens_body(call: Call) -> bytes:
    """The answer of `count_tokens`."""
    return dump({"input_tokens": tokens_of(call)})


def model_object(name: str) -> dict[str, object]:
    """One entry of the list of models; what a fake does not know of a model is null."""
    named = {"type": "model", "id": name, "display_name": name, "created_at": "2025-01-01T00:00:00Z"}
    return {**named, "lifecycle": "active", **dict.fromkeys(_UNKNOWN_OF_MODELS)}


def models_body(names: Sequence[str], asked: str) -> bytes | None:
    """The list of models, or the one that is asked for; None where there is no such model."""
    if asked:
        return dump(model_object(asked)) if asked in names else None
    data = [model_object(name) for name in names]
    ends = {"first_id": names[0] if names else None, "last_id": names[-1] if names else None}
    return dump({"data": data, "has_more": False, **ends})
