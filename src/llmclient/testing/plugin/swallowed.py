"""Calls that the script had no turn for, and whose error never came to the test: the code under test caught it.

An error has come to the test where the frame that caught it is the test's own function, or pytest's or unittest's
`raises`; and where the test, or whoever caught it, names `NoTurnError`. Everybody else took it for a provider's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import CodeType
from typing import TYPE_CHECKING, cast

from llmclient.testing.plugin.frames import entries, shown
from llmclient.testing.plugin.guard import is_users
from llmclient.testing.turns import NoTurnError

if TYPE_CHECKING:
    import pytest

    from llmclient.testing.llm import LLM

NOTE = "the code under test caught this error; script the call, or set llm.strict = False where it may be missed"
_EXPECTING = f"{os.sep}_pytest{os.sep}"
_NAME = NoTurnError.__name__


def require_answered(item: pytest.Item, made: LLM, *, since: int = 0) -> None:
    """Fail for the first call that nothing answered without the test's knowledge.

    Args:
        item: the test.
        made: its harness.
        since: how many calls are left out of account. Default none.

    Raises:
        NoTurnError: the one that was swallowed, with the traceback of where it was caught.
    """
    __tracebackhide__ = True
    for call in made.calls[since:]:
        error = call.error
        if isinstance(error, NoTurnError) and not _is_known(item, error):
            error.add_note(NOTE)
            raise shown(error, str(item.path)) from None


def _is_known(item: pytest.Item, error: NoTurnError) -> bool:
    function: object = getattr(getattr(item, "obj", None), "__func__", getattr(item, "obj", None))
    test = getattr(item, "originalname", None) or item.name
    frames = [entry.tb_frame for entry in entries(error.__traceback__)]
    if not frames or _EXPECTING in frames[0].f_code.co_filename:  # unittest's `assertRaises` strips the traceback
        return True
    if any(frame.f_code.co_name == test for frame in frames):
        return True
    while hasattr(function, "__wrapped__"):
        function = cast("object", getattr(function, "__wrapped__"))  # noqa: B009 - no type has it
    code = getattr(function, "__code__", None)
    return any(_names_it(frame.f_code) for frame in frames if is_users(frame)) or (
        isinstance(code, CodeType) and _names_it(code)
    )


def _names_it(code: CodeType) -> bool:
    return any(_NAME in part.co_names or _NAME in part.co_freevars for part in _parts(code))


def _parts(code: CodeType) -> Iterator[CodeType]:
    """The code of a function, and of the functions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts(constant)
