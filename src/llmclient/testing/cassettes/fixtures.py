"""Fixtures that stand in for pytest-recording's. The plugin registers them last, so that they win over those."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from llmclient.testing.cassettes.plugin import SESSION


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    """`cassettes/<test module>/` at the project's root; where recordings stand beside the tests, that folder."""
    module = request.path
    beside = module.parent / "cassettes" / module.stem
    if beside.is_dir():
        return str(beside)
    root = request.config.rootpath
    folder = module.parent.relative_to(root) if module.is_relative_to(root) else Path()
    parts = folder.parts[1:] if folder.parts[:1] == ("tests",) else folder.parts
    return str(root.joinpath("cassettes", *parts, module.stem))


@pytest.fixture(scope="session")
def record_mode(request: pytest.FixtureRequest) -> str:
    """The mode of the command line; "rewrite" is done by our store, which keeps the old file until then."""
    mode = str(request.config.getoption("--record-mode") or "none")
    return "new_episodes" if mode == "rewrite" else mode


@pytest.fixture(autouse=True)
def _llm_cassette_clock(request: pytest.FixtureRequest) -> None:
    """Let a replay keep the recorded time on `llm_clock`, in tests that ask for that fixture."""
    if "llm_clock" in request.fixturenames:
        clock = request.getfixturevalue("llm_clock")
        request.getfixturevalue("vcr")
        item = cast("pytest.Item", getattr(request, "node"))  # noqa: B009 - pytest leaves its type open
        session = item.stash.get(SESSION, None)
        if session is not None and session.deck is not None:
            session.deck.clock = clock
