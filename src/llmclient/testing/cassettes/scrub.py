"""Secrets: where they stand, how they are taken out, how a finished file is searched for them.

Headers go by a list of those worth keeping; every other header is dropped. Text is searched for two things: values
known to be secret (from the environment, and from the headers of the traffic itself, so that an echo is found), in
every spelling they may take, and anything shaped like a credential. A finding is a span of the text; scrubbing puts
`***` over the spans, scanning reports them. A value that a stream spells out over several events is found too.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast
from urllib.parse import quote, quote_plus

MASK = "***"
PLACEHOLDER = "placeholder-for-replay"
"""What replay puts into key variables that are not set. It is shaped like no credential."""

SHORTEST_SECRET = 8
"""A shorter value of a key variable is a dummy such as "test"; replacing it would garble ordinary text."""

_SECRET_VARIABLE = re.compile(
    r"(?:_API_KEY|_APIKEY|_API_TOKEN|_ACCESS_TOKEN|_SECRET|_SECRET_KEY|_PASSWORD|_TOKEN|_ORG_ID|_ORGANIZATION"
    r"|_PROJECT_ID|_ACCOUNT_ID)$",
    re.IGNORECASE,
)

KEPT_REQUEST_HEADERS = re.compile(
    r"^(?:accept|content-type|anthropic-version|anthropic-beta|openai-beta|http-referer|x-title|range)$"
)
KEPT_RESPONSE_HEADERS = re.compile(
    r"^(?:content-type|content-disposition|location|retry-after|retry-after-ms|x-should-retry|x-request-id|request-id"
    r"|x-generation-id|(?:x-|anthropic-)ratelimit-.*|openai-processing-ms|openai-version|openai-model|warning)$"
)
SECRET_HEADERS = re.compile(
    r"^(?:(?:proxy-)?authorization|.*api[-_]?key|.*auth.*token|x-amz-security-token|(?:set-)?cookie2?"
    r"|openai-(?:organization|project)|anthropic-organization-id|.*-account(?:-id)?|cf-aig-authorization)$"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret at `start:end` of a text, and the rule that found it."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class _Shape:
    rule: str
    pattern: re.Pattern[str]


_SHAPES = (
    _Shape(
        "key of a vendor",
        re.compile(
            r"\b(?:sk-(?:or-v1-|ant-|proj-|svcacct-|admin-)?|gsk_|xai-|pplx-|nvapi-|hf_|fw_|tgp_v1_|csk-|r8_|AIza)"
            r"(?=[A-Za-z0-9_\-]*[\d*])[A-Za-z0-9_\-*]{8,}"
        ),
    ),
    _Shape("bearer token", re.compile(r"(?i:\b(?:bearer|basic)\s+)(?=[A-Za-z._~+/=\-]*\d)([A-Za-z0-9._~+/=\-]{8,})")),
    _Shape("JSON web token", re.compile(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{4,}")),
    _Shape("AWS key", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    _Shape("organisation id", re.compile(r"\borg-(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{6,}")),
    _Shape("project id", re.compile(r"\bproj_(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{6,}")),
    _Shape("user id", re.compile(r"\buser_(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{16,}")),
    _Shape(
        "key in a query",
        re.compile(
            r"(?i:[?&](?:key|api[-_]?key|subscription-key|access[-_]?token|token|sig|signature)=)"
            r"(?!\*\*\*)([^&\s\"'\\<>]+)"
        ),
    ),
    _Shape("password in a URL", re.compile(r"\bhttps?://(?!\*\*\*@)([^/\s\"'@:]+:[^/\s\"'@]+)@")),
    _Shape(
        "secret in a field",
        re.compile(
            r"\"(?:api_?key|apiKey|x-api-key|access_token|refresh_token|id_token|client_secret|secret_key|password"
            r"|authorization)\\?\"\s*:\s*\\?\"(?!\*\*\*|placeholder)([^\"\\]{4,})"
        ),
    ),
)

_ACCOUNT_FIELDS = frozenset(
    {"user_id", "account_id", "organization", "organization_id", "organization_name", "org_id", "project_id"}
)
_DELTA = re.compile(
    r"\"(content|text|arguments|partial_json|thinking|reasoning|reasoning_content|delta|refusal|transcript)\""
    r"\s*:\s*\"((?:[^\"\\]|\\.)*)\""
)


def environment_secrets(environ: Mapping[str, str] | None = None) -> frozenset[str]:
    """Values of every variable named like a key (`*_API_KEY`, `*_TOKEN`, `*_SECRET`, …), eight characters or longer."""
    environ = os.environ if environ is None else environ
    return frozenset(
        value
        for name, value in environ.items()
        if _SECRET_VARIABLE.search(name) and len(value) >= SHORTEST_SECRET and value != PLACEHOLDER
    )


def header_secrets(headers: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Values that the credential and account headers carry: tokens without their scheme, cookies without their name."""
    found: set[str] = set()
    for name, value in headers:
        lower = name.lower()
        if not SECRET_HEADERS.match(lower):
            continue
        if lower.startswith("set-cookie"):
            found.add(value.partition(";")[0].partition("=")[2])
        elif lower.startswith("cookie"):
            found.update(pair.partition("=")[2] for pair in value.split("; "))
        else:
            found.update((value, value.partition(" ")[2].strip(), *_basic_parts(value)))
    return frozenset(value for value in found if len(value) >= SHORTEST_SECRET and value != PLACEHOLDER)


def _basic_parts(value: str) -> set[str]:
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic":
        return set()
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return set()
    return set(text.split(":"))


def account_ids(document: object) -> frozenset[str]:
    """Ids of an account at the top of a response body, or in its error: there they are the vendor's, not the user's."""
    top = _object(document)
    error = _object(top.get("error"))
    levels = (top, error, _object(error.get("metadata")))
    values = (value for level in levels for name, value in level.items() if name in _ACCOUNT_FIELDS)
    return frozenset(value for value in values if isinstance(value, str) and len(value) >= SHORTEST_SECRET)


def _object(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


@lru_cache(maxsize=256)
def spellings(secret: str) -> frozenset[str]:
    """The ways one secret may be written: as it is, quoted for a URL or for JSON, in base64 at any alignment."""
    forms = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    raw = secret.encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        core = encoded[(0, 2, 3)[offset] : len(encoded) - 1]
        if len(core) >= SHORTEST_SECRET + 2:
            forms |= {core, core.replace("+", "-").replace("/", "_")}
    return frozenset(forms)


def find_secrets(text: str, known: Iterable[str] = ()) -> list[Finding]:
    """Everything in `text` that is a known secret or shaped like one, in order, without overlaps."""
    found = _direct(text, known)
    if "data:" in text:
        found += _spelt_out(text, known)
    found.sort(key=lambda finding: (finding.start, -finding.end))
    apart: list[Finding] = []
    for finding in found:
        if apart and finding.start < apart[-1].end:
            last = apart[-1]
            apart[-1] = Finding(last.start, max(last.end, finding.end), last.rule)
        else:
            apart.append(finding)
    return apart


def _direct(text: str, known: Iterable[str]) -> list[Finding]:
    found: list[Finding] = []
    for secret in known:
        for form in spellings(secret):
            start = text.find(form)
            while start >= 0:
                found.append(Finding(start, start + len(form), "value of a key"))
                start = text.find(form, start + len(form))
    for shape in _SHAPES:
        for match in shape.pattern.finditer(text):
            group = 1 if match.re.groups else 0
            if match[group] not in (PLACEHOLDER, MASK):
                found.append(Finding(match.start(group), match.end(group), shape.rule))
    return found


def _spelt_out(text: str, known: Iterable[str]) -> list[Finding]:
    """Secrets that only show when the deltas of a stream are put together."""
    pieces: dict[str, list[tuple[int, str]]] = {}
    for match in _DELTA.finditer(text):
        pieces.setdefault(match[1], []).append((match.start(2), match[2]))
    found: list[Finding] = []
    for parts in pieces.values():
        if len(parts) < 2:  # noqa: PLR2004 - one piece alone was searched already
            continue
        whole = "".join(part for _, part in parts)
        for finding in _direct(whole, known):
            position = 0
            for start, part in parts:
                first, last = max(finding.start, position), min(finding.end, position + len(part))
                if first < last:
                    found.append(Finding(start + first - position, start + last - position, finding.rule))
                position += len(part)
    return found


def mask_findings(text: str, findings: Sequence[Finding]) -> str:
    """`text` with `***` over each finding."""
    parts: list[str] = []
    position = 0
    for finding in findings:
        parts += (text[position : finding.start], MASK)
        position = finding.end
    return "".join((*parts, text[position:]))


def scrub_text(text: str, known: Iterable[str] = ()) -> str:
    """`text` without secrets: those of the environment, those in `known`, and whatever is shaped like one."""
    return mask_findings(text, find_secrets(text, {*environment_secrets(), *known}))


def shift_offsets(findings: Sequence[Finding], measure: Callable[[int, int], int]) -> Callable[[int], int]:
    """A function that says where an offset of a text lies after `mask_findings`.

    Args:
        findings: what is masked.
        measure: the length of `text[start:end]` in the unit of the offsets (bytes, where offsets count bytes).
    """
    steps: list[tuple[int, int, int]] = []
    for finding in findings:
        start = measure(0, finding.start)
        steps.append((start, start + measure(finding.start, finding.end), len(MASK)))

    def shifted(offset: int) -> int:
        delta = 0
        for start, end, length in steps:
            if offset <= start:
                break
            delta += (length if offset >= end else min(length, offset - start)) - (min(offset, end) - start)
        return offset + delta

    return shifted
