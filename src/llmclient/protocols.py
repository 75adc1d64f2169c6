"""The waist: what a router asks of a provider, and nothing more.

A capability is a pair of protocols, one async and one sync, because a provider may have only one flavour. The router
looks a capability up by `isinstance`, never by name. A stream is opened by a call that returns when the provider has
accepted the request (a refusal is raised there), is iterated, and is closed by whoever opened it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from llmclient.types import (
        ChatRequest,
        EmbeddingRequest,
        EmbeddingResponse,
        ImageRequest,
        ImageResponse,
        ModelList,
        ModelListRequest,
        ModelResponse,
        SpeechFacts,
        SpeechRequest,
        StreamChunk,
        TranscriptionRequest,
        TranscriptionResponse,
    )


class Capability(StrEnum):
    """What a provider may be able to do."""

    CHAT = "chat"
    EMBEDDINGS = "embeddings"
    IMAGES = "images"
    SPEECH = "speech"
    TRANSCRIPTION = "transcription"
    MODEL_LISTING = "model_listing"
    RESPONSES = "responses"
    COUNTING = "counting"


class Timer(Protocol):
    """A call that is due later."""

    def cancel(self) -> None:
        """Forget the call; harmless when it was made."""
        ...


class Clock(Protocol):
    """Time, as the router sees it. Handed in, so that tests run on virtual time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Block the thread."""
        ...

    async def async_sleep(self, seconds: float) -> None:
        """Suspend the task."""
        ...

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """Call `callback` once on the running event loop, `seconds` from now, unless cancelled.

        This guards: it limits how long something else may take. A virtual clock fires it when anybody's sleep carries
        time to that moment or past it (before the sleeper wakes), and never moves time for the guard's own sake; so a
        guard does not fire while real work, such as a call over a socket, is going on.
        """
        ...

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        """Block the thread until `event` is set or `seconds` are over (None: no limit); returns whether it is set.

        A virtual clock first gives other threads a moment of real time to set it, then moves time on.
        """
        ...


@runtime_checkable
class Provider(Protocol):
    """What every provider is. Its capabilities are the further protocols of this module that it satisfies."""

    @property
    def name(self) -> str:
        """The registered name, such as "openai"."""
        ...

    def close(self) -> None:
        """Release what sync calls opened, and what can be released of the async ones without a loop."""
        ...

    async def aclose(self) -> None:
        """Release everything."""
        ...


class ChunkStream(Protocol):
    """An open async stream of one attempt. Ends by `StopAsyncIteration`, or raises one of our errors."""

    def __aiter__(self) -> AsyncIterator[StreamChunk]: ...

    async def __anext__(self) -> StreamChunk: ...

    async def aclose(self) -> None:
        """Close the connection; harmless when called again."""
        ...

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived."""
        ...


@runtime_checkable
class ReadyChunks(Protocol):
    """What an async stream may have besides: the chunks that its last read completed, taken without a step of the loop.

    A provider that reads many chunks at once spares its callers a wait for each.
    """

    ready: deque[StreamChunk]


class SyncChunkStream(Protocol):
    """An open sync stream of one attempt."""

    def __iter__(self) -> Iterator[StreamChunk]: ...

    def __next__(self) -> StreamChunk: ...

    def close(self) -> None:
        """Close the connection; harmless when called again."""
        ...

    @property
    def response(self) -> ModelResponse:
        """The response as far as it arrived."""
        ...


@runtime_checkable
class ChatCapability(Protocol):
    """Chat, async."""

    async def complete(self, request: ChatRequest) -> ModelResponse:
        """Send one request and read the whole answer. Raises `ProviderError` or `RequestError`."""
        ...

    async def stream(self, request: ChatRequest) -> ChunkStream:
        """Send one request and return the open stream. Raises `ProviderError` or `RequestError`."""
        ...


@runtime_checkable
class SyncChatCapability(Protocol):
    """Chat, sync."""

    def complete_sync(self, request: ChatRequest) -> ModelResponse:
        """As `ChatCapability.complete`."""
        ...

    def stream_sync(self, request: ChatRequest) -> SyncChunkStream:
        """As `ChatCapability.stream`."""
        ...


@runtime_checkable
class ResponsesCapability(Protocol):
    """Chat over OpenAI's Responses API, async: the same requests and answers by another wire."""

    async def complete_responses(self, request: ChatRequest) -> ModelResponse:
        """As `ChatCapability.complete`."""
        ...

    async def stream_responses(self, request: ChatRequest) -> ChunkStream:
        """As `ChatCapability.stream`."""
        ...


@runtime_checkable
class SyncResponsesCapability(Protocol):
    """Chat over OpenAI's Responses API, sync."""

    def complete_responses_sync(self, request: ChatRequest) -> ModelResponse:
        """As `ChatCapability.complete`."""
        ...

    def stream_responses_sync(self, request: ChatRequest) -> SyncChunkStream:
        """As `ChatCapability.stream`."""
        ...


@runtime_checkable
class EmbeddingsCapability(Protocol):
    """Embeddings, async."""

    async def embed(self, request: EmbeddingRequest) -> EmbeddingResponse:
        """Return a vector for each text, in order. Raises `ProviderError` or `RequestError`."""
        ...


@runtime_checkable
class SyncEmbeddingsCapability(Protocol):
    """Embeddings, sync."""

    def embed_sync(self, request: EmbeddingRequest) -> EmbeddingResponse:
        """As `EmbeddingsCapability.embed`."""
        ...


@runtime_checkable
class ImageCapability(Protocol):
    """Images, async: drawn from a prompt, or edited where the request holds images."""

    async def generate_image(self, request: ImageRequest) -> ImageResponse:
        """Draw or edit. Raises `ProviderError` or `RequestError`."""
        ...


@runtime_checkable
class SyncImageCapability(Protocol):
    """Images, sync."""

    def generate_image_sync(self, request: ImageRequest) -> ImageResponse:
        """As `ImageCapability.generate_image`."""
        ...


class AudioStream(Protocol):
    """Audio on its way, async. Ends by `StopAsyncIteration`, or raises one of our errors."""

    facts: SpeechFacts

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def __anext__(self) -> bytes: ...

    async def aclose(self) -> None:
        """Close the connection; harmless when called again."""
        ...


class SyncAudioStream(Protocol):
    """Audio on its way, sync."""

    facts: SpeechFacts

    def __iter__(self) -> Iterator[bytes]: ...

    def __next__(self) -> bytes: ...

    def close(self) -> None:
        """Close the connection; harmless when called again."""
        ...


@runtime_checkable
class SpeechCapability(Protocol):
    """Speech, async."""

    async def speak(self, request: SpeechRequest) -> AudioStream:
        """Send one text and return the audio as it comes. Raises `ProviderError` or `RequestError`."""
        ...


@runtime_checkable
class SyncSpeechCapability(Protocol):
    """Speech, sync."""

    def speak_sync(self, request: SpeechRequest) -> SyncAudioStream:
        """As `SpeechCapability.speak`."""
        ...


@runtime_checkable
class TranscriptionCapability(Protocol):
    """Transcription, async."""

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptionResponse:
        """Return what is said in the audio. Raises `ProviderError` or `RequestError`."""
        ...


@runtime_checkable
class SyncTranscriptionCapability(Protocol):
    """Transcription, sync."""

    def transcribe_sync(self, request: TranscriptionRequest) -> TranscriptionResponse:
        """As `TranscriptionCapability.transcribe`."""
        ...


@runtime_checkable
class ModelListingCapability(Protocol):
    """Listing of models, async."""

    async def list_models(self, request: ModelListRequest) -> ModelList:
        """Return the models this key may ask. Raises `ProviderError`."""
        ...


@runtime_checkable
class SyncModelListingCapability(Protocol):
    """Listing of models, sync."""

    def list_models_sync(self, request: ModelListRequest) -> ModelList:
        """As `ModelListingCapability.list_models`."""
        ...


@runtime_checkable
class TokenCountCapability(Protocol):
    """Counting a request without answering it, async."""

    async def count_tokens(self, request: ChatRequest) -> int:
        """Return the input tokens of a request. Raises `ProviderError` or `RequestError`."""
        ...


@runtime_checkable
class SyncTokenCountCapability(Protocol):
    """Counting a request without answering it, sync."""

    def count_tokens_sync(self, request: ChatRequest) -> int:
        """As `TokenCountCapability.count_tokens`."""
        ...


CAPABILITY_PROTOCOLS: dict[Capability, tuple[type, type]] = {
    Capability.CHAT: (ChatCapability, SyncChatCapability),
    Capability.EMBEDDINGS: (EmbeddingsCapability, SyncEmbeddingsCapability),
    Capability.IMAGES: (ImageCapability, SyncImageCapability),
    Capability.SPEECH: (SpeechCapability, SyncSpeechCapability),
    Capability.TRANSCRIPTION: (TranscriptionCapability, SyncTranscriptionCapability),
    Capability.MODEL_LISTING: (ModelListingCapability, SyncModelListingCapability),
    Capability.RESPONSES: (ResponsesCapability, SyncResponsesCapability),
    Capability.COUNTING: (TokenCountCapability, SyncTokenCountCapability),
}
"""The async and the sync protocol of each capability; a provider that satisfies one of the two has it."""
