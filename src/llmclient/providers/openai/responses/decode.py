"""From the bytes of a response, plain or streamed, to our types; the stream's decoder is a state machine over events.

A stream's end is one of the three events that carry the whole response; its items are the ones that are kept, so that
what is put together from the chunks equals what a plain call gives. Events of types newer than this are skipped.
Source: OpenAI API reference, responses and its streaming events.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from llmclient.providers._call import StreamError
from llmclient.providers.openai.responses.items import (
    CALL_TYPES,
    OUTPUT_FIELD,
    PARAGRAPH,
    annotations_of,
    call_of,
    logprobs_of,
    mapping,
    mappings,
    message_fields,
)
from llmclient.types.response import ModelResponse
from llmclient.types.stream import StreamChunk

if TYPE_CHECKING:
    from llmclient.providers._sse import ServerSentEvent
    from llmclient.types.messages import JSONObject

_INCOMPLETE = {"max_output_tokens": "length", "content_filter": "content_filter"}
"""Finish reasons by `incomplete_details.reason`; any other word is kept."""

_KEPT = ("service_tier", "system_fingerprint")


def decode_response(body: bytes) -> ModelResponse:
    """Read a whole response.

    Raises:
        StreamError: the response failed, or the body reports an error.
        ValueError: the body cannot be read, or is no response.
    """
    parsed: object = json.loads(body)
    whole = mapping(parsed)
    _refuse_error(whole)
    if not isinstance(whole.get("output"), list):
        raise ValueError("no output")  # noqa: TRY004 - what is wrong is the provider's answer
    items = mappings(whole["output"])
    choice = {
        "index": 0,
        "message": message_fields(items),
        "finish_reason": finish_reason(whole, items),
        "logprobs": logprobs_of(items),
    }
    return ModelResponse.model_validate({**head(whole), "choices": [choice], "usage": usage_of(whole)})


def head(whole: Mapping[str, object]) -> JSONObject:
    """What stands above the output: id, time, model, tier."""
    created = whole.get("created_at")
    fields: JSONObject = {
        "id": whole.get("id") or "",
        "created": int(created) if isinstance(created, int | float) else 0,
        "model": whole.get("model") or "",
    }
    return fields | {name: whole[name] for name in _KEPT if whole.get(name) is not None}


def usage_of(whole: Mapping[str, object]) -> JSONObject | None:
    """Usage in the terms of chat completions; what they do not have keeps its name."""
    told = dict(mapping(whole.get("usage")))
    if not told:
        return None
    usage: JSONObject = {
        "prompt_tokens": told.pop("input_tokens", None) or 0,
        "completion_tokens": told.pop("output_tokens", None) or 0,
        "total_tokens": told.pop("total_tokens", None) or 0,
        "prompt_tokens_details": told.pop("input_tokens_details", None),
        "completion_tokens_details": told.pop("output_tokens_details", None),
    }
    return {name: value for name, value in {**told, **usage}.items() if value is not None}


def finish_reason(whole: Mapping[str, object], items: Sequence[Mapping[str, object]]) -> str:
    """The finish reason; a response that runs in the background has its status for one."""
    status = whole.get("status")
    if status == "incomplete":
        reason = str(mapping(whole.get("incomplete_details")).get("reason") or "incomplete")
        return _INCOMPLETE.get(reason, reason)
    if status in ("queued", "in_progress", "cancelled"):
        return str(status)
    return "tool_calls" if any(item.get("type") in CALL_TYPES for item in items) else "stop"


def _refuse_error(whole: Mapping[str, object]) -> None:
    if whole.get("error") or whole.get("status") == "failed":
        raise StreamError({"error": whole.get("error") or "the response failed"})


class ResponseEventDecoder:
    """One stream."""

    def __init__(self) -> None:
        self.done: bool = False
        self._head: JSONObject = {}
        self._calls: dict[object, int] = {}
        self._argued: set[object] = set()
        self._items: list[Mapping[str, object]] = []
        self._paragraph: object = None
        self._spoken: set[object] = set()

    def decode(self, event: ServerSentEvent) -> Sequence[StreamChunk]:
        """Read one event.

        Raises:
            StreamError: the event reports an error, or that the response failed.
            ValueError: the event cannot be read.
        """
        if event.data.startswith(b"[DONE]") or not event.data:
            return ()
        parsed: object = json.loads(event.data)
        if not isinstance(parsed, dict):
            raise ValueError("no JSON object")  # noqa: TRY004 - what is wrong is the provider's answer
        data = cast("JSONObject", parsed)
        kind = str(data.get("type") or event.name)
        if kind == "error" or (data.get("error") and "type" not in data):
            raise StreamError(data if data.get("error") else {"error": data})
        handler = _HANDLERS.get(kind)
        chunk = None if handler is None else handler(self, data)
        return () if chunk is None else (chunk,)

    # --- chunks ---

    def _chunk(self, delta: JSONObject, finish: str | None = None, **fields: object) -> StreamChunk:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return StreamChunk.model_validate({**self._head, "choices": [choice], **fields})

    def created(self, data: JSONObject) -> StreamChunk | None:
        """The response has begun."""
        started = not self._head
        self._head = head(mapping(data.get("response")))
        return self._chunk({"role": "assistant"}) if started else None

    def text(self, data: JSONObject) -> StreamChunk:
        """A piece of text."""
        self._spoken.add(data.get("output_index"))
        chunk = self._chunk({"content": data.get("delta") or ""})
        if data.get("logprobs"):
            chunk.choices[0].logprobs = {"content": data["logprobs"]}
        return chunk

    def refusal(self, data: JSONObject) -> StreamChunk:
        """A piece of a refusal."""
        self._spoken.add(data.get("output_index"))
        return self._chunk({"content": "", "refusal": data.get("delta") or ""})

    def reasoning(self, data: JSONObject) -> StreamChunk:
        """A piece of reasoning; a new part of it begins a paragraph."""
        part = (data.get("output_index"), data.get("summary_index"), data.get("content_index"))
        self._spoken.add(data.get("output_index"))
        gap = PARAGRAPH if self._paragraph not in (None, part) else ""
        self._paragraph = part
        return self._chunk({"reasoning_content": f"{gap}{data.get('delta') or ''}"})

    def item_added(self, data: JSONObject) -> StreamChunk | None:
        """An item begins: a tool call shows its name."""
        item = mapping(data.get("item"))
        return self._call(data.get("output_index"), item, whole=False) if item.get("type") in CALL_TYPES else None

    def arguments(self, data: JSONObject) -> StreamChunk | None:
        """A piece of what a tool is given."""
        key = data.get("output_index")
        if key not in self._calls:
            return None
        self._argued.add(key)
        return self._chunk(
            {"tool_calls": [{"index": self._calls[key], "function": {"arguments": data.get("delta") or ""}}]}
        )

    def item_done(self, data: JSONObject) -> StreamChunk | None:
        """An item is complete: what had not come in pieces comes now."""
        item, key = mapping(data.get("item")), data.get("output_index")
        self._items.append(item)
        delta: JSONObject = {}
        fields = message_fields([item])
        if item.get("type") in CALL_TYPES and key not in self._argued:
            called = self._call(key, item, whole=True)
            delta["tool_calls"] = called.delta.model_dump(exclude_unset=True)["tool_calls"]
        elif key not in self._spoken:
            delta |= {name: fields[name] for name in ("content", "refusal", "reasoning_content") if name in fields}
        notes = annotations_of(item)
        if notes:
            delta["annotations"] = notes
        return self._chunk(delta) if delta else None

    def _call(self, key: object, item: Mapping[str, object], *, whole: bool) -> StreamChunk:
        known = key in self._calls
        index = self._calls.setdefault(key, len(self._calls))
        call = call_of(item)
        function = mapping(call["function"])
        arguments = function["arguments"] if whole else ""
        begun: JSONObject = {"index": index, "function": {"arguments": arguments}}
        if not known:
            begun = {
                "index": index,
                "id": call["id"],
                "type": call["type"],
                "function": {"name": function["name"], "arguments": arguments},
            }
        return self._chunk({"tool_calls": [begun]})

    def finished(self, data: JSONObject) -> StreamChunk:
        """The response is complete, as far as it goes."""
        whole = mapping(data.get("response"))
        _refuse_error(whole)
        self.done = True
        self._head = {**self._head, **{name: value for name, value in head(whole).items() if value}}
        items = mappings(whole.get("output")) or self._items
        told = self._items or self._spoken or self._calls
        delta: JSONObject = {} if told else message_fields(items)
        for index, call in enumerate(cast("list[JSONObject]", delta.get("tool_calls") or [])):
            call["index"] = index
        delta["provider_specific_fields"] = {OUTPUT_FIELD: items} if items else None
        return self._chunk(delta, finish_reason(whole, items), usage=usage_of(whole))


_HANDLERS: dict[str, Callable[[ResponseEventDecoder, JSONObject], StreamChunk | None]] = {
    "response.created": ResponseEventDecoder.created,
    "response.queued": ResponseEventDecoder.created,
    "response.in_progress": ResponseEventDecoder.created,
    "response.output_text.delta": ResponseEventDecoder.text,
    "response.refusal.delta": ResponseEventDecoder.refusal,
    "response.reasoning_summary_text.delta": ResponseEventDecoder.reasoning,
    "response.reasoning_text.delta": ResponseEventDecoder.reasoning,
    "response.output_item.added": ResponseEventDecoder.item_added,
    "response.function_call_arguments.delta": ResponseEventDecoder.arguments,
    "response.custom_tool_call_input.delta": ResponseEventDecoder.arguments,
    "response.output_item.done": ResponseEventDecoder.item_done,
    "response.completed": ResponseEventDecoder.finished,
    "response.incomplete": ResponseEventDecoder.finished,
    "response.failed": ResponseEventDecoder.finished,
}
