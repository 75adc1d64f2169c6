"""Conversations to count: code, many scripts, emoji, data, tools, images. Data only, the same everywhere."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

Request = dict[str, Any]


def user(content: object) -> Request:
    return {"messages": [{"role": "user", "content": content}]}


def function(name: str, description: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def png(width: int, height: int) -> str:
    raw = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\0" * 40
    return "data:image/png;base64," + base64.b64encode(raw).decode()


def picture(width: int, height: int, **more: str) -> Request:
    part = {"type": "image_url", "image_url": {"url": png(width, height), **more}}
    return user([{"type": "text", "text": "What do you see in this picture?"}, part])


CODE = '''
def resolve(row, *, suffix="", over=()):
    """Return the rates of a row."""
    rates = {}
    for field, price in sorted(row.items()):
        if price is None or not field.endswith(suffix):
            continue
        rates[field.removesuffix(suffix)] = round(price * 1_000_000, 6)  # dollars a million
    return rates if rates else None
'''
WEATHER = function(
    "get_current_weather",
    "Get the current weather in a given location.",
    {
        "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA."},
        "unit": {"type": "string", "description": "The unit of temperature", "enum": ["celsius", "fahrenheit"]},
    },
    ["location"],
)
MAIL = function(
    "send_email",
    "Send an email to a person.",
    {
        "to": {"type": "string", "description": "Address of the recipient"},
        "subject": {"type": "string", "description": "Subject line"},
        "priority": {"type": "string", "description": "How urgent it is", "enum": ["low", "normal", "high"]},
    },
    ["to", "subject"],
)
FLIGHT = function(
    "book_flight",
    "Book a flight for passengers",
    {
        "passengers": {
            "type": "array",
            "description": "Everybody who flies",
            "items": {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}},
        },
        "from": {"type": "string"},
        "to": {"type": "string"},
        "cabin": {"type": "string", "enum": ["economy", "business", "first"], "description": "Cabin class"},
    },
    ["from", "to"],
)
NOW = {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}
ASKED = [
    {"role": "system", "content": "You answer questions about travel and the weather."},
    {"role": "user", "content": "What's the weather like in San Francisco today, and can I fly there on Friday?"},
]

TEXTS: dict[str, Request] = {
    "hello": user("Hello, how are you?"),
    "a system message": {"messages": ASKED},
    "names": {
        "messages": [
            {"role": "user", "name": "ann_example", "content": "Hi!"},
            {"role": "assistant", "content": "Hello Ann."},
            {"role": "user", "name": "bob", "content": "And me?"},
        ]
    },
    "many turns": {
        "messages": [
            {"role": ("user", "assistant")[turn % 2], "content": f"This is message number {turn} of many."}
            for turn in range(20)
        ]
    },
    "parts": user([{"type": "text", "text": "What is this?"}, {"type": "text", "text": "And that?"}]),
    "code": user(f"Review this:\n```python{CODE * 4}```"),
    "json": user(json.dumps([{"id": n, "price": n * 1.25, "tags": ["a", "b"]} for n in range(30)])),
    "chinese, japanese, korean": user(
        "委员会将于周四再次开会、讨论拟议的法规修改。" * 5
        + "委員会は木曜日に再び会合を開きます。위원회는 목요일에 다시 회의를 엽니다. " * 5
    ),
    "russian and arabic": user("Совет обсудит предложение на следующей неделе. ستجتمع اللجنة يوم الخميس. " * 8),
    "emoji": user("Great job 🎉🎉 see you 👋🏽 👨‍👩‍👧‍👦 🏳️‍🌈 " * 8),
    "special tokens": user("<|endoftext|> and <|im_start|> are only text here."),
}
LONG: dict[str, Request] = {
    # LiteLLM counts it in pieces, whose ends cost some tokens more.
    "a long text": user("The quick brown fox jumps over the lazy dog, and nobody minds. " * 400)
}
TOOLS: dict[str, Request] = {
    "one tool": {"messages": ASKED, "tools": [WEATHER]},
    "two tools": {"messages": ASKED, "tools": [WEATHER, MAIL]},
    "objects in objects": {"messages": ASKED, "tools": [FLIGHT]},
    "a tool without arguments": {"messages": ASKED, "tools": [NOW]},
    "all tools": {"messages": ASKED, "tools": [WEATHER, MAIL, FLIGHT, NOW]},
    "no system message": {"messages": ASKED[1:], "tools": [WEATHER, FLIGHT]},
    "tools that are not to be used": {"messages": ASKED, "tools": [WEATHER, MAIL], "tool_choice": "none"},
    "a chosen tool": {
        "messages": ASKED,
        "tools": [WEATHER, FLIGHT],
        "tool_choice": {"type": "function", "function": {"name": "book_flight"}},
    },
}
IMAGES: dict[str, Request] = {
    "an image, low": picture(1024, 1024, detail="low"),
    "an image, high": picture(1024, 1024, detail="high"),
    "a wide image, high": picture(3000, 500, detail="high"),
}
REQUESTS: dict[str, Request] = {**TEXTS, **LONG, **TOOLS, **IMAGES}

MODELS = ("gpt-4o", "gpt-4o-2024-08-06", "gpt-4.1", "gpt-4-turbo", "gpt-3.5-turbo", "gpt-5-mini", "o3")
TILES_OF_GPT_4O = ("gpt-4o", "gpt-4o-2024-08-06", "gpt-4.1", "gpt-4-turbo")
"""Models whose images cost 85 tokens and 170 a tile, which LiteLLM counts for every model."""
