"""The verbs of the async router beside chat. Each is one call of one operation, routed as chat is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmclient.routing.core import RouterCore
    from llmclient.types.embeddings import EmbeddingInput, EmbeddingParams, EmbeddingResponse
    from llmclient.types.files import FileSource, UploadFile
    from llmclient.types.images import ImageParams, ImageResponse
    from llmclient.types.models import ModelInfo
    from llmclient.types.speech import Speech, SpeechParams
    from llmclient.types.transcription import TranscriptionParams, TranscriptionResponse


class CapabilityVerbs:
    """Embeddings, images, speech, transcription, models."""

    _core: RouterCore

    async def embed(self, texts: EmbeddingInput, **params: Unpack[EmbeddingParams]) -> EmbeddingResponse:
        """Return a vector for each text, in order; long lists are sent in batches that the provider takes.

        Vectors of one answer are all of one model: where a fallback is asked, it is asked for every text.

        Args:
            texts: one text, or several.
            params: OpenAI's parameters; see `EmbeddingParams`.

        Raises:
            ValueError: there is no text.
            UnsupportedCapabilityError: the provider has no embeddings.
        """
        from llmclient.routing import asking_async as asking

        return await asking.embed(self._core, texts, params)

    async def generate_image(self, prompt: str, **params: Unpack[ImageParams]) -> ImageResponse:
        """Draw images.

        Args:
            prompt: what to draw.
            params: OpenAI's parameters; see `ImageParams`.
        """
        from llmclient.routing import asking_async as asking

        return await asking.draw(self._core, prompt, params)

    async def edit_image(
        self,
        images: FileSource | UploadFile | Sequence[FileSource | UploadFile],
        prompt: str,
        *,
        mask: FileSource | UploadFile | None = None,
        **params: Unpack[ImageParams],
    ) -> ImageResponse:
        """Change images.

        Args:
            images: one or several, each a path, bytes or an open binary file.
            prompt: what to change.
            mask: a picture that is transparent where the first image may change.
            params: OpenAI's parameters; see `ImageParams`.
        """
        from llmclient.routing import asking_async as asking

        return await asking.draw(self._core, prompt, params, images=images, mask=mask)

    async def speak(self, text: str, **params: Unpack[SpeechParams]) -> Speech:
        """Speak a text. Returns when the audio begins; iterate over it, or take it whole with `read` or `save`.

        Args:
            text: what to say.
            params: OpenAI's parameters; see `SpeechParams`.
        """
        from llmclient.routing import asking_async as asking

        return await asking.speak(self._core, text, params)

    async def transcribe(
        self, audio: FileSource | UploadFile, **params: Unpack[TranscriptionParams]
    ) -> TranscriptionResponse:
        """Write down what is said in a recording.

        Args:
            audio: a path, bytes (taken for mp3), or an open binary file.
            params: OpenAI's parameters; see `TranscriptionParams`.
        """
        from llmclient.routing import asking_async as asking

        return await asking.transcribe(self._core, audio, params)

    async def list_models(self) -> list[ModelInfo]:
        """Return the models of every provider of this router, as the providers list them now.

        Limits and prices come from the price table where it knows a model. Providers without a list are left out.
        """
        from llmclient.routing import asking_async as asking

        return await asking.list_models(self._core)
