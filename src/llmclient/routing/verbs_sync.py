"""The verbs of the sync router beside chat. Each is one call of one operation, routed as chat is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Unpack, cast

from llmclient.routing.bridge import BlockingAudio
from llmclient.routing.drive_sync import run_sync
from llmclient.routing.media_calls import (
    drawn,
    embedded,
    embedding_call,
    image_call,
    listing_call,
    speech_call,
    spoken,
    transcribed,
    transcription_call,
)
from llmclient.routing.model_lists import merged
from llmclient.routing.operations import EMBED, IMAGE, LIST_MODELS, SPEAK, TRANSCRIBE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmclient.protocols import AudioStream, SyncAudioStream
    from llmclient.routing.core import RouterCore
    from llmclient.types.embeddings import EmbeddingInput, EmbeddingParams, EmbeddingResponse
    from llmclient.types.files import FileSource, UploadFile
    from llmclient.types.images import ImageParams, ImageResponse
    from llmclient.types.models import ModelInfo
    from llmclient.types.speech import SpeechParams, SyncSpeech
    from llmclient.types.transcription import TranscriptionParams, TranscriptionResponse


class SyncCapabilityVerbs:
    """Embeddings, images, speech, transcription, models."""

    _core: RouterCore

    def embed(self, texts: EmbeddingInput, **params: Unpack[EmbeddingParams]) -> EmbeddingResponse:
        """As `ModelRouter.embed`."""
        return run_sync(self._core, EMBED, embedding_call(texts, params), embedded)

    def generate_image(self, prompt: str, **params: Unpack[ImageParams]) -> ImageResponse:
        """As `ModelRouter.generate_image`."""
        return run_sync(self._core, IMAGE, image_call(prompt, params), partial(drawn, params))

    def edit_image(
        self,
        images: FileSource | UploadFile | Sequence[FileSource | UploadFile],
        prompt: str,
        *,
        mask: FileSource | UploadFile | None = None,
        **params: Unpack[ImageParams],
    ) -> ImageResponse:
        """As `ModelRouter.edit_image`."""
        call = image_call(prompt, params, images=images, mask=mask)
        return run_sync(self._core, IMAGE, call, partial(drawn, params))

    def speak(self, text: str, **params: Unpack[SpeechParams]) -> SyncSpeech:
        """As `ModelRouter.speak`."""
        from llmclient.types.speech import SyncSpeech

        call = speech_call(text, params)
        audio = run_sync(self._core, SPEAK, call, partial(spoken, call.request))
        sync = hasattr(audio, "__next__")
        loop = self._core.loop
        stream = cast("SyncAudioStream", audio) if sync else BlockingAudio(loop, cast("AudioStream", audio))
        return SyncSpeech(stream)

    def transcribe(
        self, audio: FileSource | UploadFile, **params: Unpack[TranscriptionParams]
    ) -> TranscriptionResponse:
        """As `ModelRouter.transcribe`."""
        return run_sync(self._core, TRANSCRIBE, transcription_call(audio, params), transcribed)

    def list_models(self) -> list[ModelInfo]:
        """As `ModelRouter.list_models`."""
        found: list[ModelInfo] = []
        for endpoint in self._core.providers():
            if any(LIST_MODELS.has(endpoint.lease.provider)):
                found += run_sync(self._core, LIST_MODELS, listing_call(endpoint), merged)
        return found
