"""The pytest plugin: options, markers, fixtures, the guard, the summary. It is loaded where it is asked for, only.

`-p llmclient.testing` or `pytest_plugins = ["llmclient.testing"]` ask for it; no entry point does. What a hook does is
told in the module it calls.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import cast

import pytest

from llmclient.compat import litellm
from llmclient.testing.plugin.accounts import CallRow, rows_of, summary, total_cost
from llmclient.testing.plugin.fixtures import BUDGET, LLMS
from llmclient.testing.plugin.fixtures import _llm_marked as _llm_marked  # pyright: ignore[reportPrivateUsage] - a fixture that nobody asks for by name
from llmclient.testing.plugin.fixtures import llm as llm
from llmclient.testing.plugin.fixtures import llm_budget as llm_budget
from llmclient.testing.plugin.fixtures import llm_clock as llm_clock
from llmclient.testing.plugin.fixtures import llm_server as llm_server
from llmclient.testing.plugin.fixtures import llm_snapshot as llm_snapshot
from llmclient.testing.plugin.frames import in_own_frame, in_own_frames
from llmclient.testing.plugin.guard import Guard
from llmclient.testing.plugin.options import SETTINGS, add_options, read_settings, wants_litellm
from llmclient.testing.plugin.swallowed import require_answered
from llmclient.testing.plugin.unguarded import is_live, is_unguarded
from llmclient.testing.turns import Script

MARKERS = (
    "llm(*files, door=None, strict=None, seed=None, auto=False, chaos=None): script every provider for this test",
    "llm_live(*providers): ask real providers; skipped without --llm-live, or without the providers' keys",
)
_GUARD: pytest.StashKey[Guard] = pytest.StashKey()
_ROWS: pytest.StashKey[list[CallRow]] = pytest.StashKey()
_REPORTED = "llm_calls"
"""The attribute of a test report by which rows travel from xdist workers."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Put the layer in LiteLLM's place before a conftest imports it; `-p llmclient.testing` is as early as this."""
    if wants_litellm(early_config):
        litellm.install()


def pytest_configure(config: pytest.Config) -> None:
    """Read the options, declare the markers, close the guard."""
    config.stash[SETTINGS] = read_settings(config)
    if config.stash[SETTINGS].as_litellm:
        litellm.install()
    config.stash[_ROWS] = []
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    guard = config.stash[_GUARD] = Guard()
    guard.install()
    guard.close()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave everything as it was."""
    guard = config.stash.get(_GUARD, None)
    if guard is not None:
        guard.uninstall()
    settings = config.stash.get(SETTINGS, None)
    if settings is not None and settings.as_litellm:
        litellm.uninstall()


def pytest_report_header(config: pytest.Config) -> str:
    """Tell the door and the seed."""
    settings = config.stash[SETTINGS]
    live = ", live tests run" if settings.live else ""
    return f"llmclient: door {settings.door}, seed {settings.seed}{live}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip live tests, unless they are asked for and have their keys."""
    live = config.stash[SETTINGS].live
    for item in items:
        if is_live(item):
            reason = _missing_key(item) if live else "asks real providers; run with --llm-live"
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


def _missing_key(item: pytest.Item) -> str:
    import os

    from llmclient.testing.plugin.keys import key_variable

    for marker in item.iter_markers("llm_live"):
        for provider in marker.args:
            variable = key_variable(str(provider))
            if not os.environ.get(variable):
                return f"asks {provider}, which needs a key in {variable}"
    return ""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Open the guard for tests that may reach providers."""
    guard = item.config.stash[_GUARD]
    if not is_unguarded(item):
        return (yield)
    guard.open()
    try:
        return (yield)
    finally:
        guard.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Show a call that a fixture makes, and nothing answers, in the fixture's frame."""
    return (yield from in_own_frame(item, item.config.stash[_GUARD]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Show a call that nothing answers in the test's frame; hold the claims of script and budget at the end."""
    result = yield from in_own_frame(item, item.config.stash[_GUARD])
    __tracebackhide__ = True
    for made in item.stash.get(LLMS, ()):
        if made.strict:
            require_answered(item, made)
            _require_used(made.script)
    budget = item.stash.get(BUDGET, None)
    if budget is not None and (passed := budget.passed()):
        pytest.fail(passed, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Show one that a fixture makes on its way out, in the fixture's frame."""
    called = {id(made): len(made.calls) for made in item.stash.get(LLMS, ())}
    result = yield from in_own_frame(item, item.config.stash[_GUARD])
    __tracebackhide__ = True
    for made in item.stash.get(LLMS, ()):
        if made.strict:
            require_answered(item, made, since=called[id(made)])
    return result


def _require_used(script: Script) -> None:
    unused = "".join(
        f"\n  turn {number} ({turn.source or 'no source'}, on {turn.on!r}): used {used} of {turn.times or 'at least 1'}"
        for number, turn, used in script.unused
    )
    if unused:
        pytest.fail(
            f"script {script.name!r} has turns that were not used; remove them, give them optional=True, "
            f"or set llm.strict = False:{unused}",
            pytrace=False,
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the calls travel with the last report of the test, and show them where it failed."""
    in_own_frames(item)
    report = yield
    made = item.stash.get(LLMS, ())
    if call.when == "teardown":
        rows: list[CallRow] = [row for one in made for row in rows_of(one)]
        if rows:
            setattr(report, _REPORTED, rows)
    elif call.when == "call" and report.failed:
        lines = [repr(entry) for one in made for entry in one.calls]
        if lines:
            report.sections.append(("llm calls", "\n".join(lines)))
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """On the process that reports, gather what the tests' calls came to."""
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(_Collector(session.config), "llmclient-accounts")


class _Collector:
    """Takes rows off reports, writes the report file, says the summary, and holds the suite to its limit of cost."""

    def __init__(self, config: pytest.Config) -> None:
        self._settings = config.stash[SETTINGS]
        self._rows = config.stash[_ROWS]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the rows of a test."""
        self._rows.extend(cast("list[CallRow]", getattr(report, _REPORTED, [])))

    @property
    def _too_dear(self) -> bool:
        limit = self._settings.max_cost
        return limit is not None and total_cost(self._rows) > limit

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report file; fail the run that costs too much."""
        if self._settings.report is not None:
            lines = "".join(json.dumps(row) + "\n" for row in self._rows)
            self._settings.report.parent.mkdir(parents=True, exist_ok=True)
            self._settings.report.write_text(lines, encoding="utf-8")
        if self._too_dear and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what the calls came to."""
        if not self._rows:
            return
        terminalreporter.section("llm calls")
        for line in summary(self._rows):
            terminalreporter.line(line)
        if self._settings.report is not None:
            terminalreporter.line(f"every call is listed in {self._settings.report}")
        if self._too_dear:
            spent = total_cost(self._rows)
            terminalreporter.line(
                f"FAILED: ${spent:.4f} at live prices is above --llm-max-cost ${self._settings.max_cost}", red=True
            )
