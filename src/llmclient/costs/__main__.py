"""`python -m llmclient.costs build --from FILE|URL`: makes the embedded price table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from llmclient.costs.build import build_table, write_embedded
from llmclient.costs.levels import EMBEDDED
from llmclient.costs.schema import InvalidTableError, MovedPriceError
from llmclient.errors import LLMClientError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m llmclient.costs", description="Maintain the embedded price table.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="make the embedded table from LiteLLM's price map")
    build.add_argument("--from", dest="source", required=True, help="a file, or an https URL")
    build.add_argument("--to", type=Path, default=Path(EMBEDDED), help="the file to write")
    build.add_argument("--date", default="", help="ISO date of the prices (default: today)")
    build.add_argument("--force", action="store_true", help="write even if models vanish or prices move tenfold")
    options = parser.parse_args(arguments)
    dated = options.date or datetime.now(tz=UTC).date().isoformat()
    try:
        text, name = _read(options.source)
        table = build_table(text, dated=dated, source=name)
        size = write_embedded(table, target=options.to, check=not options.force)
    except (InvalidTableError, LLMClientError, OSError) as error:
        hint = "; if that is a correction, --force writes it" if isinstance(error, MovedPriceError) else ""
        sys.stderr.write(f"not written: {error}{hint}\n")
        return 1
    sys.stdout.write(f"{len(table)} models, {len(table.first)} of them in the first part, {size} bytes\n")
    return 0


def _read(source: str) -> tuple[bytes, str]:
    if "://" in source:
        from llmclient.costs.remote import fetch

        return fetch(source).body, source
    path = Path(source)
    return path.read_bytes(), path.name


if __name__ == "__main__":
    sys.exit(main())
