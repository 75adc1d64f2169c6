"""Every way in which the SDKs send, as functions of the same shape: `ask(url, text)` and `tell(url, text)` (streamed).

Each returns plain data, so that what was recorded and what is replayed can be compared.
"""

from __future__ import annotations

import asyncio
import importlib.util
from dataclasses import dataclass

import pytest

KEY = "sk-test-canary-0001"
CLIENTS = ["openai", "openai-async", "openai-aiohttp", "anthropic", "anthropic-async", "anthropic-helper"]


@dataclass(frozen=True)
class Options:
    url: str
    key: str = KEY

    def of(self, name):
        if name.startswith("openai"):
            return {"base_url": f"{self.url}/v1", "api_key": self.key, "max_retries": 0}
        return {"base_url": self.url, "api_key": self.key, "max_retries": 0}


def require(name):
    package = name.partition("-")[0]
    for needed in (package, "aiohttp" if "aiohttp" in name else package):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")


def talk(name, url, text, *, stream=False, key=KEY):
    """Ask once; the answer's text, tool calls, and the class and status of an error."""
    options = Options(url, key).of(name)
    function = _OPENAI if name.startswith("openai") else _ANTHROPIC
    try:
        if name in ("openai", "anthropic", "anthropic-helper"):
            return function[name](options, text, stream)
        return asyncio.run(function[name](options, text, stream))
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("openai", "anthropic", "httpx", "httpx2"):
            raise
        return type(error).__name__, getattr(error, "status_code", None)


def _messages(text):
    return [{"role": "user", "content": text}]


def _openai(options, text, stream):
    import openai

    with openai.OpenAI(**options) as client:
        reply = client.chat.completions.create(model="m", messages=_messages(text), stream=stream)
        return _joined(list(reply)) if stream else reply.choices[0].message.model_dump()


async def _openai_async(options, text, stream):
    import openai

    async with openai.AsyncOpenAI(**options) as client:
        return await _openai_with(client, text, stream)


async def _openai_aiohttp(options, text, stream):
    import openai

    async with openai.AsyncOpenAI(http_client=openai.DefaultAioHttpClient(), **options) as client:
        return await _openai_with(client, text, stream)


async def _openai_with(client, text, stream):
    reply = await client.chat.completions.create(model="m", messages=_messages(text), stream=stream)
    return _joined([chunk async for chunk in reply]) if stream else reply.choices[0].message.model_dump()


def _joined(chunks):
    return [chunk.choices[0].delta.content for chunk in chunks]


_OPENAI = {"openai": _openai, "openai-async": _openai_async, "openai-aiohttp": _openai_aiohttp}


def _anthropic(options, text, stream):
    import anthropic

    with anthropic.Anthropic(**options) as client:
        reply = client.messages.create(model="m", max_tokens=9, messages=_messages(text), stream=stream)
        return [event.type for event in reply] if stream else [block.model_dump() for block in reply.content]


def _anthropic_helper(options, text, stream):
    import anthropic

    if not stream:
        return _anthropic(options, text, stream)
    with (
        anthropic.Anthropic(**options) as client,
        client.messages.stream(model="m", max_tokens=9, messages=_messages(text)) as reply,
    ):
        return list(reply.text_stream)


async def _anthropic_async(options, text, stream):
    import anthropic

    async with anthropic.AsyncAnthropic(**options) as client:
        reply = await client.messages.create(model="m", max_tokens=9, messages=_messages(text), stream=stream)
        if stream:
            return [event.type async for event in reply]
        return [block.model_dump() for block in reply.content]


_ANTHROPIC = {
    "anthropic": _anthropic,
    "anthropic-async": _anthropic_async,
    "anthropic-helper": _anthropic_helper,
}
