"""What may stand in a script file, as tables; the loader and the shipped JSON Schema are both made from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

from llmclient.testing.faults import FAULTS, STATUS_FAULTS, STREAM_FAULTS
from llmclient.testing.faults.base import Fault

Kind: TypeAlias = Literal[
    "text",
    "pattern",
    "count",
    "from_one",
    "status",
    "number",
    "amount",
    "rate",
    "yes_no",
    "texts",
    "mapping",
    "headers",
    "times",
    "vectors",
    "form",
    "any",
    "text_or_yes_no",
]
"""What a value is; `kinds.py` says what each of them takes."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping: what its value is, or the name of the table it follows (`items` where it is a list)."""

    kind: Kind | Literal["table", "items", "table_or_text", "reasoning"]
    about: str
    table: str = ""


SCRIPT: Mapping[str, Key] = {
    "$schema": Key("text", "Where the JSON Schema stands, for editors."),
    "name": Key("text", "What errors call the script. Default: the file's name."),
    "description": Key("text", "For people."),
    "auto": Key("yes_no", "Whether calls that no turn answers get replies derived from the request."),
    "turns": Key("items", "The turns, in order.", "turn"),
    "transcript": Key("text", "Turns written as a conversation, after those of `turns`."),
}

TURN: Mapping[str, Key] = {
    "on": Key("text", 'Pattern for "provider/model". Default "*".'),
    "when": Key("table", "Further conditions, all required. Default: always.", "when"),
    "times": Key("times", 'How often the turn answers: a number from 1, or "always". Default 1.'),
    "optional": Key("yes_no", "Whether it may stay unused under strict. Default false."),
    "reply": Key("table_or_text", "The reply; a text alone is its text.", "reply"),
    "fail": Key("table_or_text", "The fault, by its name in snake_case, with its facts.", "fault"),
}

WHEN: Mapping[str, Key] = {
    "contains": Key("text", "The last user message contains this."),
    "matches": Key("pattern", "This regular expression is found in the last user message."),
    "system": Key("text", "The system text contains this."),
    "has_tool": Key("text", "A tool of this name is offered."),
    "tool_result": Key("text_or_yes_no", "The conversation ends with a tool's result, or with this one."),
    "turn": Key("from_one", "The turn of the conversation, from 1."),
}

REPLY: Mapping[str, Key] = {
    "text": Key("text", "The text."),
    "chunks": Key("texts", "The text as the pieces of a stream."),
    "tool_calls": Key("items", "Tool calls; several are parallel.", "tool_call"),
    "reasoning": Key("reasoning", "What the model thought: a text, or blocks.", "reasoning"),
    "citations": Key("items", "Sources of the text.", "citation"),
    "refusal": Key("text", "The model's own refusal."),
    "parsed": Key("any", "Data whose JSON becomes the text."),
    "finish_reason": Key("text", "stop, length, tool_calls, content_filter."),
    "usage": Key("mapping", "OpenAI's usage object; what is missing is counted."),
    "cost": Key("amount", "US dollars charged, where the vendor tells."),
    "logprobs": Key("mapping", "OpenAI's logprobs object."),
    "embeddings": Key("vectors", "A vector for each input."),
    "dimension": Key("from_one", "Dimension of the vectors that nobody wrote."),
    "image": Key("text", "URL of an image."),
    "transcript": Key("text", "The text of a transcription."),
    "model": Key("text", "The model that the answer names."),
    "headers": Key("headers", "Further response headers."),
    "stream": Key("table", "How a stream of it is cut and paced.", "stream"),
    "fault": Key("table_or_text", "What damages it while it is given.", "stream_fault"),
}

STREAM: Mapping[str, Key] = {
    "chunks": Key("texts", "The text, piece by piece."),
    "size": Key("from_one", "Characters a piece."),
    "tokens": Key("yes_no", "Cut as a tokenizer would."),
    "first_token": Key("amount", "Virtual seconds before the first piece."),
    "per_second": Key("rate", "Pieces a virtual second."),
}

TOOL_CALL: Mapping[str, Key] = {
    "name": Key("text", "Name of the tool."),
    "arguments": Key("any", "The arguments; a text stands as it is, broken or not."),
    "id": Key("text", "The call's id. Default: one that is the same in every run."),
}

REASONING: Mapping[str, Key] = {
    "text": Key("text", "The thought."),
    "signature": Key("text", "Anthropic's signature of it."),
    "redacted": Key("text", "The data of a redacted block."),
}

CITATION: Mapping[str, Key] = {
    "url": Key("text", "Where the source stands."),
    "title": Key("text", "Its title."),
    "start": Key("count", "Where the cited passage of the text begins, in characters."),
    "end": Key("count", "Where it ends."),
    "quote": Key("text", "The passage of the source."),
}

_FAULT_KINDS: Mapping[str, Kind] = {
    "int": "count",
    "float": "amount",
    "float | None": "amount",
    "bool | None": "yes_no",
    "str": "text",
    "str | None": "text",
    "RetryAfterForm": "form",
    "Mapping[str, str]": "headers",
}


def fault_keys(fault: type[Fault]) -> dict[str, Key]:
    """What may stand under the name of a fault: its facts."""
    keys: dict[str, Key] = {}
    for spec in fields(fault):
        kind = "status" if spec.name == "status" else _FAULT_KINDS.get(str(spec.type))
        about = f"See {fault.__name__}."
        keys[spec.name] = Key("table_or_text", about, "status_fault") if kind is None else Key(kind, about)
    return keys


def _names(faults: Iterable[type[Fault]]) -> dict[str, Key]:
    return {fault.name(): Key("table", (fault.__doc__ or "").partition("\n")[0], fault.name()) for fault in faults}


TABLES: Mapping[str, Mapping[str, Key]] = {
    "script": SCRIPT,
    "turn": TURN,
    "when": WHEN,
    "reply": REPLY,
    "stream": STREAM,
    "tool_call": TOOL_CALL,
    "reasoning": REASONING,
    "citation": CITATION,
    "fault": _names(FAULTS.values()),
    "stream_fault": _names(STREAM_FAULTS),
    "status_fault": _names(STATUS_FAULTS),
    **{name: fault_keys(fault) for name, fault in FAULTS.items()},
}
"""Every table by its name; a fault's facts stand under its name."""

REQUIRED: Mapping[str, tuple[str, ...]] = {"tool_call": ("name",), "citation": ("url",)}

FAULT_TABLES = ("fault", "stream_fault", "status_fault")
"""Tables of one name each."""
