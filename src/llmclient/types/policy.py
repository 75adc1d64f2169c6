"""Values that a call carries and leaves behind: deployments, time limits, attempts. Plain frozen data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from llmclient.errors import ErrorCategory

if TYPE_CHECKING:
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
        total, connect, first_token, idle = self.total, self.connect, self.first_token, self.idle
        if (
            (total is None or total > 0)
            and (connect is None or connect > 0)
            and (first_token is None or first_token > 0)
            and (idle is None or idle > 0)
        ):
            return  # one is made for every try
        for name in ("total", "connect", "first_token", "idle"):
            seconds = getattr(self, name)
            if seconds is not None and not seconds > 0:
                message = f"Timeouts({name}={seconds!r}): give seconds above 0, or None for no limit"
                raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do about a failure of one category: a row of the routing table.

    Args:
        retry: ask the same deployment again, after a wait.
        fallback: which list goes on: "general", "context_window" or "content_policy" (each of these two first, then
            the general one); None ends the call.
        cooldown: seconds in which no call asks the deployment. A Retry-After counts instead where `retry` is set, or
            where it is longer.
        counts: whether it counts against the breaker.
        attempts: tries at one deployment for this category; None takes the policy's `attempts`.
    """

    retry: bool = False
    fallback: Literal["general", "context_window", "content_policy"] | None = "general"
    cooldown: float = 0.0
    counts: bool = False
    attempts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often, and how long apart, a deployment is asked again.

    The wait before try n + 1 is what the vendor says (Retry-After), else a random time between 0 and
    `base * 2 ** (n - 1)`, at most `cap`: full jitter, see "Exponential Backoff And Jitter", AWS Architecture Blog.

    Args:
        attempts: tries at one deployment in one call, the first included. 1 is no retry. Default 3.
        per_category: exceptions by error category: a number of attempts, or a `Decision` in place of the table's row.
        base: seconds of the first backoff. Default 0.5.
        cap: longest backoff in seconds; a vendor's Retry-After is not cut by it. Default 30.
        jitter: draw the backoff at random (True, the default), or wait all of it.
        budget: tries in one call over all deployments; None, the default, is no bound but `attempts` for each.
        patience: a wait of at most so many seconds is spent at the deployment that failed although another one is
            healthy. Default 0: a healthy alternative beats waiting.
    """

    attempts: int = 3
    per_category: Mapping[ErrorCategory | str, int | Decision] = field(
        default_factory=dict["ErrorCategory | str", "int | Decision"], hash=False
    )
    base: float = 0.5
    cap: float = 30.0
    jitter: bool = True
    budget: int | None = None
    patience: float = 0.0

    def __post_init__(self) -> None:
        if self.attempts < 1 or (self.budget is not None and self.budget < 1):
            message = f"RetryPolicy(attempts={self.attempts!r}, budget={self.budget!r}): give at least 1 try"
            raise ValueError(message)
        if not (self.base >= 0 and self.cap >= 0 and self.patience >= 0):
            message = (
                f"RetryPolicy(base={self.base!r}, cap={self.cap!r}, patience={self.patience!r}): give seconds >= 0"
            )
            raise ValueError(message)
        unknown = [name for name in self.per_category if name not in list(ErrorCategory)]
        if unknown:
            message = (
                f"RetryPolicy(per_category={{{unknown[0]!r}: ...}}): the categories are {', '.join(ErrorCategory)}"
            )
            raise ValueError(message)


def check_limits(owner: str, **limits: int | None) -> None:
    """Refuse limits that nothing fits into.

    Raises:
        ValueError: one is below 1.
    """
    for name, limit in limits.items():
        if limit is not None and limit < 1:
            raise ValueError(f"{owner}({name}={limit!r}): give at least 1, or None for no limit")


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
        region: where calls are processed, for models that cost more in a region ("eu"); "global" where they do not.
            Default: what the base URL tells (`https://eu.api.openai.com/v1`).
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
    region: str | None = field(default=None, kw_only=True)
    tags: tuple[str, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        check_limits("Deployment", rpm=self.rpm, tpm=self.tpm, max_parallel=self.max_parallel)
        if not self.weight >= 0:
            raise ValueError(f"Deployment(weight={self.weight!r}): give a share of 0 or more")
        if isinstance(cast("object", self.tags), str):
            raise ValueError(f"Deployment(tags={self.tags!r}): give a tuple, ({self.tags!r},)")  # noqa: TRY004 - as the others

    def __repr__(self) -> str:
        from llmclient._secrets import masked_repr  # `base_url` may hold one

        return masked_repr(self)


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
        price: computes `cost`, each time it is asked for: most attempts are never asked.
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
    price: Callable[[], Cost | None] | None = field(default=None, repr=False, compare=False)

    @property
    def cost(self) -> Cost | None:
        """What it cost, None where that is not known."""
        return None if self.price is None else self.price()

    @property
    def model(self) -> str:
        """The deployment's model."""
        return self.deployment.model
