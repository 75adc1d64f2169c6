"""What a response cost: what the provider says it charged, else the price of the tier that served it.

The name that is priced is that of the model that answered, where it is one of the same provider's; a fallback inside
OpenRouter or a dated snapshot is so priced as itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from llmclient._narrow import as_list, as_mapping, as_text
from llmclient.costs.calculate import price_usage
from llmclient.costs.counts import Counts, counts_of
from llmclient.costs.database import Priced, get_cost_database
from llmclient.types.cost import Cost

if TYPE_CHECKING:
    from llmclient.types.response import ModelResponse


def cost_of(
    response: ModelResponse,
    *,
    model: str,
    price: Mapping[str, float] | None = None,
    region: str | None = None,
) -> Cost | None:
    """Return what a response cost, None where it has no usage or no price is known. Never raises, never asks a network.

    Args:
        response: the response; its `usage`, `service_tier` and `model` are read.
        model: the deployment's model, such as "openai/gpt-5-mini".
        price: the caller's own prices for this deployment, keys as in the price table; they go before everything.
        region: where the call was processed, where that has a price. Default: what the usage tells.

    The source of the figure is, in this order: `price` or a registered price ("custom"), `usage.cost` ("provider"),
    the price of the served tier ("tier"), the price table ("table").
    """
    usage = response.usage
    if usage is None:
        return None
    used = counts_of(usage)
    priced = Priced("", price, custom=True) if price is not None else _served(response.model, model)
    custom = priced is not None and priced.custom
    by_table = None
    if priced is not None:
        _count_searches(used, response, provider=priced.row.get("litellm_provider"))
        by_table = price_usage(priced, used, model=model, service_tier=response.service_tier, region=region)
    if usage.cost is not None and not custom:
        return _charged(usage.cost, model)
    return by_table


def _charged(dollars: float, model: str) -> Cost:
    return Cost(total=Decimal(str(dollars)), source="provider", model=model)


def _served(answered: str, asked: str) -> Priced | None:
    database = get_cost_database()
    requested = database.find(asked)
    if not answered or (requested is not None and requested.custom):
        return requested
    provider, slash, _ = asked.partition("/")
    return database.find(f"{provider}/{answered}" if slash else answered) or requested


def _count_searches(used: Counts, response: ModelResponse, *, provider: object) -> None:
    """OpenAI's usage counts no searches: the answer tells.

    The Responses API lists the calls of its own tools, of which searches are charged and looks into a page that was
    found are not (OpenAI, web search, output; pricing, built-in tools). A search model of chat completions searches
    once a call and cites what it found.
    """
    if provider != "openai" or used.searches or not response.choices:
        return
    messages = [choice.message for choice in response.choices]
    calls = [item for message in messages for item in _own_tool_calls(message.provider_specific_fields)]
    if calls:
        used.web_searches = sum(kind == "web_search_call" for kind in calls)
        used.file_searches = sum(kind == "file_search_call" for kind in calls)
    else:
        cited = (note for message in messages for note in message.annotations or ())
        used.web_searches = int(any(note.get("type") == "url_citation" for note in cited))


def _own_tool_calls(fields: Mapping[str, object] | None) -> list[str]:
    """The kinds of the searches among the output items that a message keeps."""
    items = [as_mapping(item) for kept in (fields or {}).values() for item in as_list(kept)]
    return [
        kind
        for item in items
        if (kind := as_text(item.get("type"))) in ("web_search_call", "file_search_call")
        and as_mapping(item.get("action")).get("type", "search") == "search"
    ]
