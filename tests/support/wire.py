"""Ask a dialect: a request as bytes in, an answer as bytes out, through the player that doors 2 and 3 use."""

from __future__ import annotations

import json

from llmclient.testing.dialects.wire import NoAnswer, Send, WireRequest, WireResponse
from llmclient.testing.faults.base import Fault
from llmclient.testing.harness import Harness
from llmclient.testing.player import WirePlayer
from llmclient.testing.reply import Reply
from llmclient.testing.turns import Turn

PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages", "openrouter": "/api/v1/chat/completions"}
MODELS = {"openai": "gpt-5-mini", "anthropic": "claude-haiku-4-5", "openrouter": "openai/gpt-5-mini"}


def request(provider: str, path: str | None = None, **fields: object) -> WireRequest:
    body = {"model": MODELS[provider], "messages": [{"role": "user", "content": "hello"}], **fields}
    if "input" in fields:
        del body["messages"]
    if provider == "anthropic":
        body.setdefault("max_tokens", 100)
    return WireRequest(
        method="POST", path=path or PATHS[provider], provider=provider, body=json.dumps(body).encode(), headers={}
    )


def ask(provider: str, outcome: Reply | Fault, **fields: object) -> WireResponse:
    """The answer to one chat request."""
    harness = Harness()
    harness.script.add(Turn(action=outcome))
    answer = WirePlayer(harness).answer(request(provider, **fields))
    assert not isinstance(answer, NoAnswer)
    return answer


def sent(answer: WireResponse) -> bytes:
    return b"".join(step.data for step in answer.steps if isinstance(step, Send))


def said(answer: WireResponse) -> dict:
    return json.loads(sent(answer))


def events(body: bytes) -> list[dict]:
    """The JSON of every event of a stream, `[DONE]` left out."""
    lines = body.replace(b"\r\n", b"\n").decode().split("\n")
    return [json.loads(line[5:]) for line in lines if line.startswith("data:") and line[5:].strip() != "[DONE]"]
