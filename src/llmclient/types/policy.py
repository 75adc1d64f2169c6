"""Values that a call carries and leaves behind: deployments, time limits, attempts. Plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from llmclient.errors import ErrorCategory
    from llmclient.types.cost import Cost
    from llmclient.types.response import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Time limits of a call, in seconds; None is without limit.

    Args:
        total: from the call to its result or error, over every attempt, wait and fallback. Default 600.
        connect: to open a connection. Default 10.
        first_token: from the request to the first event with data of a stream. Default None.
        idle: between two events with data of a stream; comments that keep the socket alive do not count. Default 120.
    """

    total: float | None = 600.0
    connect: float | None = 10.0
    first_token: float | None = None
    idle: float | None = 120.0

    def __post_init__(self) -> None:
        for name in ("total", "connect", "first_token", "idle"):
            seconds = getattr(self, name)
            if seconds is not None and seconds <= 0:
                message = f"Timeouts({name}={seconds!r}): give seconds above 0, or None for no limit"
                raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Deployment:
    """A model at a provider, with the limits and the credentials that are its own.

    Args:
        model: "provider/model", such as "openai/gpt-5-mini".
        name: the group that this deployment belongs to; deployments of one name share its traffic. Default: `model`.
        api_key: key of this deployment; default the provider's. Never shown.
        base_url: endpoint of this deployment; default the provider's.
        weight: share of traffic under the weighted strategy. Default 1.
        order: lower is asked first under the ordered strategy. Default 0.
        rpm: requests a minute; None is without limit.
        tpm: tokens a minute; None is without limit.
        max_parallel: calls at the same time; None is without limit.
        timeouts: time limits of an attempt at this deployment; None takes the router's.
        price: US dollars per token, keys as in the price table ("input_cost_per_token", …); None takes the table's.
        tags: names that budgets and filters go by.
    """

    model: str
    name: str = field(default="", kw_only=True)
    api_key: str | None = field(default=None, repr=False, kw_only=True)
    base_url: str | None = field(default=None, kw_only=True)
    weight: float = field(default=1.0, kw_only=True)
    order: int = field(default=0, kw_only=True)
    rpm: int | None = field(default=None, kw_only=True)
    tpm: int | None = field(default=None, kw_only=True)
    max_parallel: int | None = field(default=None, kw_only=True)
    timeouts: Timeouts | None = field(default=None, kw_only=True)
    price: Mapping[str, float] | None = field(default=None, hash=False, kw_only=True)
    tags: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at one deployment, as it went.

    Attributes:
        deployment: what was tried.
        started: seconds since the epoch, on the router's clock.
        duration: seconds the try took.
        waited: seconds waited before it.
        first_token: seconds from the start to the first chunk of a stream; None for a plain call.
        outcome: "success", "failed", "skipped" (passed over without asking; `reason` says why), "cancelled" (another
            answer came first, or the caller left).
        error: what it came to, None on success.
        category: the error's category, None on success.
        status_code: HTTP status, 200 on success; None where there was no answer.
        reason: why it was skipped or cancelled; empty otherwise.
        request_id: the provider's id of the request.
        usage: tokens it used, where known, also of a failed try.
        cost: what it cost, where known.
    """

    deployment: Deployment
    started: float
    duration: float = 0.0
    waited: float = 0.0
    first_token: float | None = None
    outcome: Literal["success", "failed", "skipped", "cancelled"] = "success"
    error: Exception | None = None
    category: ErrorCategory | None = None
    status_code: int | None = None
    reason: str = ""
    request_id: str | None = None
    usage: Usage | None = None
    cost: Cost | None = None

    @property
    def model(self) -> str:
        """The deployment's model."""
        return self.deployment.model
