"""Freezes LiteLLM's answers: `PYTHONPATH=src:tests python -m support.freeze_litellm` where litellm is installed."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from llmclient.costs import get_cost_database
from support.drawn_usages import draw
from support.litellm_costs import give_rows, litellm_cost, litellm_models
from support.litellm_differences import difference
from support.our_costs import row_mark

TARGET = Path(__file__).parents[1] / "costs" / "litellm_totals.json"
CALLS = 16


def main() -> None:
    """Write one list of totals a model; None where ours differs on purpose."""
    give_rows(get_cost_database().table)
    totals = {}
    models = litellm_models()
    for model, provider in sorted(models.items()):
        calls = [draw(seed, provider=provider) for seed in range(CALLS)]
        totals[model] = [None if difference(model, call) else litellm_cost(model, provider, call) for call in calls]
    frozen = {
        "litellm": version("litellm"),
        "providers": models,
        "rows": {model: row_mark(model) for model in totals},
        "totals": totals,
    }
    lines = json.dumps(frozen, sort_keys=True, indent=0).replace(",\n", ",").replace("[\n", "[").replace("\n]", "]")
    TARGET.write_text(lines.replace("],", "],\n") + "\n", "utf-8")


if __name__ == "__main__":
    main()
