"""The errors that routing itself makes: for a call that failed, a deployment not asked, a stream broken in delivery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from llmclient.errors import (
    AllModelsFailedError,
    DeploymentUnavailableError,
    ErrorCategory,
    LLMClientError,
    ProviderError,
    RequestTimeoutError,
    StreamInterruptedError,
)

if TYPE_CHECKING:
    from llmclient.routing.core import Endpoint
    from llmclient.routing.policy.health import Admission
    from llmclient.types.policy import Attempt
    from llmclient.types.response import ModelResponse

_SAYS: dict[str, str] = {
    "open": "its breaker is open",
    "probing": "its breaker is half-open and a probe is under way",
    "cooldown": "it cools down",
    "rpm": "{whose} requests of this minute are used up",
    "tpm": "{whose} tokens of this minute are used up",
    "parallel": "all {whose} places are taken",
    "line": "others wait for it already",
}


def reason_of(admission: Admission, now: float, *, whose: str = "its") -> str:
    """Return why a deployment is not asked, in words; `whose` limit it is: its own, or "the router's"."""
    said = _SAYS[admission.why].format(whose=whose)
    after = f" after {admission.category}" if admission.category else ""
    left = f" for {admission.until - now:.3g} s" if admission.until is not None else ""
    return f"{said}{left}{after}"


def unavailable(endpoint: Endpoint, admission: Admission, now: float, *, whose: str) -> DeploymentUnavailableError:
    """Return the error of a deployment that was not asked."""
    category = ErrorCategory(admission.category) if admission.category else None
    left = None if admission.until is None else max(0.0, admission.until - now)
    return DeploymentUnavailableError(
        f"not asked: {reason_of(admission, now, whose=whose)}",
        provider=endpoint.provider_name,
        model=endpoint.model,
        retry_after=left,
        category=category or (ErrorCategory.RATE_LIMIT if admission.waits else None),
    )


def out_of_time(endpoint: Endpoint, total: float) -> RequestTimeoutError:
    """Return the error of a call whose time was over before anybody could be asked."""
    error = RequestTimeoutError(f"no answer within {total:g} s", provider=endpoint.provider_name, model=endpoint.model)
    error.phase = "total"
    return error


def call_error(
    errors: Sequence[Exception], attempts: Sequence[Attempt], *, alone: bool, primary: Exception
) -> Exception:
    """Return what a failed call raises: the one deployment's own error, else all of them together."""
    if alone:
        if isinstance(primary, LLMClientError):
            primary.attempts = tuple(attempts)
        return primary
    together = AllModelsFailedError(errors, attempts=attempts)
    together.__cause__ = primary
    return together


def interrupted(error: Exception, partial: ModelResponse | None) -> Exception:
    """Return the error for a stream that broke after its first chunk reached the caller.

    It is a `StreamInterruptedError` with the partial response, and of the class of what broke it as well, so that
    `except RequestTimeoutError` and `except StreamInterruptedError` both catch a stream that stalled.
    """
    if not isinstance(error, ProviderError):
        return error
    if isinstance(error, StreamInterruptedError):
        error.partial = partial
        return error
    cls = _interrupted_class(type(error))
    broken = cls.__new__(cls, *error.args)
    broken.args = error.args
    broken.__dict__.update(error.__dict__)
    broken.partial = partial
    broken.__cause__ = error
    return broken


def _interrupted_class(cause: type[ProviderError]) -> type[StreamInterruptedError]:
    known = _CLASSES.get(cause)
    return known if known is not None else _CLASSES.setdefault(cause, _make_interrupted_class(cause))


_CLASSES: dict[type[ProviderError], type[StreamInterruptedError]] = {}
"""Classes made so far; the same one for the same cause."""


def _make_interrupted_class(cause: type[ProviderError]) -> type[StreamInterruptedError]:
    def reduce(self: ProviderError) -> tuple[object, ...]:
        return _rebuild, (cause, self.args), self.__dict__

    name = f"Interrupted{cause.__name__}"
    made = type(name, (StreamInterruptedError, cause), {"__doc__": cause.__doc__, "__reduce__": reduce})
    return cast("type[StreamInterruptedError]", made)


def _rebuild(cause: type[ProviderError], args: tuple[object, ...]) -> ProviderError:
    cls = _interrupted_class(cause)
    return cls.__new__(cls, *args)
