"""Lazy facades: a package whose names are imported from their rooms when they are first touched.

A facade lists its names twice: in a `TYPE_CHECKING` block, which type checkers and editors read, and in a table from
name to module, which runs. `tests/test_facades.py` holds that the two agree.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TypeAlias

Getattr: TypeAlias = Callable[[str], object]
"""The type of a module's `__getattr__`."""


def lazy_exports(package: str, table: Mapping[str, str]) -> Getattr:
    """Return the `__getattr__` of a facade whose `table` maps each public name to the module that defines it."""

    def __getattr__(name: str) -> object:  # noqa: N807 - it becomes the module's own
        module = table.get(name)
        if module is None:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        value: object = getattr(import_module(module), name)
        setattr(sys.modules[package], name, value)
        return value

    return __getattr__
