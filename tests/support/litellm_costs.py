"""LiteLLM's answer to a drawn call: its own calculator, fed with its own types, on the rows of a price table of ours.

Both sides read the same rows, so that what differs is arithmetic and not the date of a price.
"""

from __future__ import annotations

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or importing it asks the network

import json
from pathlib import Path

import litellm
from litellm.cost_calculator import cost_per_token, default_image_cost_calculator
from litellm.llms.anthropic.cost_calculation import get_cost_for_anthropic_web_search
from litellm.llms.openai.cost_calculation import video_generation_cost
from litellm.types.utils import (
    CacheCreationTokenDetails,
    CompletionTokensDetailsWrapper,
    PromptTokensDetailsWrapper,
    ServerToolUse,
    Usage,
)
from litellm.utils import _invalidate_model_cost_lowercase_map

from llmclient.costs import PriceTable
from llmclient.costs.rows import make_table
from llmclient.costs.schema import rows_of
from support.drawn_usages import Call

PROVIDERS = ("openai", "anthropic", "text-completion-openai")


def litellms_table() -> PriceTable:
    """The price map that the installed LiteLLM ships, as a table of ours."""
    path = Path(litellm.__file__).with_name("model_prices_and_context_window_backup.json")
    return make_table(rows_of(json.loads(path.read_text("utf-8"))), dated="2026-01-01")


def give_rows(table: PriceTable) -> None:
    """Let LiteLLM price by these rows, and by no others."""
    litellm.model_cost.clear()
    litellm.model_cost.update({name: dict(row) for name, row in table.rows().items()})
    _invalidate_model_cost_lowercase_map()


def litellm_models() -> dict[str, str]:
    """The models to compare, and the provider of each."""
    rows = litellm.model_cost
    return {name: rows[name]["litellm_provider"] for name in rows if rows[name].get("litellm_provider") in PROVIDERS}


def litellm_cost(model: str, provider: str, call: Call) -> float:
    """What LiteLLM says the call cost."""
    mode = litellm.model_cost[model].get("mode")
    row = litellm.model_cost[model]
    if mode == "audio_speech" and "input_cost_per_character" in row:
        return sum(
            cost_per_token(
                model=model, custom_llm_provider=provider, call_type="speech", prompt_characters=call.characters
            )
        )
    if mode == "audio_transcription" and "input_cost_per_token" not in row:
        return sum(
            cost_per_token(
                model=model,
                custom_llm_provider=provider,
                call_type="transcription",
                audio_transcription_file_duration=call.seconds,
                usage_object=Usage(),
            )
        )
    if mode == "video_generation":
        return video_generation_cost(model, call.seconds, custom_llm_provider=provider)
    if mode == "image_generation" and "input_cost_per_image" in row:
        *quality, size, name = model.rsplit("/", 2) if "/" in model else ("1024-x-1024", model)
        return default_image_cost_calculator(
            model=name, custom_llm_provider=provider, n=call.images, size=size, quality=quality[0] if quality else None
        )
    return _by_tokens(model, provider, call)


def _by_tokens(model: str, provider: str, call: Call) -> float:
    usage = _usage(call)
    batch = call.tier == "batch"
    total = sum(
        cost_per_token(
            model=model,
            custom_llm_provider=provider,
            usage_object=usage,
            service_tier=None if batch else call.tier,
            data_residency=call.region,
            call_type="aretrieve_batch" if batch else "completion",
        )
    )
    if call.searches:
        info = litellm.get_model_info(model=model, custom_llm_provider=provider)
        total += get_cost_for_anthropic_web_search(model_info=info, usage=usage)
    return total


def _usage(call: Call) -> Usage:
    usage = call.usage
    details = dict(usage["prompt_tokens_details"])  # type: ignore[call-overload]
    lifetimes = usage.get("cache_creation")
    details["cache_creation_tokens"] = details.pop("cache_write_tokens")
    if lifetimes is not None:
        details["cache_creation_token_details"] = CacheCreationTokenDetails(**lifetimes)  # type: ignore[arg-type]
    made = Usage(
        prompt_tokens=usage["prompt_tokens"],
        completion_tokens=usage["completion_tokens"],
        total_tokens=usage["total_tokens"],
        prompt_tokens_details=PromptTokensDetailsWrapper(**details),
        completion_tokens_details=CompletionTokensDetailsWrapper(**usage["completion_tokens_details"]),  # type: ignore[arg-type]
        server_tool_use=ServerToolUse(web_search_requests=call.searches) if call.searches else None,
    )
    for field in ("inference_geo", "speed"):
        if field in usage:
            setattr(made, field, usage[field])
    return made
