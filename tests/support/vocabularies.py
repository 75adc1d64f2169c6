"""tiktoken's vocabularies lie outside the project; tests that count with them are skipped where they are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

VOCABULARIES = Path(__file__).resolve().parents[3] / "shared" / "data" / "tiktoken"


@pytest.fixture
def vocabularies(monkeypatch) -> Path:
    """The vocabularies, made known to tiktoken."""
    if not VOCABULARIES.is_dir():
        pytest.skip("tiktoken's vocabulary files (../shared/data/tiktoken) are not beside this checkout")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(VOCABULARIES))
    return VOCABULARIES
