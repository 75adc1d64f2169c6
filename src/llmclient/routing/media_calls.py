"""The calls beside chat: what a verb was given becomes a call, and what came of it gets its attempts and its cost.

Both routers' verbs are these two steps with a driver between them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from llmclient.protocols import Capability
from llmclient.routing.calls import RequestCall, request_call
from llmclient.routing.media_costs import embedding_cost, image_cost, speech_cost, transcription_cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmclient.protocols import AudioStream, SyncAudioStream
    from llmclient.routing.core import Endpoint
    from llmclient.routing.policy.actions import Done
    from llmclient.types.embeddings import EmbeddingInput, EmbeddingParams, EmbeddingRequest, EmbeddingResponse
    from llmclient.types.files import FileSource, UploadFile
    from llmclient.types.images import ImageParams, ImageRequest, ImageResponse
    from llmclient.types.models import ModelListRequest
    from llmclient.types.speech import SpeechParams, SpeechRequest
    from llmclient.types.transcription import TranscriptionParams, TranscriptionRequest, TranscriptionResponse

A = TypeVar("A", bound="AudioStream | SyncAudioStream")


def embedding_call(texts: EmbeddingInput, params: EmbeddingParams) -> RequestCall[EmbeddingRequest]:
    """Read the arguments of `embed`. Raises `ValueError` where there is no text."""
    from llmclient.types.embeddings import EmbeddingRequest

    given = [texts] if isinstance(texts, str) else list(texts)
    if not given:
        raise ValueError("embed() got no text; pass one or several")
    return request_call(Capability.EMBEDDINGS, EmbeddingRequest, params, input=given)


def image_call(
    prompt: str,
    params: ImageParams,
    *,
    images: FileSource | UploadFile | Sequence[FileSource | UploadFile] = (),
    mask: FileSource | UploadFile | None = None,
) -> RequestCall[ImageRequest]:
    """Read the arguments of `generate_image` or `edit_image`."""
    from llmclient.types.files import read_file
    from llmclient.types.images import ImageRequest

    several = cast("Sequence[FileSource | UploadFile]", images if isinstance(images, list | tuple) else (images,))
    return request_call(
        Capability.IMAGES,
        ImageRequest,
        params,
        prompt=prompt,
        images=[read_file(image, default_name="image.png") for image in several],
        mask=None if mask is None else read_file(mask, default_name="mask.png"),
    )


def speech_call(text: str, params: SpeechParams) -> RequestCall[SpeechRequest]:
    """Read the arguments of `speak`."""
    from llmclient.types.speech import SpeechRequest

    return request_call(Capability.SPEECH, SpeechRequest, params, input=text)


def transcription_call(
    audio: FileSource | UploadFile, params: TranscriptionParams
) -> RequestCall[TranscriptionRequest]:
    """Read the arguments of `transcribe`."""
    from llmclient.types.files import read_file
    from llmclient.types.transcription import TranscriptionRequest

    file = read_file(audio, default_name="audio.mp3")
    return request_call(Capability.TRANSCRIPTION, TranscriptionRequest, params, file=file)


def listing_call(endpoint: Endpoint) -> RequestCall[ModelListRequest]:
    """A call for the models of one provider, which nobody else could answer."""
    from llmclient.types.models import ModelListRequest

    call = request_call(Capability.MODEL_LISTING, ModelListRequest, {})
    call.only = endpoint
    return call


# --- what came of it ------------------------------------------------------------------------------------------------


def embedded(reply: EmbeddingResponse, done: Done) -> EmbeddingResponse:
    """Put the attempts and the way to the cost beside the vectors."""
    reply.attach(attempts=done.attempts, price=partial(embedding_cost, done.endpoint.deployment))
    return reply


def drawn(params: ImageParams, reply: ImageResponse, done: Done) -> ImageResponse:
    """Put the attempts and the way to the cost beside the images."""
    reply.size = reply.size or params.get("size")
    reply.attach(attempts=done.attempts, price=partial(image_cost, done.endpoint.deployment))
    return reply


def spoken(request: SpeechRequest, audio: A, done: Done) -> A:
    """Put the attempts and the cost beside the audio."""
    audio.facts.attempts = done.attempts
    audio.facts.cost = speech_cost(done.endpoint.deployment, request)
    return audio


def transcribed(reply: TranscriptionResponse, done: Done) -> TranscriptionResponse:
    """Put the attempts and the way to the cost beside the transcript."""
    reply.attach(attempts=done.attempts, price=partial(transcription_cost, done.endpoint.deployment))
    return reply
