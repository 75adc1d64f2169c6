"""Tables and bar charts in the terminal, drawn by rich, which is imported when the first is printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from llmclient.errors import MissingDependencyError

if TYPE_CHECKING:
    from rich.table import Table


_PIPE: Final = 200
"""Characters of a line that nobody sees on a terminal."""


def print_table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> None:
    """Print rows under their heads, in columns as wide as they need.

    Args:
        title: stands above.
        heads: one for each column; all empty prints none.
        rows: the cells.
        right: columns that are aligned to the right.

    Raises:
        MissingDependencyError: rich is not installed.
    """
    table = _new_table(heads, right)
    for row in rows:
        table.add_row(*row)
    _print(title, table)


def print_chart(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, amounts: Sequence[float]) -> None:
    """Print rows with a bar behind each, as long as its amount; the longest fills the column.

    Raises:
        MissingDependencyError: rich is not installed.
    """
    table = _new_table([*heads, ""], range(1, len(heads)))
    from rich.bar import Bar

    most = max(amounts, default=0.0) or 1.0
    table.columns[-1].ratio = 1
    table.expand = True
    for row, amount in zip(rows, amounts, strict=True):
        table.add_row(*row, Bar(most, 0, amount))
    _print(title, table)


def _new_table(heads: Sequence[str], right: Sequence[int]) -> Table:
    try:
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
    except ImportError as error:
        raise MissingDependencyError("rich", "cli") from error

    table = Table(box=SIMPLE_HEAD, show_header=any(heads), show_edge=False, pad_edge=False)
    for position, head in enumerate(heads):
        table.add_column(head, justify="right" if position in right else "left", overflow="fold")
    return table


def _print(title: str, table: Table) -> None:
    import os
    import sys

    from rich.console import Console

    # What reads a pipe has no width: a line stays a line there.
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PIPE
    console = Console(highlight=False, markup=False, width=width)
    console.print(title)
    console.print(table)
    console.print()
