"""Masking of secrets in anything a person or a log may read.

Two rules, applied in this order: a value known to be a secret (a configured key) is replaced wherever it stands, and
anything shaped like a credential (the vendors' key prefixes, bearer tokens, key parameters in a query string) is
replaced by its shape alone, so that a key echoed in somebody else's error message is caught as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***"
SHORTEST_SECRET = 4
"""Shorter values are no secrets, and replacing them would garble ordinary text."""

_SHAPES = re.compile(
    r"""
    (?P<prefix>\b(?:sk-or-v1-|sk-ant-|sk-proj-|sk-|gsk_|xai-|pplx-|nvapi-|hf_|fw_|tgp_v1_|csk-|AIza))[A-Za-z0-9_\-*]{6,}
  | (?P<bearer>\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=\-]{6,}
  | (?P<param>\b(?:api[-_]?key|x-api-key|access[-_]?token|key|token|authorization)["']?\s*[=:]\s*["']?)
    [A-Za-z0-9._~+/\-]{12,}
    """,
    re.VERBOSE | re.IGNORECASE,
)


def _shape(match: re.Match[str]) -> str:
    kept = match["prefix"] or match["bearer"] or match["param"]
    return f"{kept}{MASK}"


def mask(text: str, known: Iterable[str] = ()) -> str:
    """Return `text` with every known secret and everything shaped like a credential replaced by `***`."""
    for secret in known:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    return _SHAPES.sub(_shape, text)
