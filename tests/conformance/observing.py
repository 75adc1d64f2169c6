"""Play outcomes through one door, and write down what a router's user sees: results, errors, attempts, time.

What differs by nature is left out: ids, and the words of errors.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from llmclient import ModelRouter, SyncModelRouter, override_providers
from llmclient.errors import LLMClientError
from llmclient.testing.doors import server_override, transport_override
from llmclient.testing.harness import Harness
from llmclient.testing.provider.fake import FakeProvider
from llmclient.testing.server.app import FakeServer
from llmclient.testing.turns import Turn

DOORS = ("provider", "transport", "server")
MODELS = {
    "openai": "openai/gpt-5-mini",
    "anthropic": "anthropic/claude-haiku-4-5",
    "openrouter": "openrouter/meta-llama/llama-4-scout",
    "groq": "groq/llama-3.3-70b-versatile",
}
QUESTION = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 2+2?"}]


@dataclass(frozen=True)
class Way:
    """How a call is made."""

    door: str
    asynchronous: bool
    streamed: bool

    def __str__(self) -> str:
        return f"{self.door} {'async' if self.asynchronous else 'sync'} {'streamed' if self.streamed else 'plain'}"


@contextmanager
def entered(door: str, harness: Harness):
    """Every provider of the process is played by the harness, through this door."""
    with FakeServer(harness) if door == "server" else nullcontext() as server:
        override = {
            "provider": lambda name, config, factory: FakeProvider(harness, name),
            "transport": transport_override(harness),
            "server": server_override(server) if server is not None else None,
        }[door]
        with override_providers(override, clock=harness.clock):
            yield


def observe(way: Way, model: str, outcomes: list, params: dict | None = None, **router) -> list:
    """What each of the outcomes comes to, one call after the other."""
    harness = Harness()
    router.setdefault("clock", harness.clock)
    harness.script.add(*[Turn(action=outcome) for outcome in outcomes])
    with entered(way.door, harness):
        seen = _observe(way, lambda cls: cls(model, **router), len(outcomes), params or {}, harness)
    calls = [(call.call.model, call.call.stream, call.call.text, call.call.system) for call in harness.calls]
    return [*seen, calls]


def _observe(way, make, count, params, harness):
    if way.asynchronous:
        return asyncio.run(_observe_async(way, make, count, params, harness))
    seen = []
    with make(SyncModelRouter) as asked:
        for _ in range(count):
            started = harness.clock.monotonic()
            try:
                if way.streamed:
                    with asked.stream(QUESTION, **params) as stream:
                        for _chunk in stream:
                            pass
                    response = stream.response
                else:
                    response = asked.complete(QUESTION, **params)
                result = told(response)
            except LLMClientError as error:
                result = failed(error)
            seen.append((result, round(harness.clock.monotonic() - started, 6)))
    return seen


async def _observe_async(way, make, count, params, harness):
    seen = []
    async with make(ModelRouter) as asked:
        for _ in range(count):
            started = harness.clock.monotonic()
            try:
                if way.streamed:
                    async with asked.stream(QUESTION, **params) as stream:
                        async for _chunk in stream:
                            pass
                    response = stream.response
                else:
                    response = await asked.complete(QUESTION, **params)
                result = told(response)
            except LLMClientError as error:
                result = failed(error)
            seen.append((result, round(harness.clock.monotonic() - started, 6)))
    return seen


def told(response, *, attempts=True):
    """A response without its ids."""
    message = response.message
    usage = response.usage
    return {
        "model": response.model,
        "provider": response.provider,
        "text": response.text,
        "refusal": message.refusal,
        "finish": response.finish_reason,
        "reasoning": message.reasoning_content,
        "thinking": [block_of(block) for block in message.thinking_blocks or ()],
        "details": [block_of(block) for block in message.reasoning_details or ()],
        "tools": [(call.name, arguments_of(call)) for call in message.tool_calls or ()],
        "annotations": [
            (cited["url_citation"].get("url"), cited["url_citation"].get("title"))
            for cited in message.annotations or ()
        ],
        "usage": usage and (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens),
        "cached": usage and (usage.cached_tokens, usage.reasoning_tokens),
        "cost": response.cost and float(response.cost.total),
        "attempts": [attempt_of(attempt) for attempt in response.attempts] if attempts else None,
    }


def block_of(block):
    return {name: value for name, value in block.items() if value}


def arguments_of(call):
    try:
        return json.loads(call.function.arguments or "{}")
    except ValueError:
        return call.function.arguments


def failed(error):
    """An error without its words and ids."""
    partial = getattr(error, "partial", None)
    return {
        "class": type(error).__name__,
        "inner": [failed(inner) for inner in getattr(error, "errors", ())],
        **{
            name: getattr(error, name, None)
            for name in ("category", "status_code", "code", "type", "retry_after", "should_retry", "phase", "provider")
        },
        "partial": partial and told(partial, attempts=False),
        "attempts": [attempt_of(attempt) for attempt in error.attempts],
    }


def attempt_of(attempt):
    error = attempt.error and type(attempt.error).__name__
    return (
        attempt.model,
        attempt.outcome,
        error,
        attempt.category,
        attempt.status_code,
        round(attempt.waited, 6),
        round(attempt.duration, 6),
    )
