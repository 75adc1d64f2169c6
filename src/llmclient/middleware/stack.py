"""Runs the middlewares of one call or one attempt: begun from the outside in, finished from the inside out. No I/O.

A driver begins the stack, does what it is there for unless somebody answered, and tells the stack how it went. Both
drivers, and streams of both, go through these four steps.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NoReturn, cast

if TYPE_CHECKING:
    from llmclient.middleware.base import Around, ChunkFunction, Flow, MiddlewareFunction
    from llmclient.types.reply import Reply
    from llmclient.types.stream import StreamChunk

logger: logging.Logger = logging.getLogger(__name__)


class Stack:
    """The middlewares around one thing."""

    def __init__(self, functions: Sequence[MiddlewareFunction], around: Around) -> None:
        self.around = around
        self._functions = functions
        self._flows: list[Flow] = []

    def begin(self) -> object | None:
        """Start every middleware; returns an answer where one of them has it, and nothing needs to be asked."""
        for function in self._functions:
            try:
                flow = _started(function, self.around)
                next(flow)
            except StopIteration as end:
                if end.value is None:
                    continue  # it neither yielded nor answered: it had nothing to do
                return self.succeed(end.value)
            except Exception as error:  # noqa: BLE001 - the outer ones see it, and it is raised again
                return self.fail(error)
            self._flows.append(flow)
        return None

    def succeed(self, reply: object) -> object:
        """Hand the answer to every middleware; returns what they made of it."""
        return self._unwind(reply, None)

    def fail(self, error: Exception) -> object:
        """Hand the error to every middleware; returns an answer where one of them has it, else raises the error."""
        return self._unwind(None, error)

    def chunk(self, chunk: StreamChunk | None) -> list[StreamChunk]:
        """What is handed on in place of a chunk; None is the end of the stream."""
        chunks = [] if chunk is None else [chunk]
        # The innermost sees the provider's chunks, as it does the provider's answer.
        for function in reversed(self.around.chunk_functions):
            chunks = list(_through(function, chunks, last=chunk is None))
        return chunks

    def close(self) -> None:
        """Nobody waits for the answer any more: the middlewares end where they stand."""
        while self._flows:
            _close(self._flows.pop())

    def _unwind(self, reply: object, error: Exception | None) -> object:
        while self._flows:
            flow = self._flows.pop()
            try:
                if error is None:
                    flow.send(cast("Reply", reply))
                else:
                    flow.throw(error)
            except StopIteration as end:
                if end.value is not None:
                    reply, error = end.value, None
            except Exception as raised:  # noqa: BLE001 - the outer ones see it, and it is raised again
                reply, error = None, raised
            except BaseException:
                self.close()
                raise
            else:
                _close(flow)
                error = RuntimeError(f"middleware {getattr(flow, '__name__', flow)!r} yielded twice; it has one yield")
        if error is not None:
            _raise(error)
        return reply


def _started(function: MiddlewareFunction, around: Around) -> Flow:
    flow = function(around)
    if not hasattr(flow, "throw"):  # None, or an async generator
        name = getattr(getattr(function, "function", function), "__name__", function)
        raise TypeError(f"middleware {name!r} is no generator function; write it with `def` and one `yield`")
    return flow


def _close(flow: Flow) -> None:
    """End a middleware where it stands; what goes wrong in it then must not hide why it ends."""
    try:
        flow.close()
    except Exception:
        logger.exception("middleware %r failed while it was closed", getattr(flow, "__name__", flow))


def _raise(error: Exception) -> NoReturn:
    raise error


def _through(function: ChunkFunction, chunks: Sequence[StreamChunk], *, last: bool) -> Iterable[StreamChunk]:
    for chunk in chunks:
        yield from function(chunk)
    if last:
        yield from function(None)
