"""What a user may set on a router: breaker, limits, hedging, budgets. Plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from llmclient.types.policy import check_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """When a failing deployment is left alone, and for how long.

    It opens on `failures` failures in a row, or, where `rate` is given, when that share of the tries within `window`
    failed. After `cooldown` one probe is let through: its success closes the breaker, its failure opens it again for
    twice as long, at most `longest`.

    Args:
        failures: failures in a row that open it. Default 5.
        rate: share of failed tries, above 0 and at most 1, that opens it; None, the default, looks at rows only.
        window: seconds that `rate` looks back. Default 60.
        minimum: tries in the window below which `rate` says nothing. Default 10.
        cooldown: seconds it stays open the first time. Default 30.
        longest: most seconds it stays open. Default 300.
    """

    failures: int = 5
    rate: float | None = None
    window: float = 60.0
    minimum: int = 10
    cooldown: float = 30.0
    longest: float = 300.0

    def __post_init__(self) -> None:
        if self.failures < 1 or self.minimum < 1:
            message = f"Breaker(failures={self.failures!r}, minimum={self.minimum!r}): give at least 1"
            raise ValueError(message)
        if self.rate is not None and not 0 < self.rate <= 1:
            message = f"Breaker(rate={self.rate!r}): give a share above 0 and at most 1, or None"
            raise ValueError(message)
        if not (self.window > 0 and self.cooldown > 0 and self.longest >= self.cooldown):
            message = (
                f"Breaker({self.window=}, {self.cooldown=}, {self.longest=}): give seconds above 0, longest the most"
            )
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the whole router may ask for; a deployment's own limits stand on the `Deployment`.

    Args:
        rpm: requests in any 60 seconds; None is without limit.
        tpm: tokens in any 60 seconds, reserved on an estimate and settled on the usage; None is without limit.
        max_parallel: requests at the same time; None is without limit.
        when_full: what a call does that meets a full limit, its deployment's or the router's: "wait" in line, the
            default, or "next": go on to the next list of fallbacks. Deployments of one group are tried in any case.
    """

    rpm: int | None = None
    tpm: int | None = None
    max_parallel: int | None = None
    when_full: Literal["wait", "next"] = "wait"

    def __post_init__(self) -> None:
        check_limits("Limits", rpm=self.rpm, tpm=self.tpm, max_parallel=self.max_parallel)
        if self.when_full not in ("wait", "next"):
            raise ValueError(f"Limits(when_full={self.when_full!r}): give 'wait' or 'next'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedge:
    """Ask a second deployment when the first is late; the first to speak wins, the other is cancelled.

    Args:
        after: seconds without a first token (without an answer, for a plain call) before the second one is asked.
        ratio: hedges per call, at most, in the long run. Default 0.1.
        burst: hedges that may come at once after a quiet time. Default 10.
    """

    after: float
    ratio: float = 0.1
    burst: int = 10

    def __post_init__(self) -> None:
        if not (self.after > 0 and self.ratio >= 0 and self.burst >= 1):
            message = f"Hedge({self.after=}, {self.ratio=}, {self.burst=}): give after > 0, ratio >= 0, burst >= 1"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much may be spent. What a call may cost is reserved before it is sent, and settled on what it did cost.

    Args:
        usd: US dollars; None is without limit.
        tokens: prompt and completion tokens together; None is without limit.
        seconds: length of a period, after which it starts anew; None, the default, never does.
        tag: counts only calls and deployments with this tag; None, the default, counts all.
    """

    usd: float | None = None
    tokens: int | None = None
    seconds: float | None = None
    tag: str | None = None

    def __post_init__(self) -> None:
        if self.usd is None and self.tokens is None:
            raise ValueError("Budget(): give usd= or tokens=")
        if not ((self.usd is None or self.usd >= 0) and (self.tokens is None or self.tokens >= 0)):
            raise ValueError(f"Budget(usd={self.usd!r}, tokens={self.tokens!r}): give 0 or more")
        if self.seconds is not None and not self.seconds > 0:
            raise ValueError(f"Budget(seconds={self.seconds!r}): give seconds above 0, or None for no period")

    @property
    def scope(self) -> str:
        """What it covers, as errors name it."""
        return "router" if self.tag is None else f"tag {self.tag}"


OnInterrupted: TypeAlias = Literal["raise", "restart", "continue"]
"""What happens to a stream that breaks after its first chunk reached the caller."""
