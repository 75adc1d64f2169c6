"""Answers that are none, a class each. They come in place of a reply, whether it was asked for plain or as a stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from llmclient import errors
from llmclient.testing.faults.base import BodyFault, StatusFault
from llmclient.testing.faults.status import ServerFailure


@dataclass(frozen=True)
class HTMLBadGateway(BodyFault):
    """502 with a page of HTML, as proxies and content networks send it (nginx: ngx_http_special_response.c)."""

    error: ClassVar[type[errors.ProviderError]] = errors.ServerError


@dataclass(frozen=True)
class EmptyBody(BodyFault):
    """200 with `content-length: 0`; asked for as a stream, `text/event-stream` without an event.

    The SDKs read the latter as a stream of nothing (openai/_streaming.py, anthropic/_streaming.py).
    """

    error: ClassVar[type[errors.ProviderError]] = errors.MalformedResponseError


@dataclass(frozen=True)
class ErrorBody(BodyFault):
    """200 with an error in the vendor's error form as its whole body (OpenRouter "Errors and debugging").

    It surfaces as the error that `fault` surfaces as, with the status its type stands for.

    Args:
        fault: the error inside. Default `ServerFailure()`.
    """

    fault: StatusFault = field(default_factory=ServerFailure)
    error: ClassVar[type[errors.ProviderError]] = errors.ProviderError


@dataclass(frozen=True)
class NullChoices(BodyFault):
    """200 with `choices: null`, which OpenRouter sends when the host behind it fails.

    Anthropic's counterpart is a message with `content: null`. Asked for as a stream, the same body.

    Source: OpenRouter, answers of its own with status 200; no page tells of them.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.MalformedResponseError


@dataclass(frozen=True)
class InvalidJSON(BodyFault):
    """200, `application/json`, and a body that breaks off: `{"id": "chatcmpl-`. As a stream, one such frame.

    Source: RFC 8259 2: the body is no JSON text; a proxy that cuts an answer makes one.
    """

    error: ClassVar[type[errors.ProviderError]] = errors.MalformedResponseError


BODY_FAULTS: tuple[type[BodyFault], ...] = (HTMLBadGateway, EmptyBody, ErrorBody, NullChoices, InvalidJSON)
