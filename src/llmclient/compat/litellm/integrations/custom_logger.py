"""LiteLLM's base class of callbacks."""

from __future__ import annotations


class CustomLogger:
    """Override what you want to hear of; every method does nothing here.

    A callback that raises is logged under "llmclient.compat.litellm" and does not disturb the call. Times are
    `datetime`s. `kwargs` has the call's arguments, and `response_cost`, `exception`, `litellm_params["metadata"]`.
    """

    def __init__(self, **options: object) -> None:
        self.options = options

    def log_pre_api_call(self, model: str, messages: object, kwargs: dict[str, object]) -> None:
        """Called before every call."""

    def log_post_api_call(
        self, kwargs: dict[str, object], response_obj: object, start_time: object, end_time: object
    ) -> None:
        """Called after every call that was answered."""

    def log_stream_event(
        self, kwargs: dict[str, object], response_obj: object, start_time: object, end_time: object
    ) -> None:
        """Called for every chunk of a sync stream."""

    def log_success_event(
        self, kwargs: dict[str, object], response_obj: object, start_time: object, end_time: object
    ) -> None:
        """Called after a sync call that succeeded; for a stream, at its end, with the whole response."""

    def log_failure_event(
        self, kwargs: dict[str, object], response_obj: object, start_time: object, end_time: object
    ) -> None:
        """Called after a sync call that failed; the error is `kwargs["exception"]`."""

    async def async_log_pre_api_call(self, model: str, messages: object, kwargs: dict[str, object]) -> None:
        """Called before every async call."""

    async def async_log_stream_event(
        self, kwargs: dict[str, object], response_obj: object, start_time: object, end_time: object
    ) -> None:
        """Called for every chunk of an async stream, with the whole response at its end."""

    async def async_log_success_event(
        self, kwargs: dict[str, object], response_obj: object, start_time: object, end_time: object
    ) -> None:
        """Called after an async call that succeeded; for a stream, at its end, with the whole response."""

    async def async_log_failure_event(
        self, kwargs: dict[str, object], response_obj: object, start_time: object, end_time: object
    ) -> None:
        """Called after an async call that failed; the error is `kwargs["exception"]`."""
