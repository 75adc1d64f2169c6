"""`completion` and `acompletion`: module-level calls, each along a route of its own arguments.

Nothing is shared between calls but connections: a deployment that failed is asked again by the next call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, cast, overload

from llmclient.compat.litellm._arguments import CallArguments, read_arguments, try_limits
from llmclient.compat.litellm._callbacks import Callbacks
from llmclient.compat.litellm._calls import Telling, acall, call
from llmclient.compat.litellm._route import Route, RouterPool, deployment_of, retry_policy
from llmclient.compat.litellm._settings import SETTINGS
from llmclient.compat.litellm._translate import translate
from llmclient.compat.litellm._wire import as_sent
from llmclient.errors import LLMClientError

if TYPE_CHECKING:
    from llmclient import ModelRouter
    from llmclient.compat.litellm._responses import ModelResponse
    from llmclient.compat.litellm._stream import CustomStreamWrapper
    from llmclient.types.policy import Deployment

POOL = RouterPool()
"""Routers of the module-level functions."""

_RETRIES = 2
"""Tries after the first, where nobody says: as many as the vendors' SDKs make."""


@overload
async def acompletion(
    model: str, messages: Sequence[object] = (), *, stream: Literal[True], **arguments: object
) -> CustomStreamWrapper: ...


@overload
async def acompletion(
    model: str, messages: Sequence[object] = (), *, stream: Literal[False] | None = None, **arguments: object
) -> ModelResponse: ...


@overload
async def acompletion(
    model: str, messages: Sequence[object] = (), *, stream: bool | None = None, **arguments: object
) -> ModelResponse | CustomStreamWrapper: ...


async def acompletion(
    model: str, messages: Sequence[object] = (), *, stream: bool | None = None, **arguments: object
) -> ModelResponse | CustomStreamWrapper:
    """Ask a model, as LiteLLM's function of this name does.

    Args:
        model: "provider/model", or a bare name of OpenAI's or Anthropic's.
        messages: the conversation.
        stream: return an open stream, for `async for`. Default False.
        arguments: LiteLLM's; what it does not know travels to the provider. `docs/leaving-litellm.md` has the table.

    Raises:
        openai.APIError: one of LiteLLM's classes under openai's, by what went wrong.
        NotSupportedError: an argument that the layer does not take; the message says what to use.
    """
    asked = read_arguments(model, messages, {**arguments, "stream": stream})
    router, telling = _ready(asked)
    return await acall(router, telling)


@overload
def completion(
    model: str, messages: Sequence[object] = (), *, stream: Literal[True], **arguments: object
) -> CustomStreamWrapper: ...


@overload
def completion(
    model: str, messages: Sequence[object] = (), *, stream: Literal[False] | None = None, **arguments: object
) -> ModelResponse: ...


@overload
def completion(
    model: str, messages: Sequence[object] = (), *, stream: bool | None = None, **arguments: object
) -> ModelResponse | CustomStreamWrapper: ...


def completion(
    model: str, messages: Sequence[object] = (), *, stream: bool | None = None, **arguments: object
) -> ModelResponse | CustomStreamWrapper:
    """Ask a model from sync code; as `acompletion`."""
    asked = read_arguments(model, messages, {**arguments, "stream": stream})
    router, telling = _ready(asked)
    return call(router, telling)


def _ready(asked: CallArguments) -> tuple[ModelRouter, Telling]:
    route = route_of(asked)
    telling = Telling(as_sent(asked, route.everybody), Callbacks(), spelled={route.primary[0].model: asked.model})
    return POOL.router(route), telling


def route_of(asked: CallArguments) -> Route:
    """Return who is asked by a module-level call.

    Raises:
        BadRequestError: LiteLLM's class; it is not known who serves a model.
    """
    try:
        return _route(asked).limited(try_limits(asked.timeout, stream=asked.stream))
    except LLMClientError as error:
        raise translate(error) from error


def _route(asked: CallArguments) -> Route:
    primary = deployment_of(asked.model, asked.provider, api_key=asked.api_key, base_url=asked.base_url)
    longer = asked.context_window_fallbacks.get(asked.model)
    retries = asked.retries if asked.retries is not None else SETTINGS.num_retries
    return Route(
        primary=(replace(primary, price=asked.price),),
        fallbacks=tuple((_fallback(entry),) for entry in asked.fallbacks),
        context_window=((deployment_of(longer),),) if longer else (),
        retry=retry_policy(_RETRIES if retries is None else retries),
        organization=asked.organization or SETTINGS.organization,
    )


def _fallback(entry: object) -> Deployment:
    if isinstance(entry, str):
        return deployment_of(entry)
    if isinstance(entry, Mapping):
        fields = cast("Mapping[str, str]", entry)
        base_url = fields.get("api_base") or fields.get("base_url")
        return deployment_of(
            fields["model"], fields.get("custom_llm_provider"), api_key=fields.get("api_key"), base_url=base_url
        )
    raise TypeError(f"fallbacks= takes names of models, or dictionaries with 'model'; got {entry!r}")
