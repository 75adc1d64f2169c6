"""What can be asked of a provider, as values: which method of a capability serves it, async and sync.

The drivers know operations only, no capability: to route a new one, add a row here and a verb to each router. Which
flavours a provider has is looked up once for each provider class, because protocol checks are slow.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar, cast

from llmclient.errors import UnsupportedCapabilityError
from llmclient.protocols import CAPABILITY_PROTOCOLS, Capability, ChatCapability, Provider, SyncChatCapability

if TYPE_CHECKING:
    from llmclient.protocols import AudioStream, ChunkStream, SyncAudioStream, SyncChunkStream
    from llmclient.types.embeddings import EmbeddingRequest, EmbeddingResponse
    from llmclient.types.images import ImageRequest, ImageResponse
    from llmclient.types.models import ModelList, ModelListRequest
    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse
    from llmclient.types.speech import SpeechRequest
    from llmclient.types.transcription import TranscriptionRequest, TranscriptionResponse

Q = TypeVar("Q")
"""The request type of an operation, such as `ChatRequest`."""
R = TypeVar("R")
"""What the async flavour gives."""
S = TypeVar("S")
"""What the sync flavour gives."""

Flavours: TypeAlias = tuple[bool, bool]
"""Whether a provider class has the async flavour, and the sync one."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Operation(Generic[Q, R, S]):
    """One verb of a capability.

    Attributes:
        capability: what the provider must have.
        asynchronous: protocol of the async flavour.
        synchronous: protocol of the sync flavour.
        call: name of the async method, called with the request.
        call_sync: name of the sync method, called with the request.
        streams: whether the result is an open stream.
    """

    capability: Capability
    asynchronous: type
    synchronous: type
    call: str
    call_sync: str
    streams: bool = False
    _known: dict[type, Flavours] = field(default_factory=dict[type, Flavours], repr=False, compare=False)

    def flavours(self, provider: Provider) -> Flavours:
        """Return which flavours `provider` has.

        Raises:
            UnsupportedCapabilityError: it has neither.
        """
        known = self.has(provider)
        if not (known[0] or known[1]):
            from llmclient.providers.capabilities import find_providers

            raise UnsupportedCapabilityError(provider.name, self.capability, find_providers(self.capability))
        return known

    def has(self, provider: Provider) -> Flavours:
        """Return which flavours `provider` has, both false where it has none."""
        known = self._known.get(type(provider))
        if known is None:
            known = (isinstance(provider, self.asynchronous), isinstance(provider, self.synchronous))
            self._known[type(provider)] = known
        return known

    def on(self, provider: Provider) -> Callable[[Q], Awaitable[R]]:
        """Return the async method of `provider`."""
        return cast("Callable[[Q], Awaitable[R]]", getattr(provider, self.call))

    def on_sync(self, provider: Provider) -> Callable[[Q], S]:
        """Return the sync method of `provider`."""
        return cast("Callable[[Q], S]", getattr(provider, self.call_sync))


COMPLETE: Operation[ChatRequest, ModelResponse, ModelResponse] = Operation(
    capability=Capability.CHAT,
    asynchronous=ChatCapability,
    synchronous=SyncChatCapability,
    call="complete",
    call_sync="complete_sync",
)

STREAM: Operation[ChatRequest, ChunkStream, SyncChunkStream] = Operation(
    capability=Capability.CHAT,
    asynchronous=ChatCapability,
    synchronous=SyncChatCapability,
    call="stream",
    call_sync="stream_sync",
    streams=True,
)


def _plain(capability: Capability, call: str) -> Operation[Q, R, S]:  # pyright: ignore[reportInvalidTypeVarUse] - each row says its types
    asynchronous, synchronous = CAPABILITY_PROTOCOLS[capability]
    return Operation(
        capability=capability,
        asynchronous=asynchronous,
        synchronous=synchronous,
        call=call,
        call_sync=f"{call}_sync",
    )


EMBED: Operation[EmbeddingRequest, EmbeddingResponse, EmbeddingResponse] = _plain(Capability.EMBEDDINGS, "embed")
IMAGE: Operation[ImageRequest, ImageResponse, ImageResponse] = _plain(Capability.IMAGES, "generate_image")
SPEAK: Operation[SpeechRequest, AudioStream | SyncAudioStream, AudioStream | SyncAudioStream] = _plain(
    Capability.SPEECH, "speak"
)
TRANSCRIBE: Operation[TranscriptionRequest, TranscriptionResponse, TranscriptionResponse] = _plain(
    Capability.TRANSCRIPTION, "transcribe"
)
LIST_MODELS: Operation[ModelListRequest, ModelList, ModelList] = _plain(Capability.MODEL_LISTING, "list_models")
