"""Tracebacks cut at the test's own frame: what lies below it is router, SDK and transport, and tells nothing."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from types import TracebackType
from typing import TypeAlias, cast

import pytest

from llmclient.testing.plugin.guard import Guard, UnscriptedCallError, is_users
from llmclient.testing.turns import NoTurnError

Unanswered: TypeAlias = UnscriptedCallError | NoTurnError
"""The errors that a test's own frame shows."""


def in_own_frame(item: pytest.Item, guard: Guard) -> Generator[None, object, object]:
    """The body of a hook wrapper: a call that nothing answers fails the test there, whatever became of its error."""
    try:
        result = yield
    except BaseException as error:
        found = unanswered(error)
        guard.stopped.clear()
        if found is None:
            raise
        raise shown(found, str(item.path), error.__traceback__) from None
    __tracebackhide__ = True
    if guard.stopped:  # code under test caught it, or it was raised in a thread or a task
        hidden = guard.stopped[0]
        guard.stopped.clear()
        raise shown(hidden, str(item.path)) from None
    return result


def in_own_frames(item: pytest.Item) -> None:
    """The same for what unittest caught, and pytest keeps until it reports."""
    kept = cast("list[pytest.ExceptionInfo[BaseException]]", getattr(item, "_excinfo", None) or [])
    for number, info in enumerate(kept):
        found = unanswered(info.value)
        if found is not None:
            error: BaseException = shown(found, str(item.path), info.value.__traceback__)
            kept[number] = pytest.ExceptionInfo[BaseException].from_exception(error)


def unanswered(error: BaseException) -> Unanswered | None:
    """`error` where it is one of these; the first of a group that holds nothing else."""
    leaves = list(_leaves(error))
    found = [leaf for leaf in leaves if isinstance(leaf, Unanswered)]
    return found[0] if len(found) == len(leaves) else None


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in cast("BaseExceptionGroup[BaseException]", error).exceptions:
            yield from _leaves(inner)
    else:
        yield error


def shown(error: Unanswered, file: str, caught: TracebackType | None = None) -> Unanswered:
    """The error with the traceback that ends in `file`, or else in the innermost code of the user's.

    Args:
        error: as it was raised.
        file: the test's.
        caught: of what the test raised: where the call ran in a task of its own, only this one passes the test.
    """
    kept = _until(error.__traceback__, file) or _until(caught, file)
    kept = kept or _until_users(error.__traceback__) or _until_users(caught)
    if isinstance(error, UnscriptedCallError) and not error.where and kept:
        error.where = f"{kept[-1].tb_frame.f_code.co_filename}:{kept[-1].tb_lineno}"
    traceback: TracebackType | None = None
    for entry in reversed(kept):
        traceback = TracebackType(traceback, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return error.with_traceback(traceback) if kept else error


def _until(traceback: TracebackType | None, file: str) -> list[TracebackType]:
    """The entries up to the last one of `file`; none where it has none."""
    passed = list(entries(traceback))
    own = [number for number, entry in enumerate(passed) if entry.tb_frame.f_code.co_filename == file]
    return passed[: own[-1] + 1] if own else []


def _until_users(traceback: TracebackType | None) -> list[TracebackType]:
    passed = list(entries(traceback))
    own = [number for number, entry in enumerate(passed) if is_users(entry.tb_frame)]
    return passed[: own[-1] + 1] if own else []


def entries(traceback: TracebackType | None) -> Iterator[TracebackType]:
    """The entries of a traceback, from the frame that caught the error to the one that raised it."""
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next
