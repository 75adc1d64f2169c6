"""Cohere for llmclient: its native chat API, `POST /v2/chat`, plain and streamed. Source: Cohere API reference, v2."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from llmclient.errors import ContentPolicyError, ServerError, UnsupportedCapabilityError
from llmclient.providers.vendor import Endpoint, ErrorRow, HTTPProvider, ServerSentEvent, StreamError, leave_out
from llmclient.types import ChatRequest, ModelResponse, StreamChunk

RENAMED = {"max_completion_tokens": "max_tokens", "stop": "stop_sequences", "top_k": "k", "top_p": "p"}
KNOWN = {"tools", "temperature", "seed", "frequency_penalty", "presence_penalty", "logprobs", "max_tokens", "thinking"}
KNOWN |= {"documents", "citation_options", "safety_mode", "strict_tools", "priority", *RENAMED, *RENAMED.values()}
CHOICES = {"auto": None, "none": "NONE", "required": "REQUIRED"}
ROLES = {"developer": "system"}
FIELDS = ("content", "tool_calls", "tool_call_id", "tool_plan", "citations")
PARTS = {"text", "image_url", "document"}
FINISH = {"COMPLETE": "stop", "STOP_SEQUENCE": "stop", "MAX_TOKENS": "length", "TOOL_CALL": "tool_calls"}
SAID = {"text": "content", "thinking": "reasoning_content"}


class CohereProvider(HTTPProvider):
    """Cohere. The factory of the entry point: called with the name and the configuration."""

    endpoint = Endpoint(
        name="cohere",
        base_url="https://api.cohere.com",
        key_variable="CO_API_KEY",
        url_variable="CO_API_URL",
    )

    def wire(self, request: ChatRequest) -> CohereWire:
        return CohereWire(self.name)


class CohereWire:
    """One request and its answer."""

    path = "/v2/chat"
    error_rows = (ErrorRow(status=498, error=ContentPolicyError), ErrorRow(status=501, error=ServerError))

    def __init__(self, provider: str) -> None:
        self.provider = provider

    def encode(self, request: ChatRequest) -> dict[str, Any]:
        body = {"model": request.model, "messages": [self._message(message) for message in request.messages]}
        if request.stream:
            body["stream"] = True
        for name, value in request.params.items():
            if value is not None:
                body.update(self._parameter(name, value, request))
        return {**body, **request.extra_body}

    def _message(self, message: Mapping[str, Any]) -> dict[str, Any]:
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            if part["type"] not in PARTS:
                raise UnsupportedCapabilityError(self.provider, f"content of type {part['type']!r}")
        said = {name: message[name] for name in FIELDS if message.get(name) is not None}
        return {"role": ROLES.get(message["role"], message["role"]), **said}

    def _parameter(self, name: str, value: Any, request: ChatRequest) -> dict[str, Any]:
        if name == "tool_choice" and value in CHOICES:
            return {"tool_choice": CHOICES[value]} if CHOICES[value] else {}
        if name == "response_format" and value["type"] == "json_schema":
            return {name: {"type": "json_object", "json_schema": value["json_schema"]["schema"]}}
        if name in ("stop", "stop_sequences"):
            return {"stop_sequences": [value] if isinstance(value, str) else value}
        if name in KNOWN or name == "response_format":
            return {RENAMED.get(name, name): value}
        if name != "stream_options":  # usage always comes
            leave_out(self.provider, request, name)
        return {}

    def decode(self, body: bytes) -> ModelResponse:
        whole = json.loads(body)
        message = whole.get("message")
        if not isinstance(message, dict):
            raise ValueError("no message")
        said: dict[str, Any] = {"role": "assistant", "reasoning_content": message.get("tool_plan")}
        for part in message.get("content") or ():
            name = SAID[part["type"]]
            said[name] = (said.get(name) or "") + part[part["type"]]
        said["tool_calls"] = message.get("tool_calls") or None
        said["annotations"] = message.get("citations") or None
        choice = {"index": 0, "message": said, "finish_reason": finish(whole.get("finish_reason"))}
        return ModelResponse.model_validate(
            {"id": whole["id"], "choices": [choice], "usage": usage(whole.get("usage"))}
        )

    def event_decoder(self) -> CohereEvents:
        return CohereEvents()


class CohereEvents:
    """The events of one stream, each as chunks."""

    def __init__(self) -> None:
        self.done = False
        self.id = ""

    def decode(self, event: ServerSentEvent) -> list[StreamChunk]:
        told = json.loads(event.data)
        if "type" not in told:
            raise StreamError(told)
        delta = told.get("delta") or {}
        self.id = told.get("id") or self.id
        return [self._chunk(choice, delta) for choice in self._choices(told["type"], told.get("index", 0), delta)]

    def _choices(self, kind: str, index: int, delta: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        message = delta.get("message") or {}
        if kind == "message-start":
            yield {"delta": {"role": "assistant"}}
        elif kind == "content-delta":
            yield {"delta": {SAID[name]: text for name, text in message["content"].items() if name in SAID}}
        elif kind == "tool-plan-delta":
            yield {"delta": {"reasoning_content": message["tool_plan"]}}
        elif kind in ("tool-call-start", "tool-call-delta"):
            yield {"delta": {"tool_calls": [{"index": index, **message["tool_calls"]}]}}
        elif kind == "citation-start":
            yield {"delta": {"annotations": [message["citations"]]}}
        elif kind == "message-end":
            if delta.get("finish_reason") == "ERROR":
                raise StreamError({"message": delta.get("error")}, 500)
            self.done = True
            yield {"delta": {}, "finish_reason": finish(delta.get("finish_reason"))}

    def _chunk(self, choice: Mapping[str, Any], delta: Mapping[str, Any]) -> StreamChunk:
        fields = {"id": self.id, "choices": [{"index": 0, **choice}], "usage": usage(delta.get("usage"))}
        return StreamChunk.model_validate(fields)


def finish(reason: str | None) -> str | None:
    """Cohere's finish reason in OpenAI's words."""
    return FINISH.get(reason or "", reason)


def usage(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Cohere's usage in OpenAI's shape."""
    tokens = (told or {}).get("tokens")
    if not told or not tokens:
        return None
    prompt, completion = int(tokens["input_tokens"]), int(tokens["output_tokens"])
    counted = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**counted, "prompt_tokens_details": {"cached_tokens": int(told.get("cached_tokens") or 0)}}
