"""A call as the user made it, and the request that each deployment gets of it.

Ours are the parameters that steer the call; every other one travels to the provider as it was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmclient.types.history import normalize_messages
from llmclient.types.request import ChatRequest

if TYPE_CHECKING:
    from llmclient.protocols import Clock
    from llmclient.types.messages import ChatParams, Messages
    from llmclient.types.policy import Timeouts

_OURS = frozenset({"extra_body", "extra_headers", "drop_unsupported", "timeouts", "retry", "model", "tags"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatCall:
    """One chat call, before it is known who answers."""

    messages: Sequence[Mapping[str, object]]
    params: Mapping[str, object]
    stream: bool
    extra_body: Mapping[str, object]
    extra_headers: Mapping[str, str]
    drop_unsupported: bool
    timeouts: Timeouts | None
    model: str | None
    tags: Sequence[str]

    def request_for(self, model: str, timeouts: Timeouts | None, clock: Clock) -> ChatRequest:
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


def chat_call(messages: Messages, params: ChatParams, *, stream: bool) -> ChatCall:
    """Read the arguments of `complete` or `stream`.

    Raises:
        InvalidMessageError: the conversation cannot be read.
    """
    return ChatCall(
        messages=normalize_messages(messages),
        params={name: value for name, value in params.items() if name not in _OURS},
        stream=stream,
        extra_body=params.get("extra_body") or {},
        extra_headers=params.get("extra_headers") or {},
        drop_unsupported=params.get("drop_unsupported", False),
        timeouts=params.get("timeouts"),
        model=params.get("model"),
        tags=params.get("tags", ()),
    )
