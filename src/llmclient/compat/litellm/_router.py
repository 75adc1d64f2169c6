"""LiteLLM's `Router`: groups of deployments with fallbacks, over `ModelRouter`.

It is a plain class, to be subclassed: every attribute may be set before `__init__` and changed afterwards, `model_list`
too, because each call reads them anew. Equal calls share a `ModelRouter`, which keeps breakers and connections.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Unpack, cast, overload

from llmclient._narrow import is_mapping
from llmclient.compat.litellm._arguments import CallArguments, NotSupportedError, read_arguments, refuse, try_limits
from llmclient.compat.litellm._callbacks import Callbacks
from llmclient.compat.litellm._calls import Telling, acall, call
from llmclient.compat.litellm._deployments import Member, identified, member_of, rows_of
from llmclient.compat.litellm._route import Group, Route, RouterPool, deployment_of, retry_policy
from llmclient.compat.litellm._router_options import (
    ALLOWED_FAILS,
    COOLDOWN,
    DEFAULTS,
    IGNORED,
    REFUSED,
    STRATEGIES,
    AllowedFailsPolicy,
    Fallbacks,
    RetryPolicy,
    RouterOptions,
)
from llmclient.compat.litellm._settings import SETTINGS
from llmclient.compat.litellm._translate import translate
from llmclient.compat.litellm._wire import as_sent
from llmclient.errors import LLMClientError
from llmclient.routing.policy.settings import Breaker

if TYPE_CHECKING:
    from llmclient import ModelRouter
    from llmclient.compat.litellm._responses import EmbeddingResponse, ModelResponse
    from llmclient.compat.litellm._stream import CustomStreamWrapper
    from llmclient.types.policy import Attempt

_RETRIES = 2


class Router:
    """Asks groups of deployments, as LiteLLM's class of this name does.

    Args:
        model_list: rows `{"model_name": group, "litellm_params": {"model": …, …}, "model_info": {"id": …}}`.
        options: LiteLLM's options, which are attributes afterwards; `callbacks`, the layer's own, are told of this
            router's calls in place of the module-level lists.

    Raises:
        NotSupportedError: an option that the layer does not take; the message says what to use.
        TypeError: an option that LiteLLM does not have either.
    """

    def __init__(
        self, model_list: Sequence[Mapping[str, object]] | None = None, **options: Unpack[RouterOptions]
    ) -> None:
        given = cast("dict[str, object]", options)
        refuse(given, REFUSED)
        unknown = given.keys() - DEFAULTS.keys() - IGNORED - REFUSED.keys()
        if unknown:
            raise TypeError(f"Router() got unexpected arguments: {', '.join(sorted(unknown))}")
        strategy = given.get("routing_strategy", DEFAULTS["routing_strategy"])
        if strategy not in STRATEGIES:
            raise NotSupportedError(f"routing_strategy={strategy!r}", f"one of {', '.join(STRATEGIES)}")
        self.__dict__.update({**DEFAULTS, **given})
        if self.num_retries is None:
            self.num_retries = _RETRIES if SETTINGS.num_retries is None else SETTINGS.num_retries
        self.set_model_list(model_list or ())
        self._pool = RouterPool()

    fallbacks: Fallbacks | None
    context_window_fallbacks: Fallbacks | None
    content_policy_fallbacks: Fallbacks | None
    default_fallbacks: Sequence[str] | None
    num_retries: int | None
    timeout: float | None
    stream_timeout: float | None
    retry_after: float | None
    retry_policy: RetryPolicy | Mapping[str, int] | None
    allowed_fails: int | None
    allowed_fails_policy: AllowedFailsPolicy | Mapping[str, int] | None
    cooldown_time: float | None
    disable_cooldowns: bool | None
    routing_strategy: str
    model_group_alias: Mapping[str, object] | None
    default_litellm_params: Mapping[str, object] | None
    callbacks: Sequence[object] | None

    # --- calls ---

    @overload
    async def acompletion(
        self, model: str, messages: Sequence[object] = (), *, stream: Literal[True], **arguments: object
    ) -> CustomStreamWrapper: ...

    @overload
    async def acompletion(
        self,
        model: str,
        messages: Sequence[object] = (),
        *,
        stream: Literal[False] | None = None,
        **arguments: object,
    ) -> ModelResponse: ...

    @overload
    async def acompletion(
        self, model: str, messages: Sequence[object] = (), *, stream: bool | None = None, **arguments: object
    ) -> ModelResponse | CustomStreamWrapper: ...

    async def acompletion(
        self, model: str, messages: Sequence[object] = (), *, stream: bool | None = None, **arguments: object
    ) -> ModelResponse | CustomStreamWrapper:
        """Ask a group; `litellm.acompletion` has the arguments and errors.

        Args:
            model: name of a group, an alias, or the id of a row.
            messages: the conversation.
            stream: return an open stream. Default False.
            arguments: LiteLLM's; what it does not know travels to the provider.
        """
        router, telling = self._ready(model, messages, {**arguments, "stream": stream})
        return await acall(router, telling)

    @overload
    def completion(
        self, model: str, messages: Sequence[object] = (), *, stream: Literal[True], **arguments: object
    ) -> CustomStreamWrapper: ...

    @overload
    def completion(
        self,
        model: str,
        messages: Sequence[object] = (),
        *,
        stream: Literal[False] | None = None,
        **arguments: object,
    ) -> ModelResponse: ...

    @overload
    def completion(
        self, model: str, messages: Sequence[object] = (), *, stream: bool | None = None, **arguments: object
    ) -> ModelResponse | CustomStreamWrapper: ...

    def completion(
        self, model: str, messages: Sequence[object] = (), *, stream: bool | None = None, **arguments: object
    ) -> ModelResponse | CustomStreamWrapper:
        """Ask a group from sync code; as `acompletion`."""
        router, telling = self._ready(model, messages, {**arguments, "stream": stream})
        return call(router, telling)

    async def aembedding(self, model: str, input: str | Sequence[str] = (), **arguments: object) -> EmbeddingResponse:  # noqa: A002 - LiteLLM's name
        """Return vectors; as `litellm.aembedding`."""
        from llmclient.compat.litellm._media import aembed, parameters

        router, telling = self._ready(model, None, arguments)
        return await aembed(router, input, parameters(telling.call))

    def embedding(self, model: str, input: str | Sequence[str] = (), **arguments: object) -> EmbeddingResponse:  # noqa: A002 - LiteLLM's name
        """Return vectors, from sync code; as `aembedding`."""
        from llmclient.compat.litellm._media import embed, parameters

        router, telling = self._ready(model, None, arguments)
        return embed(router, input, parameters(telling.call))

    async def atext_completion(
        self, model: str, prompt: str, *, stream: bool | None = None, **arguments: object
    ) -> ModelResponse | CustomStreamWrapper:
        """Ask a group with a bare text, as one user message. The answer is that of `acompletion`, not of an old API."""
        return await self.acompletion(model, [{"role": "user", "content": prompt}], stream=stream, **arguments)

    def _ready(self, model: str, messages: object, given: Mapping[str, object]) -> tuple[ModelRouter, Telling]:
        asked = read_arguments(model, messages, {**(self.default_litellm_params or {}), **given})
        usual = (self.stream_timeout if asked.stream else None) or self.timeout
        limits = try_limits(usual if asked.timeout is None else asked.timeout, stream=asked.stream)
        try:
            members = self._members(asked.model, asked)
            route = self._route(asked, members).limited(limits)
        except LLMClientError as error:
            raise translate(error) from error
        names = {member.deployment.model: member.identity for member in members}

        def identity(attempt: Attempt) -> str:
            return names.get(attempt.deployment.model, attempt.deployment.model)

        asked = as_sent(asked.with_defaults(_shared_defaults(members)), route.everybody)
        spelled = {member.deployment.model: member.spelled for member in members}
        telling = Telling(asked, Callbacks(self.callbacks), self, identity, spelled)
        return self._pool.router(route), telling

    # --- who is asked ---

    def _members(self, group: str, asked: CallArguments | None = None) -> list[Member]:
        alias = (self.model_group_alias or {}).get(group, group)
        wanted = str(alias.get("model", group) if is_mapping(alias) else alias)
        rows = rows_of(self.model_list, wanted)
        if not rows:
            from llmclient.compat.litellm._errors import BadRequestError

            known = ", ".join(self.get_model_names()) or "none"
            raise BadRequestError(f"no deployment for model {group!r}; groups of this router: {known}", model=group)
        return [member_of(row, wanted, asked) for row in rows]

    def _group(self, entry: object) -> Group:
        if isinstance(entry, Mapping):
            fields = cast("Mapping[str, str]", entry)
            return (deployment_of(fields["model"], api_key=fields.get("api_key"), base_url=fields.get("api_base")),)
        name = str(entry)
        if not rows_of(self.model_list, name) and name not in (self.model_group_alias or {}):
            return (deployment_of(name),)
        return tuple(member.deployment for member in self._members(name))

    def _listed(self, lists: Fallbacks | None, group: str) -> tuple[Group, ...]:
        found: Sequence[object] = ()
        for row in lists or ():
            found = row.get(group) or found or row.get("*", ())
        return tuple(self._group(entry) for entry in found)

    def _route(self, asked: CallArguments, members: Sequence[Member]) -> Route:
        group = asked.model
        own = asked.fallbacks
        if own and not is_mapping(own[0]):
            fallbacks = tuple(self._group(entry) for entry in own)
        else:
            fallbacks = self._listed(cast("Fallbacks", own) or self.fallbacks, group)
        if not fallbacks:
            fallbacks = tuple(self._group(entry) for entry in self.default_fallbacks or () if entry != group)
        retries = next((n for n in (asked.retries, self.num_retries) if n is not None), _RETRIES)
        cooldown = 0.0 if self.disable_cooldowns else (self.cooldown_time or COOLDOWN)
        policy = self.retry_policy
        own_retries = RetryPolicy(**policy) if isinstance(policy, Mapping) else policy
        return Route(
            primary=tuple(member.deployment for member in members),
            fallbacks=fallbacks,
            context_window=self._listed(self.context_window_fallbacks, group),
            content_policy=self._listed(self.content_policy_fallbacks, group),
            strategy=STRATEGIES[self.routing_strategy],
            retry=retry_policy(
                retries,
                wait=self.retry_after or 0.0,
                cooldown=cooldown,
                own=own_retries.by_category() if own_retries else None,
            ),
            breaker=None if self.disable_cooldowns else self._breaker(cooldown),
            organization=asked.organization,
        )

    def _breaker(self, cooldown: float) -> Breaker:
        policy = self.allowed_fails_policy
        own = AllowedFailsPolicy(**policy) if isinstance(policy, Mapping) else policy
        lowest = own.lowest() if own else None
        allowed = lowest if lowest is not None else self.allowed_fails
        failures = 1 + (ALLOWED_FAILS if allowed is None else allowed)
        return Breaker(failures=failures, cooldown=cooldown, longest=max(300.0, cooldown))

    # --- the list ---

    def get_model_names(self) -> list[str]:
        """Names of the groups, in order, and of the aliases."""
        names = [str(row.get("model_name", "")) for row in self.model_list]
        return list(dict.fromkeys([*names, *(self.model_group_alias or {})]))

    def get_model_list(self, model_name: str | None = None) -> list[Mapping[str, object]]:
        """The rows, or those of one group."""
        return list(self.model_list) if model_name is None else rows_of(self.model_list, model_name)

    @property
    def model_names(self) -> set[str]:
        """Names of the groups."""
        return {str(row.get("model_name", "")) for row in self.model_list}

    def set_model_list(self, model_list: Sequence[Mapping[str, object]]) -> None:
        """Assign the rows; one without `model_info: {"id": …}` gets it."""
        self.model_list: list[Mapping[str, object]] = [identified(row) for row in model_list]

    def add_deployment(self, deployment: Mapping[str, object]) -> None:
        """Append a row."""
        self.model_list.append(identified(deployment))

    def get_available_deployment(
        self, model: str, messages: Sequence[object] | None = None, **more: object
    ) -> Mapping[str, object]:
        """Return a row of a group that is not set aside; the first one in order where several are.

        Args:
            model: name of the group.
            messages: accepted, without effect.
            more: the same.

        Raises:
            BadRequestError: LiteLLM's class; there is no such group.
            RateLimitError: LiteLLM's class; all of its deployments are set aside.
        """
        asked = read_arguments(model, messages or (), more)
        members = self._members(model, asked)
        route = self._route(asked, members).limited(try_limits(self.timeout, stream=False))
        health = self._pool.router(route).health()
        for member in members:
            known = health.get(member.deployment.model)
            if known is None or known.state in {"closed", "half_open"}:
                return member.row
        from llmclient.compat.litellm._errors import RateLimitError

        raise RateLimitError(f"every deployment of {model!r} is set aside after failures", model=model)

    # --- what subclasses override; there is nothing to do in them here ---

    def deployment_callback_on_failure(
        self, kwargs: dict[str, object], completion_response: object, start_time: object, end_time: object
    ) -> bool:
        """Told of every failed try of a sync call."""
        del kwargs, completion_response, start_time, end_time
        return False

    def sync_deployment_callback_on_success(
        self, kwargs: dict[str, object], completion_response: object, start_time: object, end_time: object
    ) -> str | None:
        """Told of every successful try of a sync call."""
        del kwargs, completion_response, start_time, end_time
        return None

    async def async_deployment_callback_on_failure(
        self, kwargs: dict[str, object], completion_response: object, start_time: object, end_time: object
    ) -> None:
        """Told of every failed try of an async call."""

    async def async_deployment_callback_on_success(
        self, kwargs: dict[str, object], completion_response: object, start_time: object, end_time: object
    ) -> None:
        """Told of every successful try of an async call."""

    async def deployment_callback_on_success(
        self, kwargs: dict[str, object], completion_response: object, start_time: object, end_time: object
    ) -> None:
        """An older name; never called, there for code that calls `super()`."""

    # --- copies, which share no connection ---

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "_pool"}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state, _pool=RouterPool())

    # --- the end ---

    def reset(self) -> None:
        """Close every connection; a later call opens what it needs again."""
        self._pool.close()

    def discard(self) -> None:
        """As `reset`."""
        self._pool.close()

    async def aclose(self) -> None:
        """Close every connection, those of this event loop too."""
        await self._pool.aclose()


def _shared_defaults(members: Sequence[Member]) -> Mapping[str, object]:
    """The parameters that rows give to their calls; one call goes by one set of them.

    Raises:
        NotSupportedError: rows of one group give different ones.
    """
    first = members[0].defaults
    for member in members[1:]:
        if member.defaults != first:
            differing = sorted(
                name for name in {*first, *member.defaults} if first.get(name) != member.defaults.get(name)
            )
            raise NotSupportedError(
                f"litellm_params with different {', '.join(differing)} in one group", "the call's own arguments"
            )
    return first
