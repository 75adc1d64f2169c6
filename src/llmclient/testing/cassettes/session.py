"""Opening a cassette: vcrpy's `VCR` set up with our store, our matcher and our transports.

`configure` does it for a `VCR` that somebody else made, pytest-recording for instance, through vcrpy's own options;
`cassette` makes one, for use outside pytest.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from llmclient.providers.registry import override_clock
from llmclient.testing.cassettes import scope, transports
from llmclient.testing.cassettes._vcr import OURS, VCRCassette, VCRConfig, listen, make_vcr, patcher_names
from llmclient.testing.cassettes.clocks import ReplayClock
from llmclient.testing.cassettes.deck import Deck
from llmclient.testing.cassettes.keys import placeholder_keys
from llmclient.testing.cassettes.matching import DEFAULT_IGNORED, SEMANTIC, KeyMaker, semantic_matcher
from llmclient.testing.cassettes.store import CassetteStore

if TYPE_CHECKING:
    from llmclient.protocols import Clock

RecordMode = Literal["none", "once", "new_episodes", "all", "rewrite"]


@dataclass(slots=True, kw_only=True)
class Session:
    """One opening of a cassette, from the configuration to the saved file.

    Attributes:
        store: the file.
        how_to_record: gives the command that records what is missing.
        ignored: JSON paths of request bodies that do not matter.
        clock: what replayed streams keep time on; None plays them at once.
        own_clock: whether routers get a clock on which a replay does not wait, or have one already.
        deck: the open cassette; None before it is opened.
    """

    store: CassetteStore
    how_to_record: Callable[[str], str]
    ignored: Sequence[str] = DEFAULT_IGNORED
    clock: Clock | None = None
    own_clock: bool = True
    deck: Deck | None = None
    _held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def opened(self, cassette: VCRCassette) -> None:
        """Called when vcrpy has opened its cassette."""
        path = str(cassette.path)
        deck = Deck(
            cassette,
            self.store,
            how_to_record=self.how_to_record(path),
            ignored=self.ignored,
            clock=self.clock,
        )
        self.deck = deck
        if deck.mode == "none" or (deck.mode != "all" and deck.loaded):
            self._held.enter_context(placeholder_keys())
            if self.own_clock:
                self._held.enter_context(override_clock(self.clock or ReplayClock()))
        transports.acquire()
        self._held.callback(transports.release)
        self._held.callback(scope.leave, scope.enter(deck))

    def closed(self) -> None:
        """Called when vcrpy closes it."""
        self._held.close()


def configure(vcr: VCRConfig, session: Session) -> None:
    """Set a `VCR` up for this session."""
    vcr.register_persister(session.store)
    vcr.register_matcher(SEMANTIC, semantic_matcher(session.ignored))
    vcr.match_on = (SEMANTIC,)
    vcr.skip_patchers = tuple(dict.fromkeys((*vcr.skip_patchers, *OURS)))
    listen(vcr, session.opened, session.closed)


def make_store(
    *,
    ignored: Sequence[str] = DEFAULT_IGNORED,
    extra_paths: Sequence[str] = (),
    rewrite: bool = False,
    started: float | None = None,
) -> CassetteStore:
    """The file side of a session; `started` is seconds since the epoch, default now."""
    maker = KeyMaker({SEMANTIC: lambda left, right: None}, ignored)  # noqa: ARG005 - only its name is looked at
    return CassetteStore(
        extra_paths=extra_paths,
        rewrite=rewrite,
        started=time.time() if started is None else started,
        key_of=lambda request: maker.key(request).exact,
    )


@contextlib.contextmanager
def cassette(
    path: str | Path,
    mode: RecordMode = "once",
    *,
    ignore: Sequence[str] = (),
    match_on: Sequence[str] = (SEMANTIC,),
    clock: Clock | None = None,
    strict: bool = False,
    allow_playback_repeats: bool = False,
) -> Generator[Deck, None, None]:
    """Replay what a file holds, and record what it does not, for every request made in the block.

    The requests of this thread and this task are meant, and those of tasks and threads started with their context; a
    thread without a cassette of its own uses it too, as long as no other is open. httpx, httpx2 and aiohttp are
    caught; other clients are not.

    Args:
        path: the file; made where it is not there and something is recorded.
        mode: "none" only replays; "once" records where the file is not there; "new_episodes" records what is missing;
            "all" records everything again; "rewrite" does so and drops what is not asked for any more. Default "once".
        ignore: JSON paths of request bodies that do not matter, besides the usual ones.
        match_on: what makes a request match; vcrpy's names. Default ("llm",): method, host, path, and JSON body.
        clock: what replayed streams keep their recorded time on. Default None: they are played at once.
        strict: whether recordings that were not played are an error. Default False.
        allow_playback_repeats: whether the last recording of a request is played again. Default False.

    Returns:
        The open cassette: `misses`, `unused()`, `cassette` (vcrpy's).

    Raises:
        CassetteMissError: a request has no recording and may not be recorded.
        CassetteFileError: the file is no cassette.
        SecretInCassetteError: a secret would have been written; nothing was.
        UnusedRecordingsError: with `strict`, not everything was played.
    """
    ignored = (*DEFAULT_IGNORED, *ignore)
    session = Session(
        store=make_store(ignored=ignored, rewrite=mode == "rewrite"),
        how_to_record=lambda where: f'cassette({where!r}, mode="new_episodes")',
        ignored=ignored,
        clock=clock,
    )
    vcr = make_vcr(record_mode="new_episodes" if mode == "rewrite" else mode)
    configure(vcr, session)
    # All of vcrpy's patchers: they patch the whole process, and a second thread's cassette would get in the way.
    vcr.skip_patchers = patcher_names()
    options = {"match_on": tuple(match_on), "allow_playback_repeats": allow_playback_repeats}
    with vcr.use_cassette(str(path), **options):
        deck = session.deck
        if deck is None:
            message = "vcrpy opened no cassette"
            raise RuntimeError(message)
        try:
            yield deck
        except BaseException:
            session.store.discard = True
            raise
        deck.flush()
        if strict:
            deck.require_used()
    if session.store.failure is not None:
        raise session.store.failure
