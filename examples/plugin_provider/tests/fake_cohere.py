"""A fake of Cohere's wire: what it sends in each situation, as an httpx transport."""

from __future__ import annotations

import json

import httpx

from llmclient.testing.conformance import KEY, Situation

USAGE = {"tokens": {"input_tokens": 3, "output_tokens": 2}}
CALL = {
    "id": "get_weather_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
}
REFUSED = {
    Situation.RATE_LIMITED: (429, {"message": "You are past the per minute request limit."}),
    Situation.WRONG_KEY: (401, {"message": f"invalid api token {KEY}"}),
    Situation.BAD_REQUEST: (400, {"message": "invalid request"}),
    Situation.BROKEN: (500, {"message": "internal server error"}),
}


def fake(situation: Situation) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        if situation in REFUSED:
            status, body = REFUSED[situation]
            return httpx.Response(status, json=body, headers={"retry-after": "2"})
        if situation is Situation.NO_JSON:
            return httpx.Response(200, text="not json")
        if json.loads(request.content).get("stream"):
            body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events(situation))
            return httpx.Response(200, text=body, headers={"content-type": "text/event-stream"})
        return httpx.Response(200, json=whole(situation))

    return httpx.MockTransport(answer)


def whole(situation: Situation) -> dict:
    tool = situation is Situation.TOOL_CALL
    message = {"role": "assistant", "tool_calls": [CALL]} if tool else {"role": "assistant", "content": [text()]}
    reason = "TOOL_CALL" if tool else "MAX_TOKENS" if situation is Situation.CUT_OFF else "COMPLETE"
    return {"id": "made-up", "message": message, "finish_reason": reason, "usage": USAGE}


def text() -> dict:
    return {"type": "text", "text": "Hello there"}


def events(situation: Situation) -> list[dict]:
    start = {"type": "message-start", "id": "made-up", "delta": {"message": {"role": "assistant"}}}
    words = [
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": word}}}}
        for word in ("Hello", " there")
    ]
    if situation is Situation.INTERRUPTED:
        return [start, words[0]]
    tool = situation is Situation.TOOL_CALL
    if tool:
        first = {**CALL, "function": {"name": "get_weather", "arguments": ""}}
        rest = {"function": {"arguments": CALL["function"]["arguments"]}}
        words = [
            {"type": "tool-call-start", "index": 0, "delta": {"message": {"tool_calls": first}}},
            {"type": "tool-call-delta", "index": 0, "delta": {"message": {"tool_calls": rest}}},
        ]
    end = {"finish_reason": "TOOL_CALL" if tool else "COMPLETE", "usage": USAGE}
    return [start, *words, {"type": "message-end", "delta": end}]
