"""tiktoken's vocabularies lie outside the project; tests that count with them are skipped where they are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

VOCABULARIES = Path(__file__).parents[3] / "shared" / "data" / "tiktoken"


@pytest.fixture
def vocabularies(monkeypatch) -> Path:
    """The vocabularies, made known to tiktoken."""
    if not VOCABULARIES.is_dir():
        pytest.skip("tiktoken's vocabulary files are not beside the project")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(VOCABULARIES))
    return VOCABULARIES
