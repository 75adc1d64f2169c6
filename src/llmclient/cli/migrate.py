"""`llmclient migrate PATH…`: rewrite code that uses LiteLLM, to the layer or to the native API.

Without `--write` it prints a diff and changes nothing. The report, on standard error, has a line for everything that
was changed and for everything that a person must look at: `file:line: changed|look: what`. Exit code 1 where there is
something to look at or a file that cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, cast

from llmclient.errors import MissingDependencyError

if TYPE_CHECKING:
    from llmclient.compat.migration.findings import Rewritten
    from llmclient.compat.migration.rewrite import Target

_SKIPPED = frozenset({"__pycache__", "build", "dist", "node_modules", "site-packages", "venv"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders with all files below")
    parser.add_argument("--write", action="store_true", help="change the files; default: print a diff")
    parser.add_argument(
        "--to",
        choices=("compat", "native"),
        default="compat",
        help="compat: every name leads to the layer (default); native: calls that mean the same become ModelRouter's",
    )


def run(args: argparse.Namespace) -> int:
    """Do the work; returns the exit code.

    Raises:
        MissingDependencyError: libcst is not installed.
    """
    try:
        from llmclient.compat.migration.rewrite import rewrite
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("libcst"):
            raise
        raise MissingDependencyError("libcst", "migrate") from error
    target = cast("Target", args.to)
    looks = changed = 0
    for path in files_below(cast("list[Path]", args.paths)):
        try:
            source = path.read_bytes().decode("utf-8")
            result = rewrite(source, target)
        except (OSError, UnicodeDecodeError, SyntaxError) as error:
            print(f"{path}:1: look: left as it is, it cannot be read: {_first_line(error)}", file=sys.stderr)
            looks += 1
            continue
        looks += _report(path, result)
        if result.code != source:
            changed += 1
            _deliver(path, source, result.code, write=bool(args.write))
    done = "changed" if args.write else "to change"
    print(f"{changed} files {done}, {looks} things to look at", file=sys.stderr)
    return 1 if looks else 0


def _report(path: Path, result: Rewritten) -> int:
    for finding in result.findings:
        print(f"{path}:{finding.line}: {finding.kind}: {finding.text}", file=sys.stderr)
    return sum(finding.kind == "look" for finding in result.findings)


def _deliver(path: Path, old: str, new: str, *, write: bool) -> None:
    if write:
        path.write_bytes(new.encode("utf-8"))
        return
    lines = unified_diff(old.splitlines(), new.splitlines(), f"a/{path}", f"b/{path}", lineterm="")
    print("\n".join(lines))


def files_below(paths: Iterable[Path]) -> Iterator[Path]:
    """Python files, in order; hidden folders, virtual environments and builds are passed over."""
    for path in paths:
        if path.is_dir():
            for found in sorted(path.rglob("*.py")):
                inside = found.relative_to(path).parts[:-1]
                if not any(part.startswith(".") or part in _SKIPPED for part in inside):
                    yield found
        else:
            yield path


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
