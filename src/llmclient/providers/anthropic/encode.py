"""From a chat request to the body of `POST /v1/messages`. Pure: the same request gives the same body.

Most parameters are taken one by one (see `parameters`). What depends on one another is settled here, in this order:
tools, limit and reasoning, output format, forced choice. `extra_body` is merged last.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmclient._narrow import is_mapping
from llmclient.errors import RequestError
from llmclient.providers._schema import is_closed
from llmclient.providers.anthropic._json import int_of, list_of, object_of, objects_of, text_of
from llmclient.providers.anthropic.content import text_block
from llmclient.providers.anthropic.messages import TOOL_NAME, Conversation
from llmclient.providers.anthropic.models import traits_of
from llmclient.providers.anthropic.parameters import PROVIDER, Draft, add_parameters, logger
from llmclient.providers.anthropic.reasoning import BUDGETS, EFFORTS, budget_within, nearest_effort
from llmclient.providers.anthropic.schema import beyond_structured_output, strict_schema
from llmclient.providers.anthropic.tools import FORCED, encode_choice, encode_tools, tools_of_history

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject
    from llmclient.types.request import ChatRequest

DEFAULT_MAX_TOKENS = 4096
"""Where nobody knows the model's own limit; `max_tokens` is required (fact 2)."""

LONGEST_PLAIN_ANSWER = 21_333
"""`max_tokens` up to which a plain call is not streamed: the SDK reckons 128,000 tokens an hour and refuses what may
take more than ten minutes (anthropic 2.12, `_calculate_nonstreaming_timeout`). Also the most that a plain call asks for
by default."""

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
    headers: Mapping[str, str] = field(repr=False)
    answer_tool: str | None = None


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
    draft = Draft(request, traits, params, {"model": request.model})
    conversation = Conversation(request.model, traits)
    for position, message in enumerate(request.messages):
        conversation.add(message, position)
    conversation.finish(len(request.messages) - 1)
    body = draft.body
    add_parameters(draft)
    _add_tools(draft, conversation)
    _add_limit_and_reasoning(draft, max_tokens_of or _limit_in_price_table)
    _check_resumption(draft, conversation)
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
    from llmclient.costs import max_output_tokens  # reads the table, at the first call that needs it

    return max_output_tokens(f"{PROVIDER}/{model}")


# --- what depends on one another ------------------------------------------------------------------------------------


def _add_tools(draft: Draft, conversation: Conversation) -> None:
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


def _add_limit_and_reasoning(draft: Draft, max_tokens_of: Callable[[str], int | None]) -> None:
    given = draft.params.get("max_completion_tokens", draft.params.get("max_tokens"))
    if isinstance(given, int):
        _add_reasoning(draft, given)
        draft.body["max_tokens"] = given
        return
    most = max_tokens_of(draft.request.model)
    if most is not None and not draft.request.stream:
        # A default must not change how a call is made: more than this is asked for, and then streamed (fact 3).
        plain = min(most, LONGEST_PLAIN_ANSWER)
        _add_reasoning(draft, plain)
        draft.body["max_tokens"] = min(most, max(plain, _budget(draft) + DEFAULT_MAX_TOKENS))
        return
    _add_reasoning(draft, most)
    draft.body["max_tokens"] = most or DEFAULT_MAX_TOKENS + _budget(draft)


def _budget(draft: Draft) -> int:
    return int_of(object_of(draft.body.get("thinking")).get("budget_tokens"))


def _add_reasoning(draft: Draft, limit: int | None) -> None:
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


def _add_effort(draft: Draft, effort: str) -> None:
    level = nearest_effort(effort, draft.traits)
    if level != effort:
        logger.warning("anthropic/%s has no effort %r; %r is sent", draft.request.model, effort, level)
    thinking: JSONObject = {"type": "adaptive"}
    if draft.traits.hides_thinking:
        thinking["display"] = "summarized"
    draft.body.setdefault("thinking", thinking)
    draft.body["output_config"] = {"effort": level, **object_of(draft.body.get("output_config"))}


def _check_resumption(draft: Draft, conversation: Conversation) -> None:
    """After a fallback inside a round of tools, the calls are another vendor's and have no thinking before them.

    With a thinking budget the API insists on a thinking block there, so this one call goes without (Anthropic,
    extended thinking with tool use). Thinking configured in Anthropic's own words is left to the caller.
    """
    given = "thinking" in draft.params
    if not given and _budget(draft) and conversation.resumes_without_thought:
        logger.warning(
            "anthropic/%s goes on without thinking: the tool calls before it were made without", draft.request.model
        )
        del draft.body["thinking"]


def _add_output_format(draft: Draft, conversation: Conversation) -> None:
    wanted = draft.params.get("response_format")
    if wanted is None:
        return
    form = object_of(wanted)
    kind = form.get("type")
    if kind == "json_object":
        conversation.system.append(text_block(JSON_NOTE))
    elif kind == "json_schema":
        inner = object_of(form.get("json_schema")) or form
        if not is_mapping(inner.get("schema")):
            raise RequestError("response_format of type 'json_schema' has no schema; put it under json_schema.schema")
        _add_schema(draft, conversation, object_of(inner["schema"]), text_of(inner.get("name")))
    elif kind != "text":
        raise RequestError(f"response_format {wanted!r} is none of text, json_object, json_schema")


def _add_schema(draft: Draft, conversation: Conversation, schema: JSONObject, name: str) -> None:
    """By structured outputs, else by a forced tool, else (where the model has those, but not for this) as told."""
    body = draft.body
    native = draft.traits.output_format
    why_not = beyond_structured_output(schema) if native else ""
    if why_not:
        logger.info("structured outputs cannot hold %s of the schema %r; it is asked for another way", why_not, name)
    if native and not why_not:
        output: JSONObject = {"format": {"type": "json_schema", "schema": strict_schema(schema)}}
        body["output_config"] = {**output, **object_of(body.get("output_config"))}
    elif native and not _takes_answer_tool(draft, schema):
        conversation.system.append(text_block(f"{JSON_NOTE} It fits this JSON schema:\n{json.dumps(schema)}"))
    elif schema.get("type") != "object":
        draft.refuse("response_format", f"{draft.request.model} answers in objects only, through a tool")
    elif draft.params.get("tool_choice", "auto") != "auto":
        draft.refuse("response_format", f"{draft.request.model} answers in it by a tool, which tool_choice excludes")
    else:
        tools = objects_of(body.get("tools"))
        taken = {tool.get("name") for tool in tools}
        answer = name if TOOL_NAME.fullmatch(name) and name not in taken else "answer_in_json"
        tool: JSONObject = {"name": answer, "description": "Give the answer.", "input_schema": _for_tool(schema)}
        body["tools"] = [*tools, tool]
        # Where the caller has tools, the model may call one of them before it answers.
        choice = "required" if draft.params.get("tools") else {"type": "function", "function": {"name": answer}}
        body["tool_choice"] = encode_choice(choice, parallel=draft.params.get("parallel_tool_calls"))
        draft.answer_tool = answer


def _takes_answer_tool(draft: Draft, schema: JSONObject) -> bool:
    thinks = object_of(draft.body.get("thinking")).get("type") in {"enabled", "adaptive"}
    chosen = draft.params.get("tool_choice", "auto") != "auto"
    return schema.get("type") == "object" and draft.traits.forced_tool and not thinks and not chosen


def _for_tool(schema: JSONObject) -> JSONObject:
    """What a tool takes: the schema as it is where closing its objects would empty them."""
    return strict_schema(schema) if is_closed(schema) else schema


def _check_forced_choice(draft: Draft) -> None:
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
