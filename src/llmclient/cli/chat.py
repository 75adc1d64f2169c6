"""`llmclient chat`: one question to a live model, the answer streamed to the terminal.

The prompt is the arguments, or standard input where it is `-` or nothing. Text goes to standard output and nothing
else does: reasoning (with `--reasoning`) and the closing line about tokens, time and cost go to standard error.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from llmclient.routing.sync_router import SyncModelRouter

if TYPE_CHECKING:
    from llmclient.types.messages import ChatParams
    from llmclient.types.response import ModelResponse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("prompt", nargs="*", help="what to ask; default: read from standard input")
    parser.add_argument("-m", "--model", default="openai/gpt-5-mini", help="provider/model (default: %(default)s)")
    parser.add_argument("-f", "--fallback", action="append", default=[], help="asked when the model fails; repeatable")
    parser.add_argument("-s", "--system", help="system message")
    parser.add_argument("-t", "--temperature", type=float)
    parser.add_argument("--max-tokens", type=int)
    parser.add_argument("--reasoning", action="store_true", help="show what the model thinks, on standard error")
    parser.add_argument("-q", "--quiet", action="store_true", help="no closing line")


def run(args: argparse.Namespace) -> int:
    """Ask, and print the answer as it comes."""
    words: list[str] = args.prompt
    prompt = " ".join(words) if words and words != ["-"] else sys.stdin.read()
    if not prompt.strip():
        print("llmclient chat: nothing to ask; give a prompt, or pipe one in", file=sys.stderr)
        return 2
    messages = [{"role": "system", "content": args.system}] if args.system else []
    messages.append({"role": "user", "content": prompt})
    params: ChatParams = {}
    if args.temperature is not None:
        params["temperature"] = args.temperature
    if args.max_tokens is not None:
        params["max_tokens"] = args.max_tokens
    started = time.perf_counter()
    with (
        SyncModelRouter(args.model, fallbacks=args.fallback) as router,
        router.stream(messages, **params) as stream,
    ):
        for chunk in stream:
            if args.reasoning and chunk.reasoning:
                print(chunk.reasoning, end="", file=sys.stderr, flush=True)
            print(chunk.text, end="", flush=True)
        print()
        if not args.quiet:
            print(closing_line(stream.response, time.perf_counter() - started), file=sys.stderr)
    return 0


def closing_line(reply: ModelResponse, seconds: float) -> str:
    """Who answered, how much of what, how long."""
    usage = reply.usage
    tokens = f"{usage.prompt_tokens} + {usage.completion_tokens} tokens" if usage else "tokens not told"
    cost = reply.cost
    money = f", ${cost.total:.6f}" if cost is not None else ""
    return f"[{reply.provider}/{reply.model}: {tokens}, {seconds:.2f} s{money}, {reply.finish_reason}]"
