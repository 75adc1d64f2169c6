"""`-m unit` and `-m recorded` collect no more than the files that say so themselves, so that both start at once.

A file that is marked `unit` promises to load no SDK and no HTTP client. A run of `-m unit` holds it to that: the test
that loads one fails. In a run of everything other tests have loaded them, and nothing can be told.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

BY_FILE = ("unit", "recorded")
HEAVY = ("openai", "anthropic", "httpx", "httpx2", "aiohttp", "litellm")


def chosen(config: pytest.Config) -> str:
    return str(config.option.markexpr).strip()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file that does not name the marker has no such test; to import it would take longer than the run."""
    mark = chosen(config)
    if mark not in BY_FILE or collection_path.suffix != ".py":
        return None
    return True if f"pytest.mark.{mark}" not in collection_path.read_text("utf-8") else None


def loaded() -> list[str]:
    return [name for name in HEAVY if name in sys.modules]


def pytest_collection_finish(session: pytest.Session) -> None:
    if chosen(session.config) == "unit" and loaded():
        raise pytest.UsageError(f"collecting the unit tests loaded {loaded()}: a file that is marked unit imports it")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if chosen(config) == "unit":
        reports = [report for found in terminalreporter.stats.values() for report in found]
        seconds = sum(getattr(report, "duration", 0.0) for report in reports)
        terminalreporter.line(f"no SDK loaded; {seconds:.2f} s in tests, their fixtures included")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    result = yield
    if chosen(item.config) == "unit" and loaded():
        names = loaded()
        pytest.fail(f"{names} loaded: this test, or one before it, is no unit test", pytrace=False)
    return result
