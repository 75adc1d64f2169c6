"""A plain reply as our response, without the way over bytes: what a suite meets thousands of times.

OpenAI's shape is ours, so the dialect's object is validated as it stands. Anthropic's is read by the real decoder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from llmclient.testing.dialects import openai, openrouter
from llmclient.testing.dialects.anthropic import message_body
from llmclient.testing.dialects.base import request_id
from llmclient.testing.dialects.errors import Family, family_of
from llmclient.testing.dialects.wire import dump

if TYPE_CHECKING:
    from llmclient.providers._exchange import Exchange
    from llmclient.testing.answer import Answer
    from llmclient.testing.reply import Reply
    from llmclient.types.messages import JSONObject
    from llmclient.types.response import ModelResponse

_BODIES: Mapping[Family, Callable[[Answer, Reply], JSONObject]] = {
    "openai": openai.chat_body,
    "openrouter": openrouter.chat_body,
}


def respond(answer: Answer, reply: Reply, exchange: Exchange | None = None) -> ModelResponse:
    """The response for `reply`.

    Args:
        answer: what the script gives.
        reply: the same, known to be no fault.
        exchange: who reads it, where it has to be read. Default: who reads an ordinary message.

    Raises:
        ValueError: the reply says something that no answer of a model has.
    """
    provider = answer.call.provider
    make = _BODIES.get(family_of(provider))
    if make is None:
        from llmclient.providers.anthropic.decode import decode_message

        raw = dump(message_body(answer, reply))
        response = decode_message(raw) if exchange is None else exchange.wire.decode(raw)
        response.provider = provider
        response.request_id = told_id(answer)
        response.attach(raw=raw)
        return response
    from llmclient.types.response import ModelResponse

    body = make(answer, reply)
    # Set before the validation: on a model each is set in Python.
    told = {**body, "served_by": body.get("provider"), "provider": provider, "request_id": told_id(answer)}
    response = ModelResponse.model_validate(told)
    response.attach(raw=body)
    return response


def told_id(answer: Answer) -> str:
    """The id by which the vendor's support finds the call, as its header tells it."""
    return openrouter.generation_id(answer) if answer.call.provider == "openrouter" else request_id(answer)
