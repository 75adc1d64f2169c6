"""From a chat request to the body of `POST /responses`.

Messages become input items. An assistant message that came from this API goes back as the very items it was, reasoning
with its encrypted content included, unless somebody changed its text or its calls since. A parameter that this API
does not have is an error, or a logged drop. Source: OpenAI API reference, responses; migration guide from chat.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from llmclient.providers._parameters import leave_out
from llmclient.providers.openai.responses.items import CALL_TYPES, OUTPUT_FIELD, calls_of, mapping, mappings, text_of
from llmclient.providers.openai.schema import strict_format
from llmclient.types.vendor_params import foreign_params

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject
    from llmclient.types.request import ChatRequest

_ABSENT = frozenset(
    {
        "n",
        "stop",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "modalities",
        "audio",
        "prediction",
        "web_search_options",
    }
)
"""Parameters of chat that this API does not have."""

_ENCRYPTED = "reasoning.encrypted_content"
_LOGPROBS = "message.output_text.logprobs"


def encode_response(request: ChatRequest, provider: str) -> JSONObject:
    """Return the body to send.

    Raises:
        UnsupportedParameterError: a parameter that this API does not have, and `drop_unsupported` is off.
    """
    params = {name: value for name, value in request.params.items() if value is not None}
    body: JSONObject = {"model": request.model, "input": input_items(request.messages)}
    foreign = foreign_params("OpenAI")
    for name, value in params.items():
        if provider == "openai" and name in foreign:
            leave_out(provider, request, name, f"it is {foreign[name]}'s")
        elif name in _ABSENT:
            _refuse(name, value, request, provider)
        elif name in _TRANSLATED:
            _TRANSLATED[name](body, value)
        else:
            body[name] = value
    if params.get("store") is False:  # nothing is kept there: the reasoning has to travel
        _include(body, _ENCRYPTED)
    if request.stream:
        body["stream"] = True
    body.update(request.extra_body)
    return body


def _refuse(name: str, value: object, request: ChatRequest, provider: str) -> None:
    if name == "n" and value == 1:
        return
    leave_out(provider, request, name, "the Responses API does not have it")


# --- parameters -----------------------------------------------------------------------------------------------------


def _limit(body: JSONObject, value: object) -> None:
    body.setdefault("max_output_tokens", value)


def _effort(body: JSONObject, value: object) -> None:
    body["reasoning"] = {"effort": value, **mapping(body.get("reasoning"))}


def _reasoning(body: JSONObject, value: object) -> None:
    body["reasoning"] = {**mapping(body.get("reasoning")), **mapping(value)}


def _verbosity(body: JSONObject, value: object) -> None:
    body["text"] = {**mapping(body.get("text")), "verbosity": value}


def _format(body: JSONObject, value: object) -> None:
    told = mapping(strict_format(value))
    format_ = {"type": told.get("type"), **mapping(told.get("json_schema"))}
    body["text"] = {**mapping(body.get("text")), "format": format_}


def _text(body: JSONObject, value: object) -> None:
    body["text"] = {**mapping(body.get("text")), **mapping(value)}


def _tools(body: JSONObject, value: object) -> None:
    body["tools"] = [_tool(mapping(tool)) for tool in cast("Sequence[object]", value)]


def _tool(tool: Mapping[str, object]) -> Mapping[str, object]:
    function = tool.get("function")
    plain = {name: item for name, item in tool.items() if name != "cache_control"}
    if tool.get("type") != "function" or not isinstance(function, Mapping):
        return plain
    # Here strict is the default, in chat it is not: say what the caller meant.
    return {"type": "function", "strict": False, **mapping(cast("object", function))}


def _choice(body: JSONObject, value: object) -> None:
    told = mapping(value)
    function = told.get("function")
    named = {"type": "function", **mapping(cast("object", function))} if isinstance(function, Mapping) else told
    body["tool_choice"] = named or value


def _logprobs(body: JSONObject, value: object) -> None:
    if value:
        _include(body, _LOGPROBS)


def _stream_options(body: JSONObject, value: object) -> None:
    kept = {name: item for name, item in mapping(value).items() if name != "include_usage"}  # it always comes
    if kept:
        body["stream_options"] = kept


def _include_given(body: JSONObject, value: object) -> None:
    for name in cast("Sequence[str]", value):
        _include(body, name)


def _include(body: JSONObject, name: str) -> None:
    included = cast("list[str]", body.setdefault("include", []))
    if name not in included:
        included.append(name)


_TRANSLATED: dict[str, Callable[[JSONObject, object], None]] = {
    "max_tokens": _limit,
    "max_completion_tokens": _limit,
    "reasoning_effort": _effort,
    "reasoning": _reasoning,
    "verbosity": _verbosity,
    "response_format": _format,
    "text": _text,
    "tools": _tools,
    "tool_choice": _choice,
    "logprobs": _logprobs,
    "stream_options": _stream_options,
    "include": _include_given,
}


# --- messages -------------------------------------------------------------------------------------------------------


def input_items(messages: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """The conversation as input items."""
    items: list[Mapping[str, object]] = []
    custom: set[object] = set()
    for message in messages:
        role = message.get("role")
        if role == "assistant":
            made = _assistant(message)
            custom.update(item.get("call_id") for item in made if item.get("type") == "custom_tool_call")
            items.extend(made)
        elif role in ("tool", "function"):
            items.append(_tool_result(message, custom))
        else:
            items.append({"role": role, "content": _content(message.get("content"))})
    return items


def _assistant(message: Mapping[str, object]) -> list[Mapping[str, object]]:
    kept = mappings(mapping(message.get("provider_specific_fields")).get(OUTPUT_FIELD))
    calls = [mapping(call) for call in cast("Sequence[object]", message.get("tool_calls") or ())]
    text = _text_of(message.get("content"))
    if kept and text == text_of(kept) and {c.get("id") for c in calls} == {c["id"] for c in calls_of(kept)}:
        return list(kept)
    items: list[Mapping[str, object]] = []
    said = text or message.get("refusal")
    if said:
        items.append({"role": "assistant", "content": said})
    return [*items, *(_call(call) for call in calls)]


def _call(call: Mapping[str, object]) -> Mapping[str, object]:
    kind = "custom_tool_call" if call.get("type") == "custom" else "function_call"
    function = mapping(call.get("function"))
    given = function.get("arguments")
    return {
        "type": kind,
        "call_id": call.get("id"),
        "name": function.get("name"),
        CALL_TYPES[kind][1]: given if isinstance(given, str) else json.dumps(given or {}),
    }


def _tool_result(message: Mapping[str, object], custom: set[object]) -> Mapping[str, object]:
    name = message.get("tool_call_id")
    kind = "custom_tool_call_output" if name in custom else "function_call_output"
    return {"type": kind, "call_id": name, "output": _content(message.get("content"))}


def _text_of(content: object) -> str:
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text") or part.get("refusal") or "") for part in mappings(content))


def _content(content: object) -> object:
    """The content of a message that goes in: text, or parts under this API's names."""
    if isinstance(content, str) or content is None:
        return content or ""
    return [_part(mapping(part)) for part in cast("Sequence[object]", content)]


def _part(part: Mapping[str, object]) -> Mapping[str, object]:
    kind = part.get("type")
    if kind == "text":
        return {"type": "input_text", "text": part.get("text")}
    if kind == "image_url":
        image = mapping(part.get("image_url"))
        return {"type": "input_image", "image_url": image.get("url"), "detail": image.get("detail", "auto")}
    if kind == "file":
        return {"type": "input_file", **mapping(part.get("file"))}
    return {name: value for name, value in part.items() if name != "cache_control"}
