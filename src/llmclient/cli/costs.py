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

from llmclient.cli.price_sheet import dollars, is_in_sheet, sheet
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

_WORDS: Final = (
    ("search_context_cost_per_query", "a search"),
    ("search_context_size_", "context "),
    ("regional_processing_uplift_multiplier_", "times in region "),
    ("_uplift_multiplier", ", times"),
    ("_", " "),
)
"""Words of the map's fields, and what is said instead."""


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
    listed.add_argument("--limit", type=_whole, default=0, help="at most so many (default: all)")
    compare = commands.add_parser("compare", help="the same call at several models")
    compare.add_argument("models", nargs="+", metavar="MODEL")
    compare.add_argument("--text", help="a prompt to count, in place of --prompt-tokens")
    calculate = commands.add_parser("calculate", help="what a call cost")
    calculate.add_argument("model", metavar="MODEL")
    calculate.add_argument("--region", help="where it was processed: eu, us, …")
    for command in (compare, calculate):
        command.add_argument("--service-tier", help="the tier that served it: flex, priority, batch, …")
        for name, meaning in _COUNTS:
            command.add_argument(f"--{name}", type=_whole, default=0, help=meaning, metavar="N")
    refresh = commands.add_parser("refresh", help="fetch the public price map")
    refresh.add_argument("--force", action="store_true", help="even if the copy on disk is younger than a day")
    refresh.add_argument("--accept-moves", action="store_true", help="take prices that move tenfold, as corrections do")
    refresh.add_argument("--url", help="another source (https)")
    info = commands.add_parser("info", help="which table is in use")
    for command in (show, listed, compare, calculate, refresh, info):
        command.add_argument("--json", action="store_true", help="print JSON")


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return int(text)


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
        rows: list[Row] = [
            ("provider", facts.provider),
            ("mode", facts.mode),
            ("context window", _number(facts.context_window)),
            ("longest answer", _number(facts.max_output_tokens)),
            ("supports", ", ".join(facts.features)),
            ("served until", facts.deprecated),
        ]
        rows += [line for field, value in sorted(_prices(facts.row).items()) for line in _other_prices(field, value)]
        _table(facts.name, ("", ""), [line for line in rows if line[1]], right=())
        heads, lines = sheet(facts.row)
        if lines:
            _table(f"prices of {facts.dated or 'your own'}", heads, lines, right=range(1, len(heads)))
    return 0


def _list(args: argparse.Namespace) -> int:
    found = list_models(provider=args.provider, capability=args.capability)
    found = [facts for facts in found if str(args.search).lower() in facts.name.lower()]
    found = found[: args.limit or None]
    if args.json:
        return _print_json([_facts(facts) for facts in found])
    if not found:
        raise ConfigurationError("no model is like that; `llmclient costs list` shows all, `info` counts them")
    own = 0 if args.provider else 1  # the provider that was asked for need not stand in every line
    rows = [
        (
            facts.name,
            *(facts.provider,) * own,
            facts.mode,
            _number(facts.context_window),
            dollars(facts.input_price),
            dollars(facts.cached_input_price),
            dollars(facts.output_price),
        )
        for facts in found
    ]
    heads = ("model", *("provider",) * own, "mode", "context", "$/M in", "cached", "out")
    _table(f"{len(found)} models", heads, rows, right=range(2 + own, 6 + own))
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
    _chart(_call(args, counts), rows, [0.0 if line.cost is None else float(line.cost.total) for line in lines])
    return 0


def _calculate(args: argparse.Namespace) -> int:
    counts = _counts(args)
    if not counts:
        raise ConfigurationError("nothing was used; give --prompt-tokens N and --completion-tokens N, or other counts")
    cost = calculate_cost(args.model, service_tier=args.service_tier, region=args.region, **counts)
    if cost is None:
        _refuse_unknown([str(args.model)])
        return 1
    if args.json:
        return _print_json(_cost(cost))
    rows = [(part.replace("_", " "), dollars(amount)) for part, amount in cost_parts(cost).items()]
    rows.append(("total", dollars(cost.total)))
    _table(
        f"{cost.model}: {cost.source} price, row {cost.row!r} of {cost.dated}", ("part", "US dollars"), rows, right=(1,)
    )
    return 0


def _refresh(args: argparse.Namespace) -> int:
    from llmclient.costs.refresh import refresh_cost_data
    from llmclient.costs.remote import PUBLIC_URL

    result = refresh_cost_data(args.force, url=args.url or PUBLIC_URL, accept_moves=args.accept_moves)
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
        hint = "; what OpenRouter charges for open models stands in each answer" * any(
            "openrouter/" in n for n in names
        )
        raise ConfigurationError(
            f"no price is known for {unknown}; `llmclient costs list --search PART` shows the names of the table{hint}"
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


def _other_prices(field: str, value: object) -> list[Row]:
    """Lines of a price that is not by the token, and of the prices inside it."""
    if is_in_sheet(field):
        return []
    if isinstance(value, dict):
        inside = cast("dict[str, object]", value)
        return [(f"{_title(field)}, {_title(key)}", _amount(key, inner)) for key, inner in inside.items()]
    return [(_title(field), _amount(field, value))]


def _title(field: str) -> str:
    for written, said in _WORDS:
        field = field.replace(written, said)
    return field


def _amount(field: str, value: object) -> str:
    if isinstance(value, int | float):
        return f"{value:g}" if "multiplier" in field else dollars(Decimal(str(value)))
    return json.dumps(value)


def _call(args: argparse.Namespace, counts: UsageCounts) -> str:
    """What is compared, in words."""
    if args.text:
        return f"{len(str(args.text)):,} characters, counted for each model"
    used = cast("dict[str, int]", counts).items()
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in used) or "nothing used"


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _print_json(value: object) -> int:
    print(json.dumps(value, indent=2))
    return 0


def _table(title: str, heads: Row, rows: Sequence[Row], *, right: Sequence[int]) -> None:
    from llmclient.cli.tables import print_table

    print_table(title, heads, rows, right=right)


def _chart(title: str, rows: list[tuple[str, str, str]], amounts: list[float]) -> None:
    from llmclient.cli.tables import print_chart

    print_chart(title, ("model", "cost", ""), rows, amounts=amounts)
