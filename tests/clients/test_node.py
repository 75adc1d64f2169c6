"""The vendors' clients for Node through the server.

Set LLMCLIENT_NODE_CLIENTS to a folder in which `npm install openai @anthropic-ai/sdk` was run; else this is skipped.
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

EXPECTED = {
    "openai plain": "Hello there, world",
    "openai streamed": "Hello there, world",
    "openai tool": "weather",
    "openai limit": ["RateLimitError", 429],
    "openai embedding": 1536,
    "openrouter streamed": "Hello there, world",
    "anthropic plain": "Hello there, world",
    "anthropic streamed": "Hello there, world",
    "anthropic limit": ["RateLimitError", 429],
}


def test_they_read_what_they_are_sent(server):
    # Node looks for packages beside the file that imports them.
    script = Path(FOLDER) / "llmclient-node.mjs"
    shutil.copy(Path(__file__).with_name("node.mjs"), script)
    done = subprocess.run([NODE, script], capture_output=True, text=True, timeout=60, env=dict(os.environ), check=True)
    told = {line["name"]: line.get("value", line.get("error")) for line in map(json.loads, done.stdout.splitlines())}
    cut = told.pop("openai cut")
    assert told == EXPECTED
    assert cut["text"] == "one two"
    assert cut["error"]
