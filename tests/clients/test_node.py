"""The vendors' clients for Node, and Vercel's AI SDK, through the server.

Set LLMCLIENT_NODE_CLIENTS to a folder in which `npm install openai @anthropic-ai/sdk` was run, and for the AI SDK
`npm install ai @ai-sdk/openai @ai-sdk/anthropic @openrouter/ai-sdk-provider zod`; what is not there is skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = os.environ.get("LLMCLIENT_NODE_CLIENTS", "")
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(not (NODE and FOLDER), reason="node, or LLMCLIENT_NODE_CLIENTS, is not there")

VENDORS = {
    "openai plain": "Hello there, world",
    "openai streamed": "Hello there, world",
    "openai tool": "weather",
    "openai limit": ["RateLimitError", 429],
    "openai retry": "Hello again",
    "openai left early": "Hello there, world",
    "openai parallel": True,
    "openai responses": "Hello there, world",
    "openai embedding": 1536,
    "openai image": 1,
    "openai speech": True,
    "openai transcription": "Hello there, world",
    "openai models": True,
    "openrouter streamed": "Hello there, world",
    "anthropic plain": "Hello there, world",
    "anthropic streamed": "Hello there, world",
    "anthropic tool": {"city": "Paris"},
    "anthropic count": 2,
    "anthropic models": True,
    "anthropic limit": ["RateLimitError", 429],
}
BY_MODEL = {
    "plain": "Hello there, world",
    "usage": 7,
    "streamed": "Hello there, world",
    "tool": [2, "Paris", "It is sunny."],
    "tool streamed": "It is sunny.",
    "object": {"name": "Ada", "age": 36},
    "limit": ["AI_APICallError", 429],
    "cut": True,
}
AI_SDK = {
    "embeddings": [1536, 1536],
    "image": "image/png",
    "speech": True,
    "transcription": "Hello there, world",
    **{
        f"{model} {name}": value
        for model in ("chat", "responses", "anthropic", "openrouter")
        for name, value in BY_MODEL.items()
    },
}


def run(name: str) -> dict:
    """What each case of a script came to."""
    # Node looks for packages beside the file that imports them.
    script = Path(FOLDER) / f"llmclient-{name}"
    shutil.copy(Path(__file__).with_name(name), script)
    done = subprocess.run([NODE, script], capture_output=True, text=True, timeout=60, env=dict(os.environ), check=True)
    return {line["name"]: line.get("value", line.get("error")) for line in map(json.loads, done.stdout.splitlines())}


def test_they_read_what_they_are_sent(server):
    told = run("node.mjs")
    cut = told.pop("openai cut")
    assert told == VENDORS
    assert cut["text"] == "one two"
    assert cut["error"]


@pytest.mark.skipif(not (Path(FOLDER) / "node_modules" / "ai").is_dir(), reason="the AI SDK is not installed there")
def test_the_ai_sdk_does_as_well(server):
    assert run("ai.mjs") == AI_SDK
