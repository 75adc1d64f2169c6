"""Which recordings a run used: counted by test, added up over workers, told at the end, kept for the command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from llmclient.testing.cassettes.deck import Deck


class Usage:
    """Cassette files of a run: how many recordings each has, and which of them were played.

    Attributes:
        files: for each path, how many recordings it holds and the positions of those that were played.
        partial: whether only a part of the suite was run.
    """

    def __init__(self) -> None:
        self.files: dict[str, tuple[int, set[int]]] = {}
        self.partial = False

    def note(self, deck: Deck) -> None:
        """Add what a test played."""
        own = deck.own_recordings()
        played = {number for number in range(own) if deck.cassette.play_counts[number]}
        self._add(deck.path, own, played)

    def _add(self, path: str, total: int, played: set[int]) -> None:
        before = self.files.get(path, (0, set[int]()))
        self.files[path] = (max(before[0], total), before[1] | played)

    def dump(self) -> dict[str, object]:
        """As plain data, for a worker's report and for the cache."""
        return {path: {"recordings": total, "played": sorted(played)} for path, (total, played) in self.files.items()}

    def merge(self, data: object) -> None:
        """Add what `dump` of a worker gave."""
        for path, entry in cast("dict[str, dict[str, object]]", data).items():
            self._add(path, cast("int", entry["recordings"]), set(cast("list[int]", entry["played"])))

    def report(self, root: Path) -> list[str]:
        """Lines about files that nobody opened, and recordings that nobody used."""
        lines: list[str] = []
        for path, (total, played) in sorted(self.files.items()):
            if played and len(played) < total:
                left = ", ".join(str(number + 1) for number in range(total) if number not in played)
                lines.append(f"{_relative(path, root)}: not used by any test: recording {left} of {total}")
        opened = {Path(path).resolve() for path in self.files}
        for folder in sorted({path.parent for path in opened}):
            orphans = [file for file in sorted(folder.glob("*.yaml")) if file not in opened]
            lines += [f"{_relative(str(file), root)}: orphaned, no test opened it" for file in orphans]
        return lines


def _relative(path: str, root: Path) -> str:
    resolved = Path(path).resolve()
    return str(resolved.relative_to(root)) if resolved.is_relative_to(root) else str(resolved)
