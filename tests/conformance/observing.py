"""Play outcomes through one door, and write down all that a router's user sees: results, errors, attempts, time."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from random import Random

from llmclient import ModelRouter, RetryPolicy, SyncModelRouter, Timeouts, override_providers
from llmclient.errors import LLMClientError
from llmclient.testing.doors import server_override, transport_override
from llmclient.testing.harness import Harness
from llmclient.testing.provider.likeness import fake_provider
from llmclient.testing.reply import Reply
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


PATIENT = Timeouts(total=10_000.0)
"""The longest stall is shorter: else two clocks would run out together, and either may be the one to notice."""


@dataclass(frozen=True)
class Way:
    """How a call is made."""

    door: str
    asynchronous: bool = False
    streamed: bool = False

    def __str__(self) -> str:
        return f"{self.door} {'async' if self.asynchronous else 'sync'} {'streamed' if self.streamed else 'plain'}"


@contextmanager
def entered(door: str, harness: Harness):
    """Every provider of the process is played by the harness, through this door."""
    with FakeServer(harness) if door == "server" else nullcontext() as server:
        override = {
            "provider": lambda name, config, factory: fake_provider(harness, name, config, factory),
            "transport": transport_override(harness),
            "server": server_override(server) if server is not None else None,
        }[door]
        with override_providers(override, clock=harness.clock):
            yield


def observe(way: Way, model: str, outcomes: list, params: dict | None = None) -> list:
    """What each of the outcomes comes to, one call after the other, none of them retried."""
    return _play(
        way, outcomes, params, lambda cls: cls(model, retry=RetryPolicy(attempts=1), breaker=None, timeouts=PATIENT)
    )


def observe_routed(way: Way, models: list[str], outcomes: list, params: dict | None = None) -> list:
    """What one call comes to that meets the outcomes one after the other, retried and falling back as usual."""

    def make(cls):
        return cls(models[0], fallbacks=models[1:], timeouts=PATIENT, rng=Random(7))  # noqa: S311 - jitter

    return _play(way, outcomes, params, make, calls=1, last=Reply(text="at last"))


def _play(way, outcomes, params, make, *, calls=None, last=None):
    harness = Harness()
    harness.script.add(*[Turn(action=outcome) for outcome in outcomes])
    if last is not None:
        harness.script.add(Turn(action=last, times=None))
    with entered(way.door, harness):
        seen = _observe(way, make, calls or len(outcomes), params or {}, harness)
    calls = [(call.call.model, call.call.stream, call.call.text, call.call.system) for call in harness.calls]
    return [*seen, calls]


def _observe(way, make, count, params, harness):
    """A router for each call, so that none knows of the one before; the first holds what they all share open."""
    if way.asynchronous:
        return asyncio.run(_observe_async(way, make, count, params, harness))
    seen = []
    with make(SyncModelRouter):
        for _ in range(count):
            started = harness.clock.monotonic()
            with make(SyncModelRouter) as asked:
                try:
                    result = told(_ask(way, asked, params))
                except LLMClientError as error:
                    result = failed(error)
            seen.append((result, round(harness.clock.monotonic() - started, 6)))
    return seen


def _ask(way, asked, params):
    if not way.streamed:
        return asked.complete(QUESTION, **params)
    with asked.stream(QUESTION, **params) as stream:
        chunks = [chunk.model_dump(exclude_none=True) for chunk in stream]
    return _with(chunks, stream.response)


async def _observe_async(way, make, count, params, harness):
    seen = []
    async with make(ModelRouter):
        for _ in range(count):
            started = harness.clock.monotonic()
            async with make(ModelRouter) as asked:
                try:
                    result = told(await _ask_async(way, asked, params))
                except LLMClientError as error:
                    result = failed(error)
            seen.append((result, round(harness.clock.monotonic() - started, 6)))
    return seen


async def _ask_async(way, asked, params):
    if not way.streamed:
        return await asked.complete(QUESTION, **params)
    async with asked.stream(QUESTION, **params) as stream:
        chunks = [chunk.model_dump(exclude_none=True) async for chunk in stream]
    return _with(chunks, stream.response)


def _with(chunks, response):
    response.chunks = chunks  # what a vendor adds to a response is kept, and dumped
    return response


def told(response, *, attempts=True):
    """All that a response holds, its ids and the provider's own JSON too, and the chunks that it came in."""
    return {
        **response.model_dump(exclude_none=True),
        "raw": response.raw_response,
        "cost": response.cost and float(response.cost.total),
        "attempts": [attempt_of(attempt) for attempt in response.attempts] if attempts else None,
    }


def failed(error):
    """All that an error tells."""
    partial = getattr(error, "partial", None)
    return {
        "class": type(error).__name__,
        "words": str(error),
        "inner": [failed(inner) for inner in getattr(error, "errors", ())],
        "partial": partial and told(partial, attempts=False),
        "attempts": [attempt_of(attempt) for attempt in error.attempts],
        **{name: getattr(error, name, None) for name in FACTS},
    }


FACTS = (
    "message",
    "category",
    "status_code",
    "code",
    "type",
    "retry_after",
    "should_retry",
    "provider",
    "model",
    "request_id",
    "body",
    "phase",
    "frame",
)
"""What an error of a provider may tell beside its class."""


def attempt_of(attempt):
    return {
        "model": attempt.model,
        "outcome": attempt.outcome,
        "error": attempt.error and str(attempt.error),
        "category": attempt.category,
        "status": attempt.status_code,
        "request_id": attempt.request_id,
        "usage": attempt.usage and attempt.usage.model_dump(exclude_none=True),
        "cost": attempt.cost and float(attempt.cost.total),
        "waited": round(attempt.waited, 6),
        "duration": round(attempt.duration, 6),
        "first_token": attempt.first_token and round(attempt.first_token, 6),
    }
