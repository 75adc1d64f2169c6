"""The models that providers offer."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from llmclient.types.reply import Reply, WireModel
from llmclient.types.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelListRequest(Request):
    """One call for the models of a provider; `model` is empty."""

    model: str = ""


class ModelInfo(WireModel):
    """A model, as its provider lists it; fields of the provider's own are kept.

    Attributes:
        id: the name to ask for it, without the provider's prefix.
        provider: who serves it.
        context_window: tokens it reads at most, where the provider or the price table tells.
        max_output_tokens: tokens it writes at most, where the price table tells.
        input_cost_per_token: US dollars, where the price table tells; likewise `output_cost_per_token`.
    """

    id: str
    provider: str = ""
    created: int | None = None
    owned_by: str | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    input_cost_per_token: float | None = None
    output_cost_per_token: float | None = None

    @property
    def name(self) -> str:
        """What a router takes: "provider/id"."""
        return f"{self.provider}/{self.id}"


class ModelList(Reply):
    """The models of one provider."""

    data: list[ModelInfo] = Field(default_factory=list[ModelInfo])
