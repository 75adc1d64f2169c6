"""OpenAI's dialect, which the gateways speak as well: chat completions, plain and streamed, and what else there is.

Source: OpenAI API reference, and recorded traffic for what it leaves open (the order of keys, the first delta, the
padding). Chat completions show no reasoning; where a script has some, it stands in `reasoning_content`, where DeepSeek
and most others put it; Groq and Ollama call it `reasoning`. The other endpoints are in `_endpoints.py`.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, repeat
from typing import TYPE_CHECKING

from llmclient.protocols import Capability
from llmclient.testing.dialects._chat_request import parse_openai, wants_usage
from llmclient.testing.dialects._endpoints import endpoint_body
from llmclient.testing.dialects._response_events import response_stream
from llmclient.testing.dialects.base import request_id
from llmclient.testing.dialects.errors import Family, error_body
from llmclient.testing.dialects.requests import RefusedRequestError, mapping, mappings
from llmclient.testing.dialects.responses import is_response, response_body
from llmclient.testing.dialects.sse import DONE, Frame, FrameKind, StreamForm, data_frame, obfuscation
from llmclient.testing.dialects.wire import JSON_TYPE, WireRequest, dump
from llmclient.testing.ids import token
from llmclient.testing.pieces import CONTENT, Piece, PieceKind
from llmclient.testing.reply import Citation, RateLimits, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmclient.testing.answer import Answer
    from llmclient.testing.call import Call, Door
    from llmclient.testing.faults.base import StatusFault

_PROMPT_DETAILS = dict.fromkeys(("cached_tokens", "audio_tokens"), 0)
_COMPLETION_DETAILS = dict.fromkeys(
    ("reasoning_tokens", "audio_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens"), 0
)
_TEXTS: Mapping[PieceKind, str] = {"text": "content", "refusal": "refusal"}
"""The fields of a delta that hold fragments of text, besides that of thoughts."""
_THOUGHTS: Mapping[str, str] = {"groq": "reasoning", "ollama": "reasoning"}
"""The field of thoughts, by the provider that is asked, where it is not `reasoning_content`."""


class OpenAIDialect:
    """Chat completions as OpenAI sends them."""

    family: Family = "openai"

    def parse(self, request: WireRequest, door: Door) -> Call:
        """Read a request."""
        return parse_openai(request, door)

    def refused_headers(self, identity: str) -> list[tuple[str, str]]:
        """The id of a request."""
        return [("x-request-id", identity)]

    def headers(self, answer: Answer) -> list[tuple[str, str]]:
        """Request id, organization, project, version, and the quota where one is scripted."""
        return [
            *self.refused_headers(request_id(answer)),
            ("openai-organization", "llmclient-fakes"),
            ("openai-project", "proj_fake"),
            ("openai-processing-ms", "42"),
            ("openai-version", "2020-10-01"),
            *_limit_headers(answer.limits),
        ]

    def body(self, answer: Answer, reply: Reply) -> tuple[bytes, str]:
        """A whole answer."""
        if answer.call.capability is not Capability.CHAT:
            return endpoint_body(answer, reply)
        whole = response_body if is_response(answer.call) else chat_body
        return dump(whole(answer, reply)), JSON_TYPE

    def stream_form(self, answer: Answer, reply: Reply) -> StreamForm:
        """How this reply is streamed."""
        if is_response(answer.call):
            return response_stream(answer, reply, "openai")

        def error(fault: StatusFault) -> bytes:
            return data_frame(self.error_body(answer, fault)).raw

        return StreamForm(frames=_Chunks(answer, reply).frames, error=error)

    def null_body(self, answer: Answer) -> dict[str, object]:
        """An answer whose choices are null."""
        if is_response(answer.call):
            return {**response_body(answer, answer.reply or Reply()), "output": None}
        return {**_head(answer, answer.reply or Reply(), "chat.completion"), "choices": None}

    def error_body(self, answer: Answer, fault: StatusFault) -> Mapping[str, object]:
        """The error body for a fault."""
        return error_body("openai", fault, model=answer.call.model, request_id=request_id(answer))

    def refusal(self, error: RefusedRequestError, identity: str) -> Mapping[str, object]:
        """The error body for a request that cannot be read."""
        del identity
        facts = {"message": error.message, "type": "invalid_request_error"}
        return {"error": {**facts, "param": error.parameter, "code": error.code}}


# --- plain ------------------------------------------------------------------------------------------------------------


def chat_body(answer: Answer, reply: Reply) -> dict[str, object]:
    """The object `chat.completion`."""
    message: dict[str, object] = {"role": "assistant", "content": reply.text}
    if reply.reasoning:
        message[_thoughts(answer)] = "".join(block.text for block in reply.reasoning)
    if reply.tool_calls:
        message["tool_calls"] = [
            {
                "id": tool_call_id(answer, index, given=call.id),
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for index, call in enumerate(reply.tool_calls)
        ]
    message["refusal"] = reply.refusal
    message["annotations"] = [annotation(citation, reply) for citation in reply.citations]
    if reply.audio is not None:
        message["audio"] = _audio(answer, reply)
    choice = {"index": 0, "message": message, "logprobs": reply.logprobs, "finish_reason": reply.finish}
    return {
        **_head(answer, reply, "chat.completion"),
        "choices": [choice],
        "usage": usage(answer),
        "service_tier": "default",
        "system_fingerprint": _fingerprint(reply.model or answer.call.model),
    }


def _thoughts(answer: Answer) -> str:
    return _THOUGHTS.get(answer.call.provider, "reasoning_content")


def _head(answer: Answer, reply: Reply, kind: str) -> dict[str, object]:
    return {
        "id": f"chatcmpl-{answer.token('id', 29)}",
        "object": kind,
        "created": answer.created,
        "model": reply.model or answer.call.model,
    }


@lru_cache
def _fingerprint(model: str) -> str:
    return f"fp_{token(model, 'fingerprint', 10).lower()}"


def tool_call_id(answer: Answer, index: int, *, given: str | None, prefix: str = "call_") -> str:
    """The id of a tool call: the script's, else one in the vendor's form."""
    return given or f"{prefix}{answer.token(f'tool{index}')}"


def annotation(citation: Citation, reply: Reply) -> dict[str, object]:
    """A citation as an annotation of a message."""
    end = len(reply.text or "") if citation.end is None else citation.end
    cited = {"start_index": citation.start, "end_index": end, "title": citation.title, "url": citation.url}
    return {"type": "url_citation", "url_citation": cited}


def _audio(answer: Answer, reply: Reply) -> dict[str, object]:
    return {
        "id": f"audio_{answer.token('audio')}",
        "data": base64.b64encode(reply.audio or b"").decode(),
        "expires_at": answer.created + 3600,
        "transcript": reply.transcript or reply.text or "",
    }


def usage(answer: Answer) -> dict[str, object]:
    """OpenAI's usage object, with every detail it always has."""
    counted = answer.usage
    prompt = {**_PROMPT_DETAILS, **mapping(counted.get("prompt_tokens_details"))}
    completion = {**_COMPLETION_DETAILS, **mapping(counted.get("completion_tokens_details"))}
    return {
        "prompt_tokens": counted["prompt_tokens"],
        "completion_tokens": counted["completion_tokens"],
        "total_tokens": counted["total_tokens"],
        "prompt_tokens_details": prompt,
        "completion_tokens_details": completion,
    }


# --- streamed ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Chunks:
    """Pieces as chunks.

    A single tool call without text begins in the chunk that has the role. Several begin in chunks of their own, after
    one with the role alone, and these chunks have `usage` before `choices`: so the recordings have it.
    """

    answer: Answer
    reply: Reply
    probable: _Logprobs | None = None

    @property
    def _several(self) -> bool:
        return len(self.reply.tool_calls) > 1 and not self._leads_with_text

    @property
    def _leads_with_text(self) -> bool:
        reply = self.reply
        return bool(reply.text or reply.reasoning or reply.refusal or not reply.tool_calls)

    def frames(self, pieces: Sequence[Piece]) -> list[Frame]:
        frames: list[Frame] = []
        opened = False
        self.probable = None if self.reply.logprobs is None else _Logprobs(self.reply, self.reply.logprobs)
        late = 0.0
        for piece in pieces:
            kind: FrameKind = "content" if piece.kind in CONTENT else "other"
            if piece.kind == "finish":
                frames += self._finish(piece)
                continue
            delta = self._delta(piece)
            late += piece.delay
            if delta is None:
                continue
            if piece.kind == "tool" and not opened and not self._several:
                delta = {"role": "assistant", "content": None, **delta, "refusal": None}
            opened = True
            frames.append(self._chunk(delta, kind, late))
            late = 0.0
        return frames

    def _delta(self, piece: Piece) -> dict[str, object] | None:
        """What a piece adds; None where it is no chunk of its own."""
        name = _thoughts(self.answer) if piece.kind == "reasoning" else _TEXTS.get(piece.kind)
        if name is not None:
            return {name: piece.text}
        if piece.kind == "start":
            return self._role()
        if piece.kind == "arguments":
            return {"tool_calls": [{"index": piece.index, "function": {"arguments": piece.text}}]}
        if piece.call is not None:
            function = {"name": piece.call.name, "arguments": ""}
            identity = tool_call_id(self.answer, piece.index, given=piece.call.id)
            return {"tool_calls": [{"index": piece.index, "id": identity, "type": "function", "function": function}]}
        if piece.kind != "citation" or piece.index:
            return None
        # All of them come together: the SDK's own helper cannot add one to others.
        return {"annotations": [annotation(citation, self.reply) for citation in self.reply.citations]}

    def _role(self) -> dict[str, object] | None:
        if self.reply.refusal is not None and self.reply.text is None:
            return {"role": "assistant", "content": None, "refusal": ""}
        if self._leads_with_text:
            return {"role": "assistant", "content": "", "refusal": None}
        return {"role": "assistant", "content": None} if self._several else None

    def _finish(self, piece: Piece) -> list[Frame]:
        last = self._chunk({}, "other", piece.delay, finish=piece.text)
        if not wants_usage(self.answer.call):
            return [last, DONE]
        told = self._body({"choices": [], "usage": usage(self.answer)}, "usage")
        return [last, data_frame(told), DONE]

    def _chunk(self, delta: dict[str, object], kind: FrameKind, wait: float, finish: str | None = None) -> Frame:
        choice: dict[str, object] = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        said = delta.get("content") or delta.get("refusal")
        if self.probable is not None and isinstance(said, str) and said:
            choice["logprobs"] = self.probable.of(said)
        fields: dict[str, object] = {"choices": [choice]}
        if wants_usage(self.answer.call):
            fields = {"usage": None} | fields if self._several and not finish else fields | {"usage": None}
        return data_frame(self._body(fields, repr(delta)), kind, wait)

    def _body(self, fields: dict[str, object], label: str) -> dict[str, object]:
        answer, reply = self.answer, self.reply
        body: dict[str, object] = {
            **_head(answer, reply, "chat.completion.chunk"),
            "service_tier": "default",
            "system_fingerprint": _fingerprint(reply.model or answer.call.model),
            **fields,
        }
        if mapping(answer.call.body.get("stream_options")).get("include_obfuscation") is not False:
            body["obfuscation"] = obfuscation(answer, label)
        return body


class _Logprobs:
    """A script's logprobs, dealt out over the fragments of the text: to each the tokens that begin in it.

    Where the tokens are not the text, and where they are a refusal's, all of them come with the first fragment.
    """

    def __init__(self, reply: Reply, given: Mapping[str, object]) -> None:
        self._given = given
        tokens = mappings(given.get("content"))
        words = [str(entry.get("token", "")) for entry in tokens]
        fit = all(words) and "".join(words) == reply.text
        starts = accumulate(map(len, words), initial=0) if fit else repeat(0)
        self._left = list(zip(starts, tokens, strict=False))
        self._whole = None if tokens else dict(given)
        self._said = 0

    def of(self, fragment: str) -> dict[str, object] | None:
        """Those of the next fragment; None where no token begins in it."""
        if self._whole is not None:
            whole, self._whole = self._whole, {}
            return whole or None
        self._said += len(fragment)
        due = [entry for start, entry in self._left if start < self._said]
        self._left = self._left[len(due) :]
        return {**self._given, "content": due} if due else None


# --- headers ----------------------------------------------------------------------------------------------------------


def _limit_headers(limits: RateLimits | None) -> list[tuple[str, str]]:
    """`x-ratelimit-*`, resets as Go writes durations (OpenAI, rate limits in headers)."""
    if limits is None:
        return []
    rows = (
        ("requests", limits.limit_requests, limits.remaining_requests, limits.reset_requests),
        ("tokens", limits.limit_tokens, limits.remaining_tokens, limits.reset_tokens),
    )
    headers: list[tuple[str, str]] = []
    for what, limit, remaining, reset in rows:
        if limit is not None:
            headers += [
                (f"x-ratelimit-limit-{what}", str(limit)),
                (f"x-ratelimit-remaining-{what}", str(remaining)),
                (f"x-ratelimit-reset-{what}", go_duration(reset)),
            ]
    return headers


def go_duration(seconds: float) -> str:
    """Seconds as Go prints a duration: "4ms", "1.5s", "6m0s", "1h0m3s"."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms" if seconds > 0 else "0s"
    minutes, rest = divmod(round(seconds, 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    text = f"{rest:.3f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{text}"
    return f"{minutes}m{text}" if minutes else text
