"""A call as the user made it, and the request that each deployment gets of it.

Ours are the parameters that steer the call; every other one travels to the provider as it was given. The drivers and
the policy know the `Call` protocol only: a capability beside chat brings its own class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from llmclient.errors import ConfigurationError
from llmclient.protocols import Capability
from llmclient.routing.checks import check_call
from llmclient.routing.policy.fit import Needs
from llmclient.types.history import normalize_messages
from llmclient.types.request import ChatRequest, Request

if TYPE_CHECKING:
    from llmclient.protocols import Clock
    from llmclient.routing.core import Endpoint
    from llmclient.types.messages import ChatParams, Messages
    from llmclient.types.policy import RetryPolicy, Timeouts

_OURS = frozenset({"extra_body", "extra_headers", "drop_unsupported", "timeouts", "retry", "model", "tags"})

GO_ON = (
    "Your answer was cut off in the middle. Go on from exactly where it ends: begin with the very next character, "
    "repeat nothing, and add no remark about it."
)
"""What the next deployment is told when it goes on with a broken stream's text."""

Q = TypeVar("Q", bound=Request)
Q_co = TypeVar("Q_co", covariant=True)


class Call(Protocol[Q_co]):
    """One call, before it is known who answers."""

    @property
    def timeouts(self) -> Timeouts | None:
        """Time limits of this call; None takes the router's."""
        ...

    @property
    def retry(self) -> RetryPolicy | None:
        """Retries of this call; None takes the router's."""
        ...

    @property
    def capability(self) -> Capability:
        """What is asked for; a capability may have a primary of its own."""
        ...

    @property
    def model(self) -> str | None:
        """What to ask instead of the primary; None asks the primary."""
        ...

    @property
    def tags(self) -> Sequence[str]:
        """What budgets go by."""
        ...

    @property
    def shared(self) -> dict[str, object]:
        """Notes that middlewares leave for one another."""
        ...

    @property
    def only(self) -> Endpoint | None:
        """Whom the call is meant for, where nobody else could answer it."""
        ...

    @property
    def needs(self) -> Needs | None:
        """What it needs of a model; None where that cannot be told."""
        ...

    def request_for(self, model: str, timeouts: Timeouts, clock: Clock) -> Q_co:
        """Return the request to `model`, as its provider names it."""
        ...


class ChangeableCall(Call[Q], Protocol[Q]):
    """A call whose request a middleware may change."""

    def with_request(self, request: Q) -> ChangeableCall[Q]:
        """Return this call with what a middleware made of its request."""
        ...


@dataclass(slots=True, eq=False, kw_only=True)
class ChatCall:
    """One chat call."""

    messages: Sequence[Mapping[str, object]]
    params: Mapping[str, object]
    stream: bool
    extra_body: Mapping[str, object]
    extra_headers: Mapping[str, str] = field(repr=False)
    drop_unsupported: bool
    timeouts: Timeouts | None
    retry: RetryPolicy | None
    model: str | None
    tags: Sequence[str]
    needs: Needs | None
    only: Endpoint | None = None
    shared: dict[str, object] = field(default_factory=dict[str, object])

    @property
    def capability(self) -> Capability:
        """Chat."""
        return Capability.CHAT

    def request_for(self, model: str, timeouts: Timeouts, clock: Clock) -> ChatRequest:
        """Return the request to `model`, as its provider names it."""
        return ChatRequest(
            model=model,
            messages=self.messages,
            params=self.params,
            stream=self.stream,
            extra_body=self.extra_body,
            extra_headers=self.extra_headers,
            drop_unsupported=self.drop_unsupported,
            timeouts=timeouts,
            clock=clock,
        )

    def with_request(self, request: ChatRequest) -> ChatCall:
        """Return this call with what a middleware made of its request."""
        return replace(
            self,
            messages=request.messages,
            params=request.params,
            extra_body=request.extra_body,
            extra_headers=request.extra_headers,
            drop_unsupported=request.drop_unsupported,
            needs=Needs(request.messages, request.params),
        )

    def going_on_from(self, text: str) -> ChatCall:
        """Return the call that asks for the rest of an answer of which `text` has arrived."""
        said = ({"role": "assistant", "content": text}, {"role": "user", "content": GO_ON})
        return replace(self, messages=[*self.messages, *said])


@dataclass(slots=True, eq=False, kw_only=True)
class RequestCall(Generic[Q]):
    """One call of a capability beside chat: its request, with the model still open.

    `only` is whom the call is meant for, where nobody else could answer it.
    """

    capability: Capability
    request: Q
    timeouts: Timeouts | None
    retry: RetryPolicy | None
    model: str | None
    tags: Sequence[str]
    needs: Needs | None = None
    only: Endpoint | None = None
    shared: dict[str, object] = field(default_factory=dict[str, object])

    def request_for(self, model: str, timeouts: Timeouts, clock: Clock) -> Q:
        """Return the request to `model`, as its provider names it."""
        return replace(self.request, model=model, timeouts=timeouts, clock=clock)

    def with_request(self, request: Q) -> RequestCall[Q]:
        """Return this call with what a middleware made of its request."""
        return replace(self, request=request)


def request_call(
    capability: Capability, make: Callable[..., Q], params: Mapping[str, object], **given: object
) -> RequestCall[Q]:
    """Read the arguments of a verb: those that steer the call, those of every request, and the rest as parameters."""
    settings = cast("ChatParams", params)
    if params:
        check_call(params)
    request = make(
        model="",
        params={name: value for name, value in params.items() if name not in _OURS},
        extra_body=settings.get("extra_body") or {},
        extra_headers=settings.get("extra_headers") or {},
        drop_unsupported=settings.get("drop_unsupported", False),
        **given,
    )
    return RequestCall(
        capability=capability,
        request=request,
        timeouts=settings.get("timeouts"),
        retry=settings.get("retry"),
        model=settings.get("model"),
        tags=settings.get("tags", ()),
    )


def chat_call(messages: Messages, params: ChatParams, *, stream: bool) -> ChatCall:
    """Read the arguments of `complete` or `stream`.

    Raises:
        InvalidMessageError: the conversation cannot be read.
        ConfigurationError: an argument belongs elsewhere.
    """
    if params:
        check_call(cast("Mapping[str, object]", params))
        if not stream and params.get("stream"):  # pyright: ignore[reportUnknownMemberType] - what no type allows
            raise ConfigurationError("complete() gives a whole answer: use router.stream(...)")
    conversation = normalize_messages(messages)
    rest: Mapping[str, object] = {name: value for name, value in params.items() if name not in _OURS}
    return ChatCall(
        messages=conversation,
        params=rest,
        stream=stream,
        extra_body=params.get("extra_body") or {},
        extra_headers=params.get("extra_headers") or {},
        drop_unsupported=params.get("drop_unsupported", False),
        timeouts=params.get("timeouts"),
        retry=params.get("retry"),
        model=params.get("model"),
        tags=params.get("tags", ()),
        needs=Needs(conversation, rest),
    )
