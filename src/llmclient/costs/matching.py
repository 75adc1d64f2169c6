"""Which price row a model name means.

A row is found by one of these rules, in this order, or not at all:

1. *exact*: the name is a row.
2. *prefix*: "provider/model" is the row "model" where that row belongs to the provider, or the row under the prefix
   that LiteLLM's map has for this provider ("together/x" is "together_ai/x").
3. *openrouter*: "openrouter/vendor/model" is the vendor's own row, for vendors whose list price OpenRouter passes on.
   Claude's versions are written with a dot there. A variant that changes the price (":free", ":online") has no row.
4. *fine-tuned*: "ft:base:organisation:name:id" is the row "ft:base". Never the row "base": it is cheaper.
5. *dated*: "model-2026-01-31", "model-20260131", "model@20260131" or "model-latest" without a row of its own is the
   row "model"; and "model" without a row is its newest dated row.

Two may follow each other (a prefix, then a date). Names are also tried in lower case. No rule looks for a part of a
name inside another: "gpt-4" never prices "gpt-4o".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from llmclient.costs.rows import PriceRow, PriceTable

ROW_PROVIDERS: Final[Mapping[str, frozenset[str]]] = {
    "openai": frozenset({"openai", "text-completion-openai"}),
    "anthropic": frozenset({"anthropic"}),
    "text-completion-openai": frozenset({"text-completion-openai"}),
    "deepseek": frozenset({"deepseek"}),
    "mistral": frozenset({"mistral"}),
    "gemini": frozenset({"gemini"}),
    "xai": frozenset({"xai"}),
    "perplexity": frozenset({"perplexity"}),
}
"""Prefixes that may be dropped, and whose rows the rest of the name may then mean."""

MAP_PREFIXES: Final[Mapping[str, str]] = {
    "together": "together_ai",
    "fireworks": "fireworks_ai",
    "nvidia": "nvidia_nim",
}
"""Providers that LiteLLM's map has under another prefix."""

OPENROUTER_VENDORS: Final[Mapping[str, tuple[str, str]]] = {
    "openai": ("openai/", ""),
    "anthropic": ("anthropic/", "claude-"),
    "google": ("gemini/", "gemini-"),
    "x-ai": ("xai/", "grok-"),
    "perplexity": ("perplexity/", "sonar"),
    "cohere": ("", "command-"),
    "ai21": ("", "jamba-"),
}
"""Vendors of closed models on OpenRouter, whose list price it passes on: the prefix of their rows, and how the names
of their closed models begin. Open models are served by hosts of different prices: what such a call cost stands in its
usage, and nowhere before."""

_ROUTING_VARIANTS: Final = frozenset({"nitro", "floor", "exacto"})
_DATE_SHAPES: Final = ("20##-##-##", "20######")
_LATEST: Final = "-latest"


def find_row(table: PriceTable, name: str) -> tuple[str, PriceRow] | None:
    """Return the name of the row that prices `name`, and the row; None where no rule finds one.

    Args:
        table: where to look; its first part alone, as long as that has the row.
        name: the model as users and providers write it.
    """
    row = table.first.get(name)
    if row is not None:
        return name, row
    names = (name, name.lower()) if name != name.lower() else (name,)
    if _may_stand_first(name):
        for candidate in names:
            for found in _rules(candidate, table.first.get):
                return found
    for candidate in names:
        for found in _rules(candidate, table.get):
            return found
    for candidate in names:
        for found in _newest_dated(candidate, table):
            return found
    return None


def own_name(name: str) -> str:
    """The name without the prefix of a provider whose rows have none: what registered prices are kept under."""
    prefix, slash, rest = name.partition("/")
    return rest if slash and prefix in ROW_PROVIDERS else name


def _may_stand_first(name: str) -> bool:
    """Whether no row outside the first part can fit better: Vertex AI's rows write dates with "@"."""
    return "@" not in name


def _rules(name: str, lookup: Callable[[str], PriceRow | None]) -> Iterator[tuple[str, PriceRow]]:
    for candidate, providers in _candidates(name):
        for variant in _undated(candidate):
            row = lookup(variant)
            if row is not None and (providers is None or row.get("litellm_provider") in providers):
                yield variant, row


def _candidates(name: str) -> Iterator[tuple[str, frozenset[str] | None]]:
    """Names of rows that `name` may mean, each with the providers whose rows count; None is all."""
    yield name, None
    prefix, slash, rest = name.partition("/")
    if not slash:
        yield from _fine_tuned(name, None)
        return
    if prefix == "openrouter":
        yield from _openrouter(rest)
    elif prefix in ROW_PROVIDERS:
        yield rest, ROW_PROVIDERS[prefix]
        yield from _fine_tuned(rest, ROW_PROVIDERS[prefix])
    elif prefix in MAP_PREFIXES:
        yield f"{MAP_PREFIXES[prefix]}/{rest}", None


def _openrouter(name: str) -> Iterator[tuple[str, frozenset[str] | None]]:
    name, colon, variant = name.partition(":")
    vendor, _, model = name.partition("/")
    prefix, start = OPENROUTER_VENDORS.get(vendor, ("", ""))
    if vendor not in OPENROUTER_VENDORS or not model.startswith(start) or (colon and variant not in _ROUTING_VARIANTS):
        return
    if vendor == "anthropic":
        model = model.replace(".", "-")
    yield from _candidates(prefix + model)


def _fine_tuned(name: str, providers: frozenset[str] | None) -> Iterator[tuple[str, frozenset[str] | None]]:
    if name.startswith("ft:"):
        yield ":".join(name.split(":", 2)[:2]), providers


def _undated(name: str) -> Iterator[str]:
    yield name
    bare = name.removesuffix(_LATEST) if name.endswith(_LATEST) else without_date(name)
    if bare != name:
        yield bare


def without_date(name: str) -> str:
    """The name without a full date at its end, set off by "-" or "@"."""
    for shape in _DATE_SHAPES:
        start = len(name) - len(shape)
        if start > 1 and name[start - 1] in "-@" and _fits(name[start:], shape):
            return name[: start - 1]
    return name


def _fits(text: str, shape: str) -> bool:
    return all(seen.isdecimal() if mark == "#" else seen == mark for seen, mark in zip(text, shape, strict=True))


def _newest_dated(name: str, table: PriceTable) -> Iterator[tuple[str, PriceRow]]:
    for candidate, providers in _candidates(name):
        bare = candidate.removesuffix(_LATEST)
        same = [other for other in table.starting_with(bare) if other != bare and without_date(other) == bare]
        for row_name in sorted(same, reverse=True):
            row = table.get(row_name)
            if row is not None and (providers is None or row.get("litellm_provider") in providers):
                yield row_name, row
