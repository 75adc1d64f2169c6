"""Answers in a JSON schema from models that have no mode for it: through a forced tool, else as the prompt tells.

Which models of OpenAI's these are stands in two patterns here; which hosts, in their quirks. A tool's input is handed
on as the text of the answer, in a stream as well, so that the caller sees no difference.
Source: OpenAI, structured outputs, supported models; the hosts' API references.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

if TYPE_CHECKING:
    from llmclient.providers._endpoint import Endpoint
    from llmclient.providers._exchange import EventDecoder
    from llmclient.providers._sse import ServerSentEvent
    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse
    from llmclient.types.stream import StreamChunk

Way: TypeAlias = Literal["native", "tool", "prompt"]

_BY_TOOL = re.compile(r"^(?:gpt-3\.5|gpt-4(?:-|$)|gpt-4o-2024-05-13)")
_BY_PROMPT = re.compile(r"^o1-(?:mini|preview)")


def way_of(endpoint: Endpoint, request: ChatRequest) -> Way:
    """How this model gives an answer in the schema that the request asks for."""
    told = _object(request.params.get("response_format"))
    if told.get("type") != "json_schema":
        return "native"
    quirks = endpoint.quirks
    own = "strict_parameters" in quirks
    if "format_by_prompt" in quirks or (own and _BY_PROMPT.match(request.model)):
        return "prompt"
    if "format_by_tool" in quirks or (own and _BY_TOOL.match(request.model)):
        # The caller's own tools must stay free to be chosen.
        return "prompt" if request.params.get("tools") else "tool"
    return "native"


def ask_by_tool(body: dict[str, object]) -> str:
    """Put a forced tool in the place of the format; returns its name."""
    wanted = _object(_object(body.pop("response_format")).get("json_schema"))
    name = str(wanted.get("name") or "answer")
    function = {
        "name": name,
        "description": wanted.get("description") or "Give the answer through this tool.",
        "parameters": wanted.get("schema"),
    }
    body["tools"] = [{"type": "function", "function": function}]
    body["tool_choice"] = {"type": "function", "function": {"name": name}}
    return name


def ask_by_prompt(body: dict[str, object]) -> None:
    """Put the schema into the prompt, in the place of the format."""
    wanted = _object(_object(body.pop("response_format")).get("json_schema"))
    schema = json.dumps(wanted.get("schema"), ensure_ascii=False)
    told = f"Answer with one JSON object that fits this JSON schema, and with nothing else:\n{schema}"
    messages = list(cast("Sequence[object]", body["messages"]))
    body["messages"] = [*messages, {"role": "user", "content": told}]


def untold(response: ModelResponse, tool: str) -> ModelResponse:
    """The response as if the model had written the tool's input as its answer."""
    for choice in response.choices:
        calls = choice.message.tool_calls or []
        answers = [call for call in calls if call.name == tool]
        if answers:
            choice.message.content = answers[0].function.arguments
            choice.message.tool_calls = [call for call in calls if call.name != tool] or None
            if choice.finish_reason == "tool_calls" and not choice.message.tool_calls:
                choice.finish_reason = "stop"
    return response


class AnswerToolDecoder:
    """A stream's decoder, above the one of the wire: fragments of the tool's input become fragments of text."""

    def __init__(self, inner: EventDecoder, tool: str) -> None:
        self._inner = inner
        self._tool = tool
        self._index: int | None = None
        self.done: bool = False

    def decode(self, event: ServerSentEvent) -> Sequence[StreamChunk]:
        """Turn one event into chunks."""
        chunks = self._inner.decode(event)
        self.done = self._inner.done
        for chunk in chunks:
            for choice in chunk.choices:
                for call in choice.delta.tool_calls or ():
                    function = call.function
                    if function is not None and function.name == self._tool:
                        self._index = call.index
                    if call.index == self._index and function is not None:
                        choice.delta.content = (choice.delta.content or "") + (function.arguments or "")
                if choice.delta.tool_calls and self._index is not None:
                    rest = [call for call in choice.delta.tool_calls if call.index != self._index]
                    choice.delta.tool_calls = rest or None
                if choice.finish_reason == "tool_calls" and self._index is not None:
                    choice.finish_reason = "stop"
        return chunks


def _object(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
