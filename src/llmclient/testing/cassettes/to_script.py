"""A fake script out of a cassette: every recording becomes a turn, in the words of `fakes/*.yaml`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from llmclient.testing.cassettes.conversation import Said, conversation, said_in
from llmclient.testing.cassettes.explain import last_words
from llmclient.testing.cassettes.inspection import tokens
from llmclient.testing.cassettes.keys import KEY_VARIABLES
from llmclient.testing.cassettes.layout import Interaction
from llmclient.testing.cassettes.matching import body_document
from llmclient.testing.cassettes.recording import as_fields, decode_recording, header_list, header_value
from llmclient.testing.cassettes.store import to_request

_FAULTS: dict[int, str] = {
    400: "bad_request",
    401: "auth",
    403: "permission",
    404: "not_found",
    408: "request_timeout",
    409: "conflict",
    413: "request_too_large",
    422: "unprocessable",
    429: "rate_limit",
    500: "server_failure",
    502: "bad_gateway",
    503: "unavailable",
    504: "gateway_timeout",
    529: "overloaded",
}
"""Faults that stand for a status, by the names of the script files; another status is `status`."""


def script_of(interactions: list[Interaction], name: str) -> str:
    """The script, as the text of a YAML file.

    Args:
        interactions: the recordings; those that are no chat (embeddings, images, uploads) are left out.
        name: what the script is called.
    """
    import yaml

    turns = [turn for interaction in interactions if (turn := _turn(interaction)) is not None]
    document = {"name": name, "turns": turns}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)  # pyright: ignore[reportUnknownMemberType] - the stubs leave the width untyped


def _turn(interaction: Interaction) -> dict[str, object] | None:
    request = to_request(interaction)
    body = as_fields(body_document(request))
    lines = list(conversation(body))
    if body is None or not lines:
        return None
    said = said_in(interaction["response"])
    turn: dict[str, object] = {"on": _pattern(request.uri, str(body.get("model", "*")))}
    words = last_words(body).strip()
    if lines[-1].role in ("tool", "function_call_output"):
        turn["when"] = {"tool_result": True}
    elif words:
        turn["when"] = {"contains": words}
    if said.status >= 400:  # noqa: PLR2004 - where errors begin, RFC 9110
        turn["fail"] = _fault(said, interaction["response"])
    else:
        turn["reply"] = _reply(said, interaction["response"])
    return turn


def _pattern(uri: str, model: str) -> str:
    variable = KEY_VARIABLES.get(urlsplit(uri).hostname or "")
    return f"{variable.removesuffix('_API_KEY').lower()}/{model}" if variable else f"*/{model}"


def _fault(said: Said, response: Mapping[str, object]) -> dict[str, object]:
    name = _FAULTS.get(said.status)
    if name is None:
        return {"status": {"status": said.status}}
    wait = header_value(header_list(response.get("headers")), "retry-after")
    try:
        return {name: {"retry_after": float(wait)} if wait and name == "rate_limit" else {}}
    except ValueError:  # a date: nobody waits for it any more
        return {name: {}}


def _reply(said: Said, response: Mapping[str, object]) -> dict[str, object]:
    reply: dict[str, object] = {}
    if said.text:
        reply["text"] = said.text
    if said.calls:
        reply["tool_calls"] = [{"name": call.name, "arguments": _arguments(call.arguments)} for call in said.calls]
    if said.reasoning:
        reply["reasoning"] = said.reasoning
    if said.finish and said.finish != ("tool_calls" if said.calls else "stop"):
        reply["finish_reason"] = said.finish
    used = tokens(response)
    if used.prompt or used.completion:
        reply["usage"] = {"prompt_tokens": used.prompt, "completion_tokens": used.completion}
    if used.cost is not None:
        reply["cost"] = used.cost
    if len(said.pieces) > 1:
        reply["stream"] = {"chunks": said.pieces, "first_token": decode_recording(response).after}
        reply.pop("text", None)
    if said.end == "cut":
        reply["fault"] = {"disconnect": {"after_chunks": len(said.pieces)}}
    return reply


def _arguments(text: str) -> object:
    try:
        given: object = json.loads(text) if text else {}
    except ValueError:
        return text
    return given
