"""The fixtures: `llm`, `llm_clock`, `llm_server`, `llm_snapshot`, `llm_budget`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest

from llmclient.testing.plugin.accounts import live_cost
from llmclient.testing.plugin.options import SETTINGS
from llmclient.testing.plugin.unguarded import is_unguarded

if TYPE_CHECKING:
    from llmclient.testing.clock import VirtualClock
    from llmclient.testing.llm import LLM
    from llmclient.testing.server.app import FakeServer
    from llmclient.testing.snapshots import LLMSnapshot

LLMS: pytest.StashKey[list[LLM]] = pytest.StashKey()
"""The harnesses that a test had."""
BUDGET: pytest.StashKey[Budget] = pytest.StashKey()

_MARKER_OPTIONS = frozenset({"door", "strict", "seed", "auto", "chaos"})


@pytest.fixture
def llm(request: pytest.FixtureRequest) -> Iterator[LLM]:
    """Scripts every provider of every router for this test, with a journal and virtual time: see `LLM`.

    The marker `llm("file.yaml", door=…, strict=…, seed=…, auto=True, chaos=0.2)` sets it up, closer ones winning.
    """
    from llmclient.testing.files.nodes import ScriptFileError
    from llmclient.testing.llm import DOORS, LLM

    item = cast("pytest.Item", request.node)
    settings = request.config.stash[SETTINGS]
    markers = list(item.iter_markers("llm"))
    given: dict[str, object] = {}
    for marker in reversed(markers):
        given |= marker.kwargs
    unknown = set(given) - _MARKER_OPTIONS
    if unknown:
        pytest.fail(f"the marker llm takes {', '.join(sorted(_MARKER_OPTIONS))}, not {min(unknown)!r}", pytrace=False)
    door = given.get("door", settings.door)
    if door not in DOORS:
        pytest.fail(f"the marker llm takes door= one of {', '.join(DOORS)}, not {door!r}", pytrace=False)
    folder = item.path.parent
    made = LLM(
        seed=f"{given.get('seed', settings.seed)}:{item.nodeid}",
        test=item.nodeid,
        strict=bool(given.get("strict", settings.strict)),
        door=door,
        folders=(folder, folder / "fakes", settings.fakes, request.config.rootpath),
    )
    draws = given.get("seed", settings.seed)
    for marker in reversed(markers):
        for path in marker.args:
            try:
                made.load(path)
            except (ScriptFileError, FileNotFoundError) as error:
                pytest.fail(f"{error} (named by the marker llm)", pytrace=False)
    if given.get("auto"):
        made.auto(draws)
    if given.get("chaos"):
        made.chaos(float(cast("float", given["chaos"])), seed=draws)
    item.stash.setdefault(LLMS, []).append(made)
    with made.active():
        yield made


@pytest.fixture
def llm_clock(request: pytest.FixtureRequest) -> Iterator[VirtualClock]:
    """The clock that routers under test use; in a test that replays a recording, around the real providers."""
    if not is_unguarded(cast("pytest.Item", request.node)) or "llm" in request.fixturenames:
        made: LLM = request.getfixturevalue("llm")
        yield made.clock
        return
    from llmclient.providers.registry import override_providers
    from llmclient.testing.clock import VirtualClock

    clock = VirtualClock()
    with override_providers(lambda name, config, factory: factory(name, config), clock=clock):
        yield clock


@pytest.fixture
def llm_server(llm: LLM, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """A server on 127.0.0.1 that plays the test's script, for subprocesses, other SDKs and other languages.

    The vendors' base-URL and key variables lead to it for the length of the test.
    """
    from llmclient.testing.server.app import FakeServer

    with FakeServer(llm) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def llm_snapshot(request: pytest.FixtureRequest) -> LLMSnapshot:
    """Compares responses, and the test's calls, with a file beside the test: see `LLMSnapshot`. Needs syrupy."""
    from llmclient.testing.snapshots import snapshot_for

    return snapshot_for(request)


class Budget:
    """US dollars that a test's calls may cost at live prices. Call it to set the limit: `llm_budget(0.05)`."""

    def __init__(self, llm: LLM) -> None:
        self._llm = llm
        self.limit: float | None = None

    def __call__(self, dollars: float) -> None:
        """Set the limit; the test fails at its end where it is passed."""
        self.limit = dollars

    @property
    def spent(self) -> float:
        """What the calls so far would have cost, as far as prices are known."""
        return sum(live_cost(call.model, *call.tokens) or 0.0 for call in self._llm.calls if call.reply is not None)

    def passed(self) -> str:
        """By how much the limit is passed, in a sentence; empty where it is not."""
        if self.limit is None or self.spent <= self.limit:
            return ""
        return f"the calls of this test would cost ${self.spent:.6f} live; its budget is ${self.limit}"


@pytest.fixture
def llm_budget(request: pytest.FixtureRequest, llm: LLM) -> Budget:
    """A limit for what the test's calls would cost live: `llm_budget(0.05)`; `llm_budget.spent` tells."""
    budget = request.node.stash[BUDGET] = Budget(llm)
    return budget


@pytest.fixture(autouse=True)
def _llm_marked(request: pytest.FixtureRequest) -> None:
    """A test with the marker `llm` is scripted, whether it asks for the fixture or not."""
    if request.node.get_closest_marker("llm") is not None:
        request.getfixturevalue("llm")
