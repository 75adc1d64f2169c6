"""From what went wrong to one of our errors, by tables.

What a vendor answered is boiled down to `ErrorFacts`; a vendor's rows, most telling first, then the rows every vendor
shares (by status) say which class it is. The order of what counts is status, type, code; a row goes by message text
only where a vendor gives nothing else (law 5). Exceptions of an SDK or of its httpx are recognised by the names of
their classes, so that neither has to be imported and both generations are covered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Literal, Protocol, TypeAlias, cast

from llmclient._narrow import as_list, as_mapping, as_text, is_mapping
from llmclient._secrets import mask, mask_all
from llmclient.errors import (
    APIConnectionError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ContentPolicyError,
    LLMClientError,
    MalformedResponseError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    ProviderError,
    QuotaExceededError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
)

TimeoutPhase: TypeAlias = Literal["connect", "read", "first_token", "idle", "total", "server"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRow:
    """One rule: every condition that is given must hold. `text` is looked for in the lower-cased message."""

    error: type[ProviderError]
    status: int | None = None
    type: str | None = None
    code: str | None = None
    text: str | None = None
    has: str | None = None
    """Name of a key of the error's `metadata` that must be there."""

    def matches(self, facts: ErrorFacts) -> bool:
        """Whether this row speaks of what happened."""
        return (
            (self.status is None or self.status == facts.status_code)
            and (self.type is None or self.type == facts.type)
            and (self.code is None or self.code == facts.code)
            and (self.text is None or self.text in facts.message.lower())
            and (self.has is None or self.has in facts.metadata)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFacts:
    """What a vendor said of a failure, in one shape for all of them."""

    message: str
    status_code: int | None = None
    type: str | None = None
    code: str | None = None
    request_id: str | None = None
    retry_after: float | None = None
    should_retry: bool | None = None
    metadata: Mapping[str, object]
    body: object = None


STATUS_ROWS: tuple[ErrorRow, ...] = (
    ErrorRow(status=400, error=BadRequestError),
    ErrorRow(status=401, error=AuthenticationError),
    ErrorRow(status=402, error=QuotaExceededError),
    ErrorRow(status=403, error=PermissionDeniedError),
    ErrorRow(status=404, error=NotFoundError),
    ErrorRow(status=408, error=RequestTimeoutError),
    ErrorRow(status=429, error=RateLimitError),
    ErrorRow(status=499, error=APIConnectionError),
    ErrorRow(status=504, error=RequestTimeoutError),
    ErrorRow(status=529, error=OverloadedError),
)


TYPE_ROWS: tuple[ErrorRow, ...] = (
    ErrorRow(type="invalid_request_error", error=BadRequestError),
    ErrorRow(type="authentication_error", error=AuthenticationError),
    ErrorRow(type="permission_error", error=PermissionDeniedError),
    ErrorRow(type="not_found_error", error=NotFoundError),
    ErrorRow(type="rate_limit_error", error=RateLimitError),
)
"""What a type says where there is no status: with one, OpenAI calls most of 4xx an `invalid_request_error`."""


def classify(facts: ErrorFacts, rows: Sequence[ErrorRow]) -> type[ProviderError]:
    """Return the class of the first row that matches, else the class of the status."""
    for row in (*rows, *(TYPE_ROWS if facts.status_code is None else STATUS_ROWS)):
        if row.matches(facts):
            return row.error
    status = facts.status_code or 500
    return BadRequestError if 400 <= status < 500 else ServerError  # noqa: PLR2004 - HTTP's own ranges


def read_facts(
    body: object, *, status_code: int | None, headers: Mapping[str, str] | None = None, now: float = 0.0
) -> ErrorFacts:
    """Boil down an error body of any vendor: `{"error": {...}}`, `{"error": "text"}`, `{...}`, `[{...}]` or text.

    Args:
        body: the parsed JSON, or text where it was none.
        status_code: HTTP status; None inside a stream, where the body's own numeric code stands for it.
        headers: of the response.
        now: seconds since the epoch, against which a `Retry-After` date is read.
    """
    headers = headers or {}
    outer = as_mapping(_first(body))
    inner = _first(outer.get("error", outer))
    error = as_mapping(inner) or {"message": inner or None}
    # Anthropic's code stands in `details.error_code`, everybody else's in `code`.
    code = error.get("code") or as_mapping(error.get("details")).get("error_code")
    if status_code is None:
        status_code = _status_in(code)
    message = error.get("message") or as_text(body) or outer.get("detail")
    metadata = as_mapping(error.get("metadata"))
    return ErrorFacts(
        message=_sentence(message, metadata, status_code),
        status_code=status_code,
        type=as_text(error.get("type")) or as_text(error.get("status")),
        code=as_text(code) if not isinstance(code, int) else None,
        request_id=header_request_id(headers) or as_text(outer.get("request_id")),
        retry_after=parse_retry_after(headers, now),
        should_retry={"true": True, "false": False}.get(headers.get("x-should-retry", "").lower()),
        metadata=metadata,
        body=body,
    )


def _first(body: object) -> object:
    """The first object of a list, which is how Gemini's endpoint sends an error; anything else as it is."""
    return next((item for item in as_list(body) if is_mapping(item)), body)


def _status_in(code: object) -> int | None:
    """The HTTP status that a code is, as a number or as digits; None where it is something else."""
    if isinstance(code, str) and code.isascii() and code.isdigit():
        code = int(code[:4])
    return code if isinstance(code, int) and code in _STATUSES else None


_STATUSES = range(400, 600)


def _sentence(message: object, metadata: Mapping[str, object], status_code: int | None) -> str:
    text = message if isinstance(message, str) else json.dumps(message) if message else ""
    raw = metadata.get("raw")
    if isinstance(raw, str) and raw:
        text = f"{text}: {raw}" if text else raw
    text = " ".join(text.split())
    return text[:_SENTENCE_LIMIT] or f"HTTP {status_code} without a message"


_SENTENCE_LIMIT = 1000


def header_request_id(headers: Mapping[str, str]) -> str | None:
    """The vendor's id of the request: OpenAI, Anthropic, OpenRouter, in this order."""
    return headers.get("x-request-id") or headers.get("request-id") or headers.get("x-generation-id")


def parse_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait, from `retry-after-ms`, else `retry-after` as seconds (whole or fractional) or as an HTTP date.

    Source: RFC 9110 section 10.2.3; `retry-after-ms` is OpenAI's. None where there is neither, or it makes no sense.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < float("inf") else None


def make_error(
    cls: type[ProviderError], facts: ErrorFacts, *, provider: str, model: str | None, known: Iterable[str] = ()
) -> ProviderError:
    """Build the error, with every known secret masked."""
    secrets = tuple(known)
    error = cls(
        mask(facts.message, secrets),
        provider=provider,
        model=model,
        status_code=facts.status_code,
        code=facts.code,
        type=facts.type,
        request_id=facts.request_id,
        retry_after=facts.retry_after,
        should_retry=facts.should_retry,
        body=mask_all(facts.body, secrets),
    )
    if isinstance(error, RequestTimeoutError):
        error.phase = "server"
    return error


# --- exceptions of the SDKs and of httpx ----------------------------------------------------------------------------


class _HTTPResponse(Protocol):
    status_code: int
    headers: Mapping[str, str]

    @property
    def text(self) -> str: ...


_EXCEPTION_ROWS: tuple[tuple[str, type[ProviderError], TimeoutPhase | None], ...] = (
    ("ConnectTimeout", RequestTimeoutError, "connect"),
    ("PoolTimeout", RequestTimeoutError, "connect"),
    ("TimeoutException", RequestTimeoutError, "read"),
    ("APITimeoutError", RequestTimeoutError, "read"),
    ("DecodingError", MalformedResponseError, None),
    ("APIResponseValidationError", MalformedResponseError, None),
    ("APIWebhookValidationError", MalformedResponseError, None),
    ("LengthFinishReasonError", MalformedResponseError, None),
    ("InvalidWebhookSignatureError", MalformedResponseError, None),
    ("ContentFilterFinishReasonError", ContentPolicyError, None),
    ("OAuthError", AuthenticationError, None),
    ("SubjectTokenProviderError", AuthenticationError, None),
    ("CredentialsError", AuthenticationError, None),
    ("APIConnectionError", APIConnectionError, None),
    ("WebSocketConnectionClosedError", APIConnectionError, None),
    ("WebSocketQueueFullError", OverloadedError, None),
    ("TransportError", APIConnectionError, None),
    ("SSLError", APIConnectionError, None),
    ("EndOfStream", APIConnectionError, None),
    ("StreamError", APIConnectionError, None),
    ("RetryableError", ServerError, None),
    ("HTTPError", APIConnectionError, None),
    ("OpenAIError", ServerError, None),
    ("AnthropicError", ServerError, None),
)
"""By the name of a class of the exception or of what caused it; the first row that fits anything in the chain wins."""

_SPEAK_FOR_THEMSELVES = (LLMClientError, AssertionError)
"""The SDKs wrap whatever a transport or an event hook raises as a connection error; these were meant for the caller."""

_SETUP_ERRORS = frozenset({"UnsupportedProtocol", "InvalidURL", "LocalProtocolError"})


def translate(
    exception: Exception,
    rows: Sequence[ErrorRow],
    *,
    provider: str,
    model: str | None = None,
    known: Iterable[str] = (),
    now: float = 0.0,
) -> LLMClientError | None:
    """Return our error for an exception of an SDK or of httpx; None where it is neither and should pass as it is.

    Raises:
        LLMClientError, AssertionError: one that an HTTP client of the caller's own raised, which the SDK wrapped.
    """
    root = _root(exception)
    if isinstance(root, _SPEAK_FOR_THEMSELVES):
        raise root from None
    secrets = tuple(known)
    response = getattr(exception, "response", None)
    if isinstance(getattr(exception, "status_code", None), int) and response is not None:
        facts = _facts_of_response(cast("_HTTPResponse", response), now)
        _clean(exception, secrets)
        return make_error(classify(facts, rows), facts, provider=provider, model=model, known=secrets)
    names = _class_names(exception)
    if not names.isdisjoint(_SETUP_ERRORS):
        return ConfigurationError(
            f"{provider} cannot be asked: {mask(str(_root(exception)), secrets)}; check base_url="
        )
    for name, cls, phase in _EXCEPTION_ROWS:
        if name in names:
            reason = mask(_reason(exception), secrets)
            facts = ErrorFacts(message=reason, metadata={}, body=getattr(exception, "body", None))
            error = make_error(cls, facts, provider=provider, model=model, known=secrets)
            if isinstance(error, RequestTimeoutError):
                error.phase = phase or "read"
            _clean(exception, secrets)
            return error
    return None


def _facts_of_response(response: _HTTPResponse, now: float) -> ErrorFacts:
    text = response.text
    try:
        body: object = json.loads(text)
    except (ValueError, RecursionError):
        body = text[:_SENTENCE_LIMIT]
    return read_facts(body, status_code=response.status_code, headers=response.headers, now=now)


def _class_names(exception: BaseException) -> set[str]:
    names: set[str] = set()
    seen: BaseException | None = exception
    while seen is not None:
        names.update(cls.__name__ for cls in type(seen).__mro__)
        seen = seen.__cause__
    return names


def _root(exception: BaseException) -> BaseException:
    while exception.__cause__ is not None:
        exception = exception.__cause__
    return exception


def _reason(exception: Exception) -> str:
    """The SDKs only say "Connection error."; what happened stands in the cause."""
    root = _root(exception)
    said = str(root) or str(exception)
    return f"{type(root).__name__}: {said}" if said else type(root).__name__


def _clean(exception: BaseException | None, known: Sequence[str]) -> None:
    """Mask what the SDK's own exceptions say: they become the cause of ours, and a traceback prints them all."""
    seen: set[int] = set()
    while exception is not None and id(exception) not in seen:
        seen.add(id(exception))
        exception.args = tuple(mask(arg, known) if isinstance(arg, str) else arg for arg in exception.args)
        message = getattr(exception, "message", None)
        if isinstance(message, str):
            setattr(exception, "message", mask(message, known))  # noqa: B010 - the SDKs' attribute, unknown to types
        exception = exception.__cause__ or exception.__context__
