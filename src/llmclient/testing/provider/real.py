"""The real provider behind a fake one: what it would send, what it would refuse to, and what it can do at all.

It is the library's own, made without a key and asked nothing but how it writes and reads; its clients play the script.
A provider from outside stays unmade, since making it may need its SDK or its key: the fake takes every request for it.
"""

from __future__ import annotations

import json
from datetime import date
from types import NoneType
from typing import TYPE_CHECKING, cast

from llmclient.errors import RequestError
from llmclient.providers._endpoint import unsendable
from llmclient.providers._provider import ExchangeProvider
from llmclient.providers.config import ProviderConfig
from llmclient.providers.openai.provider import ChatCompletionsWire, OpenAIProvider
from llmclient.providers.registry import built_in
from llmclient.testing.player import WirePlayer
from llmclient.testing.provider.clients import ScriptedClients

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmclient.providers._exchange import Exchange
    from llmclient.testing.harness import Harness
    from llmclient.types.request import ChatRequest


def real_provider(harness: Harness, name: str, config: ProviderConfig | None = None) -> ExchangeProvider | None:
    """The library's own provider of that name, whose clients play the harness's script; None where it has none."""
    factory = built_in(name)
    if factory is None:
        return None
    return _scripted(cast("ExchangeProvider", factory(name, config or ProviderConfig())), harness)


def stand_in(harness: Harness, name: str) -> ExchangeProvider:
    """What answers media for a provider that is not the library's, or has none: OpenAI's way, under that name."""
    return _scripted(OpenAIProvider(name, ProviderConfig()), harness)


def _scripted(made: ExchangeProvider, harness: Harness) -> ExchangeProvider:
    player = WirePlayer(harness, "provider")
    made._clients = ScriptedClients(player, made.name)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the one place where a provider holds them
    return made


def encoded(exchange: Exchange) -> Mapping[str, object]:
    """The body that would be sent.

    Raises:
        RequestError: the provider refuses the request, or it cannot be sent.
    """
    request = exchange.request
    body = exchange.wire.encode(request)
    if _is_simple(request):
        return body
    try:
        _AS_JSON(body).encode()
        why = unsendable(None, request.extra_headers) if request.extra_headers else ""
    except (TypeError, ValueError, RecursionError):
        why = unsendable(body, request.extra_headers)
    if why:
        raise RequestError(f"the request to {exchange.provider} cannot be sent: {why}")
    return body


def is_plain(exchange: Exchange) -> bool:
    """Whether the answer is a message or a chat completion, read as it stands and not as a stream."""
    wire = exchange.wire
    # Its kin look for the answer in a tool call, and the Responses API has another shape.
    return not exchange.request.stream and (type(wire) is ChatCompletionsWire or wire.path == _MESSAGES)


_MESSAGES = "/v1/messages"


def _is_simple(request: ChatRequest) -> bool:
    """Whether nothing about a request can keep it from being JSON: most are, and telling so is quicker than writing."""
    if request.extra_headers or request.extra_body:
        return False
    for message in request.messages:
        content = message.get("content")
        if len(message) != _ROLE_AND_CONTENT or type(content) is not str or not content.isascii():
            return False
    return all(type(value) in _SIMPLE for value in request.params.values())


_ROLE_AND_CONTENT = 2
_SIMPLE = frozenset({int, bool, NoneType})


def _sdk_value(value: object) -> object:
    """What the SDKs write although JSON has no such thing: moments, and pydantic's objects."""
    if isinstance(value, date):
        return value.isoformat()
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return dump()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


_AS_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_sdk_value).encode
