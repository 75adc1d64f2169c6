"""From a chat request to the body of `POST /v1/messages`. Pure: the same request gives the same body.

Parameters go by one of three ways: a row of `_ENCODERS` translates them, a row of `_NO_PLACE` says why Anthropic has no
place for them (an error, or left out with a log line under `drop_unsupported`), and all others travel as they are. What
depends on one another is settled in this order: tools, limit and reasoning, output format, forced choice. `extra_body`
is merged last.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from llmclient.errors import RequestError, UnsupportedParameterError
from llmclient.providers.anthropic._json import is_object, list_of, object_of, objects_of, text_of
from llmclient.providers.anthropic.content import text_block
from llmclient.providers.anthropic.messages import TOOL_NAME, Conversation
from llmclient.providers.anthropic.models import ModelTraits, traits_of
from llmclient.providers.anthropic.reasoning import BUDGETS, EFFORTS, budget_within, nearest_effort
from llmclient.providers.anthropic.schema import strict_schema
from llmclient.providers.anthropic.tools import FORCED, encode_choice, encode_tools, tools_of_history

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject
    from llmclient.types.request import ChatRequest

logger = logging.getLogger("llmclient.providers.anthropic")

PROVIDER = "anthropic"
DEFAULT_MAX_TOKENS = 4096
"""Where nobody knows the model's own limit; `max_tokens` is required (fact 2)."""

MOST_CACHE_MARKS = 4
JSON_NOTE = "Answer with one valid JSON object and nothing else: no prose before or after it, no code fence."
"""Anthropic has no `json_object`: the model is told (fact 9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedRequest:
    """A request as it is sent.

    Attributes:
        body: the JSON body.
        headers: of this call, `anthropic-beta` included.
        answer_tool: name of the tool that stands in for `response_format` at models without structured outputs.
    """

    body: JSONObject
    headers: Mapping[str, str]
    answer_tool: str | None = None


@dataclass(slots=True)
class _Draft:
    """The body while it is made, and what the steps have to know of one another."""

    request: ChatRequest
    traits: ModelTraits
    params: JSONObject
    body: JSONObject = field(default_factory=dict[str, object])
    answer_tool: str | None = None

    def refuse(self, parameter: str, why: str) -> None:
        """Say that a parameter has no place: raise, or log where the caller wants it left out."""
        if not self.request.drop_unsupported:
            raise UnsupportedParameterError(PROVIDER, parameter, why)
        logger.warning("left out %r of a request to anthropic/%s: %s", parameter, self.request.model, why)


def encode_request(request: ChatRequest, *, max_tokens_of: Callable[[str], int | None] | None = None) -> EncodedRequest:
    """Translate a request.

    Args:
        request: the request, in OpenAI's terms.
        max_tokens_of: the output limit of a model, None where it is not known. Default: the price table's.

    Raises:
        InvalidMessageError: a message cannot be sent.
        UnsupportedParameterError: Anthropic has no place for a parameter, and `drop_unsupported` is off.
        UnsupportedCapabilityError: a message holds something that Anthropic cannot take.
        RequestError: parameters contradict one another or cannot be read.
    """
    traits = traits_of(request.model)
    params = {name: value for name, value in request.params.items() if value is not None}
    draft = _Draft(request, traits, params, {"model": request.model})
    conversation = Conversation(request.model, traits)
    for position, message in enumerate(request.messages):
        conversation.add(message, position)
    conversation.finish(len(request.messages) - 1)
    body = draft.body
    _add_parameters(draft)
    _add_tools(draft, conversation)
    _add_limit_and_reasoning(draft, max_tokens_of or _limit_in_price_table)
    _add_output_format(draft, conversation)
    _check_forced_choice(draft)
    if conversation.system:
        body["system"] = conversation.system
    body["messages"] = conversation.turns
    if request.stream:
        body["stream"] = True
    _check_cache_marks(body)
    body.update(request.extra_body)
    return EncodedRequest(body=body, headers=_headers(request), answer_tool=draft.answer_tool)


def _limit_in_price_table(model: str) -> int | None:
    lookup: object = getattr(import_module("llmclient.costs"), "max_output_tokens", None)
    limit: object = lookup(f"{PROVIDER}/{model}") if callable(lookup) else None
    return limit if isinstance(limit, int) and limit > 0 else None


# --- parameters one by one ------------------------------------------------------------------------------------------

_NO_PLACE: dict[str, tuple[tuple[object, ...], str]] = {
    "n": ((1,), "it gives one answer a call"),
    "seed": ((), "its answers cannot be made repeatable"),
    "presence_penalty": ((0,), "it has no penalties"),
    "frequency_penalty": ((0,), "it has no penalties"),
    "logit_bias": (({},), "it has no bias on tokens"),
    "logprobs": ((False,), "it tells no probabilities"),
    "top_logprobs": ((0,), "it tells no probabilities"),
    "modalities": ((["text"], ("text",)), "it answers in text only"),
    "audio": ((), "it answers in text only"),
    "prediction": ((), "it takes no predicted output"),
    "verbosity": (("medium",), "ask for it in the system prompt"),
    "store": ((False,), "it stores no answers"),
    "prompt_cache_key": ((), "mark what to cache with cache_control"),
    "web_search_options": ((), "pass its own tool: {'type': 'web_search_20250305', 'name': 'web_search'}"),
    "functions": ((), "pass tools"),
    "function_call": ((), "pass tool_choice"),
    "system": ((), "make it a system message"),
}
"""OpenAI's parameters without a counterpart: the values that ask for nothing, and why it has none."""

_ELSEWHERE = frozenset(
    {
        "betas",
        "max_completion_tokens",
        "max_tokens",
        "parallel_tool_calls",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "stream",
        "stream_options",  # usage always comes
        "tool_choice",
        "tools",
    }
)
"""Taken up by a step of their own, or asking for what is there anyway."""


def _add_parameters(draft: _Draft) -> None:
    for name, value in draft.params.items():
        if name in _NO_PLACE:
            neutral, why = _NO_PLACE[name]
            if value not in neutral:
                draft.refuse(name, why)
        elif name in _ENCODERS:
            _ENCODERS[name](draft, name, value)
        elif name not in _ELSEWHERE:
            draft.body[name] = dict(object_of(value)) if is_object(value) else value
    if "user" not in draft.params and "safety_identifier" in draft.params:
        _user(draft, "safety_identifier", draft.params["safety_identifier"])


def _sampling(draft: _Draft, name: str, value: object) -> None:
    """Range 0 to 1 against OpenAI's 0 to 2: never scaled in silence (fact 1)."""
    if not draft.traits.sampling:
        if value != 1:
            draft.refuse(name, f"{draft.request.model} chooses its own sampling")
    elif name == "temperature" and not (isinstance(value, int | float) and 0 <= value <= 1):
        draft.refuse(name, f"its range is 0 to 1, not {value!r}")
    else:
        draft.body[name] = value


def _stop(draft: _Draft, name: str, value: object) -> None:
    stops = [value] if isinstance(value, str) else list(list_of(value))
    kept = [stop for stop in stops if text_of(stop).strip()]
    if len(kept) < len(stops):
        draft.refuse(name, "an entry of white space only is rejected")
    if kept:
        draft.body["stop_sequences"] = kept


def _metadata(draft: _Draft, name: str, value: object) -> None:
    others = sorted(key for key in object_of(value) if key != "user_id")
    if others:
        draft.refuse(name, f"it takes user_id only, not {', '.join(others)}")
    if "user_id" in object_of(value):
        draft.body["metadata"] = {"user_id": object_of(value)["user_id"]}


_PERSONAL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|\+?[\d\s()./-]{7,}")
"""An e-mail address or a telephone number, neither of which may be sent as an id (Anthropic, `metadata.user_id`)."""


def _user(draft: _Draft, name: str, value: object) -> None:
    if _PERSONAL.fullmatch(text_of(value).strip()):
        draft.refuse(name, "an e-mail address or a telephone number may not be sent; pass an opaque id")
    elif "user_id" not in object_of(draft.params.get("metadata")):
        draft.body["metadata"] = {"user_id": value}


_ENCODERS: dict[str, Callable[[_Draft, str, object], None]] = {
    "temperature": _sampling,
    "top_p": _sampling,
    "top_k": _sampling,
    "stop": _stop,
    "metadata": _metadata,
    "user": _user,
}


# --- what depends on one another ------------------------------------------------------------------------------------


def _add_tools(draft: _Draft, conversation: Conversation) -> None:
    tools = encode_tools(draft.params.get("tools"))
    choice = encode_choice(draft.params.get("tool_choice"), parallel=draft.params.get("parallel_tool_calls"))
    if not tools:
        tools = tools_of_history(conversation.turns)
        # Without tools of the caller's, "auto" and "none" ask for nothing.
        choice = {"type": "none"} if tools and (choice is None or choice["type"] not in FORCED) else choice
        if not tools and choice is not None and choice["type"] not in FORCED:
            choice = None
    if tools:
        draft.body["tools"] = tools
    if choice is not None:
        draft.body["tool_choice"] = choice


def _add_limit_and_reasoning(draft: _Draft, max_tokens_of: Callable[[str], int | None]) -> None:
    given = draft.params.get("max_completion_tokens", draft.params.get("max_tokens"))
    limit = given if isinstance(given, int) else max_tokens_of(draft.request.model)
    _add_reasoning(draft, limit)
    thinking = object_of(draft.body.get("thinking")).get("budget_tokens")
    if limit is None:
        limit = DEFAULT_MAX_TOKENS + (thinking if isinstance(thinking, int) else 0)
    draft.body["max_tokens"] = limit


def _add_reasoning(draft: _Draft, limit: int | None) -> None:
    effort, traits, body = draft.params.get("reasoning_effort"), draft.traits, draft.body
    if effort is None:
        return
    name = "reasoning_effort"
    if effort not in EFFORTS:
        draft.refuse(name, f"{effort!r} is none of {', '.join(EFFORTS)}")
    elif effort == "none":
        if traits.thinks_always:
            draft.refuse(name, f"{draft.request.model} cannot stop thinking")
        elif traits.thinking == "adaptive":
            body.setdefault("thinking", {"type": "disabled"})
    elif traits.thinking == "none":
        draft.refuse(name, f"{draft.request.model} does not reason")
    elif traits.thinking == "adaptive":
        _add_effort(draft, text_of(effort))
    elif "thinking" not in body:
        budget = BUDGETS[text_of(effort)] if limit is None else budget_within(text_of(effort), limit)
        if budget is None:
            draft.refuse(name, f"max_tokens {limit} leaves no room to think; it takes more than 1024")
        else:
            body["thinking"] = {"type": "enabled", "budget_tokens": budget}


def _add_effort(draft: _Draft, effort: str) -> None:
    level = nearest_effort(effort, draft.traits)
    if level != effort:
        logger.warning("anthropic/%s has no effort %r; %r is sent", draft.request.model, effort, level)
    thinking: JSONObject = {"type": "adaptive"}
    if draft.traits.hides_thinking:
        thinking["display"] = "summarized"
    draft.body.setdefault("thinking", thinking)
    draft.body["output_config"] = {"effort": level, **object_of(draft.body.get("output_config"))}


def _add_output_format(draft: _Draft, conversation: Conversation) -> None:
    wanted = draft.params.get("response_format")
    if wanted is None:
        return
    form = object_of(wanted)
    kind = form.get("type")
    if kind == "json_object":
        conversation.system.append(text_block(JSON_NOTE))
    elif kind == "json_schema":
        inner = object_of(form.get("json_schema")) or form
        if not is_object(inner.get("schema")):
            raise RequestError("response_format of type 'json_schema' has no schema; put it under json_schema.schema")
        _add_schema(draft, strict_schema(object_of(inner["schema"])), text_of(inner.get("name")))
    elif kind != "text":
        raise RequestError(f"response_format {wanted!r} is none of text, json_object, json_schema")


def _add_schema(draft: _Draft, schema: JSONObject, name: str) -> None:
    body = draft.body
    if draft.traits.output_format:
        output: JSONObject = {"format": {"type": "json_schema", "schema": schema}}
        body["output_config"] = {**output, **object_of(body.get("output_config"))}
    elif schema.get("type") != "object":
        draft.refuse("response_format", f"{draft.request.model} answers in objects only, through a tool")
    elif "tool_choice" in body:
        draft.refuse(
            "response_format", f"{draft.request.model} answers in a schema by a tool, which tool_choice excludes"
        )
    else:
        tools = objects_of(body.get("tools"))
        taken = {tool.get("name") for tool in tools}
        answer = name if TOOL_NAME.fullmatch(name) and name not in taken else "answer_in_json"
        tool: JSONObject = {"name": answer, "description": "Give the answer.", "input_schema": schema}
        body["tools"] = [*tools, tool]
        body["tool_choice"] = {"type": "any"} if tools else {"type": "tool", "name": answer}
        draft.answer_tool = answer


def _check_forced_choice(draft: _Draft) -> None:
    """A forced choice excludes thinking (fact 7), and some models take none."""
    body = draft.body
    if object_of(body.get("tool_choice")).get("type") not in FORCED:
        return
    if not draft.traits.forced_tool:
        draft.refuse("tool_choice", f"{draft.request.model} cannot be forced to use a tool")
        body["tool_choice"] = {**object_of(body["tool_choice"]), "type": "auto"}
        object_of(body["tool_choice"]).pop("name", None)
    elif object_of(body.get("thinking")).get("type") in {"enabled", "adaptive"}:
        name = "reasoning_effort" if "thinking" not in draft.params else "thinking"
        draft.refuse(name, "a forced tool excludes thinking")
        del body["thinking"]


def _check_cache_marks(body: JSONObject) -> None:
    blocks = [*objects_of(body.get("tools")), *objects_of(body.get("system"))]
    for turn in objects_of(body["messages"]):
        blocks.extend(objects_of(turn["content"]))
    marks = sum("cache_control" in block for block in blocks) + ("cache_control" in body)
    if marks > MOST_CACHE_MARKS:
        raise RequestError(f"{marks} parts are marked with cache_control; anthropic takes {MOST_CACHE_MARKS} at most")


def _headers(request: ChatRequest) -> dict[str, str]:
    """The call's own headers, with `betas` in `anthropic-beta`, after those that are there already."""
    headers = dict(request.extra_headers)
    given = request.params.get("betas")
    betas = [given] if isinstance(given, str) else [text_of(beta) for beta in list_of(given)]
    if betas:
        name = next((name for name in headers if name.lower() == "anthropic-beta"), "anthropic-beta")
        there = headers.get(name, "").split(",")
        headers[name] = ",".join(dict.fromkeys(beta.strip() for beta in [*there, *betas] if beta.strip()))
    return headers
