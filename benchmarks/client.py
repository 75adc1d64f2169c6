"""A call through the router beside the same call through the SDK and its peers, over a loopback socket.

    python -m benchmarks.client [--rounds 7] [--calls 100] [--chunks 5000]

Peers that are not installed (litellm, any-llm-sdk) are left out, and the output says so.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
from collections.abc import Awaitable, Callable

from benchmarks._measure import report, rounds, versions
from benchmarks._server import Server

SHORT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Name three primes."}]
LONG = [
    {"role": "user" if turn % 2 else "assistant", "content": f"message {turn}: " + "words and more words " * 10}
    for turn in range(99)
] + [{"role": "user", "content": "And now?"}]
MODEL = "gpt-5-mini"
BASELINE = "openai SDK, create()"

Call = Callable[[list], Awaitable[object]]
Stream = Callable[[], Awaitable[None]]


def contestants(url: str) -> tuple[dict[str, Call], dict[str, Stream]]:
    import openai

    from llmclient import ModelRouter, ProviderConfig, get_provider
    from llmclient.types import ChatRequest

    config = ProviderConfig(api_key="none", base_url=url)
    sdk = openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0)
    router = ModelRouter(f"openai/{MODEL}", providers={"openai": config})
    provider = get_provider("openai", config)

    async def sdk_stream() -> None:
        async for chunk in await sdk.chat.completions.create(model=MODEL, messages=SHORT, stream=True):
            _ = chunk.choices and chunk.choices[0].delta.content

    async def router_stream() -> None:
        async with router.stream(SHORT) as stream:
            async for chunk in stream:
                _ = chunk.text

    calls: dict[str, Call] = {
        BASELINE: lambda messages: sdk.chat.completions.create(model=MODEL, messages=messages),
        "llmclient ModelRouter": router.complete,
        "llmclient provider alone": lambda messages: provider.complete(ChatRequest(model=MODEL, messages=messages)),
    }
    streams: dict[str, Stream] = {BASELINE: sdk_stream, "llmclient ModelRouter": router_stream}
    if importlib.util.find_spec("litellm"):
        add_litellm(url, calls, streams)
    if importlib.util.find_spec("any_llm"):
        add_any_llm(url, calls)
    return calls, streams


def add_litellm(url: str, calls: dict[str, Call], streams: dict[str, Stream]) -> None:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    litellm.telemetry = False
    where = {"api_base": url, "api_key": "none"}
    peer = litellm.Router(model_list=[{"model_name": "m", "litellm_params": {"model": f"openai/{MODEL}", **where}}])

    async def stream() -> None:
        async for chunk in await peer.acompletion(model="m", messages=SHORT, stream=True):
            _ = chunk.choices[0].delta.content

    calls["litellm.acompletion"] = lambda messages: litellm.acompletion(
        model=f"openai/{MODEL}", messages=messages, **where
    )
    calls["litellm.Router"] = lambda messages: peer.acompletion(model="m", messages=messages)
    streams["litellm.Router"] = stream


def add_any_llm(url: str, calls: dict[str, Call]) -> None:
    from any_llm import AnyLLM

    peer = AnyLLM.create("openai", api_key="none", api_base=url)
    calls["any-llm, one client"] = lambda messages: peer.acompletion(model=MODEL, messages=messages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--chunks", type=int, default=5000)
    args = parser.parse_args()
    print(versions("llmclient", "openai", "litellm", "any-llm-sdk", "httpx", "httpx2", "pydantic"))
    with Server(args.chunks) as url:
        loop = asyncio.new_event_loop()
        calls, streams = contestants(url)

        def one_by_one(call: Call, messages: list) -> Callable[[], None]:
            async def run() -> None:
                for _ in range(args.calls):
                    await call(messages)

            return lambda: loop.run_until_complete(run())

        def at_once(call: Call) -> Callable[[], None]:
            async def run() -> None:
                await asyncio.gather(*(call(SHORT) for _ in range(64)))

            return lambda: loop.run_until_complete(run())

        for title, messages in (("2 messages", SHORT), ("100 messages", LONG)):
            contest = {name: one_by_one(call, messages) for name, call in calls.items()}
            seen = rounds(contest, times=args.rounds, number=args.calls)
            report(f"async CPU per call, {title}", seen, against=BASELINE)
        seen = rounds({name: at_once(call) for name, call in calls.items()}, times=args.rounds, number=64)
        report("async CPU per call, 64 at once", seen, against=BASELINE)
        contest = {name: (lambda s=stream: loop.run_until_complete(s())) for name, stream in streams.items()}
        seen = rounds(contest, times=args.rounds, number=args.chunks)
        report(f"async CPU per chunk, stream of {args.chunks}", seen, against=BASELINE)
        loop.run_until_complete(loop.shutdown_asyncgens())


if __name__ == "__main__":
    main()
