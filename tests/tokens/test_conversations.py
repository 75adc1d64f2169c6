"""Counting a conversation: OpenAI's documented recipe to the token, and recorded traffic as the truth."""

from __future__ import annotations

import base64
import json
import statistics
import struct

import pytest

from llmclient import InvalidMessageError
from llmclient.tokens import count_message_tokens
from support.anthropic_requests import messages_of, tools_of
from support.recorded import Recording, needs_recordings, recordings

pytestmark = pytest.mark.usefixtures("vocabularies")

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_current_weather",
        "description": "Get the current weather in a given location.",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA."},
                "unit": {"type": "string", "description": "The unit of temperature", "enum": ["celsius", "fahrenheit"]},
            },
            "required": ["location"],
        },
    },
}
CHAT = [
    {"role": "system", "content": "You are a helpful assistant that can answer to questions about the weather."},
    {"role": "user", "name": "ann", "content": "What's the weather like in San Francisco?"},
]


def recipe_messages(messages, encoding):
    """OpenAI Cookbook, "How to count tokens with tiktoken", section 6."""
    total = 3
    for message in messages:
        total += 3
        for key, value in message.items():
            total += len(encoding.encode(value))
            if key == "name":
                total += 1
    return total


def recipe_tools(tools, encoding, *, per_function):
    """The same, section 7."""
    total = 12 if tools else 0
    for tool in tools:
        function = tool["function"]
        total += per_function + len(encoding.encode(function["name"] + ":" + function["description"].removesuffix(".")))
        properties = function["parameters"]["properties"]
        total += 3 if properties else 0
        for name, rule in properties.items():
            total += 3
            if "enum" in rule:
                total += -3 + sum(3 + len(encoding.encode(item)) for item in rule["enum"])
            total += len(encoding.encode(f"{name}:{rule['type']}:{rule['description'].removesuffix('.')}"))
    return total


@pytest.mark.parametrize(
    ("model", "name", "per_function"),
    [("gpt-4o", "o200k_base", 7), ("openai/gpt-4o-mini", "o200k_base", 7), ("gpt-4", "cl100k_base", 10)],
)
def test_messages_and_tools_count_what_the_documented_recipe_says(model, name, per_function):
    from tiktoken import get_encoding

    encoding = get_encoding(name)
    plain = count_message_tokens(CHAT, model)
    assert (plain.tokens, plain.method) == (recipe_messages(CHAT, encoding), "exact")
    for tools in ([WEATHER], [WEATHER] * 3):
        expected = recipe_messages(CHAT, encoding) + recipe_tools(tools, encoding, per_function=per_function)
        assert count_message_tokens(CHAT, model, tools=tools).tokens == expected


@pytest.mark.parametrize(("content", "tokens"), [("Hello, how are you?", 13), ("", 7)])
def test_a_string_is_one_user_message(content, tokens):
    assert count_message_tokens(content, "gpt-4o").tokens == tokens
    assert count_message_tokens([{"role": "user", "content": content}], "gpt-4o").tokens == tokens


def test_an_empty_conversation_is_an_error():
    with pytest.raises(InvalidMessageError):
        count_message_tokens([], "gpt-4o")


def usage_of(recording: Recording) -> dict | None:
    """What the provider counted, None for a stream and for an error."""
    if recording.streamed or recording.status != 200:
        return None
    return json.loads(recording.body).get("usage")


@needs_recordings
def test_recorded_conversations_of_texts_count_exactly_what_openai_charged():
    wrong = []
    for recording in recordings("openai-chat"):
        usage, request = usage_of(recording), recording.request
        if not usage or request.get("tools") or request.get("response_format"):
            continue
        count = count_message_tokens(request["messages"], request["model"])
        if count.exact and count.tokens != usage["prompt_tokens"]:
            wrong.append((request["model"], usage["prompt_tokens"], count.tokens))
    assert not wrong


@needs_recordings
def test_recorded_conversations_with_tools_are_within_two_percent_of_what_openai_charged_in_the_median():
    errors = []
    for recording in recordings("openai-chat"):
        usage, request = usage_of(recording), recording.request
        if usage and request.get("tools") and request["model"].startswith(("gpt-4o", "gpt-4.1")):
            count = count_message_tokens(request["messages"], request["model"], tools=request["tools"])
            assert count.method == "estimate"
            errors.append(abs(count.tokens - usage["prompt_tokens"]) / usage["prompt_tokens"])
    assert statistics.median(errors) < 0.02


@needs_recordings
def test_estimates_for_anthropic_are_within_a_tenth_of_recorded_usage_in_the_median():
    errors = []
    for recording in recordings("anthropic-messages"):
        usage, request = usage_of(recording), recording.request
        if not usage:
            continue
        cached = (usage.get("cache_read_input_tokens") or 0) + (usage.get("cache_creation_input_tokens") or 0)
        charged = usage["input_tokens"] + cached
        forced = (request.get("tool_choice") or {}).get("type") in ("any", "tool")
        count = count_message_tokens(
            messages_of(request),
            request["model"],
            tools=tools_of(request),
            tool_choice="required" if forced else "auto",
        )
        assert count.method == "estimate"
        errors.append(abs(count.tokens - charged) / charged)
    assert len(errors) > 100
    assert statistics.median(errors) < 0.10


def test_tools_tool_calls_and_choices_add_tokens():
    asked = [{"role": "user", "content": "Weather?"}]
    called = [
        *asked,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "22 degrees"},
    ]
    for model in ("gpt-4o", "claude-opus-5"):
        plain = count_message_tokens(asked, model).tokens
        with_tools = count_message_tokens(asked, model, tools=[WEATHER]).tokens
        chosen = {"type": "function", "function": {"name": "weather"}}
        forced = count_message_tokens(asked, model, tools=[WEATHER], tool_choice=chosen).tokens
        history = count_message_tokens(called, model)
        assert plain < with_tools < forced
        assert plain + 10 < history.tokens
        assert history.method == "estimate"
    assert count_message_tokens(asked, "gpt-4o", tool_choice="none").tokens == 1 + plain_tokens(asked)
    assert count_message_tokens(asked, "gpt-4o", tool_choice={"type": "auto"}).tokens == plain_tokens(asked)


def plain_tokens(messages) -> int:
    return count_message_tokens(messages, "gpt-4o").tokens


DECLARED = """namespace functions {

// Book a flight.
type book = (_: {
guest: {
// Full name
name: string,
age?: number | null, // default: null
},
// Where to
to?: "Rome" | "Oslo",
way?: {
stop: string,
next?: Way,
},
tags?: string[],
plan?: "fast",
rest?: any,
more?: object,
}) => any;

type now = () => any;

} // namespace functions"""


def test_functions_that_the_recipe_does_not_cover_count_as_they_are_declared():
    from tiktoken import get_encoding

    way = {"type": "object", "properties": {"stop": {"type": "string"}, "next": {"$ref": "#/$defs/Way"}}}
    age = {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}
    guest = {
        "type": "object",
        "properties": {"name": {"type": ["string"], "description": "Full name"}, "age": age},
        "required": ["name"],
    }
    properties = {
        "guest": guest,
        "to": {"type": "string", "description": "Where to", "enum": ["Rome", "Oslo"]},
        "way": {"$ref": "#/$defs/Way"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "plan": {"const": "fast"},
        "rest": {},
        "more": {"type": "object"},
    }
    parameters = {
        "type": "object",
        "properties": properties,
        "required": ["guest"],
        "$defs": {"Way": {**way, "required": ["stop"]}},
    }
    book = {"name": "book", "description": "Book a flight.", "parameters": parameters}
    tools = [{"type": "function", "function": function} for function in (book, {"name": "now"})]
    plain, asked = count_message_tokens("x", "gpt-4o").tokens, count_message_tokens("x", "gpt-4o", tools=tools)
    assert asked.tokens == plain + 8 + len(get_encoding("o200k_base").encode(DECLARED))
    assert asked.method == "estimate"


def test_a_schema_whose_references_multiply_is_counted_in_no_time():
    kinds = {f"K{n}": {"properties": {side: {"$ref": f"#/$defs/K{n + 1}"} for side in "abcdefgh"}} for n in range(40)}
    parameters = {"properties": {"root": {"$ref": "#/$defs/K0"}, "lost": {"$ref": "#/nowhere/x"}}, "$defs": kinds}
    tool = {"type": "function", "function": {"name": "grow", "parameters": parameters}}
    assert 500 < count_message_tokens("x", "gpt-4o", tools=[tool]).tokens < 5000


def test_calls_in_parallel_have_a_frame_of_their_own():
    def called(times):
        call = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
        return count_message_tokens([{"role": "assistant", "content": None, "tool_calls": [call] * times}], "gpt-4o")

    once, twice, thrice = (called(times).tokens for times in (1, 2, 3))
    assert twice - once == thrice - twice + 12


def test_nested_properties_and_arrays_of_a_tool_count():
    def tool(properties):
        parameters = {"type": "object", "properties": properties}
        return {"type": "function", "function": {"name": "book", "description": "Books.", "parameters": parameters}}

    flat = tool({"guest": {"type": "object"}})
    nested = tool({"guest": {"type": "object", "properties": {"name": {"type": "string"}}}})
    listed = tool({"guest": {"type": "array", "items": {"type": "object", "properties": {"name": {}}}}})
    counts = [count_message_tokens("x", "gpt-4o", tools=[one]).tokens for one in (flat, nested, listed)]
    assert counts[0] < counts[1]
    assert counts[0] < counts[2]


@pytest.mark.parametrize("tool", [{"type": "web_search_preview"}, {"name": 5}, {}])
def test_a_tool_that_is_no_function_counts_as_its_text(tool):
    assert count_message_tokens("x", "gpt-4o", tools=[tool]).tokens > 20


@pytest.mark.parametrize(
    ("kind", "tokens"),
    [
        ("web_search_20250305", 2000),
        ("code_execution_20260120", 4000),
        ("memory_20250818", 1000),
        ("bash_20250124", 200),
    ],
)
def test_tools_that_run_at_anthropic_have_preambles_of_their_own(kind, tokens):
    assert count_message_tokens("x", "claude-sonnet-4-5", tools=[{"type": kind, "name": "t"}]).tokens > tokens


def document(**fields: object) -> list[dict]:
    return [{"role": "user", "content": [{"type": "document", **fields}, {"type": "text", "text": "What is it?"}]}]


def test_a_document_whose_text_stands_in_it_counts_its_text():
    asked = count_message_tokens("What is it?", "claude-haiku-4-5").tokens
    words = [{"type": "text", "text": "The grass is green."}, {"type": "text", "text": "The sky is blue."}]
    sources = [
        {"source": {"type": "text", "media_type": "text/plain", "data": "The grass is green. The sky is blue."}},
        {"source": {"type": "content", "content": words}, "title": "Nature"},
        {"type": "search_result", "content": words, "source": "https://example.com"},
    ]
    for fields in sources:
        assert asked + 5 < count_message_tokens(document(**fields), "claude-haiku-4-5").tokens < asked + 25
    assert count_message_tokens(document(source={"type": "url"}), "claude-haiku-4-5").tokens > asked + 1000


def test_citations_have_a_preamble_once():
    words = {"source": {"type": "content", "content": "The grass is green."}}
    plain = count_message_tokens(document(**words) * 2, "claude-haiku-4-5").tokens
    cited = count_message_tokens(document(**words, citations={"enabled": True}) * 2, "claude-haiku-4-5").tokens
    assert cited == plain + 530


def png(width: int, height: int) -> str:
    raw = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\0" * 40
    return "data:image/png;base64," + base64.b64encode(raw).decode()


def image(url: str, **more: str) -> list[dict]:
    return [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url, **more}}]}]


def image_cost(model: str, url: str, **more: str) -> int:
    return count_message_tokens(image(url, **more), model).tokens - count_message_tokens("", model).tokens


@pytest.mark.parametrize(
    ("model", "size", "detail", "tokens"),
    [  # OpenAI, images and vision, calculating costs: the page's own examples first
        ("gpt-4o", (1024, 1024), "high", 765),
        ("gpt-4o", (2048, 4096), "high", 1105),
        ("gpt-4o", (4096, 8192), "low", 85),
        ("gpt-4o", (512, 512), "auto", 255),
        ("gpt-4o-mini", (1024, 1024), "high", 25_501),
        ("o1", (1024, 1024), "high", 675),
        ("gpt-5", (1024, 1024), "high", 630),
        ("gpt-4.1-mini", (1024, 1024), "auto", 1659),
        ("gpt-4.1-mini", (1800, 2400), "auto", 2353),
        ("gpt-4.1-mini", (20_000, 1), "auto", 104),
        ("gpt-4.1-mini", (2048, 1024), "low", 208),
        ("gpt-4.1-mini", (64, 64), "low", 7),
    ],
)
def test_images_count_by_the_documented_tiles_and_patches(model, size, detail, tokens):
    assert image_cost(model, png(*size), detail=detail) == tokens


@pytest.mark.parametrize(("size", "tokens"), [((200, 200), 54), ((1000, 1000), 1334), ((3000, 3000), 1600)])
def test_images_at_anthropic_count_by_their_pixels(size, tokens):
    assert image_cost("claude-sonnet-4-5", png(*size)) == pytest.approx(tokens, abs=1)


def test_an_image_behind_a_url_is_not_fetched_and_counts_as_small():
    url = "https://example.com/cat.png"
    assert image_cost("gpt-4o", url) == 85
    assert image_cost("gpt-4o", url, detail="high") == 255
    assert 0 < image_cost("claude-opus-5", url) < 1600


def test_every_shape_of_a_part_is_understood():
    raw = png(512, 512).partition(",")[2]
    parts = [
        "text",
        {"type": "text", "text": "text"},
        {"type": "text", "text": ""},
        {"type": "refusal", "refusal": "no"},
        {"type": "input_image", "image_url": png(512, 512)},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": raw}},
        {"type": "image", "source": {"type": "url", "url": "https://example.com/x.png"}},
        {"type": "image_url", "image_url": None},
        {"type": "file", "file": {"file_id": "f1"}},
        {"type": "document", "source": {}},
        {"type": "input_audio", "input_audio": {"data": "A" * 64_000, "format": "mp3"}},
        {"type": "tool_use", "id": "t", "name": "weather", "input": {"city": "Rome"}},
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "22 degrees"}]},
        {"type": "thinking", "thinking": "hm " * 500, "signature": "s"},
        {"type": "something_new", "payload": "x y z"},
        {},
        None,
    ]
    for model in ("gpt-4o", "claude-opus-5", "mistral-large"):
        total = count_message_tokens([{"role": "user", "content": parts}], model)
        each = [count_message_tokens([{"role": "user", "content": [part]}], model).tokens for part in parts]
        empty = count_message_tokens("", model).tokens
        assert total.tokens == pytest.approx(empty + sum(one - empty for one in each), abs=len(parts))
        assert each[13] == empty
        assert count_message_tokens([{"role": "user", "content": [parts[-3]]}], model).method == "estimate"
