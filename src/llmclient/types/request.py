"""Calls on their way down: what the router hands to a provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmclient.protocols import Clock
    from llmclient.types.policy import Timeouts


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What every call has, whatever it asks for.

    Attributes:
        model: the model as the provider names it, without the provider's prefix.
        params: OpenAI's parameters as the caller gave them, without those that are attributes.
        extra_body: fields merged into the provider's body last, as they are.
        extra_headers: headers of this call.
        drop_unsupported: leave out, with a log line, what the provider has no place for, instead of raising.
        timeouts: the limits of this attempt; None is the client's default.
        clock: measures the time between events; None is the system's.
    """

    model: str
    params: Mapping[str, object] = field(default_factory=dict[str, object])
    extra_body: Mapping[str, object] = field(default_factory=dict[str, object])
    extra_headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    drop_unsupported: bool = False
    timeouts: Timeouts | None = None
    clock: Clock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest(Request):
    """One chat call, in OpenAI's terms; a provider translates it to its own wire.

    Attributes:
        messages: the conversation, as plain dictionaries in OpenAI's shape.
        stream: whether the answer is read as a stream.
    """

    messages: Sequence[Mapping[str, object]]
    stream: bool = False
