"""Every error this library raises, in one tree.

    LLMClientError
    ├── ConfigurationError                the setup is wrong; nothing was sent
    │   ├── MissingAPIKeyError
    │   ├── MissingDependencyError        (also an ImportError)
    │   └── UnknownProviderError
    ├── RequestError                      the request cannot be sent as it is; nothing was sent (also a ValueError)
    │   ├── InvalidMessageError
    │   ├── UnsupportedParameterError
    │   └── UnsupportedCapabilityError
    ├── BudgetExceededError               a budget of the user's own is spent; nothing was sent
    ├── ProviderError                     a provider answered with an error, wrongly, or not at all
    │   ├── BadRequestError               400, 409, 412, 413, 422
    │   │   ├── ContextWindowExceededError
    │   │   └── ContentPolicyError        also 403 where a moderation names itself
    │   ├── AuthenticationError           401
    │   ├── PermissionDeniedError         403
    │   ├── NotFoundError                 404
    │   ├── RateLimitError                429
    │   │   └── QuotaExceededError        402, and a 429 that waiting does not mend
    │   ├── ServerError                   500, 502, 503 and other 5xx
    │   │   └── OverloadedError           529
    │   ├── RequestTimeoutError           408, 504, or our own clock (also a TimeoutError)
    │   ├── APIConnectionError            no answer: DNS, refused, reset, TLS (also a ConnectionError)
    │   ├── DeploymentUnavailableError    not asked: its breaker is open, it cools down, or its limits are used up
    │   ├── StreamInterruptedError        the stream ended before its end; `.partial` has what arrived
    │   └── MalformedResponseError        an answer that is none: empty, not JSON, no choices
    ├── StructuredOutputError             answers came, and no object could be made of them; `.responses` has each
    │   ├── RefusalError                  the model, or a filter behind it, would not answer
    │   ├── TruncatedAnswerError          the answer was cut at its token limit
    │   └── InvalidAnswerError            the answer does not fit the type, however often it was asked
    └── AllModelsFailedError              every deployment failed; `.errors` has each

What to do about an error depends on its `category`, a value of `ErrorCategory`; the routing table is keyed on it.
A constructor takes facts and writes the sentence. Text is masked on the way in: no key stands in a message or a body.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from llmclient._secrets import mask, mask_all

if TYPE_CHECKING:
    from decimal import Decimal

    from llmclient.types import Attempt, ModelResponse

FRAME_LIMIT = 500
"""How many characters of a malformed frame an error quotes."""


class ErrorCategory(StrEnum):
    """What kind of failure an attempt came to; routing decides by this alone."""

    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    AUTH = "auth"
    PERMISSION = "permission"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    CONTEXT_WINDOW = "context_window"
    CONTENT_POLICY = "content_policy"
    INTERRUPTED = "interrupted"
    MALFORMED = "malformed"
    CANCELLED = "cancelled"


class LLMClientError(Exception):
    """Root of the tree: whatever this library raises on its own account is one of these.

    Attributes:
        attempts: every try that was made before this error was raised, oldest first; empty where nothing was tried.
    """

    attempts: Sequence[Attempt] = ()

    def __reduce__(self) -> tuple[object, ...]:
        # Constructors take keyword facts, so the default protocol (call the class with `args`) cannot rebuild them. The
        # state comes last: the attempts in it hold this very error.
        return _empty, (type(self), self.args), self.__dict__


def _empty(cls: type[LLMClientError], args: tuple[object, ...]) -> LLMClientError:
    return cls.__new__(cls, *args)


# --- the setup ------------------------------------------------------------------------------------------------------


class ConfigurationError(LLMClientError):
    """The library is set up wrongly; the message says what to change. Nothing was sent."""


class MissingAPIKeyError(ConfigurationError):
    """A provider needs a key and none was given."""

    def __init__(self, provider: str, variable: str) -> None:
        self.provider = provider
        self.variable = variable
        super().__init__(f"no API key for provider {provider!r}; pass api_key= or set {variable}")


class MissingDependencyError(ConfigurationError, ImportError):
    """A package that an extra installs is not there."""

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(f"the package {package!r} is not installed; pip install 'llmclient[{extra}]'")


class UnknownProviderError(ConfigurationError):
    """A model name does not lead to a provider."""

    def __init__(self, model: str, known: Iterable[str]) -> None:
        self.model = model
        self.known: tuple[str, ...] = tuple(known)
        super().__init__(
            f"no provider for model {model!r}; write it as 'provider/model' with one of: {', '.join(self.known)}; "
            "or add one with llmclient.register_provider(name, factory)"
        )


# --- the request ----------------------------------------------------------------------------------------------------


class RequestError(LLMClientError, ValueError):
    """The request cannot be sent as it is. Nothing was sent."""


class InvalidMessageError(RequestError):
    """A message of the conversation cannot be sent; the text names its position and what is wrong."""

    def __init__(self, position: int | str, problem: str) -> None:
        self.position = position
        self.problem: str = mask(problem)
        super().__init__(f"messages[{position}]: {self.problem}")


class UnsupportedParameterError(RequestError):
    """A parameter that this provider has no place for."""

    def __init__(self, provider: str, parameter: str, why: str = "") -> None:
        self.provider = provider
        self.parameter = parameter
        self.why = why
        told = f"{provider} takes no parameter {parameter!r}{f' ({why})' if why else ''}"
        super().__init__(f"{told}; leave it out, or pass drop_unsupported=True to send the request without it")


class UnsupportedCapabilityError(RequestError):
    """The provider cannot do what was asked at all, such as hear audio or make embeddings."""

    def __init__(self, provider: str, capability: str, alternatives: Iterable[str] = ()) -> None:
        self.provider = provider
        self.capability = capability
        self.alternatives: tuple[str, ...] = tuple(alternatives)
        hint = f"; providers that have it: {', '.join(self.alternatives)}" if self.alternatives else ""
        super().__init__(f"provider {provider!r} has no support for {capability}{hint}")


class BudgetExceededError(LLMClientError):
    """A budget of money or tokens is spent. Nothing was sent."""

    def __init__(self, scope: str, *, limit: str, spent: str) -> None:
        self.scope = scope
        self.limit = limit
        self.spent = spent
        super().__init__(f"budget of {scope!r} is spent: {spent} of {limit}; raise it or wait for the next period")


# --- the provider ---------------------------------------------------------------------------------------------------


class ProviderError(LLMClientError):
    """A provider answered with an error, answered wrongly, or did not answer.

    Args:
        message: the provider's own words, or ours where it had none. Masked.
        provider: name of the provider, such as "openai".
        model: name of the model as the provider knows it.
        status_code: HTTP status; for an error inside a 200 stream the status its type stands for; None without one.
        code: the vendor's error code, such as "context_length_exceeded".
        type: the vendor's error type, such as "invalid_request_error".
        request_id: the vendor's id of the request, for its support.
        retry_after: seconds the vendor asks to wait, from `retry-after-ms`, or `retry-after` in seconds or as a date.
        should_retry: the vendor's own word (`x-should-retry`), None where it said nothing.
        body: the parsed error body, or its text. Masked.
        category: overrides the category of the class.

    Attributes:
        partial: the response as far as it arrived, for an error inside a stream; None where nothing had. Its
            `finish_reason` is None.
    """

    partial: ModelResponse | None = None
    default_category: ClassVar[ErrorCategory] = ErrorCategory.SERVER_ERROR

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        model: str | None = None,
        status_code: int | None = None,
        code: str | None = None,
        type: str | None = None,  # noqa: A002 - the vendors' own word
        request_id: str | None = None,
        retry_after: float | None = None,
        should_retry: bool | None = None,
        body: object = None,
        category: ErrorCategory | None = None,
    ) -> None:
        self.message: str = mask(message)
        self.provider = provider
        self.model = model
        self.status_code = status_code
        self.code = code
        self.type = type
        self.request_id = request_id
        self.retry_after = retry_after
        self.should_retry = should_retry
        self.body: object = mask_all(body)
        self.category: ErrorCategory = category or self.default_category
        super().__init__(self.message)

    def __str__(self) -> str:
        where = f"{self.provider}/{self.model}" if self.model else self.provider
        facts = [str(fact) for fact in (self.status_code, self.code or self.type) if fact is not None]
        detail = f" [{' '.join(facts)}]" if facts else ""
        trace = f" (request id {self.request_id})" if self.request_id else ""
        return f"{where}{detail}: {self.message}{trace}"


class BadRequestError(ProviderError):
    """The provider refuses the request as it is; asking again gives the same."""

    default_category: ClassVar[ErrorCategory] = ErrorCategory.BAD_REQUEST


class ContextWindowExceededError(BadRequestError):
    """The conversation is longer than the model's context window."""

    default_category: ClassVar[ErrorCategory] = ErrorCategory.CONTEXT_WINDOW


class ContentPolicyError(BadRequestError):
    """A moderation rule of the provider refused the request."""

    default_category: ClassVar[ErrorCategory] = ErrorCategory.CONTENT_POLICY


class AuthenticationError(ProviderError):
    """The key is missing, wrong or revoked."""

    default_category: ClassVar[ErrorCategory] = ErrorCategory.AUTH


class PermissionDeniedError(ProviderError):
    """The key is good, and may not do this."""

    default_category: ClassVar[ErrorCategory] = ErrorCategory.PERMISSION


class NotFoundError(ProviderError):
    """The model or the path does not exist, or is not visible to this key."""

    default_category: ClassVar[ErrorCategory] = ErrorCategory.NOT_FOUND


class RateLimitError(ProviderError):
    """Too many requests or tokens for now; `retry_after` says how long, where the vendor told."""

    default_category: ClassVar[ErrorCategory] = ErrorCategory.RATE_LIMIT


class QuotaExceededError(RateLimitError):
    """Credits or a spending limit are used up; waiting does not help."""

    default_category: ClassVar[ErrorCategory] = ErrorCategory.QUOTA


class ServerError(ProviderError):
    """The provider failed on its own side."""

    default_category: ClassVar[ErrorCategory] = ErrorCategory.SERVER_ERROR


class OverloadedError(ServerError):
    """The provider has more work than it can take."""

    default_category: ClassVar[ErrorCategory] = ErrorCategory.OVERLOADED


class RequestTimeoutError(ProviderError, TimeoutError):
    """Nothing came in time.

    Attributes:
        phase: which clock ran out: "connect", "read", "first_token", "idle", "total", or "server" for a 408 or 504.
    """

    default_category: ClassVar[ErrorCategory] = ErrorCategory.TIMEOUT
    phase: str = "read"


class APIConnectionError(ProviderError, ConnectionError):
    """No connection, or it broke before an answer began."""

    default_category: ClassVar[ErrorCategory] = ErrorCategory.CONNECTION


class DeploymentUnavailableError(ProviderError):
    """A deployment was not asked: its breaker is open, it cools down, or its limits are used up.

    `category` is that of the failures that led to it, and `retry_after` the seconds until it may be asked again.
    """


class StreamInterruptedError(ProviderError):
    """A stream ended before its end; `partial` has what arrived."""

    default_category: ClassVar[ErrorCategory] = ErrorCategory.INTERRUPTED


class MalformedResponseError(ProviderError):
    """The provider's answer cannot be read: empty, not JSON, or without an answer in it.

    Attributes:
        frame: the part that could not be read, cut to 500 characters and masked.
    """

    default_category: ClassVar[ErrorCategory] = ErrorCategory.MALFORMED
    frame: str = ""


# --- structured output ----------------------------------------------------------------------------------------------


class StructuredOutputError(LLMClientError):
    """Answers came, and no object of the wanted type could be made of them; `responses` has each, oldest first."""

    def __init__(self, message: str, *, responses: Sequence[ModelResponse]) -> None:
        self.responses: tuple[ModelResponse, ...] = tuple(responses)
        self.attempts: Sequence[Attempt] = tuple(attempt for reply in self.responses for attempt in reply.attempts)
        super().__init__(message)

    @property
    def cost(self) -> Decimal | None:
        """US dollars of all answers together, None where the price of one is not known."""
        from decimal import Decimal

        costs = [reply.cost for reply in self.responses]
        return None if None in costs else sum((cost.total for cost in costs if cost is not None), Decimal(0))


class RefusalError(StructuredOutputError):
    """The model, or a filter behind it, would not answer; `refusal` is what it said instead."""

    def __init__(self, refusal: str, *, responses: Sequence[ModelResponse]) -> None:
        self.refusal = refusal
        super().__init__(f"the model refused: {refusal!r}; change the request or ask another", responses=responses)


class TruncatedAnswerError(StructuredOutputError):
    """The answer was cut at its token limit; what arrived is in the last response."""

    def __init__(self, *, responses: Sequence[ModelResponse]) -> None:
        cut = f"the answer was cut at its token limit after {len(responses[-1].text)} characters"
        super().__init__(f"{cut}; raise max_tokens or ask for less", responses=responses)


class InvalidAnswerError(StructuredOutputError):
    """The answer does not fit the type, however often it was asked; `problems` says what is wrong with the last."""

    def __init__(self, wanted: str, problems: Sequence[str], *, responses: Sequence[ModelResponse]) -> None:
        self.wanted = wanted
        self.problems: tuple[str, ...] = tuple(problems)
        lines = "".join(f"\n  - {problem}" for problem in self.problems)
        said = f"after {len(responses)} answers none is a valid {wanted}; the last one:{lines}"
        super().__init__(said, responses=responses)


# --- the router -----------------------------------------------------------------------------------------------------


class AllModelsFailedError(LLMClientError):
    """Every deployment that could have answered failed.

    Attributes:
        errors: one error for each deployment that was tried or passed over, in order;
            `ExceptionGroup(str(e), e.errors)` works.
    """

    def __init__(self, errors: Sequence[Exception], *, attempts: Sequence[Attempt] = ()) -> None:
        self.errors: tuple[Exception, ...] = tuple(errors)
        self.attempts: Sequence[Attempt] = tuple(attempts)
        lines = "".join(f"\n  {number}. {type(error).__name__}: {error}" for number, error in enumerate(errors, 1))
        counted = "1 model" if len(self.errors) == 1 else f"all {len(self.errors)} models"
        super().__init__(f"{counted} failed:{lines}")
