"""One call of LiteLLM's along a route: the core's call, LiteLLM's response and error classes, callbacks told."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, cast

from llmclient.compat.litellm._join import stream_chunk_builder
from llmclient.compat.litellm._responses import ModelResponse, ModelResponseStream
from llmclient.compat.litellm._stream import CustomStreamWrapper
from llmclient.compat.litellm._translate import translate
from llmclient.errors import LLMClientError
from llmclient.providers.registry import current_clock
from llmclient.types.history import normalize_messages

if TYPE_CHECKING:
    from llmclient import ModelRouter
    from llmclient.compat.litellm._arguments import CallArguments
    from llmclient.compat.litellm._callbacks import Callbacks
    from llmclient.types.messages import ChatParams, Messages
    from llmclient.types.policy import Attempt
    from llmclient.types.response import ModelResponse as CoreResponse


class DeploymentHooks(Protocol):
    """The callbacks of a router that are told of every try; `Router` has them, and people override them."""

    def deployment_callback_on_failure(
        self, kwargs: dict[str, object], completion_response: object, start_time: object, end_time: object
    ) -> object: ...

    def sync_deployment_callback_on_success(
        self, kwargs: dict[str, object], completion_response: object, start_time: object, end_time: object
    ) -> object: ...

    async def async_deployment_callback_on_failure(
        self, kwargs: dict[str, object], completion_response: object, start_time: object, end_time: object
    ) -> object: ...

    async def async_deployment_callback_on_success(
        self, kwargs: dict[str, object], completion_response: object, start_time: object, end_time: object
    ) -> object: ...


@dataclass(slots=True)
class Telling:
    """Tells callbacks and hooks of one call; also listens to its stream. `spelled`: as the program names models."""

    call: CallArguments
    callbacks: Callbacks
    hooks: DeploymentHooks | None = None
    ids: Callable[[Attempt], str] = lambda attempt: attempt.deployment.model
    spelled: Mapping[str, str] = field(default_factory=dict[str, str])
    response: Callable[[], CoreResponse] | None = None
    began: datetime = field(init=False)
    details: dict[str, object] = field(init=False)

    def __post_init__(self) -> None:
        self.began = _now()
        given, metadata = self.call.given, self.call.metadata
        steering: dict[str, object] = {"api_base": self.call.base_url, "model": self.call.model}
        steering["metadata"] = dict[str, object]() if metadata is None else metadata
        self.details = {
            **given,
            "messages": self.call.messages,
            "input": self.call.messages,
            "optional_params": self.call.params,
            "litellm_params": steering,
            "custom_llm_provider": self.call.provider,
            "stream": self.call.stream,
            "call_type": "completion",
            "start_time": self.began,
        }

    def before(self) -> None:
        """The call is about to be made."""
        self.callbacks.before(self.call.model, self.call.messages, self.details)

    async def abefore(self) -> None:
        """The async call is about to be made."""
        await self.callbacks.abefore(self.call.model, self.call.messages, self.details)

    def succeeded(self, response: ModelResponse) -> None:
        """The sync call succeeded."""
        self._note(response)
        self._tries(response.attempts)
        self.callbacks.after("success_event", (self.details, response, self.began, _now()))

    async def asucceeded(self, response: ModelResponse) -> None:
        """The async call succeeded."""
        self._note(response)
        await self._atries(response.attempts)
        await self.callbacks.aafter("success_event", (self.details, response, self.began, _now()))

    # --- as a stream's listener ---

    def chunk(self, chunk: ModelResponseStream) -> None:
        """Functions are not told of chunks; loggers of a sync stream are."""
        self.callbacks.after("stream_event", (self.details, chunk, self.began, _now()))

    async def achunk(self, chunk: ModelResponseStream) -> None:
        """Loggers of an async stream are told."""
        await self.callbacks.aafter("stream_event", (self.details, chunk, self.began, _now()))

    def ended(self, chunks: list[ModelResponseStream]) -> None:
        """The sync stream came to its end."""
        whole = self._whole(chunks)
        if whole is not None:
            self.succeeded(whole)

    async def aended(self, chunks: list[ModelResponseStream]) -> None:
        """The async stream came to its end."""
        whole = self._whole(chunks)
        if whole is not None:
            await self.asucceeded(whole)

    def failed(self, error: Exception) -> None:
        """The sync call failed, or its stream broke."""
        self.details["exception"] = error
        self._tries(getattr(error, "attempts", ()))
        self.callbacks.after("failure_event", (self.details, None, self.began, _now()))

    async def afailed(self, error: Exception) -> None:
        """The async call failed, or its stream broke."""
        self.details["exception"] = error
        await self._atries(getattr(error, "attempts", ()))
        await self.callbacks.aafter("failure_event", (self.details, None, self.began, _now()))

    # --- inside ---

    def _whole(self, chunks: list[ModelResponseStream]) -> ModelResponse | None:
        if self.response is not None:
            response = shaped(self.response(), self.ids)
        else:
            joined = stream_chunk_builder(chunks)
            if joined is None:
                return None
            response = joined
        self.details["complete_streaming_response"] = response
        return response

    def _note(self, response: ModelResponse) -> None:
        hidden = response._hidden_params  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - LiteLLM's own name
        self.details["response_cost"] = hidden.get("response_cost")
        self.details["custom_llm_provider"] = hidden.get("custom_llm_provider")

    def _tries(self, attempts: Sequence[Attempt]) -> None:
        if self.hooks is None:
            return
        for attempt in attempts:
            if attempt.outcome == "success":
                self.hooks.sync_deployment_callback_on_success(*self._of(attempt))
            elif attempt.outcome == "failed":
                self.hooks.deployment_callback_on_failure(*self._of(attempt))

    async def _atries(self, attempts: Sequence[Attempt]) -> None:
        if self.hooks is None:
            return
        for attempt in attempts:
            result: object = None
            if attempt.outcome == "success":
                result = self.hooks.async_deployment_callback_on_success(*self._of(attempt))
            elif attempt.outcome == "failed":
                result = self.hooks.async_deployment_callback_on_failure(*self._of(attempt))
            if inspect.isawaitable(result):
                await result

    def _of(self, attempt: Attempt) -> tuple[dict[str, object], object, object, object]:
        identity = self.ids(attempt)
        steering = {
            **cast("dict[str, object]", self.details["litellm_params"]),
            "model_info": {"id": identity},
            "metadata": {"deployment": attempt.deployment.model, "model_group": self.call.model},
        }
        details = {**self.details, "litellm_params": steering, "exception": attempt.error}
        ended = _time(attempt.started + attempt.duration)
        return details, None, _time(attempt.started), ended


def _now() -> datetime:
    return _time(current_clock().now())


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def shaped(reply: CoreResponse, ids: Callable[[Attempt], str]) -> ModelResponse:
    """Return a response of the core in LiteLLM's class, with what LiteLLM's users look for beside it."""
    response = ModelResponse.of(reply)
    attempts = reply.attempts
    last = attempts[-1] if attempts else None
    cost = reply.cost
    hidden = response._hidden_params  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - LiteLLM's own name
    hidden.update(
        custom_llm_provider=reply.provider or None,
        model_id=ids(last) if last else None,
        api_base=last.deployment.base_url if last else None,
        response_cost=None if cost is None else float(cost),
        additional_headers={},
        attempts=attempts,
    )
    if last is not None:
        took = last.started + last.duration - attempts[0].started
        response._response_ms = took * 1000  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the same
    return response


def _conversation(call: CallArguments) -> list[dict[str, object]]:
    """The messages as LiteLLM sends them: without what is None, the content of a message with tool calls included."""
    messages = normalize_messages(cast("Messages", call.messages))
    return [{name: value for name, value in message.items() if value is not None} for message in messages]


def _chat_params(call: CallArguments) -> ChatParams:
    params: dict[str, object] = {**call.params, "drop_unsupported": call.drop_params}
    if call.extra_body:
        params["extra_body"] = call.extra_body
    if call.extra_headers:
        params["extra_headers"] = call.extra_headers
    return cast("ChatParams", params)


async def acall(router: ModelRouter, telling: Telling) -> ModelResponse | CustomStreamWrapper:
    """Make an async call; a stream is open when this returns.

    Raises:
        Exception: LiteLLM's class for what went wrong, with our own error as its cause.
    """
    call = telling.call
    await telling.abefore()
    try:
        messages, params = _conversation(call), _chat_params(call)
        if call.stream:
            stream = router.stream(messages, **params)
            await stream.__aenter__()
            telling.response = lambda: stream.response
            return CustomStreamWrapper(stream, call.model, None, call.provider, listener=telling)
        reply = await router.complete(messages, **params)
    except LLMClientError as error:
        failure = translate(error, telling.spelled)
        await telling.afailed(failure)
        raise failure from error
    response = shaped(reply, telling.ids)
    await telling.asucceeded(response)
    return response


def call(router: ModelRouter, telling: Telling) -> ModelResponse | CustomStreamWrapper:
    """Make a sync call; as `acall`."""
    asked = telling.call
    telling.before()
    try:
        messages, params = _conversation(asked), _chat_params(asked)
        if asked.stream:
            stream = router.sync.stream(messages, **params)
            stream.__enter__()
            telling.response = lambda: stream.response
            return CustomStreamWrapper(stream, asked.model, None, asked.provider, listener=telling)
        reply = router.sync.complete(messages, **params)
    except LLMClientError as error:
        failure = translate(error, telling.spelled)
        telling.failed(failure)
        raise failure from error
    response = shaped(reply, telling.ids)
    telling.succeeded(response)
    return response
