"""What tokens cost, and what models can do: the price table, and everything that is read from it.

Importing this package parses no data: a table is read when the first price, limit or ability is asked for, and no
function asks the network but `refresh_cost_data`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.costs.calculate import calculate_cost as calculate_cost
    from llmclient.costs.capabilities import Feature as Feature
    from llmclient.costs.capabilities import context_window as context_window
    from llmclient.costs.capabilities import max_output_tokens as max_output_tokens
    from llmclient.costs.capabilities import supports as supports
    from llmclient.costs.counts import UsageCounts as UsageCounts
    from llmclient.costs.database import CostDatabase as CostDatabase
    from llmclient.costs.database import get_cost_database as get_cost_database
    from llmclient.costs.estimate import ModelCost as ModelCost
    from llmclient.costs.estimate import compare_model_costs as compare_model_costs
    from llmclient.costs.estimate import estimate_cost as estimate_cost
    from llmclient.costs.estimate import format_cost as format_cost
    from llmclient.costs.info import ModelFacts as ModelFacts
    from llmclient.costs.info import get_model_info as get_model_info
    from llmclient.costs.info import list_models as list_models
    from llmclient.costs.info import register_price as register_price
    from llmclient.costs.refresh import RefreshResult as RefreshResult
    from llmclient.costs.refresh import refresh_cost_data as refresh_cost_data
    from llmclient.costs.remote import Fetched as Fetched
    from llmclient.costs.remote import RemotePricesError as RemotePricesError
    from llmclient.costs.response import cost_of as cost_of
    from llmclient.costs.rows import PriceRow as PriceRow
    from llmclient.costs.rows import PriceTable as PriceTable
    from llmclient.types.cost import Cost as Cost

__all__ = [
    "Cost",
    "CostDatabase",
    "Feature",
    "Fetched",
    "ModelCost",
    "ModelFacts",
    "PriceRow",
    "PriceTable",
    "RefreshResult",
    "RemotePricesError",
    "UsageCounts",
    "calculate_cost",
    "compare_model_costs",
    "context_window",
    "cost_of",
    "estimate_cost",
    "format_cost",
    "get_cost_database",
    "get_model_info",
    "list_models",
    "max_output_tokens",
    "refresh_cost_data",
    "register_price",
    "supports",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "Cost": "llmclient.types.cost",
        "CostDatabase": "llmclient.costs.database",
        "Feature": "llmclient.costs.capabilities",
        "Fetched": "llmclient.costs.remote",
        "ModelCost": "llmclient.costs.estimate",
        "ModelFacts": "llmclient.costs.info",
        "PriceRow": "llmclient.costs.rows",
        "PriceTable": "llmclient.costs.rows",
        "RefreshResult": "llmclient.costs.refresh",
        "RemotePricesError": "llmclient.costs.remote",
        "UsageCounts": "llmclient.costs.counts",
        "calculate_cost": "llmclient.costs.calculate",
        "compare_model_costs": "llmclient.costs.estimate",
        "context_window": "llmclient.costs.capabilities",
        "cost_of": "llmclient.costs.response",
        "estimate_cost": "llmclient.costs.estimate",
        "format_cost": "llmclient.costs.estimate",
        "get_cost_database": "llmclient.costs.database",
        "get_model_info": "llmclient.costs.info",
        "list_models": "llmclient.costs.info",
        "max_output_tokens": "llmclient.costs.capabilities",
        "refresh_cost_data": "llmclient.costs.refresh",
        "register_price": "llmclient.costs.info",
        "supports": "llmclient.costs.capabilities",
    },
)
