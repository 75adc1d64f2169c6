"""Recorded answers as scripts: what a recording says, told by the script language, so that a dialect can say it again.

Nothing of `providers/` is used: the recorded JSON is read here once more, and only as far as a script reaches. What no
script can tell is named by a kind; `conformance.recorded_kinds` says why, and tests hold that the two fit.
"""

from __future__ import annotations

import json

from llmclient.testing.reply import Citation, Reasoning, Reply, ScriptedToolCall
from support.wire import events


class UntellableError(Exception):
    """The script language has no words for this; the argument is the kind."""


# --- chat completions ----------------------------------------------------------------------------------------------


def of_chat(body: dict) -> Reply:
    """A `chat.completion`, OpenAI's, OpenRouter's or a gateway's."""
    (choice,) = body["choices"]
    message = choice["message"]
    if isinstance(message.get("content"), list):
        raise UntellableError("content in parts")
    if "moderation" in body:
        raise UntellableError("moderation")
    return Reply(
        text=message.get("content"),
        tool_calls=tuple(map(_chat_call, message.get("tool_calls") or ())),
        reasoning=_thoughts(message),
        citations=tuple(map(_chat_citation, message.get("annotations") or ())),
        refusal=message.get("refusal"),
        finish_reason=choice["finish_reason"],
        usage=body["usage"],
        logprobs=choice.get("logprobs"),
    )


def parsed(body: bytes) -> dict:
    """The JSON of an answer."""
    try:
        return json.loads(body)
    except ValueError as error:
        raise UntellableError("no JSON") from error


def _chat_call(call: dict) -> ScriptedToolCall:
    return ScriptedToolCall(call["function"]["name"], call["function"]["arguments"], call["id"])


def _chat_citation(note: dict) -> Citation:
    cited = note["url_citation"]
    return Citation(
        url=cited["url"],
        title=cited["title"],
        start=cited["start_index"],
        end=cited["end_index"],
        quote=cited.get("content", ""),
    )


def _thoughts(message: dict) -> tuple[Reasoning, ...]:
    found = []
    for detail in message.get("reasoning_details") or ():
        if detail["type"] == "reasoning.summary":
            raise UntellableError("reasoning summaries")
        if detail["type"] == "reasoning.encrypted":
            found.append(Reasoning(redacted=detail["data"]))
        else:
            found.append(Reasoning(text=detail.get("text", ""), signature=detail.get("signature")))
    told = message.get("reasoning_content") or message.get("reasoning")
    return tuple(found) or ((Reasoning(text=told),) if told else ())


def of_chat_stream(body: bytes) -> Reply:
    """Chunks of a chat completion."""
    message: dict = {"content": None, "tool_calls": {}, "annotations": [], "reasoning_details": []}
    finish, used = None, {}
    for chunk in events(body):
        used = chunk.get("usage") or used
        for choice in chunk["choices"]:
            delta = choice["delta"]
            finish = choice.get("finish_reason") or finish
            if delta.get("content"):
                message["content"] = (message["content"] or "") + delta["content"]
            message["annotations"] += delta.get("annotations") or []
            message["reasoning_details"] += delta.get("reasoning_details") or []
            for call in delta.get("tool_calls") or ():
                made = message["tool_calls"].setdefault(call["index"], {"function": {"arguments": ""}})
                made["id"] = call.get("id") or made.get("id")
                made["function"]["name"] = call["function"].get("name") or made["function"].get("name")
                made["function"]["arguments"] += call["function"].get("arguments") or ""
    message["tool_calls"] = list(message["tool_calls"].values())
    return of_chat({"choices": [{"message": message, "finish_reason": finish}], "usage": used})


# --- Anthropic's messages ------------------------------------------------------------------------------------------

_FINISH = {"end_turn": "stop", "max_tokens": "length", "tool_use": "tool_calls"}


def of_message(body: dict) -> Reply:
    """A `message`; its blocks have to stand in the order a script has: thoughts, one text, tool calls."""
    blocks = [of_block(block) for block in body["content"]]
    ranks = [(bool(block.reasoning), block.text is not None, bool(block.tool_calls)) for block in blocks]
    texts = [block for block in blocks if block.text is not None]
    if ranks != sorted(ranks, reverse=True) or len(texts) > 1:
        raise UntellableError("blocks in another order")
    return Reply(
        text=texts[0].text if texts else None,
        citations=texts[0].citations if texts else (),
        reasoning=sum((block.reasoning for block in blocks), ()),
        tool_calls=sum((block.tool_calls for block in blocks), ()),
        finish_reason=_FINISH.get(body["stop_reason"], body["stop_reason"]),
        usage=_usage(body["usage"]),
    )


def of_block(block: dict) -> Reply:
    """One block of a message, alone."""
    kind = block["type"]
    if kind == "thinking":
        return Reply(reasoning=(Reasoning(text=block["thinking"], signature=block["signature"]),))
    if kind == "redacted_thinking":
        return Reply(reasoning=(Reasoning(redacted=block["data"]),))
    if kind == "tool_use":
        return Reply(tool_calls=(ScriptedToolCall(block["name"], json.dumps(block["input"]), block["id"]),))
    if kind == "text":
        return Reply(text=block["text"], citations=tuple(map(_location, block.get("citations") or ())))
    raise UntellableError("server tools")


def _location(citation: dict) -> Citation:
    if citation["type"] != "web_search_result_location":
        raise UntellableError("citations of documents")
    return Citation(url=citation["url"], title=citation["title"], quote=citation["cited_text"])


def _usage(used: dict) -> dict:
    read, written = used["cache_read_input_tokens"], used["cache_creation_input_tokens"]
    told: dict = {
        "prompt_tokens": used["input_tokens"] + read + written,
        "completion_tokens": used["output_tokens"],
        "total_tokens": used["input_tokens"] + read + written + used["output_tokens"],
        "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written},
    }
    if "output_tokens_details" in used:
        told["completion_tokens_details"] = {"reasoning_tokens": used["output_tokens_details"]["thinking_tokens"]}
    if "server_tool_use" in used:
        told["server_tool_use"] = used["server_tool_use"]
    return told


def message_of_stream(body: bytes) -> dict:
    """The message that events build, as a plain call would have it."""
    message: dict = {}
    blocks: list[dict] = []
    written: dict[int, str] = {}
    for event in events(body):
        kind = event["type"]
        if kind == "message_start":
            message = event["message"]
        elif kind == "content_block_start":
            blocks.append({**event["content_block"], "citations": []})
        elif kind == "content_block_delta":
            delta = event["delta"]
            block = blocks[event["index"]]
            if delta["type"] == "citations_delta":
                block["citations"].append(delta["citation"])
            elif delta["type"] == "input_json_delta":
                written[event["index"]] = written.get(event["index"], "") + delta["partial_json"]
            else:
                name = delta["type"].removesuffix("_delta")
                block[name] = block.get(name, "") + delta[name]
        elif kind == "message_delta":
            message = {**message, **event["delta"], "usage": {**message["usage"], **event["usage"]}}
    for index, text in written.items():
        blocks[index]["input"] = json.loads(text or "{}")
    return {**message, "content": blocks}


# --- the Responses API ---------------------------------------------------------------------------------------------


def of_response(body: dict) -> Reply:
    """A `response`; its items have to stand in the order a script has: thoughts, one message, calls."""
    if "store" not in body:
        raise UntellableError("an answer made by hand")
    if body["usage"] is None or body.get("background"):
        raise UntellableError("background mode")
    text, calls, thoughts, citations, logprobs, order = None, [], [], [], None, []
    for item in body["output"]:
        kind = item["type"]
        order.append(kind)
        if kind == "reasoning":
            if len(item["summary"]) > 1:
                raise UntellableError("reasoning in several summaries")
            said = "".join(part["text"] for part in item["summary"])
            thoughts.append(Reasoning(text=said, signature=item.get("encrypted_content")))
        elif kind == "message":
            (part,) = item["content"]
            text = part["text"]
            citations += [_note(note) for note in part["annotations"]]
            logprobs = {"content": part["logprobs"]} if part.get("logprobs") else None
        elif kind == "function_call":
            if "namespace" in item:
                raise UntellableError("tools with a namespace")
            calls.append(ScriptedToolCall(item["name"], item["arguments"], item["call_id"]))
        else:
            raise UntellableError("server tools")
    if order != sorted(order, key=["reasoning", "message", "function_call"].index) or order.count("message") > 1:
        raise UntellableError("blocks in another order")
    reason = (body.get("incomplete_details") or {}).get("reason")
    used = body["usage"]
    return Reply(
        text=text,
        tool_calls=tuple(calls),
        reasoning=tuple(thoughts),
        citations=tuple(citations),
        logprobs=logprobs,
        finish_reason={"max_output_tokens": "length", "content_filter": "content_filter"}.get(reason),
        usage={
            "prompt_tokens": used["input_tokens"],
            "completion_tokens": used["output_tokens"],
            "total_tokens": used["total_tokens"],
            "prompt_tokens_details": used["input_tokens_details"],
            "completion_tokens_details": used["output_tokens_details"],
        },
    )


def _note(note: dict) -> Citation:
    if note["type"] != "url_citation":
        raise UntellableError("citations of files")
    return Citation(url=note["url"], title=note["title"], start=note["start_index"], end=note["end_index"])
