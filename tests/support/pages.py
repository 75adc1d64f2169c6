"""Runs the Python blocks of a page, one after another, in one namespace, as a reader would type them."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks_of(page: str) -> list[str]:
    """The Python blocks of a page below the project's root, in order."""
    return _BLOCK.findall((ROOT / page).read_text("utf-8"))


async def run_blocks(blocks: list[str], names: dict) -> dict:
    """Run them; `await` may stand at the top. Returns the namespace."""
    for number, block in enumerate(blocks, 1):
        code = compile(block, f"<block {number}>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(code, names)
        if inspect.isawaitable(result):
            await result
    return names
