"""Balancing: in which order the deployments of one group are asked. One function each; bring your own.

A strategy gets how each deployment of the group stands and a source of randomness, and returns the same ones in the
order to ask them in. It is called once for each call and group, and only where the group has more than one member.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from llmclient.errors import ConfigurationError

if TYPE_CHECKING:
    import random

    from llmclient.types.policy import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a deployment stands when a call chooses.

    Attributes:
        deployment: which one.
        busy: requests in flight.
        turn: number of the router's last try that went here; 0 for never.
        latency: seconds of a try, moving average; None before the first success.
        seconds_per_token: the same per completion token, for streams and plain calls alike.
        price: US dollars that this call is estimated to cost here; None where no price is known.
        requests_left: share of the rpm limit that is free, 1 without a limit.
        tokens_left: share of the tpm limit that is free, 1 without a limit.
    """

    deployment: Deployment
    busy: int = 0
    turn: int = 0
    latency: float | None = None
    seconds_per_token: float | None = None
    price: float | None = None
    requests_left: float = 1.0
    tokens_left: float = 1.0


Strategy: TypeAlias = "Callable[[Sequence[Standing], random.Random], Sequence[Standing]]"


def ordered(standings: Sequence[Standing], _rng: random.Random) -> Sequence[Standing]:
    """By `Deployment.order`, then as listed."""
    return sorted(standings, key=lambda standing: standing.deployment.order)


def weighted(standings: Sequence[Standing], rng: random.Random) -> Sequence[Standing]:
    """At random, in proportion to `Deployment.weight` (exponential keys, Efraimidis and Spirakis 2006)."""
    keys = {
        id(standing): rng.expovariate(standing.deployment.weight) if standing.deployment.weight > 0 else float("inf")
        for standing in standings
    }
    return sorted(standings, key=lambda standing: keys[id(standing)])


def round_robin(standings: Sequence[Standing], _rng: random.Random) -> Sequence[Standing]:
    """The one whose last turn is longest ago first."""
    return sorted(standings, key=lambda standing: standing.turn)


def least_busy(standings: Sequence[Standing], _rng: random.Random) -> Sequence[Standing]:
    """The one with the fewest requests in flight first; among equals the one whose turn is longest ago."""
    return sorted(standings, key=lambda standing: (standing.busy, standing.turn))


def lowest_latency(standings: Sequence[Standing], _rng: random.Random) -> Sequence[Standing]:
    """The fastest per token first; one that was never timed comes before all, so that it gets timed."""
    return sorted(standings, key=lambda standing: _or_zero(standing.seconds_per_token, standing.latency))


def lowest_cost(standings: Sequence[Standing], _rng: random.Random) -> Sequence[Standing]:
    """The cheapest for this call first; those without a known price last."""
    return sorted(standings, key=lambda standing: float("inf") if standing.price is None else standing.price)


def most_remaining(standings: Sequence[Standing], _rng: random.Random) -> Sequence[Standing]:
    """The one with the largest free share of its tightest limit first."""
    return sorted(standings, key=lambda standing: -min(standing.requests_left, standing.tokens_left))


STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {
        "ordered": ordered,
        "weighted": weighted,
        "round_robin": round_robin,
        "least_busy": least_busy,
        "lowest_latency": lowest_latency,
        "lowest_cost": lowest_cost,
        "most_remaining": most_remaining,
    }
)


def strategy_named(strategy: str | Strategy) -> Strategy:
    """Return the function of a name, or the function itself.

    Raises:
        ConfigurationError: there is no strategy of that name.
    """
    if callable(strategy):
        return strategy
    found = STRATEGIES.get(strategy)
    if found is None:
        raise ConfigurationError(f"no strategy {strategy!r}; there are {', '.join(STRATEGIES)}, or pass a function")
    return found


def _or_zero(*values: float | None) -> float:
    return next((value for value in values if value is not None), 0.0)
