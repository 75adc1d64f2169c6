"""`llmclient costs`: prices, limits and comparisons from the price table, as tables or as JSON.

    show MODEL …        what a model costs, in dollars for a million tokens
    list                models of the table, by provider and capability
    compare MODEL …     what the same call costs at several models, with bars
    calculate MODEL     what a call cost, from its tokens
    refresh             fetch the public price map (the one command that asks a network)
    info                which table is in use, and where it comes from

Every command takes `--json`. Tables need rich (`pip install 'llmclient[cli]'`); JSON needs nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from llmclient.costs.calculate import calculate_cost, cost_parts
from llmclient.costs.database import get_cost_database
from llmclient.costs.estimate import compare_model_costs, format_cost
from llmclient.costs.info import ModelFacts, get_model_info, list_models
from llmclient.costs.schema import is_price
from llmclient.errors import ConfigurationError

if TYPE_CHECKING:
    from llmclient.costs.counts import UsageCounts
    from llmclient.types.cost import Cost

Row: TypeAlias = tuple[str, ...]

_MILLION: Final = 1_000_000
_COUNTS: Final = (
    ("prompt-tokens", "all tokens that go in, cached ones included"),
    ("completion-tokens", "all tokens that come out, reasoning included"),
    ("cached-tokens", "prompt tokens read from a cache"),
    ("cache-write-tokens", "prompt tokens written to a cache"),
    ("reasoning-tokens", "completion tokens spent on reasoning"),
    ("audio-tokens", "prompt tokens that are audio"),
    ("output-audio-tokens", "completion tokens that are audio"),
    ("image-tokens", "prompt tokens that are images"),
    ("output-image-tokens", "completion tokens that are images"),
    ("images", "pictures made"),
    ("characters", "characters to speak"),
    ("web-searches", "searches of the provider's own tool"),
    ("file-searches", "searches of files by the provider's own tool"),
)
"""Counts of `calculate` and `compare`, and what they count."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the commands and their arguments."""
    parser.description = __doc__
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="costs_command", required=True, metavar="COMMAND")
    show = commands.add_parser("show", help="what a model costs")
    show.add_argument("models", nargs="+", metavar="MODEL")
    listed = commands.add_parser("list", help="models of the price table")
    listed.add_argument("--provider", help="only rows of this provider, such as anthropic")
    listed.add_argument("--capability", help="only models with this: tools, vision, reasoning, embedding, …")
    listed.add_argument("--search", default="", help="only names with this in them")
    listed.add_argument("--limit", type=int, default=0, help="at most so many (default: all)")
    compare = commands.add_parser("compare", help="the same call at several models")
    compare.add_argument("models", nargs="+", metavar="MODEL")
    compare.add_argument("--text", help="a prompt to count, in place of --prompt-tokens")
    calculate = commands.add_parser("calculate", help="what a call cost")
    calculate.add_argument("model", metavar="MODEL")
    calculate.add_argument("--region", help="where it was processed: eu, us, …")
    for command in (compare, calculate):
        command.add_argument("--service-tier", help="the tier that served it: flex, priority, batch, …")
        for name, meaning in _COUNTS:
            command.add_argument(f"--{name}", type=int, default=0, help=meaning, metavar="N")
    refresh = commands.add_parser("refresh", help="fetch the public price map")
    refresh.add_argument("--force", action="store_true", help="even if the copy on disk is younger than a day")
    refresh.add_argument("--url", help="another source (https)")
    info = commands.add_parser("info", help="which table is in use")
    for command in (show, listed, compare, calculate, refresh, info):
        command.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Run the command that was chosen; 1 where a model is not known."""
    return _COMMANDS[str(args.costs_command)](args)


def _show(args: argparse.Namespace) -> int:
    found = {name: get_model_info(name) for name in cast("list[str]", args.models)}
    _refuse_unknown([name for name, facts in found.items() if facts is None])
    known = [facts for facts in found.values() if facts is not None]
    if args.json:
        return _print_json([_facts(facts) for facts in known])
    for facts in known:
        rows = [("provider", facts.provider), ("mode", facts.mode), ("context window", _number(facts.context_window))]
        rows += [("longest answer", _number(facts.max_output_tokens)), ("supports", ", ".join(facts.features))]
        rows += [(_title(field), _price(field, value)) for field, value in sorted(_prices(facts.row).items())]
        if facts.deprecated:
            rows.append(("served until", facts.deprecated))
        _table(facts.name, ("", ""), rows, right=())
    return 0


def _list(args: argparse.Namespace) -> int:
    found = list_models(provider=args.provider, capability=args.capability)
    found = [facts for facts in found if str(args.search).lower() in facts.name.lower()]
    found = found[: args.limit or None]
    if args.json:
        return _print_json([_facts(facts) for facts in found])
    rows = [
        (
            facts.name,
            facts.provider,
            facts.mode,
            _number(facts.context_window),
            _dollars(facts.input_price),
            _dollars(facts.cached_input_price),
            _dollars(facts.output_price),
        )
        for facts in found
    ]
    heads = ("model", "provider", "mode", "context", "$/M in", "$/M cached", "$/M out")
    _table(f"{len(found)} models", heads, rows, right=(3, 4, 5, 6))
    return 0


def _compare(args: argparse.Namespace) -> int:
    counts = _counts(args)
    models: list[str] = args.models
    if args.text:
        answer = counts.get("completion_tokens", 0)
        lines = compare_model_costs(
            models, messages=str(args.text), response_tokens=answer, service_tier=args.service_tier
        )
    else:
        lines = compare_model_costs(models, service_tier=args.service_tier, **counts)
    if args.json:
        entries = [
            {"model": line.model, "cost": None if line.cost is None else _cost(line.cost), "ratio": line.ratio}
            for line in lines
        ]
        return _print_json(entries)
    rows = [(line.model, format_cost(line.cost), "" if line.ratio is None else f"{line.ratio:,.1f}x") for line in lines]
    _chart("the same call", rows, [0.0 if line.cost is None else float(line.cost.total) for line in lines])
    return 0


def _calculate(args: argparse.Namespace) -> int:
    cost = calculate_cost(args.model, service_tier=args.service_tier, region=args.region, **_counts(args))
    if cost is None:
        _refuse_unknown([str(args.model)])
        return 1
    if args.json:
        return _print_json(_cost(cost))
    rows = [(part.replace("_", " "), format_cost(amount)) for part, amount in cost_parts(cost).items()]
    rows.append(("total", format_cost(cost)))
    _table(
        f"{cost.model}: {cost.source} price, row {cost.row!r} of {cost.dated}", ("part", "US dollars"), rows, right=(1,)
    )
    return 0


def _refresh(args: argparse.Namespace) -> int:
    from llmclient.costs.refresh import refresh_cost_data
    from llmclient.costs.remote import PUBLIC_URL

    result = refresh_cost_data(args.force, url=args.url or PUBLIC_URL)
    if args.json:
        return _print_json(asdict(result))
    kept = "" if result.kept else "; the cache directory could not be written"
    print(f"{result.status}: {result.models} models of {result.dated}, from {result.source}{kept}")
    return 0


def _info(args: argparse.Namespace) -> int:
    from llmclient.costs.disk import cache_path

    table = get_cost_database().table
    facts: dict[str, object] = {
        "origin": table.origin,
        "dated": table.dated,
        "models": len(table),
        "providers": len({row.get("litellm_provider") for row in table.rows().values()}),
        "source": table.source,
        "cache": cache_path(),
    }
    if args.json:
        return _print_json(facts)
    _table("price table", ("", ""), [(name, str(value)) for name, value in facts.items()], right=())
    return 0


_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "show": _show,
    "list": _list,
    "compare": _compare,
    "calculate": _calculate,
    "refresh": _refresh,
    "info": _info,
}


def _counts(args: argparse.Namespace) -> UsageCounts:
    given = {name.replace("-", "_"): getattr(args, name.replace("-", "_")) for name, _ in _COUNTS}
    return cast("UsageCounts", {name: count for name, count in given.items() if count})


def _refuse_unknown(names: list[str]) -> None:
    if names:
        unknown = ", ".join(repr(name) for name in names)
        raise ConfigurationError(
            f"no price is known for {unknown}; `llmclient costs list --search PART` shows the names of the table"
        )


def _facts(facts: ModelFacts) -> dict[str, object]:
    return {
        "name": facts.name,
        "provider": facts.provider,
        "mode": facts.mode,
        "context_window": facts.context_window,
        "max_output_tokens": facts.max_output_tokens,
        "features": list(facts.features),
        "deprecated": facts.deprecated,
        "dated": facts.dated,
        "prices": _prices(facts.row),
    }


def _prices(row: Mapping[str, object]) -> dict[str, object]:
    return {field: value for field, value in row.items() if is_price(field)}


def _cost(cost: Cost) -> dict[str, object]:
    parts = {name: float(part) for name, part in cost_parts(cost).items()}
    return {
        "model": cost.model,
        "total": float(cost.total),
        "parts": parts,
        "source": cost.source,
        "row": cost.row,
        "dated": cost.dated,
    }


def _title(field: str) -> str:
    return field.replace("_cost_per_token", "").replace("_input_token_cost", "").replace("_", " ")


def _price(field: str, value: object) -> str:
    if isinstance(value, int | float) and "token" in field and "multiplier" not in field:
        return f"{_dollars(Decimal(str(value)) * _MILLION)} / M tokens"
    if isinstance(value, int | float):
        return f"{value:g}" if "multiplier" in field else format_cost(value)
    return json.dumps(value)


def _dollars(amount: Decimal | None) -> str:
    """A price, exactly, with cents at least."""
    if amount is None:
        return ""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"${amount:,.{places}f}"


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _print_json(value: object) -> int:
    print(json.dumps(value, indent=2))
    return 0


def _table(title: str, heads: Row, rows: Sequence[Row], *, right: tuple[int, ...]) -> None:
    from llmclient.cli.tables import print_table

    print_table(title, heads, rows, right=right)


def _chart(title: str, rows: list[tuple[str, str, str]], amounts: list[float]) -> None:
    from llmclient.cli.tables import print_chart

    print_chart(title, ("model", "cost", ""), rows, amounts=amounts)
