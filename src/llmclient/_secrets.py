"""Masking of secrets in anything a person or a log may read.

Two rules, applied in this order: a value known to be a secret (a configured key) is replaced wherever it stands, and
anything shaped like a credential (the vendors' key prefixes, bearer tokens, key parameters in a query string, the user
part of a URL) is replaced by its shape alone, so that a key echoed in somebody else's error message is caught as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from llmclient._narrow import is_list, is_mapping

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MASK = "***"
SHORTEST_SECRET = 4
"""Shorter values are no secrets, and replacing them would garble ordinary text."""

_SHAPES = re.compile(
    r"""
    (?P<prefix>\b(?:sk-or-v1-|sk-ant-|sk-proj-|sk-|gsk_|xai-|pplx-|nvapi-|hf_|fw_|tgp_v1_|csk-|AIza))[A-Za-z0-9_\-*]{6,}
  | (?P<bearer>\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=\-]{6,}
  | (?P<param>\b(?:api[-_]?key|x-api-key|access[-_]?token|key|token|authorization)["']?\s*[=:]\s*["']?)
    [A-Za-z0-9._~+/\-]{12,}
  | (?P<url>://)[^/\s]+(?=@)
    """,
    re.VERBOSE | re.IGNORECASE,
)


def _shape(match: re.Match[str]) -> str:
    kept = match["prefix"] or match["bearer"] or match["param"] or match["url"]
    return f"{kept}{MASK}"


def mask(text: str, known: Iterable[str] = ()) -> str:
    """Return `text` with every known secret and everything shaped like a credential replaced by `***`."""
    for secret in known:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    return _SHAPES.sub(_shape, text)


def mask_all(value: object, known: Iterable[str] = ()) -> object:
    """Return parsed JSON with every text in it masked."""
    secrets = tuple(known)
    if isinstance(value, str):
        return mask(value, secrets)
    if is_mapping(value):
        return {key: mask_all(item, secrets) for key, item in value.items()}
    if is_list(value):
        return [mask_all(item, secrets) for item in value]
    return value


_SECRET_NAME = re.compile(r"auth|cookie|credential|key|password|secret|token", re.IGNORECASE)
"""What a header or a query parameter that holds a secret has in its name."""


def secrets_in_headers(headers: Mapping[str, str]) -> list[str]:
    """The values that must not be shown; of one with a scheme (`Bearer x`) what follows it."""
    return [value.rpartition(" ")[2] for name, value in headers.items() if _SECRET_NAME.search(name)]


def secrets_in_url(url: str) -> list[str]:
    """The password of a URL, or the user where there is none, and the values of parameters named as secrets are."""
    from urllib.parse import parse_qsl, urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    values = [value for name, value in parse_qsl(parts.query) if _SECRET_NAME.search(name)]
    return [secret for secret in (parts.password or parts.username, *values) if secret]


def masked_repr(value: DataclassInstance) -> str:
    """What a dataclass shows of itself by default, with secrets masked."""
    from dataclasses import fields

    shown = (f"{field.name}={mask(repr(getattr(value, field.name)))}" for field in fields(value) if field.repr)
    return f"{type(value).__qualname__}({', '.join(shown)})"
