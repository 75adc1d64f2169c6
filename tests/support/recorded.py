"""The recorded traffic, which lives beside the project: tests that read it are skipped where it is missing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "recorded"

needs_recordings = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recorded traffic (../shared/recorded) is not beside this checkout"
)


@dataclass(frozen=True)
class Recording:
    """One request and the answer to it, as recorded."""

    source: str
    host: str
    path: str
    request: dict
    status: int
    headers: dict
    body: bytes
    streamed: bool

    @property
    def id(self) -> str:
        return self.source.replace("/", ".")


@cache
def recordings(name: str) -> list[Recording]:
    """Every line of one file, in order; empty where the folder is missing."""
    path = FOLDER / f"{name}.jsonl"
    if not path.is_file():
        return []
    return [_read(json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def _read(line: dict) -> Recording:
    if "sse" in line:
        body = line["sse"].encode()
    elif "text" in line:
        body = line["text"].encode()
    else:
        body = json.dumps(line["response"]).encode()
    return Recording(
        source=line["source"],
        host=line["host"],
        path=line["path"],
        request=line["request"] or {},
        status=line["status"],
        headers={"content-type": "application/json", **line["headers"]},
        body=body,
        streamed="sse" in line,
    )
