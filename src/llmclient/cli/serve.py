"""`llmclient serve`: the fake vendors as a server on its own, for programs that are no tests and for other languages.

One script file, or a folder of them from which each request chooses by a header. Delays are real here. What the server
does is told on standard error; nothing goes to standard output but the addresses.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmclient.testing.server.shelf import ShelfServer

_MEBIBYTE = 1024 * 1024
_LAST_PORT = 65_535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("script", type=Path, help="a script file, or a folder of them")
    parser.add_argument("--port", type=_port, default=8080, help="0 takes a free one (default: %(default)s)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to bind; the default cannot be reached from other machines"
    )
    parser.add_argument("--reload", action="store_true", help="load a script again when its file has changed")
    parser.add_argument("--max-body", type=_size, default=32, metavar="MIB", help="largest body (default: %(default)s)")


def _port(given: str) -> int:
    if not given.isdecimal() or int(given) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{given!r} is no port; give 0 to {_LAST_PORT}")
    return int(given)


def _size(given: str) -> int:
    if not given.isdecimal() or not int(given):
        raise argparse.ArgumentTypeError(f"{given!r} is no size; give whole MiB from 1")
    return int(given)


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    import threading

    server = make_server(args)
    if server is None:
        return 1
    try:
        server.start()
    except OSError as error:
        where = f"{args.host}, port {args.port}"
        print(f"llmclient serve: cannot listen on {where}: {error}; give another --port or --host", file=sys.stderr)
        return 1
    with server:
        print(addresses(server), flush=True)
        threading.Event().wait()
    return 0


def make_server(args: argparse.Namespace) -> ShelfServer | None:
    """The server that the arguments ask for; None where the script cannot be read, which is told."""
    from llmclient.testing.files.nodes import ScriptFileError
    from llmclient.testing.server.shelf import Shelf, ShelfServer

    source: Path = args.script
    if not source.exists():
        print(f"llmclient serve: no script {str(source)!r}", file=sys.stderr)
        return None
    shelf = Shelf(source, reload=args.reload, report=lambda line: print(line, file=sys.stderr, flush=True))
    try:
        names = shelf.names
        if not names:
            print(f"llmclient serve: no script in {str(source)!r}; put .yaml or .json files there", file=sys.stderr)
            return None
        for name in names:
            shelf.harness(name)
    except ScriptFileError as error:
        print(f"llmclient serve: {error}", file=sys.stderr)
        return None
    return ShelfServer(shelf, host=args.host, port=args.port, max_body=args.max_body * _MEBIBYTE)


def addresses(server: ShelfServer) -> str:
    """What to set so that clients come here."""
    names = ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "OPENROUTER_BASE_URL")
    return "\n".join(f"{name}={server.environment[name]}" for name in names)
