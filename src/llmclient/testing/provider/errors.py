"""A fault, as the error that the real provider would have raised: the same class, with the same facts.

What a vendor writes comes from its row in `dialects/errors.py`; how a provider reads that is restated here in a few
lines rather than shared, so that the conformance suite compares two opinions.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import cast

from llmclient import errors
from llmclient.testing.answer import Answer
from llmclient.testing.dialects.errors import Family, Surfaces, error_body, error_row, family_of
from llmclient.testing.faults import body as bodies
from llmclient.testing.faults.base import ConnectionFault, Fault, StatusFault
from llmclient.testing.faults.status import (
    Auth,
    ContentPolicy,
    ContextWindow,
    NotFound,
    Quota,
    RateLimit,
    RequestTimeout,
    SpendLimit,
    Status,
)

NAMED_BY_CODE = (Auth, ContentPolicy, ContextWindow, NotFound, Quota, RateLimit, RequestTimeout, SpendLimit)
"""What OpenAI's body alone tells: inside a 200 answer there is no status, and anything else is a server error."""

STATUS_OF_TYPE: Mapping[str, int] = {"invalid_request_error": 400, "api_error": 500, "timeout_error": 504}
"""Anthropic's types that stand for another status inside a 200 answer than the one their row has."""

STATUSES: Mapping[int, Surfaces] = {
    401: errors.AuthenticationError,
    402: errors.QuotaExceededError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    408: errors.RequestTimeoutError,
    429: errors.RateLimitError,
    499: errors.APIConnectionError,
    504: errors.RequestTimeoutError,
    529: errors.OverloadedError,
}
"""The tree of errors by status (`llmclient.errors`); other 4xx are bad requests, other 5xx server errors."""

HTML = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
UNFINISHED = '{"id": "chatcmpl-'
"""How a frame or a body that is no JSON begins, and ends."""

NOT_JSON = "Expecting property name enclosed in double quotes"


def error_for(answer: Answer, fault: Fault) -> errors.ProviderError:
    """The error for a fault that comes in place of a reply."""
    if isinstance(fault, StatusFault):
        return status_error(answer, fault)
    if isinstance(fault, ConnectionFault):
        return _connection_error(answer, fault)
    if isinstance(fault, bodies.ErrorBody):
        return reported_error(answer, fault.fault)
    if isinstance(fault, bodies.HTMLBadGateway):
        return _make(answer, errors.ServerError, " ".join(HTML.split()), status_code=502, body=HTML)
    frame = UNFINISHED if isinstance(fault, bodies.InvalidJSON) else "" if isinstance(fault, bodies.EmptyBody) else None
    return malformed(answer, '{"choices": null}' if frame is None else frame, "no choices" if frame is None else "")


def status_error(answer: Answer, fault: StatusFault) -> errors.ProviderError:
    """The error for an HTTP error status."""
    family = family_of(answer.call.provider)
    row = error_row(family, fault, model=answer.call.model)
    error = _from_body(answer, fault, family, row.error or surfaces(fault), row.status)
    error.retry_after = _told_wait(answer, fault)
    error.should_retry = fault.should_retry
    return error


def surfaces(fault: StatusFault) -> Surfaces:
    """The class of a fault; of one that is any status, the class of that status."""
    if not isinstance(fault, Status):
        return type(fault).error
    client_error = fault.status < 500  # noqa: PLR2004 - RFC 9110 section 15
    return STATUSES.get(fault.status, errors.BadRequestError if client_error else errors.ServerError)


def reported_error(answer: Answer, fault: StatusFault) -> errors.ProviderError:
    """The error for one that stands in the body of a 200 answer, or in an event of its stream."""
    family = family_of(answer.call.provider)
    row = error_row(family, fault, model=answer.call.model)
    cls: Surfaces = row.error or surfaces(fault)
    status: int | None = row.status
    if family == "anthropic":
        status = STATUS_OF_TYPE.get(row.type, row.status)
    elif family == "openai":
        status = None
        cls = cls if isinstance(fault, NAMED_BY_CODE) else errors.ServerError
    return _from_body(answer, fault, family, cls, status)


def malformed(answer: Answer, frame: str, why: str = "") -> errors.MalformedResponseError:
    """The error for an answer, or a frame of one, that cannot be read."""
    words = f"an answer that cannot be read ({why or NOT_JSON}): {frame!r}" if frame.strip() else "an empty answer"
    error = errors.MalformedResponseError(
        words, provider=answer.call.provider, model=answer.call.model, request_id=request_id(answer), body=frame
    )
    error.frame = frame
    return error


def too_late(answer: Answer, phase: str, limit: float) -> errors.RequestTimeoutError:
    """The error for an event that did not come in time."""
    error = errors.RequestTimeoutError(
        f"no event for {limit:g} s ({phase})", provider=answer.call.provider, model=answer.call.model
    )
    error.phase = phase
    return error


def interrupted(answer: Answer, what: str, arrived: int) -> errors.StreamInterruptedError:
    """The error for a stream that ended before its end."""
    return errors.StreamInterruptedError(
        f"{what}, after {arrived} characters of text; `.partial` holds them",
        provider=answer.call.provider,
        model=answer.call.model,
        request_id=request_id(answer),
    )


def broken(answer: Answer, text: str) -> errors.APIConnectionError:
    """The error for a connection that broke while a whole answer was read."""
    return errors.APIConnectionError(text, provider=answer.call.provider, model=answer.call.model)


def request_id(answer: Answer) -> str:
    """The vendor's id of the request."""
    return f"req_{answer.token('request')}"


def _connection_error(answer: Answer, fault: ConnectionFault) -> errors.ProviderError:
    error = _make(answer, type(fault).error, f"{fault.exception}: {fault.text}")
    error.request_id = None
    if isinstance(error, errors.RequestTimeoutError):
        waiting = "first_token" if answer.call.stream else "read"
        error.phase = "connect" if fault.exception == "ConnectTimeout" else waiting
    return error


def _from_body(
    answer: Answer, fault: StatusFault, family: Family, cls: Surfaces, status: int | None
) -> errors.ProviderError:
    identity = request_id(answer)
    body = error_body(family, fault, model=answer.call.model, request_id=identity)
    told = cast("Mapping[str, object]", body["error"])
    metadata = cast("Mapping[str, object]", told.get("metadata") or {})
    words = str(told.get("message", ""))
    raw = metadata.get("raw")
    details = cast("Mapping[str, object]", told.get("details") or {})
    code, kind = told.get("code") or details.get("error_code"), told.get("type")
    return _make(
        answer,
        cls,
        f"{words}: {raw}" if raw else words,
        status_code=status,
        code=code if isinstance(code, str) else None,
        type=kind if isinstance(kind, str) else None,
        body=body,
    )


def _make(
    answer: Answer,
    cls: Surfaces,
    words: str,
    *,
    status_code: int | None = None,
    code: str | None = None,
    type: str | None = None,  # noqa: A002 - the vendors' own word
    body: object = None,
) -> errors.ProviderError:
    error = cls(
        words,
        provider=answer.call.provider,
        model=answer.call.model,
        status_code=status_code,
        code=code,
        type=type,
        request_id=request_id(answer),
        body=body,
    )
    if isinstance(error, errors.RequestTimeoutError):
        error.phase = "server"
    return error


def _told_wait(answer: Answer, fault: StatusFault) -> float | None:
    """Seconds to wait as the header tells them: a date has whole seconds."""
    if fault.retry_after is None or fault.form != "date":
        return fault.retry_after
    now = answer.clock.now()
    return max(0.0, ceil(now + fault.retry_after) - now)
