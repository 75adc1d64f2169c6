"""What the capabilities of an OpenAI-compatible endpoint build on: the endpoint, its clients, and reading an answer.

A capability is one file beside this one: a wire (path, encoder, decoder) and a part, a class with the capability's two
methods. A provider is put together from the parts that its endpoint has; see `provider.py`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar, cast

from pydantic import ValidationError

from llmclient.providers._call import StreamError
from llmclient.types.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmclient.providers._endpoint import Endpoint
    from llmclient.providers._errors import ErrorRow
    from llmclient.providers._sdk import SDKClients
    from llmclient.types.messages import JSONObject
    from llmclient.types.request import Request

R = TypeVar("R", bound=Reply)


class CompatiblePart:
    """The base of every part."""

    name: str
    endpoint: Endpoint
    error_rows: Sequence[ErrorRow]
    _clients: SDKClients


def body_of(request: Request, **fields: object) -> dict[str, object]:
    """The body of a request: model, `fields`, the caller's parameters, `extra_body` last; None is left out."""
    body: dict[str, object] = {"model": request.model, **fields, **request.params}
    return {name: value for name, value in body.items() if value is not None} | dict(request.extra_body)


def read_reply(model: type[R], body: bytes) -> R:
    """Read an answer; null where a host has nothing to say counts as left out.

    Raises:
        StreamError: the body reports an error.
        ValueError: the body cannot be read.
    """
    try:
        reply = model.model_validate_json(body)
    except ValidationError:
        parsed: object = json.loads(body)
        plain = cast("JSONObject", parsed) if isinstance(parsed, dict) else {"data": parsed}
        if plain.get("error"):
            raise StreamError(plain) from None
        return model.model_validate(_without_null(plain))
    if reply.model_extra and reply.model_extra.get("error"):
        raise StreamError(json.loads(body))
    return reply


def _without_null(value: object) -> object:
    if isinstance(value, dict):
        fields = cast("JSONObject", value)
        return {name: _without_null(item) for name, item in fields.items() if item is not None}
    if isinstance(value, list):
        return [_without_null(item) for item in cast("list[object]", value)]
    return value
