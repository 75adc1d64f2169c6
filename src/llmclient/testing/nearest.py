"""The nearest valid name, for errors that say what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, valid: Iterable[str]) -> str:
    """The name of `valid` that is most like `name`; the first one where none is."""
    known = list(valid)
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    return found[0] if found else ""
