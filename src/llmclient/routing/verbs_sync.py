"""The verbs of the sync router beside chat. Each is one call of one operation, routed as chat is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        from llmclient.routing import asking_sync as asking

        return asking.embed(self._core, texts, params)

    def generate_image(self, prompt: str, **params: Unpack[ImageParams]) -> ImageResponse:
        """As `ModelRouter.generate_image`."""
        from llmclient.routing import asking_sync as asking

        return asking.draw(self._core, prompt, params)

    def edit_image(
        self,
        images: FileSource | UploadFile | Sequence[FileSource | UploadFile],
        prompt: str,
        *,
        mask: FileSource | UploadFile | None = None,
        **params: Unpack[ImageParams],
    ) -> ImageResponse:
        """As `ModelRouter.edit_image`."""
        from llmclient.routing import asking_sync as asking

        return asking.draw(self._core, prompt, params, images=images, mask=mask)

    def speak(self, text: str, **params: Unpack[SpeechParams]) -> SyncSpeech:
        """As `ModelRouter.speak`."""
        from llmclient.routing import asking_sync as asking

        return asking.speak(self._core, text, params)

    def transcribe(
        self, audio: FileSource | UploadFile, **params: Unpack[TranscriptionParams]
    ) -> TranscriptionResponse:
        """As `ModelRouter.transcribe`."""
        from llmclient.routing import asking_sync as asking

        return asking.transcribe(self._core, audio, params)

    def list_models(self) -> list[ModelInfo]:
        """As `ModelRouter.list_models`."""
        from llmclient.routing import asking_sync as asking

        return asking.list_models(self._core)
