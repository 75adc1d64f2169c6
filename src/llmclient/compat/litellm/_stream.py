"""The stream that `completion(stream=True)` returns: chunks in LiteLLM's classes, errors in its classes.

One class serves sync and async code, as people check for it by name. What happens beside the stream (callbacks) is
handed in as a listener. Every chunk has a choice, as people read `chunk.choices[0]` of each: the one that tells the
usage has an empty one, and a first one that only names the role is told with the next.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol, cast

from llmclient.compat.litellm._responses import ModelResponseStream, StreamingChoices
from llmclient.errors import LLMClientError

if TYPE_CHECKING:
    from llmclient.types.stream import StreamChunk


class StreamListener(Protocol):
    """Is told what goes by."""

    def chunk(self, chunk: ModelResponseStream) -> None:
        """A chunk of the sync stream arrived."""
        ...

    async def achunk(self, chunk: ModelResponseStream) -> None:
        """A chunk of the async stream arrived."""
        ...

    def ended(self, chunks: list[ModelResponseStream]) -> None:
        """The sync stream came to its end."""
        ...

    async def aended(self, chunks: list[ModelResponseStream]) -> None:
        """The async stream came to its end."""
        ...

    def failed(self, error: Exception) -> None:
        """The sync stream broke."""
        ...

    async def afailed(self, error: Exception) -> None:
        """The async stream broke."""
        ...


class CustomStreamWrapper:
    """A stream of `ModelResponseStream` chunks, for `for` and for `async for`.

    Args:
        completion_stream: what gives the chunks, sync or async.
        model: the model that was asked.
        logging_obj: accepted, without effect.
        custom_llm_provider: who was asked.
        listener: is told what goes by; default nobody.
    """

    def __init__(
        self,
        completion_stream: object,
        model: str | None = None,
        logging_obj: object = None,
        custom_llm_provider: str | None = None,
        *,
        listener: StreamListener | None = None,
    ) -> None:
        self.completion_stream = completion_stream
        self.model = model
        self.logging_obj = logging_obj
        self.custom_llm_provider = custom_llm_provider
        self.chunks: list[ModelResponseStream] = []
        self._hidden_params: dict[str, object] = {}
        self._listener = listener
        self._role: str | None = None
        self._source: Iterator[StreamChunk] | None = None
        self._async_source: AsyncIterator[StreamChunk] | None = None

    def __iter__(self) -> Iterator[ModelResponseStream]:
        return self

    def __next__(self) -> ModelResponseStream:
        if self._source is None:
            self._source = iter(cast("Iterable[StreamChunk]", self.completion_stream))
        try:
            while (chunk := self._take(next(self._source))) is None:
                pass
        except StopIteration:
            if self._listener is not None:
                self._listener.ended(self.chunks)
            raise
        except LLMClientError as error:
            failure = _translated(error)
            if self._listener is not None:
                self._listener.failed(failure)
            raise failure from error
        if self._listener is not None:
            self._listener.chunk(chunk)
        return chunk

    def __aiter__(self) -> AsyncIterator[ModelResponseStream]:
        return self

    async def __anext__(self) -> ModelResponseStream:
        if self._async_source is None:
            self._async_source = aiter(cast("AsyncIterable[StreamChunk]", self.completion_stream))
        try:
            while (chunk := self._take(await anext(self._async_source))) is None:
                pass
        except StopAsyncIteration:
            if self._listener is not None:
                await self._listener.aended(self.chunks)
            raise
        except LLMClientError as error:
            failure = _translated(error)
            if self._listener is not None:
                await self._listener.afailed(failure)
            raise failure from error
        if self._listener is not None:
            await self._listener.achunk(chunk)
        return chunk

    def _take(self, chunk: StreamChunk) -> ModelResponseStream | None:
        """The chunk as it is handed on; None where all it says is told with the next one."""
        shaped = chunk if isinstance(chunk, ModelResponseStream) else ModelResponseStream.of(chunk)
        if not shaped.choices:
            shaped.choices = [StreamingChoices()]
        delta = shaped.choices[0].delta
        if not self.chunks and self._role is None and _names_only_the_role(shaped):
            self._role = delta.role
            return None
        if self._role is not None and not self.chunks:
            delta.role = delta.role or self._role
        self.chunks.append(shaped)
        return shaped

    def close(self) -> None:
        """Close the connection of a sync stream; harmless when called again."""
        closing = getattr(self.completion_stream, "close", None)
        if callable(closing):
            closing()

    async def aclose(self) -> None:
        """Close the connection of an async stream; harmless when called again."""
        closing: Callable[[], Awaitable[None]] | None = getattr(self.completion_stream, "aclose", None)
        if closing is not None:
            await closing()


def _names_only_the_role(chunk: ModelResponseStream) -> bool:
    if len(chunk.choices) > 1 or chunk.usage is not None or chunk.choices[0].finish_reason:
        return False
    said = {name for name, value in chunk.choices[0].delta.items() if value}
    return said == {"role"}


def _translated(error: LLMClientError) -> Exception:
    from llmclient.compat.litellm._translate import translate

    return translate(error)
