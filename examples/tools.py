"""A loop over tool calls until the model answers: `python examples/tools.py`. Needs OPENROUTER_API_KEY."""

from __future__ import annotations

import asyncio

from llmclient import ModelRouter

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def weather(city: str) -> str:
    return f"Sunny in {city}, 21 degrees."


async def main() -> None:
    async with ModelRouter("openrouter/meta-llama/llama-4-scout") as router:
        messages: list = [{"role": "user", "content": "How is the weather in Paris?"}]
        reply = await router.complete(messages, tools=[WEATHER])
        while reply.tool_calls:
            messages.append(reply.message)
            for call in reply.tool_calls:
                print(f"calls {call.name}({call.arguments})")
                messages.append({"role": "tool", "tool_call_id": call.id, "content": weather(**call.arguments)})
            reply = await router.complete(messages, tools=[WEATHER])
        print(reply.text)


if __name__ == "__main__":
    asyncio.run(main())
