"""What each verb of the async router does: one call of one operation, routed.

Apart from the router's class, so that importing the class imports none of this: a program that only names a router, in
an annotation or behind a flag, does not pay for routing.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from llmclient.routing.bridge import ThreadedAudio
from llmclient.routing.calls import chat_call
from llmclient.routing.drive_async import run
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
    from collections.abc import Awaitable, Sequence

    from llmclient.protocols import AudioStream, SyncAudioStream
    from llmclient.routing.core import RouterCore
    from llmclient.routing.streams import ModelStream
    from llmclient.types.embeddings import EmbeddingInput, EmbeddingParams, EmbeddingResponse
    from llmclient.types.files import FileSource, UploadFile
    from llmclient.types.images import ImageParams, ImageResponse
    from llmclient.types.messages import ChatParams, Messages
    from llmclient.types.models import ModelInfo
    from llmclient.types.response import ModelResponse
    from llmclient.types.speech import Speech, SpeechParams
    from llmclient.types.transcription import TranscriptionParams, TranscriptionResponse


def complete(core: RouterCore, messages: Messages, params: ChatParams) -> Awaitable[ModelResponse]:
    """A chat, answered at once."""
    return run(core, COMPLETE, chat_call(messages, params, stream=False), priced)


def stream(core: RouterCore, messages: Messages, params: ChatParams) -> ModelStream:
    """A chat, answered as it comes."""
    from llmclient.routing.streams import stream_of

    return stream_of(core, chat_call(messages, params, stream=True))


def embed(core: RouterCore, texts: EmbeddingInput, params: EmbeddingParams) -> Awaitable[EmbeddingResponse]:
    """Vectors of texts."""
    return run(core, EMBED, embedding_call(texts, params), embedded)


def draw(
    core: RouterCore,
    prompt: str,
    params: ImageParams,
    *,
    images: FileSource | UploadFile | Sequence[FileSource | UploadFile] = (),
    mask: FileSource | UploadFile | None = None,
) -> Awaitable[ImageResponse]:
    """Images, new or changed."""
    return run(core, IMAGE, image_call(prompt, params, images=images, mask=mask), partial(drawn, params))


async def speak(core: RouterCore, text: str, params: SpeechParams) -> Speech:
    """A text, spoken."""
    from llmclient.types.speech import Speech

    call = speech_call(text, params)
    audio = await run(core, SPEAK, call, partial(spoken, call.request))
    asynchronous = hasattr(audio, "__anext__")
    return Speech(cast("AudioStream", audio) if asynchronous else ThreadedAudio(cast("SyncAudioStream", audio)))


def transcribe(
    core: RouterCore, audio: FileSource | UploadFile, params: TranscriptionParams
) -> Awaitable[TranscriptionResponse]:
    """A recording, written down."""
    return run(core, TRANSCRIBE, transcription_call(audio, params), transcribed)


async def list_models(core: RouterCore) -> list[ModelInfo]:
    """The models of every provider that has a list."""
    found: list[ModelInfo] = []
    for endpoint in core.providers():
        if any(LIST_MODELS.has(endpoint.lease.provider)):
            found += await run(core, LIST_MODELS, listing_call(endpoint), merged)
    return found
