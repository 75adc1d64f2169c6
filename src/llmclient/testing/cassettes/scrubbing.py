"""An interaction on its way to the disk: headers by the list, texts without secrets, chunk lengths kept right."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from llmclient.testing.cassettes.recording import BLOCK, as_fields, header_list, parse_chunks, write_chunks
from llmclient.testing.cassettes.scrub import (
    KEPT_REQUEST_HEADERS,
    KEPT_RESPONSE_HEADERS,
    SECRET_HEADERS,
    Finding,
    account_ids,
    environment_secrets,
    find_secrets,
    header_secrets,
    mask_findings,
    shift_offsets,
)

if TYPE_CHECKING:
    from llmclient.testing.cassettes.layout import Interaction


def interaction_secrets(interaction: Interaction) -> frozenset[str]:
    """Secrets that an interaction gives away itself: in its headers, and account ids in its body."""
    request, response = interaction["request"], interaction["response"]
    found = header_secrets(header_list(request.get("headers"))) | header_secrets(header_list(response.get("headers")))
    text = _body_text(response)
    if text is None:
        return found
    documents = re.findall(r"^data: *(\{.*\})", text, re.MULTILINE) if "data:" in text else [text]
    for document in documents:
        if "_id" in document or "organization" in document:
            try:
                found |= account_ids(json.loads(document))
            except ValueError:
                continue
    return found


def scrub_interaction(
    interaction: Interaction, known: Iterable[str] = (), *, keep_headers: bool = False
) -> Interaction:
    """The interaction without secrets.

    Args:
        interaction: as the client sent it and the server answered, or as a file has it.
        known: further values that must not stand in it.
        keep_headers: keep every header that carries no credential, instead of the few that matter. Default False.
    """
    secrets = {*environment_secrets(), *known, *interaction_secrets(interaction)}
    request, response = dict(interaction["request"]), dict(interaction["response"])
    request["uri"] = _scrub(str(request["uri"]), secrets)
    request["headers"] = _headers(request.get("headers"), None if keep_headers else KEPT_REQUEST_HEADERS, secrets)
    request["body"] = _scrub_body(request.get("body"), secrets)
    response["headers"] = _headers(response.get("headers"), None if keep_headers else KEPT_RESPONSE_HEADERS, secrets)
    _scrub_response_body(response, secrets)
    return {"request": request, "response": response}


def _headers(headers: object, kept: re.Pattern[str] | None, secrets: Iterable[str]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for name, value in header_list(headers):
        lower = name.lower()
        if SECRET_HEADERS.match(lower) or (kept is not None and not kept.match(lower)):
            continue
        result.setdefault(lower, []).append(_scrub(value, secrets))
    return result


def _scrub(text: str, secrets: Iterable[str]) -> str:
    return mask_findings(text, find_secrets(text, secrets))


def _scrub_body(body: object, secrets: Iterable[str]) -> object:
    if isinstance(body, (dict, list)):
        body = json.dumps(body, ensure_ascii=False)
    text = _text(body)
    return body if text is None else _scrub(text, secrets)


def _scrub_response_body(response: dict[str, object], secrets: Iterable[str]) -> None:
    body = as_fields(response.get("body"))
    text = _body_text(response)
    extra = dict(as_fields(response.get(BLOCK)) or {})
    if text is not None:
        findings = find_secrets(text, secrets)
        if findings and "chunks" in extra:
            extra["chunks"] = _moved(str(extra["chunks"]), text, findings, crlf=extra.get("newline") == "crlf")
        string = mask_findings(text, findings)
        response["body"] = {**body, "string": string} if body is not None else string
    if "error" in extra:
        extra["error"] = _scrub(str(extra["error"]), secrets)
    if extra:
        response[BLOCK] = extra


def _moved(chunks: str, text: str, findings: Sequence[Finding], *, crlf: bool) -> str:
    """The `chunks` field for the masked text: every boundary stays at its place in what is left."""

    def measure(start: int, end: int) -> int:
        part = text[start:end]
        return len(part.encode()) + (part.count("\n") if crlf else 0)

    shifted = shift_offsets(findings, measure)
    moved: list[tuple[float, int]] = []
    position = 0
    for at, size in parse_chunks(chunks, measure(0, len(text))):
        moved.append((at, shifted(position + size) - shifted(position)))
        position += size
    return write_chunks(moved)


def _body_text(response: Mapping[str, object]) -> str | None:
    body = response.get("body")
    fields = as_fields(body)
    return _text(body if fields is None else fields.get("string"))


def _text(body: object) -> str | None:
    if isinstance(body, (bytes, bytearray)):
        try:
            return bytes(body).decode()
        except UnicodeDecodeError:
            return None
    return body if isinstance(body, str) else None
