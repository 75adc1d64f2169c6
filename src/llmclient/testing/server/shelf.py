"""Script files for a server on its own: one file, or a folder from which each request may choose.

A script is loaded when it is first asked for; with `reload` it is loaded again when its file has changed. Names come
from strangers, so they are looked up inside the folder and nowhere else.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmclient.testing.dialects.requests import RefusedRequestError
from llmclient.testing.files.load import load_script
from llmclient.testing.files.nodes import ScriptFileError
from llmclient.testing.llm import LLM
from llmclient.testing.player import WirePlayer
from llmclient.testing.server.app import DEFAULT_MAX_BODY, FakeServer
from llmclient.testing.server.wall import WallClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from llmclient.testing.dialects.wire import WireRequest
    from llmclient.testing.harness import Harness

SCRIPT_HEADER = "x-llmclient-script"
"""The header by which a request chooses a script of the folder."""

SUFFIXES = (".yaml", ".yml", ".json")


_GONE = -1.0
"""Stands for the time of a file that is not there."""


@dataclass(slots=True)
class _Loaded:
    harness: Harness
    changed: float


class Shelf:
    """The scripts of a file or a folder.

    Args:
        source: a script file, or a folder of them.
        reload: look at each request whether the file has changed.
        report: told in a sentence what was loaded, and what could not be.
    """

    def __init__(self, source: Path, *, reload: bool = False, report: Callable[[str], None] | None = None) -> None:
        self._source = source.resolve()
        self._folder = self._source if self._source.is_dir() else self._source.parent
        self._reload = reload
        self._report = report or _silent
        self._clock = WallClock()
        self._loaded: dict[Path, _Loaded] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> list[str]:
        """The scripts there are."""
        if not self._source.is_dir():
            return [self._source.name]
        found = (path for path in self._folder.rglob("*") if path.suffix in SUFFIXES and self._within(path))
        return sorted(path.relative_to(self._folder).as_posix() for path in found)

    def _within(self, path: Path) -> bool:
        """Whether it is a file of the folder; a link may lead to anywhere."""
        return path.is_file() and path.resolve().is_relative_to(self._folder)

    def harness(self, name: str | None = None) -> Harness:
        """What plays the script of that name, or the one there is.

        Raises:
            RefusedRequestError: there is no script of that name in the folder, or several and none is named.
            ScriptFileError: it cannot be read.
        """
        path = self._path(name)
        with self._lock:
            held = self._loaded.get(path)
            try:
                changed = path.stat().st_mtime
            except FileNotFoundError:
                changed = _GONE
            if held is None or (self._reload and changed != held.changed):
                held = self._loaded[path] = self._load(path, changed, held)
            return held.harness

    def _path(self, name: str | None) -> Path:
        names = self.names
        if name is None:
            if len(names) == 1:
                return self._folder / names[0]
            raise RefusedRequestError(400, f"name a script in the header {SCRIPT_HEADER}: {', '.join(names) or 'none'}")
        for suffix in ("", *SUFFIXES):
            if f"{name}{suffix}" in names:
                return self._folder / f"{name}{suffix}"
        raise RefusedRequestError(404, f"no script {name!r}; there are: {', '.join(names) or 'none'}")

    def _load(self, path: Path, changed: float, held: _Loaded | None) -> _Loaded:
        try:
            script = load_script(path)
        except (ScriptFileError, FileNotFoundError) as error:
            if held is None:
                raise
            # What worked goes on working while somebody edits the file.
            self._report(f"kept the script as it was: {error}")
            return _Loaded(held.harness, changed)
        self._report(f"{'loaded' if held is None else 'loaded again'}: {path.name} ({len(script.turns)} turns)")
        return _Loaded(LLM(script, clock=self._clock, door="server"), changed)


LOOK_EVERY = 0.25
"""How often, in real seconds, a delay is interrupted for a look whether the client is still there."""


class ShelfServer(FakeServer):
    """A server whose requests are answered from a shelf.

    Args:
        shelf: the scripts.
        host: the address to bind. Default 127.0.0.1, which no other machine can reach.
        port: 0, the default, takes a free one.
        max_body: bytes a request's body may have. Default 32 MiB.
    """

    def __init__(
        self, shelf: Shelf, *, host: str = "127.0.0.1", port: int = 0, max_body: int = DEFAULT_MAX_BODY
    ) -> None:
        super().__init__(LLM(clock=WallClock()), host=host, port=port, max_body=max_body)
        self._shelf = shelf

    def player(self, headers: Mapping[str, str]) -> WirePlayer:
        """Who answers a request with these headers."""
        return WirePlayer(self._shelf.harness(headers.get(SCRIPT_HEADER)), "server")

    def _pause(self, request: WireRequest | None, seconds: float, gone: Callable[[], bool]) -> bool:
        """Let real time pass, as long as the server runs and the client is there."""
        del request
        while seconds > 0:
            if self._stopping.wait(min(seconds, LOOK_EVERY)) or gone():
                return False
            seconds -= LOOK_EVERY
        return True


def _silent(_: str) -> None:
    """Nobody wants to know."""
