"""What routing costs: CPU time of a call through the router less that of the same call to the provider itself.

Policy, breaker, statistics and attempts are on. The provider answers in process with a response made beforehand, so
that what is measured is the router's own. Rounds alternate; printed are the difference of the best rounds, which other
work on the machine disturbs least, and the median of the differences with its spread.

    python benchmarks/routing.py [calls] [rounds]
"""

from __future__ import annotations

import asyncio
import platform
import statistics
import sys
import time

from llmclient import ModelRouter, __version__, override_providers
from llmclient.types import ChatRequest, Choice, ChunkChoice, Delta, Message, ModelResponse, StreamChunk, Usage
from llmclient.types.history import normalize_messages

MODEL = "openai/gpt-5-mini"
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Name three primes."}]
CHUNKS = [StreamChunk(choices=[ChunkChoice(delta=Delta(content="x"))]) for _ in range(100)]
CHUNKS.append(StreamChunk(choices=[ChunkChoice(finish_reason="stop")]))


def reply() -> ModelResponse:
    usage = Usage.model_construct(prompt_tokens=20, completion_tokens=5, total_tokens=25)
    message = Message.model_construct(role="assistant", content="2, 3, 5")
    choice = Choice.model_construct(index=0, message=message, finish_reason="stop")
    return ModelResponse.model_construct(model="gpt-5-mini", choices=[choice], usage=usage)


class Chunks:
    def __init__(self) -> None:
        self.left = iter(CHUNKS)
        self.response = reply()

    def __aiter__(self):
        return self

    async def __anext__(self):
        for chunk in self.left:
            return chunk
        raise StopAsyncIteration

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.left)

    async def aclose(self) -> None: ...

    def close(self) -> None: ...


class Instant:
    """Answers at once."""

    name = "openai"

    async def complete(self, _request):
        return reply()

    def complete_sync(self, _request):
        return reply()

    async def stream(self, _request):
        return Chunks()

    def stream_sync(self, _request):
        return Chunks()

    def close(self) -> None: ...

    async def aclose(self) -> None: ...


def request() -> ChatRequest:
    return ChatRequest(model="gpt-5-mini", messages=normalize_messages(MESSAGES))


async def cpu_async(call, calls: int) -> float:
    for _ in range(calls // 10):
        await call()
    began = time.process_time()
    for _ in range(calls):
        await call()
    return (time.process_time() - began) / calls * 1e6


async def cpu_sync(call, calls: int) -> float:
    for _ in range(calls // 10):
        call()
    began = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - began) / calls * 1e6


async def measure(name: str, measure_cpu, direct, routed, *, calls: int, rounds: int, per: int = 1) -> None:
    rows = [(await measure_cpu(direct, calls), await measure_cpu(routed, calls)) for _ in range(rounds)]
    extra = sorted((through - alone) / per for alone, through in rows)
    alone, through = (min(row[side] for row in rows) / per for side in (0, 1))
    print(
        f"{name:30} direct {alone:6.1f}   routed {through:6.1f}   routing {through - alone:6.1f} us at best,"
        f" {statistics.median(extra):6.1f} in the median   (rounds {extra[0]:.1f} to {extra[-1]:.1f})"
    )


async def main(calls: int, rounds: int) -> None:
    provider = Instant()
    print(f"llmclient {__version__}, Python {platform.python_version()}, {platform.machine()}; CPU us, {rounds} rounds")
    with override_providers(lambda *_: provider):
        alone = ModelRouter(MODEL)
        group = ModelRouter(MODEL, fallbacks=["anthropic/claude-haiku-4-5", "openrouter/meta-llama/llama-4-scout"])
        sync = alone.sync

        async def stream_direct() -> None:
            async for _ in await provider.stream(request()):
                pass

        async def stream_routed() -> None:
            async with alone.stream(MESSAGES) as stream:
                async for _ in stream:
                    pass

        settings = {"calls": calls, "rounds": rounds}
        plain = lambda: provider.complete(request())  # noqa: E731 - a thunk
        await measure("complete, one deployment", cpu_async, plain, lambda: alone.complete(MESSAGES), **settings)
        await measure("complete, with two fallbacks", cpu_async, plain, lambda: group.complete(MESSAGES), **settings)
        await measure(
            "complete, sync",
            cpu_sync,
            lambda: provider.complete_sync(request()),
            lambda: sync.complete(MESSAGES),
            **settings,
        )
        streams = {"calls": max(1, calls // 50), "rounds": rounds}
        await measure("stream, per chunk of 101", cpu_async, stream_direct, stream_routed, per=101, **streams)
        began = time.process_time()
        cost = alone.stats().cost
        print(f"adding up the cost of the last calls (${cost:.4f}): {(time.process_time() - began) * 1e3:.1f} ms")


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    asyncio.run(main(*(arguments or [2000, 9])[:2] if len(arguments) != 1 else (arguments[0], 9)))
