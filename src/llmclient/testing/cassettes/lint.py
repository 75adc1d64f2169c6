"""What is wrong with a cassette, and how it is put right: lint, scrub, convert. Files in, findings or new text out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from llmclient.testing.cassettes.bodies import compact_json, is_json
from llmclient.testing.cassettes.errors import CassetteFileError
from llmclient.testing.cassettes.inspection import age_in_days
from llmclient.testing.cassettes.layout import Fields, Interaction, write_interactions
from llmclient.testing.cassettes.matching import SEMANTIC, KeyMaker
from llmclient.testing.cassettes.recording import (
    BLOCK,
    as_fields,
    decode_recording,
    header_list,
    header_value,
    response_body,
    write_chunks,
)
from llmclient.testing.cassettes.scrub import SECRET_HEADERS, environment_secrets, find_secrets
from llmclient.testing.cassettes.scrubbing import scrub_interaction
from llmclient.testing.cassettes.store import load_file, locked, replace_file, to_request

Rule = Literal["secret", "age", "unreadable", "duplicate", "corrupt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong at a line of a file (0: the file as a whole)."""

    path: str
    line: int
    rule: Rule
    message: str


def lint(path: Path, *, max_age: int | None = None) -> list[Finding]:
    """Check a file for secrets, age, unreadable bodies, and recordings that stand in it twice.

    Args:
        path: the cassette.
        max_age: days after which a recording is old; None does not look at the age.
    """
    try:
        interactions, _ = load_file(path)
    except CassetteFileError as error:
        return [Finding(path=str(path), line=error.line or 0, rule="corrupt", message=str(error))]
    findings = _secrets(path, interactions)
    age = age_in_days(interaction["response"] for interaction in interactions)
    if max_age is not None and age is not None and age > max_age:
        message = f"recorded {age} days ago, the limit is {max_age}"
        findings.append(Finding(path=str(path), line=0, rule="age", message=message))
    seen: dict[object, int] = {}
    maker = KeyMaker({SEMANTIC: lambda left, right: None})  # noqa: ARG005 - only its name is looked at
    for number, interaction in enumerate(interactions, 1):
        if not _readable(interaction["response"]):
            message = f"recording {number}: the body is no text; `llmclient cassettes convert` unpacks what it can"
            findings.append(Finding(path=str(path), line=0, rule="unreadable", message=message))
        same = (maker.key(to_request(interaction)).exact, response_body(interaction["response"]))
        if same in seen:
            message = f"recording {number} is recording {seen[same]} once more: same request, same answer"
            findings.append(Finding(path=str(path), line=0, rule="duplicate", message=message))
        seen.setdefault(same, number)
    return findings


def _secrets(path: Path, interactions: list[Interaction]) -> list[Finding]:
    text = path.read_text(encoding="utf-8")
    found = [
        Finding(path=str(path), line=text.count("\n", 0, secret.start) + 1, rule="secret", message=secret.rule)
        for secret in find_secrets(text, environment_secrets())
    ]
    for number, interaction in enumerate(interactions, 1):
        for part in ("request", "response"):
            fields: Fields = interaction["request"] if part == "request" else interaction["response"]
            names = {name.lower() for name, value in header_list(fields.get("headers")) if value.strip("*")}
            for name in sorted(name for name in names if SECRET_HEADERS.match(name)):
                message = f"recording {number}: header {name!r} of the {part}"
                found.append(Finding(path=str(path), line=0, rule="secret", message=message))
    return found


def _readable(response: Mapping[str, object]) -> bool:
    headers = header_list(response.get("headers"))
    if header_value(headers, "content-type").partition("/")[0] in ("image", "audio", "video"):
        return True
    try:
        response_body(response).decode()
    except UnicodeDecodeError:
        return False
    return True


def scrubbed(path: Path) -> str:
    """The file's text without secrets, in the readable form."""
    interactions, metadata = load_file(path)
    clean = [scrub_interaction(_unpacked(interaction), keep_headers=True) for interaction in interactions]
    return write_interactions(clean, metadata)


def converted(path: Path, *, back: bool = False) -> str:
    """The file's text in the readable form, or back in vcrpy's own."""
    interactions, metadata = load_file(path)
    if not back:
        return write_interactions([_unpacked(interaction) for interaction in interactions], metadata)
    from llmclient.testing.cassettes._vcr import yaml_serializer

    plain = [_plain(interaction) for interaction in interactions]
    document = {"version": 1, "interactions": plain, **({"metadata": dict(metadata)} if metadata else {})}
    return yaml_serializer().serialize(document)


def rewrite(path: Path, text: str, *, backup: bool) -> bool:
    """Put a new text in place; the old file stays beside it as `….bak` where asked. Returns whether it changed."""
    with locked(path.parent):
        before = path.read_text(encoding="utf-8")
        if before == text:
            return False
        if backup:
            replace_file(path.with_name(f"{path.name}.bak"), before)
        replace_file(path, text)
    return True


def _unpacked(interaction: Interaction) -> Interaction:
    """With the body as text, where the content encoding can be taken off."""
    response = interaction["response"]
    recording = decode_recording(response)
    if "status_code" in response or header_value(header_list(response.get("headers")), "content-encoding"):
        headers: dict[str, list[str]] = {}
        for name, value in recording.headers:
            headers.setdefault(name, []).append(value)
        fields: dict[str, object] = {
            "status": {"code": recording.status, "message": recording.reason},
            "headers": headers,
            "body": {"string": recording.body},
        }
        extra = as_fields(response.get(BLOCK))
        if extra is not None:
            fields[BLOCK] = {**extra, **({"chunks": write_chunks(recording.chunks)} if recording.chunks else {})}
        response = fields
    return {"request": interaction["request"], "response": response}


def _plain(interaction: Interaction) -> dict[str, object]:
    request, response = dict(interaction["request"]), dict(interaction["response"])
    response.pop(BLOCK, None)
    request["body"] = _compact(request.get("body"))
    body = as_fields(response.get("body"))
    if body is not None:
        response["body"] = {**body, "string": _compact(body.get("string"))}
    return {"request": request, "response": response}


def _compact(body: object) -> object:
    if isinstance(body, (dict, list)):
        return json.dumps(body)
    return compact_json(body) if isinstance(body, str) and is_json(body) else body
