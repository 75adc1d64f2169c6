"""`llmclient models`: what a provider offers right now, with what the price table knows of it."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from llmclient.routing.sync_router import SyncModelRouter

if TYPE_CHECKING:
    from llmclient.types.models import ModelInfo

PER_MILLION = 1_000_000
_HEAD = ("model", "context", "output", "$ in / 1M", "$ out / 1M")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("provider", nargs="+", help="openai, anthropic, openrouter, groq, …; each needs its key")
    parser.add_argument("--contains", default="", metavar="TEXT", help="only models with TEXT in their name")
    parser.add_argument("--json", action="store_true", help="a JSON list for machines")


def run(args: argparse.Namespace) -> int:
    """Ask each provider, and print what it lists."""
    found: list[ModelInfo] = []
    for provider in args.provider:
        with SyncModelRouter(f"{provider}/any") as router:
            found += [model for model in router.list_models() if args.contains in model.name]
    found.sort(key=lambda model: model.name)
    if args.json:
        print(json.dumps([{"name": model.name, **model.model_dump(exclude_none=True)} for model in found], indent=2))
    else:
        _table([_HEAD, *(_row(model) for model in found)])
    return 0 if found else 1


def _row(model: ModelInfo) -> tuple[str, ...]:
    costs = (model.input_cost_per_token, model.output_cost_per_token)
    money = ("" if cost is None else f"{cost * PER_MILLION:.2f}" for cost in costs)
    return (model.name, str(model.context_window or ""), str(model.max_output_tokens or ""), *money)


def _table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        numbers = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join([row[0].ljust(widths[0]), *numbers]).rstrip())
