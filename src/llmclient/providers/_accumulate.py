"""Puts the chunks of a stream together into the response that a plain call would have given.

Chunks come in OpenAI's delta shape from every provider, so one accumulator serves all. Fragments that belong together
are found by their `index` (choices, tool calls, thinking blocks, reasoning details); text is kept in lists and joined
once, when somebody asks for the response.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, cast

from llmclient._narrow import as_mapping, as_text, is_mapping
from llmclient.types.response import Choice, CustomCall, FunctionCall, Message, ModelResponse, ToolCall, Usage

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject
    from llmclient.types.stream import ChunkChoice, Delta, StreamChunk, ToolCallDelta

_JOINED = frozenset({"thinking", "signature", "text", "summary", "data", "transcript", "arguments"})
"""Fields of a fragment that are concatenated; of all others the latest value counts."""


@dataclass(slots=True, eq=False)
class _Call:
    id: str = ""
    type: str = "function"
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])
    input: list[str] | None = None
    extra: JSONObject = field(default_factory=dict[str, object])


@dataclass(slots=True, eq=False)
class _Answer:
    role: str = "assistant"
    content: list[str] = field(default_factory=list[str])
    reasoning: list[str] = field(default_factory=list[str])
    refusal: list[str] = field(default_factory=list[str])
    calls: dict[int, _Call] = field(default_factory=dict[int, _Call])
    whole_calls: list[tuple[int, _Call]] = field(default_factory=list[tuple[int, "_Call"]])
    thinking: dict[object, JSONObject] = field(default_factory=dict[object, "JSONObject"])
    details: dict[object, JSONObject] = field(default_factory=dict[object, "JSONObject"])
    annotations: list[JSONObject] = field(default_factory=list["JSONObject"])
    audio: JSONObject = field(default_factory=dict[str, object])
    fields: JSONObject = field(default_factory=dict[str, object])
    specific: JSONObject = field(default_factory=dict[str, object])
    logprobs: JSONObject = field(default_factory=dict[str, object])
    extra: JSONObject = field(default_factory=dict[str, object])
    finish_reason: str | None = None
    has_content: bool = False


class ResponseAccumulator:
    """Feed it chunks, ask it for the response as far as it arrived."""

    __slots__ = ("_answers", "_extra", "_first", "_served_by", "_usage", "request_id")

    def __init__(self, request_id: str | None = None) -> None:
        self.request_id = request_id
        self._first: StreamChunk | None = None
        self._answers: dict[int, _Answer] = {}
        self._usage: Usage | None = None
        self._served_by: str | None = None
        self._extra: JSONObject = {}

    @property
    def answered(self) -> bool:
        """Whether any answer began."""
        return bool(self._answers)

    @property
    def finished(self) -> bool:
        """Whether every answer that began has a finish reason."""
        return bool(self._answers) and all(answer.finish_reason for answer in self._answers.values())

    @property
    def started(self) -> bool:
        """Whether any chunk arrived."""
        return self._first is not None

    def add(self, chunk: StreamChunk) -> None:
        """Take the next chunk."""
        if self._first is None or not self._first.id:
            self._first = chunk
        if chunk.usage is not None and (self._usage is None or chunk.usage.model_fields_set):
            self._usage = chunk.usage
        for field_name in _LATEST:
            value = getattr(chunk, field_name)
            if value is not None:
                self._extra[field_name] = value
        if chunk.model_extra:
            self._extra.update(chunk.model_extra)
        for choice in chunk.choices:
            answer = self._answers.get(choice.index)
            if answer is None:
                answer = self._answers[choice.index] = _Answer()
            _add_choice(answer, choice)

    def response(self, raw: Sequence[bytes] | bytes | None = None) -> ModelResponse:
        """The response so far; `finish_reason` is None where the end has not come."""
        first = self._first
        extra = {name: value for name, value in self._extra.items() if name not in _STREAM_ONLY}
        told: dict[str, object] = {
            **extra,
            "id": first.id if first else "",
            "created": first.created if first else 0,
            "model": first.model if first else "",
            "provider": first.provider if first else "",
            "choices": [_choice(index, answer) for index, answer in sorted(self._answers.items())],
            "usage": self._usage,
            "request_id": self.request_id or as_text(extra.get("request_id")),
        }
        response = ModelResponse.model_validate(told)
        if raw is not None:
            response.attach(raw=raw)
        return response


_LATEST = ("service_tier", "system_fingerprint", "served_by")
_STREAM_ONLY = frozenset({"obfuscation", "marker"})


def _add_choice(answer: _Answer, choice: ChunkChoice) -> None:
    delta = choice.delta
    if delta.content:
        answer.content.append(delta.content)
    if delta.content is not None:
        answer.has_content = True
    if choice.finish_reason:
        answer.finish_reason = choice.finish_reason
    if delta.tool_calls:
        for position, fragment in enumerate(delta.tool_calls):
            _add_call(answer, fragment, position)
    if delta.reasoning_content:
        answer.reasoning.append(delta.reasoning_content)
    # What follows is rare; most chunks set none of it.
    set_fields = delta.model_fields_set
    if not set_fields <= _COMMON:
        _add_rare(answer, delta)
    if choice.logprobs:
        _add_logprobs(answer.logprobs, choice.logprobs)
    if choice.model_extra:
        answer.extra.update(choice.model_extra)


_COMMON = frozenset({"role", "content", "tool_calls", "reasoning_content"})


def _add_rare(answer: _Answer, delta: Delta) -> None:
    if delta.refusal:
        answer.refusal.append(delta.refusal)
    for fragment in delta.thinking_blocks or ():
        _merge_fragment(answer.thinking, fragment.get("index", len(answer.thinking)), fragment)
    for fragment in delta.reasoning_details or ():
        key = (fragment.get("index"), fragment.get("type"), fragment.get("id"))
        _merge_fragment(answer.details, key, fragment)
    if delta.annotations:
        answer.annotations.extend(delta.annotations)
    if delta.audio:
        _merge_into(answer.audio, delta.audio)
    if delta.provider_specific_fields:
        _merge_fields(answer.specific, delta.provider_specific_fields)
    if delta.model_extra:
        _merge_fields(answer.fields, delta.model_extra)


def _merge_fields(into: JSONObject, fields: Mapping[str, object]) -> None:
    """Texts and lists of a vendor's own fields grow, objects take in what is new, anything else is replaced."""
    for name, value in fields.items():
        held = into.get(name)
        if is_mapping(value):
            into[name] = grown = dict(as_mapping(held))
            _merge_into(grown, value)
        elif isinstance(held, list) and isinstance(value, list):
            into[name] = [*cast("list[object]", held), *cast("list[object]", value)]
        elif isinstance(held, str) and isinstance(value, str):
            into[name] = held + value
        elif value is not None:
            into[name] = value


def _add_call(answer: _Answer, fragment: ToolCallDelta, position: int) -> None:
    # Some hosts leave the index out of parallel calls, each of which comes whole: a new id is a new call.
    index = fragment.index if "index" in fragment.model_fields_set else _index_of(answer, fragment, position)
    call = answer.calls.get(index)
    if call is not None and _is_another(call, fragment):
        answer.whole_calls.append((index, call))
        call = None
    if call is None:
        call = answer.calls[index] = _Call()
    if fragment.id:
        call.id = fragment.id
    if fragment.type:
        call.type = fragment.type
    if fragment.model_extra:
        call.extra.update(fragment.model_extra)
    function = fragment.function
    if function is not None:
        if function.name:
            call.name = function.name
        if function.arguments:
            call.arguments.append(function.arguments)
    if fragment.custom is not None:
        call.name = fragment.custom.name or call.name
        call.input = [*(call.input or ()), fragment.custom.input or ""]


def _is_another(call: _Call, fragment: ToolCallDelta) -> bool:
    """Some hosts give every call the same index: a new id and a name, after a call that is whole, begin another.

    A new id alone does not: there are hosts that make one up for each fragment.
    """
    if not fragment.id or not call.id or fragment.id == call.id:
        return False
    return bool(fragment.function and fragment.function.name) and _is_json("".join(call.arguments))


def _is_json(text: str) -> bool:
    try:
        json.loads(text or "{}")
    except ValueError:
        return False
    return True


def _index_of(answer: _Answer, fragment: ToolCallDelta, position: int) -> int:
    if not fragment.id:
        return max(len(answer.calls) - 1, position)
    known = next((index for index, call in answer.calls.items() if call.id == fragment.id), None)
    return len(answer.calls) if known is None else known


def _merge_fragment(blocks: dict[object, JSONObject], key: object, fragment: Mapping[str, object]) -> None:
    _merge_into(blocks.setdefault(key, {}), fragment)


def _merge_into(block: JSONObject, fragment: Mapping[str, object]) -> None:
    for name, value in fragment.items():
        held = block.get(name)
        if name in _JOINED and isinstance(held, str) and isinstance(value, str):
            block[name] = held + value
        elif value is not None or name not in block:
            block[name] = value


def _add_logprobs(into: JSONObject, logprobs: Mapping[str, object]) -> None:
    for name, value in logprobs.items():
        held = into.get(name)
        if isinstance(held, list) and isinstance(value, list):
            into[name] = [*cast("list[object]", held), *cast("list[object]", value)]
        elif held is None:
            into[name] = value


def _choice(index: int, answer: _Answer) -> Choice:
    calls = [_tool_call(call) for _, call in sorted([*answer.whole_calls, *answer.calls.items()], key=itemgetter(0))]
    content = "".join(answer.content)
    return Choice(
        **{name: value for name, value in answer.extra.items() if name != "message"},
        index=index,
        finish_reason=answer.finish_reason,
        logprobs=answer.logprobs or None,
        message=Message(
            **answer.fields,
            role=answer.role,
            content=content if content or (answer.has_content and not calls) else None,
            refusal="".join(answer.refusal) or None,
            tool_calls=calls or None,
            reasoning_content="".join(answer.reasoning) or None,
            thinking_blocks=[_without_index(block) for block in answer.thinking.values()] or None,
            reasoning_details=list(answer.details.values()) or None,
            annotations=answer.annotations or None,
            audio=answer.audio or None,
            provider_specific_fields=answer.specific or None,
        ),
    )


def _tool_call(call: _Call) -> ToolCall:
    custom = None if call.input is None else CustomCall(name=call.name, input="".join(call.input))
    function = FunctionCall(name="" if custom else call.name, arguments="".join(call.arguments))
    return ToolCall(**call.extra, id=call.id, type=call.type, function=function, custom=custom)


def _without_index(block: JSONObject) -> JSONObject:
    return {name: value for name, value in block.items() if name != "index"}
