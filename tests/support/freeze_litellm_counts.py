"""Freezes LiteLLM's counts: `PYTHONPATH=src:tests python -m support.freeze_litellm_counts` where litellm is installed.

tiktoken's vocabularies must be at hand (`TIKTOKEN_CACHE_DIR`, which LiteLLM reads as `CUSTOM_TIKTOKEN_CACHE_DIR`).
"""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path

from support.token_corpus import IMAGES, MODELS, REQUESTS, TILES_OF_GPT_4O

TARGET = Path(__file__).parents[1] / "tokens" / "litellm_counts.json"


def main() -> None:
    """Write the counts of each model, by the name of the request."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["CUSTOM_TIKTOKEN_CACHE_DIR"] = os.environ["TIKTOKEN_CACHE_DIR"]
    from litellm import token_counter

    counts = {
        model: {
            name: token_counter(model=model, **request)
            for name, request in REQUESTS.items()
            if name not in IMAGES or model in TILES_OF_GPT_4O
        }
        for model in MODELS
    }
    frozen = {"litellm": version("litellm"), "counts": counts}
    TARGET.write_text(json.dumps(frozen, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
