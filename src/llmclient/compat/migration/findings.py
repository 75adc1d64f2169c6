"""What a migration says: one finding for each thing changed, and for each thing that a person must look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One line of the report.

    Attributes:
        line: in the source as it was, from 1.
        kind: "changed", or "look" for what a person must see to.
        text: what, and what to do.
    """

    line: int
    kind: Literal["changed", "look"]
    text: str


@dataclass(slots=True)
class Rewritten:
    """A file after the migration.

    Attributes:
        code: the new source; the old one where nothing changed.
        findings: what was done and what is left, by line.
    """

    code: str
    findings: list[Finding] = field(default_factory=list[Finding])
