"""A stream of growing objects, over a stream of chunks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar, cast

from llmclient.errors import InvalidAnswerError
from llmclient.routing.structured.arriving import NOTHING
from llmclient.routing.structured.parsing import refuse_unusable
from llmclient.routing.structured.partial import partial_object
from llmclient.routing.structured.target import InvalidTextError, target_of

if TYPE_CHECKING:
    from llmclient.routing.streams import ModelStream
    from llmclient.routing.sync_streams import SyncModelStream
    from llmclient.types.response import ModelResponse
    from llmclient.types.stream import StreamChunk

T_co = TypeVar("T_co", covariant=True)


class _Growing(Generic[T_co]):
    def __init__(self, form: object) -> None:
        self._target = target_of(form)
        self._text = ""
        self._last: object = NOTHING
        self._parsed: object = NOTHING

    @property
    def parsed(self) -> T_co:
        """The whole object, once the stream has ended."""
        if self._parsed is NOTHING:
            raise RuntimeError("the object is not complete; read the stream to its end first")
        return cast("T_co", self._parsed)

    def _grow(self, chunk: StreamChunk) -> object:
        """What there is now, `NOTHING` where it is what there was before."""
        if chunk.marker == "restart":
            self._text = ""
        if not chunk.text:
            return NOTHING
        self._text += chunk.text
        found = partial_object(self._target, self._text)
        if found is NOTHING or (self._last is not NOTHING and found == self._last):
            return NOTHING
        self._last = found
        return found

    def _end(self, response: ModelResponse) -> object:
        """The whole object where it is more than was given last, else `NOTHING`."""
        if self._parsed is not NOTHING:
            return NOTHING
        refuse_unusable([response])
        try:
            self._parsed = self._target.read(response.text)
        except InvalidTextError as error:
            raise InvalidAnswerError(self._target.name, error.problems, responses=[response]) from error
        return NOTHING if self._last is not NOTHING and self._parsed == self._last else self._parsed


class PartialStream(_Growing[T_co]):
    """An object while it grows. Each item is valid as far as it goes; `parsed` is the whole, validated."""

    def __init__(self, source: ModelStream, form: object) -> None:
        super().__init__(form)
        self._source = source

    async def __aenter__(self) -> Self:
        await self._source.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._source.aclose()

    def __aiter__(self) -> AsyncIterator[T_co]:
        return self

    async def __anext__(self) -> T_co:
        async for chunk in self._source:
            found = self._grow(chunk)
            if found is not NOTHING:
                return cast("T_co", found)
        found = self._end(self._source.response)
        if found is NOTHING:
            raise StopAsyncIteration
        return cast("T_co", found)

    @property
    def response(self) -> ModelResponse:
        """The answer as far as it arrived."""
        return self._source.response


class SyncPartialStream(_Growing[T_co]):
    """As `PartialStream`, for sync code."""

    def __init__(self, source: SyncModelStream, form: object) -> None:
        super().__init__(form)
        self._source = source

    def __enter__(self) -> Self:
        self._source.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._source.close()

    def __iter__(self) -> Iterator[T_co]:
        return self

    def __next__(self) -> T_co:
        for chunk in self._source:
            found = self._grow(chunk)
            if found is not NOTHING:
                return cast("T_co", found)
        found = self._end(self._source.response)
        if found is NOTHING:
            raise StopIteration
        return cast("T_co", found)

    @property
    def response(self) -> ModelResponse:
        """The answer as far as it arrived."""
        return self._source.response
