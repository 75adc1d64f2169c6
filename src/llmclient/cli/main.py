"""The `llmclient` command: finds the subcommand in a table, imports that one module, and hands over.

A subcommand is a module with `add_arguments(parser)` and `run(args) -> int`, and a row here. Exit codes: 0 done, 1 the
command found what it looks for or the call failed, 2 the command line cannot be understood, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from llmclient._version import __version__
from llmclient.errors import LLMClientError

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("llmclient.cli.demo", "chat, stream and call a tool through three providers; canned, needs no key"),
    "chat": ("llmclient.cli.chat", "ask a model and print its answer as it comes"),
    "models": ("llmclient.cli.models", "list what a provider offers, with limits and prices"),
    "costs": ("llmclient.cli.costs", "show, list and compare the prices of models, and refresh them"),
    "cassettes": ("llmclient.cli.cassettes", "list, show, check, clean and compare recordings"),
    "migrate": ("llmclient.cli.migrate", "rewrite code that uses LiteLLM: to the layer, or to the native API"),
    "serve": ("llmclient.cli.serve", "play a script as OpenAI, Anthropic and OpenRouter on a port of this machine"),
}
"""Name -> module and one line of help."""


class Command(Protocol):
    """What a subcommand module has."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        ...

    def run(self, args: argparse.Namespace) -> int:
        """Do the work; returns the exit code."""
        ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    parser = _parser()
    command: Command | None = None
    if chosen in COMMANDS:
        module, line = COMMANDS[chosen]
        command = cast("Command", import_module(module))
        subparser = argparse.ArgumentParser(prog=f"llmclient {chosen}", description=line)
        command.add_arguments(subparser)
        parsed = subparser.parse_args(arguments[arguments.index(chosen) + 1 :])
    else:
        parser.parse_args(arguments)
        parser.print_help()
        return 0 if not arguments else 2
    try:
        return command.run(parsed)
    except LLMClientError as error:
        print(f"llmclient: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `… | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    lines = "\n".join(f"  {name:<10} {line}" for name, (_, line) in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="llmclient",
        description="One client and router for language models.",
        epilog=f"commands:\n{lines}\n\n`llmclient COMMAND --help` tells more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"llmclient {__version__}")
    parser.add_argument("command", nargs="?", choices=sorted(COMMANDS), metavar="COMMAND")
    return parser


if __name__ == "__main__":
    sys.exit(main())
