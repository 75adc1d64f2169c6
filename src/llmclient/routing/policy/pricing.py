"""What tries cost: the one place where routing asks the price table. It is asked when somebody wants to know."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from llmclient.routing.policy.actions import Done
    from llmclient.routing.policy.fit import Needs
    from llmclient.types.cost import Cost
    from llmclient.types.policy import Attempt, Deployment
    from llmclient.types.response import ModelResponse, Usage


@dataclass(slots=True, eq=False)
class _Used:
    """What pricing reads of a response; a whole one would hold the answer in memory as long as the attempt."""

    usage: Usage
    model: str
    service_tier: str | None
    choices: tuple[()] = ()


def finished(deployment: Deployment, reply: ModelResponse, attempts: tuple[Attempt, ...]) -> ModelResponse:
    """Put the attempts, and the way to the cost, beside the reply."""
    reply.attach(attempts=attempts, price=partial(cost_of_reply, deployment))
    return reply


def priced(reply: ModelResponse, done: Done) -> ModelResponse:
    """Put the attempts, and the way to the cost, beside the reply of a call that is done."""
    return finished(done.endpoint.deployment, reply, done.attempts)


def cost_of_reply(deployment: Deployment, reply: ModelResponse) -> Cost | None:
    """Return what a reply cost."""
    from llmclient.costs import cost_of

    return cost_of(reply, model=deployment.model, price=deployment.price, region=place(deployment))


def cost_of_try(deployment: Deployment, usage: Usage, model: str = "", tier: str | None = None) -> Cost | None:
    """Return what a try with this usage cost, None where that is not known.

    Args:
        deployment: what was tried.
        usage: tokens it used.
        model: the model that answered, as the provider names it; empty takes the deployment's.
        tier: service tier that answered.
    """
    from llmclient.costs import cost_of

    stand_in = cast("ModelResponse", _Used(usage, model, tier))
    return cost_of(stand_in, model=deployment.model, price=deployment.price, region=place(deployment))


def place(deployment: Deployment) -> str | None:
    """Return where calls of a deployment are processed, None where nothing tells.

    A deployment that names neither a region nor an endpoint goes where OpenAI's SDK goes: to OPENAI_BASE_URL.
    """
    if deployment.region is not None:
        return deployment.region
    url = deployment.base_url
    if url is None and deployment.model.startswith("openai/"):
        url = os.environ.get("OPENAI_BASE_URL")
    if not url:
        return None
    from llmclient.costs.regions import region_of

    return region_of(url)


def estimate(deployment: Deployment, needs: Needs) -> float | None:
    """Return about how many US dollars the request will cost here, None where no price is known."""
    from llmclient.types.response import Usage

    usage = Usage.model_construct(
        prompt_tokens=needs.prompt_tokens,
        completion_tokens=needs.completion_tokens,
        total_tokens=needs.tokens,
    )
    cost = cost_of_try(deployment, usage)
    return None if cost is None else float(cost.total)
