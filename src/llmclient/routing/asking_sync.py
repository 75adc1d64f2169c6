"""What each verb of the sync router does: one call of one operation, routed. The twin of `asking_async`.

Apart from the router's class for the reason given there.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from llmclient.routing.bridge import BlockingAudio
from llmclient.routing.calls import chat_call
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
from llmclient.routing.operations import COMPLETE, EMBED, IMAGE, LIST_MODELS, SPEAK, TRANSCRIBE
from llmclient.routing.policy.pricing import priced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmclient.protocols import AudioStream, SyncAudioStream
    from llmclient.routing.core import RouterCore
    from llmclient.routing.sync_streams import SyncModelStream
    from llmclient.types.embeddings import EmbeddingInput, EmbeddingParams, EmbeddingResponse
    from llmclient.types.files import FileSource, UploadFile
    from llmclient.types.images import ImageParams, ImageResponse
    from llmclient.types.messages import ChatParams, Messages
    from llmclient.types.models import ModelInfo
    from llmclient.types.response import ModelResponse
    from llmclient.types.speech import SpeechParams, SyncSpeech
    from llmclient.types.transcription import TranscriptionParams, TranscriptionResponse


def complete(core: RouterCore, messages: Messages, params: ChatParams) -> ModelResponse:
    """A chat, answered at once."""
    return run_sync(core, COMPLETE, chat_call(messages, params, stream=False), priced)


def stream(core: RouterCore, messages: Messages, params: ChatParams) -> SyncModelStream:
    """A chat, answered as it comes."""
    from llmclient.routing.sync_streams import SyncModelStream, SyncRacingStream, SyncWatchedStream

    call = chat_call(messages, params, stream=True)
    if core.setup.hedge is not None:
        from llmclient.routing.streams import stream_of

        return SyncRacingStream(core, stream_of(core, call), call)
    kind = SyncWatchedStream if core.watched else SyncModelStream
    return kind(core, call)


def embed(core: RouterCore, texts: EmbeddingInput, params: EmbeddingParams) -> EmbeddingResponse:
    """Vectors of texts."""
    return run_sync(core, EMBED, embedding_call(texts, params), embedded)


def draw(
    core: RouterCore,
    prompt: str,
    params: ImageParams,
    *,
    images: FileSource | UploadFile | Sequence[FileSource | UploadFile] = (),
    mask: FileSource | UploadFile | None = None,
) -> ImageResponse:
    """Images, new or changed."""
    return run_sync(core, IMAGE, image_call(prompt, params, images=images, mask=mask), partial(drawn, params))


def speak(core: RouterCore, text: str, params: SpeechParams) -> SyncSpeech:
    """A text, spoken."""
    from llmclient.types.speech import SyncSpeech

    call = speech_call(text, params)
    audio = run_sync(core, SPEAK, call, partial(spoken, call.request))
    sync = hasattr(audio, "__next__")
    blocking = cast("SyncAudioStream", audio) if sync else BlockingAudio(core.loop, cast("AudioStream", audio))
    return SyncSpeech(blocking)


def transcribe(core: RouterCore, audio: FileSource | UploadFile, params: TranscriptionParams) -> TranscriptionResponse:
    """A recording, written down."""
    return run_sync(core, TRANSCRIBE, transcription_call(audio, params), transcribed)


def list_models(core: RouterCore) -> list[ModelInfo]:
    """The models of every provider that has a list."""
    found: list[ModelInfo] = []
    for endpoint in core.providers():
        if any(LIST_MODELS.has(endpoint.lease.provider)):
            found += run_sync(core, LIST_MODELS, listing_call(endpoint), merged)
    return found
