"""Every test of prices starts from the embedded table, with a cache directory and a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from llmclient.costs import CostDatabase, get_cost_database
from support.vocabularies import vocabularies as vocabularies


@pytest.fixture(autouse=True)
def cache_directory(tmp_path, monkeypatch):
    directory = tmp_path / "cache"
    monkeypatch.setenv("LLMCLIENT_CACHE_DIR", str(directory))
    monkeypatch.delenv("LLMCLIENT_PRICES", raising=False)
    return directory


@pytest.fixture
def database() -> CostDatabase:
    """A database that no other test sees."""
    return CostDatabase()


@pytest.fixture
def registered() -> Iterator[list[str]]:
    """Names put in here are unregistered from the process's database when the test is over."""
    names: list[str] = []
    yield names
    for name in names:
        get_cost_database().unregister(name)
