"""Merges what a provider lists with what the price table knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmclient.routing.policy.actions import Done
    from llmclient.types.models import ModelInfo, ModelList

_PER_MILLION = 1_000_000


def merged(listed: ModelList, done: Done) -> list[ModelInfo]:  # noqa: ARG001 - what every finish is given
    """Return the listed models with limits and prices filled in where the table knows them."""
    from llmclient.costs import get_model_info

    for entry in listed.data:
        known = get_model_info(entry.name)
        if known is None:
            continue
        entry.context_window = entry.context_window or known.context_window
        entry.max_output_tokens = entry.max_output_tokens or known.max_output_tokens
        if known.input_price is not None:
            entry.input_cost_per_token = float(known.input_price / _PER_MILLION)
        if known.output_price is not None:
            entry.output_cost_per_token = float(known.output_price / _PER_MILLION)
    return listed.data
