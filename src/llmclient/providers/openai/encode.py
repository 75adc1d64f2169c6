"""From a chat request to the body of `POST /chat/completions`.

Parameters and messages are OpenAI's already, so little is translated: fields that only a response or another vendor
has are left behind, and what an endpoint does differently (its quirks) is applied. Unknown parameters travel as they
are; `extra_body` is merged last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, cast

from llmclient._narrow import as_mapping
from llmclient.providers._parameters import leave_out
from llmclient.providers.openai.schema import strict_format
from llmclient.types.vendor_params import foreign_params

if TYPE_CHECKING:
    from llmclient.providers._endpoint import Endpoint
    from llmclient.types.request import ChatRequest

_RESPONSE_ONLY = frozenset({"annotations", "thinking_blocks", "provider_specific_fields", "is_error"})
_REASONING = frozenset({"reasoning_content", "reasoning", "reasoning_details"})
_PLAIN = frozenset({"role", "content"})
"""Keys of a message that is sent as it is, where its content is text: nearly every one of a long history."""

_REASONING_MODEL = re.compile(r"^(?:ft:)?(?:o\d|gpt-5|codex)")
"""OpenAI's reasoning models reject `max_tokens` (OpenAI, chat completions reference)."""


def encode_chat(request: ChatRequest, endpoint: Endpoint) -> dict[str, object]:
    """Return the body to send.

    Raises:
        UnsupportedParameterError: a parameter that the endpoint rejects, and `drop_unsupported` is off.
    """
    quirks = endpoint.quirks
    body: dict[str, object] = {
        "model": request.model,
        "messages": [_message(message, quirks) for message in request.messages],
    }
    body.update((name, value) for name, value in request.params.items() if value is not None)
    if "strict_parameters" in quirks:
        _refuse_foreign(body, request)
    if "response_format" in body:
        body["response_format"] = strict_format(body["response_format"])
    _rename_limit(body, endpoint)
    if "reasoning_object" in quirks:
        _reasoning_object(body)
    if "tools" in body and "cache_control" not in quirks:
        body["tools"] = [_without(tool, "cache_control") for tool in cast("Sequence[object]", body["tools"])]
    if request.stream:
        body["stream"] = True
        if "no_stream_usage" not in quirks:
            options = {"include_usage": True, **as_mapping(body.pop("stream_options", None))}
            if options != {"include_usage": False}:  # nothing is asked for: a host may not know the field
                body["stream_options"] = options
    body.update(request.extra_body)
    return body


def _refuse_foreign(body: dict[str, object], request: ChatRequest) -> None:
    foreign = foreign_params("OpenAI")
    for name in foreign.keys() & body.keys():
        leave_out("openai", request, name, f"it is {foreign[name]}'s")
        del body[name]


def _rename_limit(body: dict[str, object], endpoint: Endpoint) -> None:
    """The two names of the output limit mean the same; send the one that the endpoint knows."""
    if "max_tokens_only" in endpoint.quirks and "max_completion_tokens" in body:
        body.setdefault("max_tokens", body.pop("max_completion_tokens"))
    elif "strict_parameters" in endpoint.quirks and _REASONING_MODEL.match(str(body["model"])) and "max_tokens" in body:
        body.setdefault("max_completion_tokens", body.pop("max_tokens"))


def _reasoning_object(body: dict[str, object]) -> None:
    """OpenRouter: `reasoning: {effort}`; its highest effort is called xhigh (OpenRouter, reasoning tokens)."""
    effort = body.pop("reasoning_effort", None)
    if effort is not None:
        named = "xhigh" if effort == "max" else effort
        body["reasoning"] = {"effort": named, **as_mapping(body.get("reasoning"))}


def _message(message: Mapping[str, object], quirks: frozenset[str]) -> Mapping[str, object]:
    content = message.get("content")
    if isinstance(content, str) and message.keys() <= _PLAIN and message.get("role") != "developer":
        return message
    dropped = _dropped(quirks)
    plain = {
        name: value
        for name, value in message.items()
        if name not in dropped and (value is not None or name == "content")
    }
    if plain.get("role") == "developer" and "developer_as_system" in quirks:
        plain["role"] = "system"
    if not isinstance(content, str) and isinstance(content, Sequence) and "cache_control" not in quirks:
        plain["content"] = [_without(part, "cache_control") for part in cast("Sequence[object]", content)]
    calls = plain.get("tool_calls")
    if isinstance(calls, Sequence):
        plain["tool_calls"] = [_call(call) for call in cast("Sequence[object]", calls)]
    return plain


@cache
def _dropped(quirks: frozenset[str]) -> frozenset[str]:
    """Keys of a message that an endpoint with these quirks does not know."""
    own = _RESPONSE_ONLY if "reasoning_history" in quirks else _RESPONSE_ONLY | _REASONING
    return own if "cache_control" in quirks else own | {"cache_control"}


def _call(call: object) -> object:
    """A tool call whose arguments are text, as the wire wants them, also where a program put in an object."""
    if not isinstance(call, Mapping):
        return call
    plain = dict(cast("Mapping[str, object]", call))
    plain.pop("index", None)
    function = plain.get("function")
    if isinstance(function, Mapping):
        function = dict(cast("Mapping[str, object]", function))
        if not isinstance(function.get("arguments", ""), str):
            function["arguments"] = json.dumps(function["arguments"])
        plain["function"] = function
    return plain


def _without(value: object, name: str) -> object:
    fields = as_mapping(value)
    return {key: item for key, item in fields.items() if key != name} if name in fields else value
