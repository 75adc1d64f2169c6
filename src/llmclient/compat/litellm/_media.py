"""Embeddings, images, speech and transcription, as LiteLLM's functions: a pair each, sync and async.

Each is one call of a router's verb along a route, as chat is; callbacks hear of chat only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from llmclient.compat.litellm._arguments import CallArguments, read_arguments
from llmclient.compat.litellm._completion import POOL, route_of
from llmclient.compat.litellm._responses import EmbeddingResponse, ImageObject, ImageResponse, TranscriptionResponse
from llmclient.compat.litellm._translate import translate
from llmclient.compat.litellm._usage import Usage
from llmclient.errors import LLMClientError

if TYPE_CHECKING:
    from llmclient import ModelRouter
    from llmclient.types import embeddings, images
    from llmclient.types import speech as speeches
    from llmclient.types import transcription as transcripts
    from llmclient.types.files import FileSource
    from llmclient.types.messages import JSONObject


class SpeechResponse:
    """Audio: `content` is the file."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self) -> bytes:
        """The file."""
        return self.content

    def stream_to_file(self, file: str | Path) -> None:
        """Write the file."""
        Path(file).write_bytes(self.content)

    write_to_file = stream_to_file


def _prepared(model: str, given: Mapping[str, object]) -> tuple[ModelRouter, dict[str, object]]:
    asked = read_arguments(model, None, given)
    return POOL.router(route_of(asked)), parameters(asked)


def parameters(asked: CallArguments) -> dict[str, object]:
    """The parameters of a verb beside chat."""
    params: dict[str, object] = {**asked.params, "drop_unsupported": asked.drop_params}
    if asked.extra_body:
        params["extra_body"] = asked.extra_body
    if asked.extra_headers:
        params["extra_headers"] = asked.extra_headers
    return params


# --- embeddings ---


async def aembedding(model: str, input: str | Sequence[str] = (), **arguments: object) -> EmbeddingResponse:  # noqa: A002 - LiteLLM's name
    """Return vectors: `response.data[0]["embedding"]`.

    Args:
        model: "provider/model", or a bare name of OpenAI's.
        input: one text, or several.
        arguments: LiteLLM's, as of `acompletion`.
    """
    router, params = _prepared(model, arguments)
    return await aembed(router, input, params)


def embedding(model: str, input: str | Sequence[str] = (), **arguments: object) -> EmbeddingResponse:  # noqa: A002 - LiteLLM's name
    """Return vectors, from sync code; as `aembedding`."""
    router, params = _prepared(model, arguments)
    return embed(router, input, params)


async def aembed(router: ModelRouter, texts: str | Sequence[str], params: Mapping[str, object]) -> EmbeddingResponse:
    """Embed along a router."""
    try:
        return _vectors(await router.embed(texts, **cast("embeddings.EmbeddingParams", params)))
    except LLMClientError as error:
        raise translate(error) from error


def embed(router: ModelRouter, texts: str | Sequence[str], params: Mapping[str, object]) -> EmbeddingResponse:
    """Embed along a router, from sync code."""
    try:
        return _vectors(router.sync.embed(texts, **cast("embeddings.EmbeddingParams", params)))
    except LLMClientError as error:
        raise translate(error) from error


def _vectors(reply: embeddings.EmbeddingResponse) -> EmbeddingResponse:
    rows: list[JSONObject] = []
    for index, vector in enumerate(reply.vectors):
        rows.append({"object": "embedding", "index": index, "embedding": list(vector)})
    usage = None if reply.usage is None else Usage.of(reply.usage)
    return EmbeddingResponse(model=reply.model, data=rows, usage=usage)


# --- images ---


async def aimage_generation(prompt: str, model: str | None = None, **arguments: object) -> ImageResponse:
    """Draw images: `response.data[0].url` or `.b64_json`.

    Args:
        prompt: what to draw.
        model: the model; default "openai/dall-e-2".
        arguments: LiteLLM's, as of `acompletion`.
    """
    router, params = _prepared(model or _IMAGES, arguments)
    try:
        return _images(await router.generate_image(prompt, **cast("images.ImageParams", params)))
    except LLMClientError as error:
        raise translate(error) from error


def image_generation(prompt: str, model: str | None = None, **arguments: object) -> ImageResponse:
    """Draw images, from sync code; as `aimage_generation`."""
    router, params = _prepared(model or _IMAGES, arguments)
    try:
        return _images(router.sync.generate_image(prompt, **cast("images.ImageParams", params)))
    except LLMClientError as error:
        raise translate(error) from error


_IMAGES = "openai/dall-e-2"


def _images(reply: images.ImageResponse) -> ImageResponse:
    usage = None if reply.usage is None else reply.usage.model_dump()
    return ImageResponse(created=reply.created, data=[ImageObject.of(image) for image in reply.data], usage=usage)


# --- speech and transcription ---


async def aspeech(model: str, input: str, voice: str | None = None, **arguments: object) -> SpeechResponse:  # noqa: A002 - LiteLLM's name
    """Speak a text.

    Args:
        model: the model.
        input: what to say.
        voice: a name of the provider's.
        arguments: LiteLLM's, as of `acompletion`.
    """
    router, params = _prepared(model, {**arguments, "voice": voice})
    try:
        spoken = await router.speak(input, **cast("speeches.SpeechParams", params))
        return SpeechResponse(await spoken.read())
    except LLMClientError as error:
        raise translate(error) from error


def speech(model: str, input: str, voice: str | None = None, **arguments: object) -> SpeechResponse:  # noqa: A002 - LiteLLM's name
    """Speak a text, from sync code; as `aspeech`."""
    router, params = _prepared(model, {**arguments, "voice": voice})
    try:
        return SpeechResponse(router.sync.speak(input, **cast("speeches.SpeechParams", params)).read())
    except LLMClientError as error:
        raise translate(error) from error


async def atranscription(model: str, file: FileSource, **arguments: object) -> TranscriptionResponse:
    """Write down what is said in a recording.

    Args:
        model: the model.
        file: a path, bytes, or an open binary file.
        arguments: LiteLLM's, as of `acompletion`.
    """
    router, params = _prepared(model, arguments)
    try:
        return _transcript(await router.transcribe(file, **cast("transcripts.TranscriptionParams", params)))
    except LLMClientError as error:
        raise translate(error) from error


def transcription(model: str, file: FileSource, **arguments: object) -> TranscriptionResponse:
    """Write down what is said in a recording, from sync code; as `atranscription`."""
    router, params = _prepared(model, arguments)
    try:
        return _transcript(router.sync.transcribe(file, **cast("transcripts.TranscriptionParams", params)))
    except LLMClientError as error:
        raise translate(error) from error


def _transcript(reply: transcripts.TranscriptionResponse) -> TranscriptionResponse:
    return TranscriptionResponse(**reply.model_dump(exclude_none=True, exclude={"provider", "request_id"}))
