"""The migration guide: every pair of tests in it is run, and every name of the table is in it."""

from __future__ import annotations

import inspect
from importlib.util import find_spec

import pytest

from compat.names import NAMES
from llmclient.compat import litellm as layer
from llmclient.testing import script
from support.pages import ROOT, blocks_of, run_blocks

PAGE = "docs/leaving-litellm.md"
TESTS = [
    line.split("(")[0].removeprefix("async def ")
    for block in blocks_of(PAGE)
    for line in block.splitlines()
    if line.startswith("async def test_")
]
NEED_INSTRUCTOR = ("test_extracts_before", "test_extracts_after")


@pytest.mark.parametrize("name", TESTS)
async def test_what_the_guide_shows_passes(name):
    if name in NEED_INSTRUCTOR and find_spec("instructor") is None:
        pytest.skip("instructor is not installed")
    layer.install()
    try:
        names = await run_blocks(blocks_of(PAGE), {"__name__": "guide"})
        with script() as llm:
            test = names[name]
            await (test(llm) if "llm" in inspect.signature(test).parameters else test())
    finally:
        layer.uninstall()


def test_there_are_ten_kinds_each_before_and_after():
    assert sum(name.endswith("_before") for name in TESTS) >= 9
    assert sum(name.endswith("_after") for name in TESTS) >= 9


@pytest.mark.parametrize("name", sorted({name for names in NAMES.values() for name in names.split()}))
def test_every_name_is_in_the_guide(name):
    assert f"`{name}" in (ROOT / PAGE).read_text("utf-8")
