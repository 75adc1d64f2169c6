"""`LLM`: what a test gets as `llm`. Writes the script, opens the door, keeps the journal, moves the clock."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from llmclient.testing.asserts import JournalAsserts
from llmclient.testing.auto import AutoReplies
from llmclient.testing.builder import TurnBuilder
from llmclient.testing.call import Call, Door
from llmclient.testing.chaos import Chaos
from llmclient.testing.clock import VirtualClock
from llmclient.testing.faults.base import Fault, StreamFault
from llmclient.testing.harness import Harness
from llmclient.testing.quota import Quota
from llmclient.testing.reply import RateLimits, Reply
from llmclient.testing.transcript import turns_of
from llmclient.testing.turns import Outcome, Script, Turn

if TYPE_CHECKING:
    from llmclient.protocols import Provider
    from llmclient.providers.config import ProviderConfig
    from llmclient.providers.registry import ProviderFactory, ProviderOverride
    from llmclient.testing.server.app import FakeServer

DOORS: tuple[Door, ...] = ("provider", "transport", "server")
DEFAULT_CHAOS_RATE = 0.2


class LLM(Harness, JournalAsserts):
    """A script that answers every provider, and everything about the calls it answered.

    Args:
        script: what is played. Default: an empty one.
        clock: virtual time. Default: a new one.
        seed: of ids, `auto` and `chaos`. Default "0".
        test: node id of the test, for the journal.
        strict: whether turns that stay unused fail the test. Default True.
        door: where calls come in. Default "provider".
        folders: where `load` looks for files.

    Attributes:
        strict: as above; set it to change it.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        clock: VirtualClock | None = None,
        seed: str = "0",
        test: str = "",
        strict: bool = True,
        door: Door = "provider",
        folders: Sequence[Path] = (),
    ) -> None:
        Harness.__init__(self, script, clock=clock, seed=seed, test=test)
        JournalAsserts.__init__(self, self.calls)
        self.strict = strict
        self._door: Door = door
        self._folders = tuple(folders)
        self._chaos: Chaos | None = None
        self._quotas: list[Quota] = []
        self._open: ExitStack | None = None

    # --- the script ---

    def on(self, pattern: str = "*") -> TurnBuilder:
        """Write turns for the models that `pattern` fits.

        Args:
            pattern: `fnmatch` on "provider/model"; one without a slash on the model alone. Default "*", every model.
        """
        return TurnBuilder(self.script, pattern)

    def add(self, *turns: Turn) -> None:
        """Append turns."""
        self.script.add(*turns)

    def load(self, path: str | Path) -> None:
        """Append the turns of a script file.

        Args:
            path: the file; a relative one is looked for beside the test, in `fakes/` beside it and below the root, and
                in the working directory.

        Raises:
            FileNotFoundError: it is in none of these places; lists them.
            ScriptFileError: it holds something that no script has; begins with file and line.
        """
        from llmclient.testing.files.load import load_script

        loaded = load_script(self._find(Path(path)))
        self.script.add(*loaded.turns)
        self.script.name = loaded.name
        self.script.fallback = loaded.fallback or self.script.fallback

    def transcript(self, text: str, *, on: str = "*") -> None:
        """Append the turns of a conversation written line by line; see `llmclient.testing.transcript`.

        Raises:
            TranscriptError: a line is none of a conversation.
        """
        self.script.add(*turns_of(text, on=on))

    def auto(self, seed: object | None = None) -> None:
        """Answer calls that no turn fits with replies derived from the request: see `AutoReplies`.

        Args:
            seed: another seed makes other values. Default the harness's own.
        """
        self.script.fallback = AutoReplies(self.seed if seed is None else seed)

    def chaos(
        self, rate: float = DEFAULT_CHAOS_RATE, faults: Sequence[Fault] | None = None, seed: object | None = None
    ) -> None:
        """Let faults fall by lot, the same way in every run: see `Chaos`.

        Args:
            rate: share of requests that meet one, from 0 to 1. Default 0.2.
            faults: which. Default a rate limit, an overload, a server failure and a reset.
            seed: another seed draws other lots. Default the harness's own.
        """
        if faults is None:
            from llmclient.testing.faults import ConnectionReset, Overloaded, RateLimit, ServerFailure

            faults = (RateLimit(retry_after=1), Overloaded(), ServerFailure(), ConnectionReset())
        self._chaos = Chaos(rate, faults, self.seed if seed is None else seed)

    def quota(
        self, pattern: str = "*", *, requests: int | None = None, tokens: int | None = None, per: float = 60.0
    ) -> None:
        """Limit how often the models may be asked; past it comes a rate limit, until virtual time has moved on.

        Args:
            pattern: for the models, as in `on`.
            requests: requests a window; None is without limit.
            tokens: prompt tokens a window; None is without limit.
            per: virtual seconds a window. Default 60.
        """
        self._quotas.append(Quota(pattern, self.clock, requests=requests, tokens=tokens, per=per))

    # --- what comes of a call ---

    def interfere(self, call: Call) -> Outcome | None:
        """A quota that is used up, or a fault drawn by lot, before the script is asked."""
        for quota in self._quotas:
            fault = quota.take(call) if quota.applies(call) else None
            if fault is not None:
                return fault
        drawn = self._chaos.draw(call) if self._chaos is not None else None
        if isinstance(drawn, StreamFault):
            return self._damaged(call, drawn)
        return drawn

    def limits(self, call: Call) -> RateLimits | None:
        """How the quota of this call's model stands."""
        return next((quota.limits() for quota in self._quotas if quota.applies(call)), None)

    def _damaged(self, call: Call, fault: StreamFault) -> Outcome:
        """The script's own reply, damaged; an outcome that is no reply stays as it is."""
        from dataclasses import replace

        outcome = self.script.answer(call)
        return replace(outcome, fault=fault) if isinstance(outcome, Reply) else outcome

    # --- doors ---

    @property
    def door(self) -> Door:
        """Where calls come in."""
        return self._door

    def through(self, door: Door) -> None:
        """Let calls come in at another door from here on.

        Args:
            door: "provider" (no SDK), "transport" (the real provider and SDK, no network), or "server" (a socket).

        Raises:
            ValueError: there is no such door.
        """
        if door not in DOORS:
            raise ValueError(f"through({door!r}): the doors are {', '.join(DOORS)}")
        self._door = door
        if self._open is not None:
            self._open.close()
            self._enter(self._open)

    @contextmanager
    def active(self) -> Generator[LLM, None, None]:
        """Stand in front of every provider of every router in the process, until the block is left."""
        from llmclient.testing.frozen import asyncio_unfrozen

        with asyncio_unfrozen(), ExitStack() as stack:
            self._open = stack
            self._enter(stack)
            try:
                yield self
            finally:
                self._open = None

    def _enter(self, stack: ExitStack) -> None:
        from llmclient.providers.registry import override_providers

        override = _OVERRIDES[self._door](self, stack)
        stack.enter_context(override_providers(override, clock=self.clock))

    def _find(self, path: Path) -> Path:
        folders = dict.fromkeys((*self._folders, Path.cwd()))
        places = [path] if path.is_absolute() else [folder / path for folder in folders]
        for place in places:
            if place.is_file():
                return place
        tried = ", ".join(str(place) for place in places)
        raise FileNotFoundError(f"no script file {str(path)!r}; looked for {tried}")


def _provider_door(llm: LLM, _stack: ExitStack) -> ProviderOverride:
    from llmclient.testing.provider.likeness import fake_provider

    def override(name: str, config: ProviderConfig, factory: ProviderFactory) -> Provider:
        return fake_provider(llm, name, config, factory)

    return override


def _transport_door(llm: LLM, _stack: ExitStack) -> ProviderOverride:
    from llmclient.testing.doors import transport_override

    return _unmasked(transport_override(llm))


def _server_door(llm: LLM, stack: ExitStack) -> ProviderOverride:
    from llmclient.testing.doors import server_override
    from llmclient.testing.server.app import FakeServer

    server: FakeServer = stack.enter_context(FakeServer(llm))
    return _unmasked(server_override(server))


def _unmasked(override: ProviderOverride) -> ProviderOverride:
    from llmclient.testing.unmasking import unmask

    def unmasking(name: str, config: ProviderConfig, factory: ProviderFactory) -> Provider:
        return unmask(override(name, config, factory))

    return unmasking


_OVERRIDES: dict[Door, Callable[[LLM, ExitStack], ProviderOverride]] = {
    "provider": _provider_door,
    "transport": _transport_door,
    "server": _server_door,
}


@contextmanager
def script(
    source: str | Path | Script | Sequence[Turn] | None = None, *, door: Door = "provider", seed: str = "0"
) -> Generator[LLM, None, None]:
    """Script every provider for the length of a block, in a test or anywhere else. Blocks nest: the inner one answers.

    Args:
        source: a script file, a `Script`, or turns. Default nothing: write turns in the block.
        door: where calls come in. Default "provider".
        seed: of ids, `auto` and `chaos`. Default "0".
    """
    llm = LLM(source if isinstance(source, Script) else None, door=door, seed=seed)
    if isinstance(source, str | Path):
        llm.load(source)
    elif source is not None and not isinstance(source, Script):
        llm.add(*source)
    with llm.active():
        yield llm
