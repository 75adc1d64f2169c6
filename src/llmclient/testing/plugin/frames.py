"""Tracebacks cut at the test's own frame: what lies below it is router, SDK and transport, and tells nothing."""

from __future__ import annotations

from types import TracebackType


def until_test(traceback: TracebackType | None, file: str) -> TracebackType | None:
    """The traceback up to the last frame of `file`; as it is where it has none."""
    entries: list[TracebackType] = []
    while traceback is not None:
        entries.append(traceback)
        traceback = traceback.tb_next
    own = [number for number, entry in enumerate(entries) if entry.tb_frame.f_code.co_filename == file]
    shown: TracebackType | None = None
    for entry in reversed(entries[: own[-1] + 1] if own else entries):
        shown = TracebackType(shown, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return shown
