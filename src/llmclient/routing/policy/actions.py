"""The language between policy and driver: the policy yields an action, the driver carries it out and sends an outcome.

    Try(attempt)      ask a deployment          -> Succeeded | Failed, Spoke (a stream's first content), Late (hedging)
    Wait(seconds)     let time pass             -> Waited
    Listen            go on with those in flight-> as Try
    Drop(attempt)     cancel one in flight      -> Dropped
    Deliver(attempt)  hand a stream's chunks on -> Succeeded | Failed

The policy ends by returning `Done` or `GiveUp`. A driver that stops early closes the policy, which then gives back
whatever it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from llmclient.routing.core import Endpoint
    from llmclient.routing.policy.line import Place
    from llmclient.types.policy import Attempt, Timeouts
    from llmclient.types.response import ModelResponse, Usage

Marker: TypeAlias = Literal["restart", "continue"]


@dataclass(slots=True, eq=False)
class Try:
    """Ask `endpoint`.

    `hedge_after` asks for `Late` when nothing came by then. `marker` announces to the caller of a stream that has
    already begun how this try relates to what came before.
    """

    attempt: int
    endpoint: Endpoint
    timeouts: Timeouts
    hedge_after: float | None = None
    marker: Marker | None = None


@dataclass(slots=True, eq=False)
class Wait:
    """Let `seconds` pass, or fewer where `place` is called up before; None waits for the call alone.

    `limit` is the seconds after which the call's time is over in any case.
    """

    seconds: float | None
    place: Place | None = None
    limit: float | None = None


@dataclass(slots=True, eq=False)
class Listen:
    """Go on waiting for what is in flight."""


@dataclass(slots=True, eq=False)
class Drop:
    """Cancel the attempt."""

    attempt: int


@dataclass(slots=True, eq=False)
class Deliver:
    """Hand the chunks of the attempt to the caller, until its end."""

    attempt: int


@dataclass(slots=True, eq=False)
class Succeeded:
    """The attempt's answer is there; for a stream: its end was reached. The rest says what is known of the answer."""

    attempt: int
    usage: Usage | None = None
    request_id: str | None = None
    model: str = ""
    tier: str | None = None


@dataclass(slots=True, eq=False)
class Failed:
    """The attempt came to an error.

    Of a stream whose chunks reached the caller, `partial` is all that did, and `text` its text, None where no other
    deployment can go on from it (tool calls, several choices).
    """

    attempt: int
    error: Exception
    usage: Usage | None = None
    first_token: float | None = None
    text: str | None = None
    partial: ModelResponse | None = None


@dataclass(slots=True, eq=False)
class Spoke:
    """The first content of a stream is there; `after` seconds from the start to the first chunk."""

    attempt: int
    after: float


@dataclass(slots=True, eq=False)
class Late:
    """Nothing came in the time the hedge gave."""


@dataclass(slots=True, eq=False)
class Waited:
    """Time passed."""


@dataclass(slots=True, eq=False)
class Dropped:
    """The attempt is cancelled; `usage` is what it had cost by then, where known."""

    attempt: int
    usage: Usage | None = None


@dataclass(slots=True, eq=False)
class Done:
    """The call has its answer, from `attempt`."""

    attempt: int
    endpoint: Endpoint
    attempts: tuple[Attempt, ...]


@dataclass(slots=True, eq=False)
class GiveUp:
    """The call fails with `error`."""

    error: Exception


Action: TypeAlias = Try | Wait | Listen | Drop | Deliver
Outcome: TypeAlias = Succeeded | Failed | Spoke | Late | Waited | Dropped
Verdict: TypeAlias = Done | GiveUp
