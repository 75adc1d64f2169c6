"""OpenRouter's dialect: chat completions with a provider, a cost, native finish reasons and comments of its own.

Source: OpenRouter documentation ("API reference", "Streaming", "Errors", "Reasoning tokens"), and recorded traffic.
The frame that carries the usage has varied over time, and a client has to read all three: `usage_carrier` chooses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from llmclient.protocols import Capability
from llmclient.testing.call import Call, Door
from llmclient.testing.dialects._chat_request import parse_openai
from llmclient.testing.dialects._endpoints import endpoint_body
from llmclient.testing.dialects._response_events import response_stream
from llmclient.testing.dialects.anthropic import signature
from llmclient.testing.dialects.base import request_id
from llmclient.testing.dialects.errors import Family, error_body
from llmclient.testing.dialects.openai import tool_call_id
from llmclient.testing.dialects.requests import RefusedRequestError, mapping
from llmclient.testing.dialects.responses import is_response, response_body
from llmclient.testing.dialects.sse import DONE, Frame, FrameKind, StreamForm, data_frame
from llmclient.testing.dialects.wire import JSON_TYPE, WireRequest, dump
from llmclient.testing.pieces import CONTENT, Piece
from llmclient.testing.reply import Citation, Reasoning, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmclient.testing.answer import Answer
    from llmclient.testing.faults.base import StatusFault

UsageCarrier: TypeAlias = Literal["finish", "no_choices", "empty_choice"]
"""Which frame of a stream carries the usage: one that tells the finish reason once more (since mid-2026), one without
choices (spring 2026), or one whose choice is empty (2025)."""

COMMENT = b": OPENROUTER PROCESSING\n\n"
SERVED_BY = "OpenAI"
_PROMPT_DETAILS = dict.fromkeys(("cached_tokens", "cache_write_tokens", "audio_tokens", "video_tokens"), 0)
_COMPLETION_DETAILS = dict.fromkeys(("reasoning_tokens", "image_tokens", "audio_tokens"), 0)


@dataclass(frozen=True, slots=True)
class OpenRouterDialect:
    """Chat completions as OpenRouter sends them.

    Args:
        usage_carrier: which frame of a stream carries the usage.
    """

    usage_carrier: UsageCarrier = "finish"

    @property
    def family(self) -> Family:
        """Whose format it is."""
        return "openrouter"

    def parse(self, request: WireRequest, door: Door) -> Call:
        """Read a request; `reasoning: {effort}` is told as `reasoning_effort`."""
        call = parse_openai(request, door, no_json="The body of this request is not valid JSON")
        effort = mapping(call.params.get("reasoning")).get("effort")
        if effort is None:
            return call
        params = {**call.params, "reasoning_effort": effort}
        return Call(
            provider=call.provider,
            model=call.model,
            capability=call.capability,
            messages=call.messages,
            params=params,
            stream=call.stream,
            door=door,
            headers=call.headers,
            body=call.body,
        )

    def refused_headers(self, identity: str) -> list[tuple[str, str]]:
        """Nothing has been generated."""
        del identity
        return []

    def headers(self, answer: Answer) -> list[tuple[str, str]]:
        """The generation's id."""
        return [("x-generation-id", generation_id(answer))]

    def body(self, answer: Answer, reply: Reply) -> tuple[bytes, str]:
        """A whole answer."""
        if answer.call.capability is not Capability.CHAT:
            return endpoint_body(answer, reply)
        whole = response_body if is_response(answer.call) else chat_body
        return dump(whole(answer, reply)), JSON_TYPE

    def stream_form(self, answer: Answer, reply: Reply) -> StreamForm:
        """How this reply is streamed."""
        if is_response(answer.call):
            return response_stream(answer, reply, "openrouter", COMMENT)
        chunks = _Chunks(answer, reply, self.usage_carrier)
        return StreamForm(frames=chunks.frames, error=chunks.error, comment=COMMENT, content_type="text/event-stream")

    def null_body(self, answer: Answer) -> dict[str, object]:
        """An answer whose choices are null."""
        if is_response(answer.call):
            return {**response_body(answer, answer.reply or Reply()), "output": None}
        return {**_head(answer, answer.reply or Reply(), "chat.completion"), "choices": None}

    def error_body(self, answer: Answer, fault: StatusFault) -> Mapping[str, object]:
        """The error body for a fault."""
        return error_body("openrouter", fault, model=answer.call.model, request_id=request_id(answer))

    def refusal(self, error: RefusedRequestError, identity: str) -> Mapping[str, object]:
        """The error body for a request that cannot be read."""
        del identity
        return {"error": {"message": error.message, "code": error.status}}


def generation_id(answer: Answer) -> str:
    """The id of the answer, which a header tells as well."""
    return f"gen-{answer.created}-{answer.token('id', 20)}"


def _in_order(fields: Mapping[str, object], *first: str) -> dict[str, object]:
    """The same fields, some of them first: the order of keys has changed over time."""
    return {name: fields[name] for name in first} | dict(fields)


def _head(answer: Answer, reply: Reply, kind: str) -> dict[str, object]:
    return {
        "id": generation_id(answer),
        "object": kind,
        "created": answer.created,
        "model": reply.model or answer.call.model,
        "provider": SERVED_BY,
    }


# --- plain ------------------------------------------------------------------------------------------------------------


def chat_body(answer: Answer, reply: Reply) -> dict[str, object]:
    """The object `chat.completion`."""
    message: dict[str, object] = {
        "role": "assistant",
        "content": reply.text,
        "refusal": reply.refusal,
        "reasoning": "".join(block.text for block in reply.reasoning) or None,
    }
    if reply.tool_calls:
        message["tool_calls"] = [
            {
                "type": "function",
                "index": index,
                "id": tool_call_id(answer, index, given=call.id),
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for index, call in enumerate(reply.tool_calls)
        ]
    if reply.citations:
        message["annotations"] = [_annotation(citation, reply) for citation in reply.citations]
    if reply.reasoning:
        message["reasoning_details"] = [_detail(answer, index, block) for index, block in enumerate(reply.reasoning)]
    choice = {
        "index": 0,
        "logprobs": reply.logprobs,
        "finish_reason": reply.finish,
        "native_finish_reason": reply.finish,
        "message": message,
    }
    return {
        **_head(answer, reply, "chat.completion"),
        "service_tier": "default",
        "system_fingerprint": None,
        "choices": [choice],
        "usage": usage(answer, reply),
    }


def _detail(answer: Answer, index: int, block: Reasoning) -> dict[str, object]:
    """A block of thought as OpenRouter tells it, whole; where a signature is all there is of it, without a text."""
    if block.redacted is not None:
        identity = f"rs_{answer.token(f'reasoning{index}', 48)}"
        sealed = {"type": "reasoning.encrypted", "data": block.redacted, "id": identity}
        return {**sealed, "format": "unknown", "index": index}
    text = {"text": block.text} if block.text else {}
    signed = signature(answer, index, block)
    return {"type": "reasoning.text", **text, "signature": signed, "format": "unknown", "index": index}


def _annotation(citation: Citation, reply: Reply) -> dict[str, object]:
    """A source as OpenRouter's web search tells it: with a passage of the page."""
    end = len(reply.text or "") if citation.end is None else citation.end
    page = {"url": citation.url, "title": citation.title}
    place = {"start_index": citation.start, "end_index": end}
    return {"type": "url_citation", "url_citation": {**page, **place, "content": citation.quote}}


def usage(answer: Answer, reply: Reply) -> dict[str, object]:
    """OpenRouter's usage object. What was charged is the script's figure, else the price table's, else nothing."""
    counted = answer.usage
    cost = reply.cost if reply.cost is not None else counted.get("cost")
    if not isinstance(cost, (int, float)):
        cost = _price(answer)
    told: dict[str, object] = {
        "prompt_tokens": counted["prompt_tokens"],
        "completion_tokens": counted["completion_tokens"],
        "total_tokens": counted["total_tokens"],
        "cost": cost,
        "is_byok": False,
    }
    prompt = {**_PROMPT_DETAILS, **mapping(counted.get("prompt_tokens_details"))}
    completion = {**_COMPLETION_DETAILS, **mapping(counted.get("completion_tokens_details"))}
    told["prompt_tokens_details"] = prompt
    told["cost_details"] = {
        "upstream_inference_cost": cost,
        "upstream_inference_prompt_cost": cost / 2,
        "upstream_inference_completions_cost": cost / 2,
    }
    told["completion_tokens_details"] = completion
    return told


def _price(answer: Answer) -> float:
    from llmclient.costs import calculate_cost

    cost = calculate_cost(answer.call.name, answer.usage)
    return 0.0 if cost is None else float(cost.total)


# --- streamed ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Chunks:
    """Pieces as chunks: the role stands in every delta, and the connection begins with comments."""

    answer: Answer
    reply: Reply
    carrier: UsageCarrier

    def frames(self, pieces: Sequence[Piece]) -> list[Frame]:
        frames: list[Frame] = []
        cited = False
        for piece in pieces:
            kind: FrameKind = "content" if piece.kind in CONTENT else "other"
            if piece.kind in ("text", "citation") and not cited:
                cited = True
                frames += self._sources()
            if piece.kind == "start":
                frames += [Frame(COMMENT), Frame(COMMENT), self._chunk(self._role(), kind, piece.delay)]
                frames.append(Frame(COMMENT))
            elif piece.kind == "finish":
                frames += self._finish(piece)
            else:
                delta = self._delta(piece)
                if delta is not None:
                    frames.append(self._chunk(delta, kind, piece.delay))
        return frames

    def _sources(self) -> list[Frame]:
        """What the text cites, which comes before its first words."""
        notes = [_annotation(citation, self.reply) for citation in self.reply.citations]
        return [self._chunk({**self._role(), "annotations": [note]}, "other") for note in notes]

    def _role(self) -> dict[str, object]:
        if self.reply.refusal is not None and self.reply.text is None:
            return {"content": None, "role": "assistant", "refusal": ""}
        return {"content": "", "role": "assistant"}

    def _delta(self, piece: Piece) -> dict[str, object] | None:
        """What a piece adds; None where it is no chunk of its own."""
        role = self._role()
        if piece.kind in ("text", "refusal"):
            return {**role, "content" if piece.kind == "text" else "refusal": piece.text}
        if piece.kind == "reasoning":
            detail = {"type": "reasoning.text", "text": piece.text, "format": "unknown", "index": piece.index}
            return {**role, "reasoning": piece.text, "reasoning_details": [detail]}
        if piece.kind in ("tool", "arguments"):
            return {"content": None, "role": "assistant", "tool_calls": [self._tool(piece)]}
        if piece.block is not None:
            return self._block(role, piece.index, piece.block)
        return None

    def _tool(self, piece: Piece) -> dict[str, object]:
        if piece.call is None:
            return {"index": piece.index, "type": "function", "function": {"arguments": piece.text}}
        identity = tool_call_id(self.answer, piece.index, given=piece.call.id)
        function = {"name": piece.call.name, "arguments": ""}
        return {"index": piece.index, "id": identity, "type": "function", "function": function}

    def _block(self, role: dict[str, object], index: int, block: Reasoning) -> dict[str, object]:
        """A redacted block whole, or the signature that ends an ordinary one."""
        detail = _detail(self.answer, index, block)
        detail.pop("text", None)
        return {**role, "reasoning": None, "reasoning_details": [detail]}

    def _finish(self, piece: Piece) -> list[Frame]:
        told = {"usage": usage(self.answer, self.reply)}
        empty = {"content": "", "role": "assistant"}
        last = self._chunk(empty, "other", piece.delay, finish=piece.text)
        if self.carrier == "finish":
            return [last, self._chunk(empty, "other", finish=piece.text, more=told), DONE]
        if self.carrier == "empty_choice":
            return [last, self._chunk(empty, "other", more=told), DONE]
        head = _head(self.answer, self.reply, "chat.completion.chunk")
        return [last, data_frame({**head, "choices": [], **told}), DONE]

    def _chunk(
        self,
        delta: Mapping[str, object],
        kind: FrameKind,
        wait: float = 0.0,
        *,
        finish: str | None = None,
        more: Mapping[str, object] | None = None,
    ) -> Frame:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "native_finish_reason": finish}
        body: dict[str, object] = _head(self.answer, self.reply, "chat.completion.chunk")
        if self.carrier == "empty_choice":
            choice = {**choice, "delta": _in_order(delta, "role"), "logprobs": None}
            body = _in_order(body, "id", "provider", "model")
        elif more is not None:
            body["service_tier"] = "default"
        return data_frame({**body, "choices": [choice], **(more or {})}, kind, wait)

    def error(self, fault: StatusFault) -> bytes:
        """An error in the stream: at the top level, with the finish reason `error`."""
        told = error_body("openrouter", fault, model=self.answer.call.model)["error"]
        choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error", "native_finish_reason": "error"}
        head = _head(self.answer, self.reply, "chat.completion.chunk")
        return data_frame({**head, "error": told, "choices": [choice]}).raw
