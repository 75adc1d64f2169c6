"""`llmclient demo`: one chat, one stream and one tool call through each of the three providers, without a key.

The answers are canned: a script, played as real wire bytes by an in-process transport beneath the real SDKs. What runs
above it (router, providers, SDKs, decoding) is what production runs. Nothing touches the network.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from llmclient.providers.registry import override_providers
from llmclient.routing.sync_router import SyncModelRouter
from llmclient.testing.doors import transport_override
from llmclient.testing.harness import Harness
from llmclient.testing.reply import Reply, tool_call
from llmclient.testing.turns import Script, Turn, When

if TYPE_CHECKING:
    from llmclient.types.messages import ToolParam
    from llmclient.types.response import ModelResponse

MODELS = ("openai/gpt-5-mini", "anthropic/claude-haiku-4-5", "openrouter/meta-llama/llama-4-scout")

WEATHER: ToolParam = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}

SCRIPT = (
    Turn(when=When(contains="primes"), action=Reply(text="2, 3 and 5."), times=None),
    Turn(
        when=When(contains="story"),
        action=Reply(text="A fox saw the moon in a pond. It drank, and the moon came back."),
        times=None,
    ),
    Turn(when=When(contains="weather"), action=Reply(tool_calls=(tool_call("weather", city="Paris"),)), times=None),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""
    parser.description = f"{parser.description}. Nothing is sent anywhere."


def run(_args: argparse.Namespace) -> int:
    """Play the script through each provider and print what came back."""
    print("llmclient demo: the answers are canned, played to the real SDKs by an in-process transport.")
    print("No key, no network, no cost; the first call of an SDK takes longer because it imports it.\n")
    script = Script(name="demo")
    script.add(*SCRIPT)
    with override_providers(transport_override(Harness(script))):
        for model in MODELS:
            print(model)
            with SyncModelRouter(model) as router:
                _show("chat", partial(router.complete, "Name three primes."))
                _show("stream", partial(_stream, router))
                _show("tool", partial(router.complete, "How is the weather in Paris?", tools=[WEATHER]))
            print()
    print("With a key in the environment: llmclient chat -m openai/gpt-5-mini 'Name three primes.'")
    return 0


def _stream(router: SyncModelRouter) -> ModelResponse:
    with router.stream("Tell me a story.") as stream:
        chunks = sum(1 for chunk in stream if chunk.text)
        print(f"  stream of {chunks} chunks")
    return stream.response


def _show(what: str, call: Callable[[], ModelResponse]) -> None:
    started = time.perf_counter()
    reply = call()
    milliseconds = (time.perf_counter() - started) * 1000
    said = reply.text or ", ".join(f"{made.name}({made.arguments})" for made in reply.tool_calls)
    usage = reply.usage
    tokens = f"{usage.prompt_tokens} + {usage.completion_tokens} tokens" if usage else "no usage"
    print(f"  {what:<7}{said}\n  {'':<7}{tokens}, {milliseconds:.1f} ms, finish reason {reply.finish_reason}")
