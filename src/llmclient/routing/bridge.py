"""Serves one flavour by the other: an async-only provider to the sync router, a sync-only one to the async router.

Async work for sync callers runs on one event loop in a thread of its own, started when first needed and kept until the
router is closed, so that a provider's connections always meet the loop they were made on. Sync work for async callers
runs in asyncio's default threads.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import asyncio

    from llmclient.protocols import AudioStream, ChunkStream, SyncAudioStream, SyncChunkStream
    from llmclient.types.response import ModelResponse
    from llmclient.types.speech import SpeechFacts
    from llmclient.types.stream import StreamChunk

T = TypeVar("T")
Q = TypeVar("Q")


class LoopThread:
    """An event loop in a thread of its own. It ends with `close`, and with whoever holds it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: Callable[[], object] = _nothing

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run `work` on the loop and wait for it; an interrupted wait cancels the work."""
        import asyncio

        loop = self._started()
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("a sync call from within the router's own event loop; await the async router there")
        future = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return future.result()
        finally:
            future.cancel()  # nothing happens where it is done

    def _started(self) -> asyncio.AbstractEventLoop:
        import asyncio

        with self._lock:
            if self._loop is None:
                loop = self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_serve, args=(loop,), name="llmclient-loop", daemon=True)
                self._thread.start()
                self._stop = finalizer = weakref.finalize(self, loop.call_soon_threadsafe, loop.stop)
                finalizer.atexit = False  # a daemon ends with the process
            return self._loop

    def close(self) -> None:
        """Stop the loop and join its thread; a later `run` starts a new one."""
        with self._lock:
            thread, stop = self._thread, self._stop
            self._loop, self._thread, self._stop = None, None, _nothing
        stop()
        if thread is not None:
            thread.join()


def _nothing() -> None:
    """There is no loop to stop."""


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.run_until_complete(loop.shutdown_asyncgens())  # the providers' clients on this loop are closed with it
    loop.close()


async def _awaited(call: Callable[[Q], Awaitable[T]], request: Q) -> T:
    return await call(request)


def call_blocking(loop: LoopThread, call: Callable[[Q], Awaitable[T]], request: Q) -> T:
    """Make an async call from sync code."""
    return loop.run(_awaited(call, request))


class BlockingStream:
    """An async stream, read from sync code."""

    def __init__(self, loop: LoopThread, stream: ChunkStream) -> None:
        self._loop = loop
        self._stream = stream

    def __iter__(self) -> Iterator[StreamChunk]:
        return self

    def __next__(self) -> StreamChunk:
        chunk = self._loop.run(_next_or_none(self._stream))
        if chunk is None:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Close the connection."""
        self._loop.run(self._stream.aclose())

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived."""
        return self._stream.response


async def _next_or_none(stream: ChunkStream) -> StreamChunk | None:
    async for chunk in stream:
        return chunk
    return None


async def call_in_thread(call: Callable[[Q], T], request: Q) -> T:
    """Make a sync call from async code."""
    import asyncio

    return await asyncio.to_thread(call, request)


async def open_in_thread(call: Callable[[Q], SyncChunkStream], request: Q) -> SyncChunkStream:
    """Open a sync stream from async code; one that opens after the caller has left is closed at once."""
    import asyncio

    opening = asyncio.ensure_future(asyncio.to_thread(call, request))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_unwanted)
        raise


def _close_unwanted(opening: asyncio.Future[SyncChunkStream]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.get_loop().run_in_executor(None, opening.result().close)


class ThreadedStream:
    """A sync stream, read from async code."""

    def __init__(self, stream: SyncChunkStream) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[StreamChunk]:
        return self

    async def __anext__(self) -> StreamChunk:
        import asyncio

        chunk = await asyncio.to_thread(next, self._stream, None)
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        """Close the connection."""
        import asyncio

        await asyncio.to_thread(self._stream.close)

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived."""
        return self._stream.response


class BlockingAudio:
    """Async audio, read from sync code."""

    def __init__(self, loop: LoopThread, stream: AudioStream) -> None:
        self._loop = loop
        self._stream = stream
        self.facts: SpeechFacts = stream.facts

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        part = self._loop.run(_part_or_none(self._stream))
        if part is None:
            raise StopIteration
        return part

    def close(self) -> None:
        """Close the connection."""
        self._loop.run(self._stream.aclose())


async def _part_or_none(stream: AudioStream) -> bytes | None:
    async for part in stream:
        return part
    return None


class ThreadedAudio:
    """Sync audio, read from async code."""

    def __init__(self, stream: SyncAudioStream) -> None:
        self._stream = stream
        self.facts: SpeechFacts = stream.facts

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        import asyncio

        part = await asyncio.to_thread(next, self._stream, None)
        if part is None:
            raise StopAsyncIteration
        return part

    async def aclose(self) -> None:
        """Close the connection."""
        import asyncio

        await asyncio.to_thread(self._stream.close)
