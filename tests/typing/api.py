"""Pins the public types: this file is only checked, never run."""

from __future__ import annotations

from llmclient import ModelResponse


def reads_a_response(reply: ModelResponse) -> str:
    return reply.text
