"""What LiteLLM sends over loopback and what the layer sends, for drawn requests. Runs where litellm is importable.

For OpenAI and OpenRouter the bodies are equal, streams included. For Anthropic they are equal after `_settled`, whose
lines are the differences and the reason for each.
"""

from __future__ import annotations

import json
import os
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
real = pytest.importorskip("litellm", reason="the real litellm is not installed: nothing to compare with")

from llmclient.compat import litellm as layer  # noqa: E402 - after the skip

OPENAI_REPLY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o-2024-08-06",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "hi", "refusal": None, "annotations": []},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {
        "prompt_tokens": 9,
        "completion_tokens": 1,
        "total_tokens": 10,
        "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    },
    "service_tier": "default",
    "system_fingerprint": "fp_1",
}
ANTHROPIC_REPLY = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5-20251001",
    "content": [{"type": "text", "text": "hi"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 9, "output_tokens": 1, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0},
}


CHUNKS = [
    {"delta": {"role": "assistant", "content": ""}, "finish_reason": None},
    {"delta": {"content": "h"}, "finish_reason": None},
    {"delta": {"content": "i"}, "finish_reason": None},
    {"delta": {}, "finish_reason": "stop"},
]
EVENTS = [
    {"type": "message_start", "message": {**ANTHROPIC_REPLY, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hi"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
    {"type": "message_stop"},
]


def _reply(path: str) -> dict:
    return ANTHROPIC_REPLY if path.endswith("messages") else OPENAI_REPLY


def _events(path: str) -> str:
    if path.endswith("messages"):
        return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in EVENTS)
    whole = {name: OPENAI_REPLY[name] for name in ("id", "created", "model", "system_fingerprint")}
    chunks = [
        {**whole, "object": "chat.completion.chunk", "choices": [{"index": 0, **choice, "logprobs": None}]}
        for choice in CHUNKS
    ]
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


@pytest.fixture(scope="module")
def server():
    bodies: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            bodies.append(body)
            streamed = bool(body.get("stream"))
            data = _events(self.path).encode() if streamed else json.dumps(_reply(self.path)).encode()
            self.send_response(200)
            self.send_header("content-type", "text/event-stream" if streamed else "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    made.bodies = bodies
    yield made
    made.shutdown()
    made.server_close()


TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}}
IMAGE = "data:image/png;base64,iVBORw0KGgo="
TURNS = (
    [{"role": "user", "content": "hello"}],
    [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hello"}],
    [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": [{"type": "text", "text": "three"}]},
    ],
    [
        {"role": "user", "content": "weather?"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ],
    [
        {"role": "user", "content": "weather?"},
        {"role": "assistant", "content": "let me see", "tool_calls": [CALL, {**CALL, "id": "call_2"}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
        {"role": "tool", "tool_call_id": "call_2", "content": "rainy"},
        {"role": "user", "content": "thanks"},
    ],
    [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "look"},
                {"type": "image_url", "image_url": {"url": IMAGE}},
            ],
        }
    ],
)
COMMON = {
    "temperature": [0.0, 0.7, 1.0],
    "top_p": [1.0, 0.5],
    "max_tokens": [5, 4096],
    "stop": ["END", ["a", "b"]],
    "stream": [True, False, None],
    "timeout": [30, 12.5],
    "num_retries": [0],
    "user": ["u-1"],
    "parallel_tool_calls": [True, False],
}
OPENROUTER_ONLY = {
    "transforms": [["middle-out"]],
    "models": [["openai/gpt-4o", "anthropic/claude-sonnet-4.5"]],
    "route": ["fallback"],
    "provider": [{"order": ["openai"], "allow_fallbacks": False}],
    "include_reasoning": [True],
    "reasoning": [{"effort": "low"}],
    "usage": [{"include": False}],
    "top_k": [5],
    "min_p": [0.1],
    "repetition_penalty": [1.1],
    "extra_headers": [{"X-Title": "example"}],
}
OPENAI_ONLY = {
    "n": [1, 2],
    "seed": [7],
    "presence_penalty": [0.0, 0.5],
    "frequency_penalty": [0.1],
    "logit_bias": [{"50256": -100}],
    "logprobs": [True],
    "response_format": [{"type": "json_object"}, {"type": "text"}],
    "max_completion_tokens": [9],
    "service_tier": ["auto"],
    "extra_body": [{"store": True}],
}
CHOICES = ["auto", "none", "required", {"type": "function", "function": {"name": "weather"}}]


def drawn(number: int, options: dict) -> dict:
    rng = random.Random(number)  # noqa: S311 - a draw, no secret
    request = {"messages": rng.choice(TURNS)}
    for name, values in options.items():
        if rng.random() < 0.3:
            request[name] = rng.choice(values)
    if rng.random() < 0.5 or any("tool_calls" in message for message in request["messages"]):
        request["tools"] = [TOOL]
        if rng.random() < 0.5:
            request["tool_choice"] = rng.choice(CHOICES)
    else:
        request.pop("parallel_tool_calls", None)
    return request


def sent_by(module, server, **request) -> tuple[dict, object]:
    server.bodies.clear()
    reply = module.completion(api_key="sk-test-canary-0001", **request)
    if request.get("stream"):
        reply = list(reply)
    assert len(server.bodies) == 1
    return server.bodies[0], reply


@pytest.mark.parametrize("number", range(200))
def test_openai_gets_the_same_json(server, number):
    request = drawn(number, {**COMMON, **OPENAI_ONLY})
    where = {"model": "openai/gpt-4o", "api_base": f"http://127.0.0.1:{server.server_port}/v1"}
    theirs, _ = sent_by(real, server, **where, **request)
    ours, _ = sent_by(layer, server, **where, **request)
    assert ours == theirs


@pytest.mark.parametrize("number", range(200))
def test_openrouter_gets_the_same_json(server, number):
    """But for `stream: false`, the default, which LiteLLM sends to this vendor, and `user`, which it loses."""
    request = drawn(number, {**COMMON, **OPENAI_ONLY, **OPENROUTER_ONLY})
    where = {"model": "openrouter/openai/gpt-4o", "api_base": f"http://127.0.0.1:{server.server_port}/api/v1"}
    theirs, _ = sent_by(real, server, **where, **request)
    ours, _ = sent_by(layer, server, **where, **request)
    if theirs.get("stream") is False:
        del theirs["stream"]
    assert ours.pop("user", None) == request.get("user")
    assert ours == theirs


@pytest.mark.parametrize("number", range(200))
def test_anthropic_gets_the_equivalent(server, number):
    request = drawn(number, COMMON)
    where = {"model": "anthropic/claude-haiku-4-5", "api_base": f"http://127.0.0.1:{server.server_port}"}
    theirs, _ = sent_by(real, server, **where, **request)
    ours, _ = sent_by(layer, server, **where, **request)
    assert _settled(ours, request) == _settled(theirs, request)


def _settled(body: dict, request: dict) -> dict:
    """Take away what may differ.

    `disable_parallel_tool_use: false` is Anthropic's default, `auto` the one of a request with tools, and "custom" the
    type of a tool, which newer LiteLLMs say. Where the call does not limit the answer, LiteLLM asks for all that the
    model can give, and we for what a plain call may wait for.
    """
    choice = {name: value for name, value in body.get("tool_choice", {}).items() if value is not False}
    settled = {name: value for name, value in body.items() if name != "tool_choice"}
    for tool in settled.get("tools", ()):
        assert tool.pop("type", "custom") == "custom"
    if "max_tokens" not in request:
        assert settled.pop("max_tokens") >= 4096
    return settled if choice in ({}, {"type": "auto"}) else {**settled, "tool_choice": choice}


@pytest.mark.parametrize("model", ["openai/gpt-4o", "anthropic/claude-haiku-4-5"])
def test_what_comes_back_has_the_same_shape(server, model):
    url = f"http://127.0.0.1:{server.server_port}" + ("/v1" if model.startswith("openai") else "")
    _, theirs = sent_by(real, server, model=model, api_base=url, messages=TURNS[0])
    _, ours = sent_by(layer, server, model=model, api_base=url, messages=TURNS[0])
    assert _shape(ours.model_dump(exclude_none=True)) == _shape(theirs.model_dump(exclude_none=True))


_OWN = frozenset({"provider_specific_fields", "cache_write_tokens", "completion_tokens_details", "text_tokens"})
"""What each keeps of a vendor's own, and how finely it counts, is its own."""


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items() if name not in _OWN}
    if isinstance(value, list):
        return [_shape(inner) for inner in value]
    return type(value).__name__
