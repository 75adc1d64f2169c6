"""What a model can do and how much it takes, from the same rows as its prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from llmclient.costs.database import get_cost_database

if TYPE_CHECKING:
    from llmclient.costs.rows import PriceRow

Feature: TypeAlias = Literal[
    "tools",
    "parallel_tools",
    "tool_choice",
    "vision",
    "json_schema",
    "reasoning",
    "audio",
    "audio_input",
    "audio_output",
    "video",
    "pdf",
    "prompt_caching",
    "web_search",
    "computer_use",
    "system_messages",
    "assistant_prefill",
    "adaptive_thinking",
    "forced_tool_use",
    "sampling_params",
]
"""Features that `supports` knows by a name of ours. Any other name is looked up as `supports_<name>`."""

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "tools": ("supports_function_calling",),
    "parallel_tools": ("supports_parallel_function_calling",),
    "vision": ("supports_vision", "supports_image_input"),
    "json_schema": ("supports_response_schema", "supports_native_structured_output"),
    "audio": ("supports_audio_input", "supports_audio_output"),
    "video": ("supports_video_input",),
    "pdf": ("supports_pdf_input",),
}
"""Features whose field has another name; a feature is there where one of its fields is true."""

FEATURES: Final[tuple[str, ...]] = get_args(Feature)


def limit(row: PriceRow, *names: str) -> int | None:
    """The first of these limits that a row has."""
    for name in names:
        limit = row.get(name)
        if isinstance(limit, int | float) and limit > 0:
            return int(limit)
    return None


def has(row: PriceRow, feature: str) -> bool:
    """Whether a row has a feature."""
    return any(row.get(name) is True for name in FIELDS.get(feature, (f"supports_{feature}",)))


def supports(model: str, feature: Feature | str) -> bool | None:
    """Return whether a model supports a feature, None where the table does not know the model.

    A known model whose row does not mention the feature does not support it, as far as the table knows.

    Args:
        model: any name of the model.
        feature: one of `Feature`, or the rest of a field's name ("url_context" reads "supports_url_context").
    """
    priced = get_cost_database().find(model)
    return None if priced is None else has(priced.row, feature)


def context_window(model: str) -> int | None:
    """Return how many tokens a request to a model may hold, None where unknown."""
    priced = get_cost_database().find(model)
    return None if priced is None else limit(priced.row, "max_input_tokens", "max_tokens")


def max_output_tokens(model: str) -> int | None:
    """Return how many tokens an answer of a model may hold, None where unknown."""
    priced = get_cost_database().find(model)
    return None if priced is None else limit(priced.row, "max_output_tokens", "max_tokens")
