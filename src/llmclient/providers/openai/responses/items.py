"""Output items of a response, read into a message.

The items themselves stay in `provider_specific_fields["responses_output"]`, where the encoder finds them and sends
them back as they came.

Source: OpenAI API reference, responses, the output item object.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject

OUTPUT_FIELD = "responses_output"
"""Under this name the output items travel in `Message.provider_specific_fields`."""

CALL_TYPES: dict[str, tuple[str, str]] = {
    "function_call": ("function", "arguments"),
    "custom_tool_call": ("custom", "input"),
}
"""Items that are calls of the caller's own tools: the type of the tool call, and the field with what it is given."""

PARAGRAPH = "\n\n"
"""Stands between the parts of a reasoning text."""


def mapping(value: object) -> Mapping[str, object]:
    """`value` as a mapping, an empty one where it is none."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def mappings(value: object) -> list[Mapping[str, object]]:
    """The mappings in a list; an empty list where it is none."""
    if not isinstance(value, list):
        return []
    entries = cast("list[object]", value)
    return [cast("Mapping[str, object]", entry) for entry in entries if isinstance(entry, Mapping)]


def texts(parts: Iterable[Mapping[str, object]], kind: str, field: str = "text") -> list[str]:
    """The texts of the parts of one type."""
    return [str(part.get(field) or "") for part in parts if part.get("type") == kind]


def text_of(items: Sequence[Mapping[str, object]]) -> str:
    """All text that the model wrote."""
    return "".join(text for item in items for text in texts(mappings(item.get("content")), "output_text"))


def reasoning_of(item: Mapping[str, object]) -> list[str]:
    """The paragraphs of a reasoning item: its summary, and its text where a host shows it."""
    return [
        *texts(mappings(item.get("summary")), "summary_text"),
        *texts(mappings(item.get("content")), "reasoning_text"),
    ]


def calls_of(items: Sequence[Mapping[str, object]]) -> list[JSONObject]:
    """The calls of the caller's own tools, in OpenAI's chat shape."""
    return [call_of(item) for item in items if item.get("type") in CALL_TYPES]


def call_of(item: Mapping[str, object]) -> JSONObject:
    """One call, in OpenAI's chat shape."""
    kind, field = CALL_TYPES[str(item["type"])]
    given = item.get(field)
    arguments = given if isinstance(given, str) else json.dumps(given or {})
    function = {"name": item.get("name") or "", "arguments": arguments}
    return {"id": item.get("call_id") or item.get("id") or "", "type": kind, "function": function}


def annotations_of(item: Mapping[str, object]) -> list[JSONObject]:
    """The citations of a message item; those of pages in the shape of chat completions, others as they are."""
    found: list[JSONObject] = []
    for part in mappings(item.get("content")):
        for note in mappings(part.get("annotations")):
            plain: JSONObject = dict(note)
            if plain.get("type") == "url_citation" and "url_citation" not in plain:
                del plain["type"]
                plain = {"type": "url_citation", "url_citation": plain}
            found.append(plain)
    return found


def message_fields(items: Sequence[Mapping[str, object]]) -> JSONObject:
    """The fields of the assistant message that these items make."""
    calls = calls_of(items)
    parts = [part for item in items for part in mappings(item.get("content"))]
    said = any(item.get("type") == "message" for item in items)
    text = text_of(items)
    fields: JSONObject = {
        "role": "assistant",
        "content": text if text or (said and not calls) else None,
        "refusal": "".join(texts(parts, "refusal", "refusal")) or None,
        "tool_calls": calls or None,
        "reasoning_content": PARAGRAPH.join(text for item in items for text in reasoning_of(item)) or None,
        "annotations": [note for item in items for note in annotations_of(item)] or None,
        "provider_specific_fields": {OUTPUT_FIELD: list(items)} if items else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def logprobs_of(items: Sequence[Mapping[str, object]]) -> JSONObject | None:
    """Log probabilities of the text, in the shape of chat completions."""
    parts = [part for item in items for part in mappings(item.get("content"))]
    found = [entry for part in parts for entry in mappings(part.get("logprobs"))]
    return {"content": found} if found else None
