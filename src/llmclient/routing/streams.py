"""The streams a router hands out: context manager, iterator, and the whole response at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from llmclient.protocols import ChunkStream, SyncChunkStream
    from llmclient.types.response import ModelResponse
    from llmclient.types.stream import StreamChunk


class ModelStream:
    """An async stream of chunks. Entering it, or asking for the first chunk, sends the request."""

    def __init__(self, connect: Callable[[], Awaitable[ChunkStream]]) -> None:
        self._connect = connect
        self._source: ChunkStream | None = None

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[StreamChunk]:
        return self

    async def __anext__(self) -> StreamChunk:
        source = self._source or await self._open()
        try:
            return await source.__anext__()
        except BaseException:
            await source.aclose()
            raise

    async def aclose(self) -> None:
        """Close the connection; harmless when called again."""
        if self._source is not None:
            await self._source.aclose()

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived; the whole one once the stream has ended."""
        if self._source is None:
            raise RuntimeError("the stream is not open; enter it with 'async with' first")
        return self._source.response

    async def _open(self) -> ChunkStream:
        self._source = await self._connect()
        return self._source


class SyncModelStream:
    """A stream of chunks. Entering it, or asking for the first chunk, sends the request."""

    def __init__(self, connect: Callable[[], SyncChunkStream]) -> None:
        self._connect = connect
        self._source: SyncChunkStream | None = None

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[StreamChunk]:
        return self

    def __next__(self) -> StreamChunk:
        source = self._source or self._open()
        try:
            return next(source)
        except BaseException:
            source.close()
            raise

    def close(self) -> None:
        """Close the connection; harmless when called again."""
        if self._source is not None:
            self._source.close()

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived; the whole one once the stream has ended."""
        if self._source is None:
            raise RuntimeError("the stream is not open; enter it with 'with' first")
        return self._source.response

    def _open(self) -> SyncChunkStream:
        self._source = self._connect()
        return self._source
