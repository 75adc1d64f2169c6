"""From the bytes of a chat completion, plain or streamed, to our types.

The fast way is one call into pydantic's JSON validator. Hosts that bend the shape (a list of parts for content,
arguments as an object, null where a number belongs) fail it; then the JSON is parsed, mended by the rules below and
validated again, without what still cannot be read: a strange usage costs itself, not an answer that was paid for.
What is an error in spite of HTTP 200 is reported as one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

from pydantic import ValidationError

from llmclient.providers._exchange import StreamError
from llmclient.types.response import Message, ModelResponse

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from llmclient.providers._sse import ServerSentEvent
    from llmclient.types.messages import JSONObject
    from llmclient.types.stream import Delta, StreamChunk

_Model = TypeVar("_Model", "ModelResponse", "StreamChunk")


def decode_chat(body: bytes) -> ModelResponse:
    """Read a chat completion.

    Raises:
        StreamError: the body reports an error.
        ValueError: the body cannot be read, or has no choices.
    """
    response = _read(ModelResponse, body)
    if not response.choices:
        raise ValueError("no choices")
    response.served_by, response.provider = response.provider or None, ""
    for choice in response.choices:
        if choice.message.model_extra:
            _name_reasoning(choice.message)
    return response


class ChatEventDecoder:
    """The chunks of a stream; `[DONE]` is its end."""

    __slots__ = ("_chunk", "done")

    def __init__(self) -> None:
        from llmclient.types.stream import StreamChunk

        self.done: bool = False
        self._chunk: type[StreamChunk] = StreamChunk

    def decode(self, event: ServerSentEvent) -> Sequence[StreamChunk]:
        """Read one event.

        Raises:
            StreamError: the event reports an error.
            ValueError: the event cannot be read.
        """
        data = event.data
        if not data.startswith(b"{"):
            data = data.strip()
            self.done = data.startswith(b"[DONE]")
            if self.done or not data:
                return ()
        if event.name == "error":
            raise StreamError(_error_event(data))
        chunk = _read(self._chunk, data)
        if chunk.provider:
            chunk.served_by = chunk.provider
        for choice in chunk.choices:
            if "delta" not in choice.model_fields_set and choice.model_extra:
                choice.delta = _delta_of(choice.model_extra.get("message"))
            if choice.delta.model_extra:
                _name_reasoning(choice.delta)
        return (chunk,)


def _error_event(data: bytes) -> JSONObject:
    parsed: object = json.loads(data)
    return cast("JSONObject", parsed) if isinstance(parsed, dict) else {"error": parsed}


def _read(model: type[_Model], data: bytes) -> _Model:
    try:
        value = model.model_validate_json(data)
    except ValidationError:
        value = _validated(model, _mended(data))
    if value.model_extra and value.model_extra.get("error"):
        raise StreamError(json.loads(data))
    for choice in value.choices:
        if choice.finish_reason == "error" or (choice.model_extra and choice.model_extra.get("error")):
            reported = (choice.model_extra or {}).get("error") or "finish reason 'error'"
            raise StreamError({"error": reported})
    return value


# --- hosts that bend the shape --------------------------------------------------------------------------------------


def _validated(model: type[_Model], fields: JSONObject) -> _Model:
    """Validate without the fields that are of the wrong kind; `fields` is changed."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        for wrong in error.errors(include_url=False, include_context=False, include_input=False):
            _take_out(fields, wrong)
    return model.model_validate(fields)


_ESSENTIAL = frozenset({"content", "tool_calls"})
_SHORTEST_PATH = 3
"""An answer's own field stands at `choices`, its number, its name: whatever is shorter is the answer itself."""


def _take_out(fields: JSONObject, wrong: ErrorDetails) -> None:
    path = wrong["loc"]
    if not _ESSENTIAL.isdisjoint(path) or (path[0] == "choices" and len(path) < _SHORTEST_PATH):
        raise ValueError(f"{'.'.join(map(str, path))}: {wrong['msg']}")
    holder: object = fields
    for step in path[:-1]:
        holder = cast("list[object]", holder)[cast("int", step)]
    cast("dict[int | str, object]", holder).pop(path[-1], None)


def _name_reasoning(said: Message | Delta) -> None:
    """Some hosts send both names of the field; the one that is empty must not hide the other."""
    reasoning = (said.model_extra or {}).get("reasoning")
    if isinstance(reasoning, str) and not said.reasoning_content:
        said.reasoning_content = reasoning


def _delta_of(message: object) -> Delta:
    """A whole message that a stream gives in the place of a delta."""
    from llmclient.types.stream import Delta

    return Delta.model_validate(_message(cast("JSONObject", message))) if isinstance(message, dict) else Delta()


def _mended(data: bytes) -> JSONObject:
    try:
        parsed: object = json.loads(data)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(parsed, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - what is wrong is the provider's answer
    whole = _without_null(cast("JSONObject", parsed))
    if whole.get("error"):
        raise StreamError(whole)
    choices = whole.get("choices")
    if isinstance(choices, list):
        whole["choices"] = [_choice(choice) for choice in cast("list[object]", choices)]
    usage = whole.get("usage")
    if isinstance(usage, dict):
        whole["usage"] = _without_null(cast("JSONObject", usage))
    if isinstance(whole.get("created"), float):
        whole["created"] = int(cast("float", whole["created"]))
    return whole


def _choice(choice: object) -> object:
    if not isinstance(choice, dict):
        return choice
    plain = _without_null(cast("JSONObject", choice))
    for name in ("message", "delta"):
        message = plain.get(name)
        if isinstance(message, dict):
            plain[name] = _message(cast("JSONObject", message))
    return plain


def _message(message: JSONObject) -> JSONObject:
    plain = _without_null(message)
    content = plain.get("content")
    if isinstance(content, list):
        text, thoughts = _parts(cast("list[object]", content))
        plain["content"] = text
        if thoughts:
            plain.setdefault("reasoning_content", thoughts)
    calls = plain.get("tool_calls")
    if isinstance(calls, list):
        plain["tool_calls"] = [_call(call) for call in cast("list[object]", calls)]
    return plain


def _parts(content: Sequence[object]) -> tuple[str, str]:
    """Mistral's content: parts of text, and parts of thinking that hold parts of text."""
    text: list[str] = []
    thoughts: list[str] = []
    for part in content:
        fields = cast("Mapping[str, object]", part) if isinstance(part, Mapping) else {"text": part}
        inner = fields.get("thinking")
        if isinstance(inner, list):
            thoughts.append(_parts(cast("list[object]", inner))[0])
        elif isinstance(inner, str):
            thoughts.append(inner)
        elif isinstance(fields.get("text"), str):
            text.append(cast("str", fields["text"]))
    return "".join(text), "".join(thoughts)


def _call(call: object) -> object:
    if not isinstance(call, dict):
        return call
    plain = _without_null(cast("JSONObject", call))
    function = plain.get("function")
    if isinstance(function, dict):
        function = _without_null(cast("JSONObject", function))
        if not isinstance(function.get("arguments", ""), str):
            function["arguments"] = json.dumps(function["arguments"])
        plain["function"] = function
    return plain


def _without_null(fields: JSONObject) -> JSONObject:
    return {name: value for name, value in fields.items() if value is not None}
