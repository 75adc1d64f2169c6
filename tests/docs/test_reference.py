"""The reference shows every facade: a public name that is not shown is one that nobody can look up."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FACADES = [
    ".".join(("llmclient", *path.relative_to(ROOT / "src" / "llmclient").parent.parts))
    for path in sorted((ROOT / "src" / "llmclient").rglob("__init__.py"))
    if "= lazy_exports(" in path.read_text(encoding="utf-8")
]
LITELLM = "llmclient.compat.litellm"
"""Its names are LiteLLM's; the guide has a table of them."""


def test_there_are_facades():
    assert {"llmclient", "llmclient.testing", "llmclient.types", "llmclient.costs"} <= set(FACADES)


@pytest.mark.parametrize("facade", [name for name in FACADES if not name.startswith(LITELLM)])
def test_every_facade_stands_in_the_reference(facade):
    assert f"\n::: {facade}\n" in (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
