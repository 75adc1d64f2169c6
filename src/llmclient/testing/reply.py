"""What a turn gives: a `Reply`, in neutral words that every dialect can say.

A reply is a value: the same one may answer many calls. What differs from call to call (ids, token counts that nobody
wrote down) is made by the `Answer` that carries it. How it is cut into the pieces of a stream stands in `pieces.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from llmclient.testing.faults.base import StreamFault


@dataclass(frozen=True, slots=True)
class ScriptedToolCall:
    """A tool call that a reply makes; write it with `tool_call("weather", city="Paris")`.

    Attributes:
        name: name of the tool.
        arguments: the arguments as JSON text, which may be broken on purpose.
        id: the call's id; None takes one that is the same in every run, in the vendor's form.
    """

    name: str
    arguments: str = "{}"
    id: str | None = None


def tool_call(name: str, /, *, id: str | None = None, raw: str | None = None, **arguments: object) -> ScriptedToolCall:  # noqa: A002 - the wire's own word
    """A tool call for a reply.

    Args:
        name: name of the tool.
        id: the call's id. Default: one that is the same in every run.
        raw: the arguments as text, for those that are no JSON; takes the place of `arguments`.
        **arguments: the arguments, values that JSON knows. For a tool with an argument called "id" or "raw", pass
            `raw=json.dumps(...)`.
    """
    return ScriptedToolCall(name, json.dumps(arguments) if raw is None else raw, id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """A block of what the model thought.

    Attributes:
        text: the thought; empty for a redacted one.
        signature: Anthropic's signature of it. Default: one that is the same in every run.
        redacted: the encrypted data of a redacted block (Anthropic's `redacted_thinking`, OpenRouter's
            `reasoning.encrypted`); None for an ordinary one.
    """

    text: str = ""
    signature: str | None = None
    redacted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A source of the answer: OpenAI's `url_citation`, Anthropic's `web_search_result_location`.

    Attributes:
        start: where the cited passage of the text begins, in characters.
        end: where it ends; None is the end of the text.
        quote: the passage of the source (Anthropic's `cited_text`).
    """

    url: str
    title: str = ""
    start: int = 0
    end: int | None = None
    quote: str = ""


Unit: TypeAlias = Literal["character", "token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How a reply becomes a stream. Without any of `chunks`, `size` and `tokens` it is cut by tokens.

    Attributes:
        chunks: the text, piece by piece, as written.
        size: characters a piece.
        tokens: cut as a tokenizer would: a word with the space before it, at most 8 characters.
        first_token: virtual seconds before the first piece.
        per_second: pieces a virtual second after that; None sends them without a pause.
    """

    chunks: tuple[str, ...] | None = None
    size: int | None = None
    tokens: bool = False
    first_token: float = 0.0
    per_second: float | None = None

    def __post_init__(self) -> None:
        """Pieces have a length and come in time.

        Raises:
            ValueError: they have none, or would come before they are asked for.
        """
        if self.size is not None and self.size < 1:
            raise ValueError(f"size={self.size!r}: give the characters of a piece, from 1")
        if self.first_token < 0:
            raise ValueError(f"first_token={self.first_token!r}: give virtual seconds, from 0")
        if self.per_second is not None and self.per_second <= 0:
            raise ValueError(f"per_second={self.per_second!r}: give pieces a virtual second, above 0")

    @property
    def paced(self) -> bool:
        """Whether it takes time."""
        return bool(self.first_token or self.per_second)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """A scripted quota as it stands at this answer; dialects write it as their vendor's headers. Seconds are virtual.

    Attributes:
        limit_requests: requests a window; None leaves the headers about requests out.
        remaining_requests: what is left of them after this call.
        reset_requests: seconds until the window begins anew.
        limit_tokens: tokens a window; None leaves the headers about tokens out.
        remaining_tokens: what is left of them after this call.
        reset_tokens: seconds until the window begins anew.
    """

    limit_requests: int | None = None
    remaining_requests: int = 0
    reset_requests: float = 0.0
    limit_tokens: int | None = None
    remaining_tokens: int = 0
    reset_tokens: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of a model.

    Attributes:
        text: the text; None where there is none (a reply of tool calls only).
        tool_calls: the tool calls, more than one are parallel calls.
        reasoning: blocks of thought, in order, before the text.
        citations: sources of the text.
        refusal: the model's own refusal (OpenAI's `refusal`; Anthropic stops with `refusal`).
        finish_reason: in OpenAI's words: stop, length, tool_calls, content_filter; None is derived from the rest.
        usage: OpenAI's usage object (`prompt_tokens`, `completion_tokens`, `prompt_tokens_details`, …); what is
            missing is counted. None counts everything.
        cost: US dollars charged, where the vendor tells (OpenRouter).
        logprobs: OpenAI's `logprobs` object of the choice.
        embeddings: a vector for each input; None gives deterministic unit vectors.
        dimension: dimension of those.
        images: PNG bytes, or `https://` URLs.
        audio: bytes of speech, or the audio of a spoken chat answer.
        transcript: the text of a transcription.
        model: the model that the answer names; None is the one that was asked.
        headers: further response headers, at the doors that have any.
        cut: how a stream of it is cut.
        fault: what goes wrong while it is given; None is nothing.
    """

    text: str | None = None
    tool_calls: tuple[ScriptedToolCall, ...] = ()
    reasoning: tuple[Reasoning, ...] = ()
    citations: tuple[Citation, ...] = ()
    refusal: str | None = None
    finish_reason: str | None = None
    usage: Mapping[str, object] | None = None
    cost: float | None = None
    logprobs: Mapping[str, object] | None = None
    embeddings: tuple[tuple[float, ...], ...] | None = None
    dimension: int | None = None
    images: tuple[bytes | str, ...] = ()
    audio: bytes | None = None
    transcript: str | None = None
    model: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    cut: Cut = field(default_factory=Cut)
    fault: StreamFault | None = None

    @property
    def finish(self) -> str:
        """The finish reason, derived where none is given: tool_calls with tool calls, else stop."""
        return self.finish_reason or ("tool_calls" if self.tool_calls else "stop")


def reasoning_blocks(given: str | Reasoning | Sequence[str | Reasoning] | None) -> tuple[Reasoning, ...]:
    """Reasoning as people write it, as blocks: a string is one block."""
    if given is None:
        return ()
    if isinstance(given, str | Reasoning):
        given = (given,)
    return tuple(block if isinstance(block, Reasoning) else Reasoning(text=block) for block in given)
