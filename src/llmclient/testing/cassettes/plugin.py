"""The pytest side, on top of pytest-recording: its marker, its options, its fixtures.

pytest-recording opens the cassette and asks `pytest_recording_configure` for what to add; there a `Session` is put in.
What it lacks stands around the test's call: a miss fails the test in the test's own frame, a failed test leaves the
file as it was, secrets and unused recordings fail the test. Fixtures that replace pytest-recording's are in
`fixtures`, registered last so that they win; a suite's own win over both.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from types import TracebackType
from typing import TYPE_CHECKING, cast

import pytest

from llmclient.testing.cassettes.errors import CassetteInterruption
from llmclient.testing.cassettes.usage import Usage

if TYPE_CHECKING:
    from llmclient.testing.cassettes._vcr import VCRConfig
    from llmclient.testing.cassettes.session import Session

SESSION: pytest.StashKey[Session] = pytest.StashKey()
"""The open cassette of an item."""
_ITEM: pytest.StashKey[pytest.Item] = pytest.StashKey()
_STARTED: pytest.StashKey[float] = pytest.StashKey()
USAGE: pytest.StashKey[Usage] = pytest.StashKey()
_WORKER_START = "llmclient_cassettes_started"
_WORKER_USAGE = "llmclient_cassettes_usage"
_VIRTUAL = frozenset({"llm", "llm_clock"})
"""Fixtures that bring a clock of their own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings of the configuration file."""
    parser.addini("llm_cassette_ignore", "JSON paths of request bodies that do not matter for matching", "linelist", [])
    parser.addini("llm_cassette_max_age", "days after which a recording is old; 0 is never", "string", "0")
    parser.addini("llm_cassette_max_age_action", "what an old recording does: warn or fail", "string", "warn")


def pytest_configure(config: pytest.Config) -> None:
    """Note when the run began, and register the fixtures after everybody else's."""
    started = getattr(config, "workerinput", {}).get(_WORKER_START, time.time())
    config.stash[_STARTED] = float(started)
    config.stash[USAGE] = Usage()
    if config.pluginmanager.has_plugin("recording"):
        from llmclient.testing.cassettes import fixtures

        if not config.pluginmanager.is_registered(fixtures):
            config.pluginmanager.register(fixtures, "llmclient-cassette-fixtures")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell an xdist worker when the run began: a file that is newer was written by this run."""
    config = cast("pytest.Config", getattr(node, "config", None))
    cast("dict[str, object]", getattr(node, "workerinput", {}))[_WORKER_START] = config.stash[_STARTED]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Know which test pytest-recording opens a cassette for."""
    item.config.stash[_ITEM] = item
    try:
        return (yield)
    finally:
        del item.config.stash[_ITEM]


@pytest.hookimpl(optionalhook=True)
def pytest_recording_configure(config: pytest.Config, vcr: VCRConfig) -> None:
    """Put our store, matcher and transports into the `VCR` that pytest-recording has made."""
    from llmclient.testing.cassettes.matching import DEFAULT_IGNORED
    from llmclient.testing.cassettes.session import Session, configure, make_store

    item = config.stash[_ITEM]
    ignored = (*DEFAULT_IGNORED, *cast("list[str]", config.getini("llm_cassette_ignore")))
    session = Session(
        store=make_store(
            ignored=ignored,
            extra_paths=getattr(vcr.persister, "extra_paths", ()),
            rewrite=config.getoption("--record-mode") == "rewrite",
            started=config.stash[_STARTED],
        ),
        how_to_record=lambda path: f"pytest '{item.nodeid}' --record-mode=new_episodes",  # noqa: ARG005 - the test tells
        ignored=ignored,
        own_clock=not _VIRTUAL & set(getattr(item, "fixturenames", ())),
    )
    item.stash[SESSION] = session
    configure(vcr, session)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """A test whose setup fails records nothing."""
    try:
        return (yield)
    except BaseException:
        _discard(item)
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run the test, and hold what its cassette has to say against it."""
    session = item.stash.get(SESSION, None)
    if session is None or session.deck is None:
        return (yield)
    deck = session.deck
    try:
        _check_age(item.config, deck.path, session)
        result = yield
        deck.flush()
        deck.require_no_misses()
        session.store.check_recorded(deck.cassette.data)
        if getattr(item.config.option, "llm_strict", False) and _is_own(item, session):
            deck.require_used()
    except CassetteInterruption as miss:
        session.store.discard = True
        raise miss.with_traceback(_until_test(miss.__traceback__, item)) from None
    except BaseException as error:
        session.store.discard = True
        for earlier in deck.misses[:1]:
            error.add_note(str(earlier))
        raise
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Count what was used; raise what went wrong while the file was written."""
    try:
        return (yield)
    finally:
        session = item.stash.get(SESSION, None)
        if session is not None:
            del item.stash[SESSION]
            if session.deck is not None:
                item.config.stash[USAGE].note(session.deck)
            if session.store.failure is not None:
                raise session.store.failure


def _discard(item: pytest.Item) -> None:
    session = item.stash.get(SESSION, None)
    if session is not None:
        session.store.discard = True


def _is_own(item: pytest.Item, session: Session) -> bool:
    """Whether a cassette belongs to this test alone, so that everything in it should be used by it."""
    shared = item.get_closest_marker("default_cassette") is not None
    return not shared and session.deck is not None and not session.store.written_by_this_run


def _until_test(traceback: TracebackType | None, item: pytest.Item) -> TracebackType | None:
    """The traceback up to the last frame of the test's own file: what lies below is SDK and transport."""
    entries: list[TracebackType] = []
    while traceback is not None:
        entries.append(traceback)
        traceback = traceback.tb_next
    own = str(item.path)
    last = max(
        (number for number, entry in enumerate(entries) if entry.tb_frame.f_code.co_filename == own), default=None
    )
    shown = None
    for entry in reversed(entries if last is None else entries[: last + 1]):
        shown = TracebackType(shown, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return shown


def _check_age(config: pytest.Config, path: str, session: Session) -> None:
    from llmclient.testing.cassettes.inspection import check_age

    limit = str(config.getini("llm_cassette_max_age")).removesuffix("d")
    deck = session.deck
    if deck is not None and limit.isdigit() and int(limit):
        responses = [response for _, response in deck.cassette.data]
        check_age(path, responses, int(limit), fail=config.getini("llm_cassette_max_age_action") == "fail")


def pytest_deselected(items: list[pytest.Item]) -> None:
    """A run of a part of the suite cannot tell which files are orphans."""
    for item in items[:1]:
        item.config.stash[USAGE].partial = True


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the counts of a worker to the controller, and keep those of the whole run for `llmclient cassettes ls`."""
    config = session.config
    usage = config.stash[USAGE]
    output: dict[str, object] | None = getattr(config, "workeroutput", None)
    if output is not None:
        output[_WORKER_USAGE] = usage.dump()
    elif usage.files and (cache := getattr(config, "cache", None)) is not None:
        cache.set("llmclient/cassettes", usage.dump())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take over a worker's counts."""
    output = cast("dict[str, object]", getattr(node, "workeroutput", {}))
    config = cast("pytest.Config", getattr(node, "config", None))
    if _WORKER_USAGE in output:
        config.stash[USAGE].merge(output[_WORKER_USAGE])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List files that no test opened, and recordings of shared files that no test used."""
    usage = config.stash[USAGE]
    whole = not usage.partial and not any("::" in argument for argument in config.args)
    lines = usage.report(config.rootpath) if whole else []
    if lines:
        terminalreporter.section("cassettes")
        for line in lines:
            terminalreporter.line(line)
