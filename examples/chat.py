"""One question, with a fallback: `python examples/chat.py`. Needs OPENAI_API_KEY."""

from __future__ import annotations

import asyncio

from llmclient import ModelRouter


async def main() -> None:
    async with ModelRouter("openai/gpt-5-mini", fallbacks=["anthropic/claude-haiku-4-5"]) as router:
        reply = await router.complete("Name three primes.")
        print(reply.text)
        print(f"{reply.provider}/{reply.model}, {reply.usage}, cost {reply.cost}")


if __name__ == "__main__":
    asyncio.run(main())
