"""What is no chat, as our responses: embeddings, images, speech, transcripts, the list of models."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Self

from llmclient.testing.answer import Answer
from llmclient.testing.dialects._endpoints import AUDIO_TYPES, PNG, SILENCE, vectors
from llmclient.testing.provider.responses import told_id
from llmclient.testing.reply import Reply
from llmclient.testing.turns import Script
from llmclient.types.embeddings import Embedding, EmbeddingResponse
from llmclient.types.images import Image, ImageResponse, ImageUsage
from llmclient.types.models import ModelInfo, ModelList
from llmclient.types.response import Usage
from llmclient.types.speech import SpeechFacts
from llmclient.types.transcription import TranscriptionResponse

CHUNK = 4096
"""Bytes of audio a chunk."""


def embeddings(answer: Answer, reply: Reply) -> EmbeddingResponse:
    """A vector for each input."""
    used = answer.usage["prompt_tokens"]
    return EmbeddingResponse(
        model=reply.model or answer.call.model,
        provider=answer.call.provider,
        request_id=told_id(answer),
        data=[Embedding(index=index, embedding=list(found)) for index, found in enumerate(vectors(answer, reply))],
        usage=Usage.model_validate({"prompt_tokens": used, "total_tokens": used}),
    )


def images(answer: Answer, reply: Reply) -> ImageResponse:
    """The scripted images, else one pixel for each that is asked for."""
    count = answer.call.params.get("n")
    given = reply.images or (PNG,) * (count if isinstance(count, int) else 1)
    used = answer.usage
    return ImageResponse(
        model=reply.model or answer.call.model,
        provider=answer.call.provider,
        request_id=told_id(answer),
        created=answer.created,
        data=[
            Image(url=image) if isinstance(image, str) else Image(b64_json=base64.b64encode(image).decode())
            for image in given
        ],
        usage=ImageUsage.model_validate(
            {
                "input_tokens": used["prompt_tokens"],
                "output_tokens": used["completion_tokens"],
                "total_tokens": used["total_tokens"],
            }
        ),
    )


def transcript(answer: Answer, reply: Reply) -> TranscriptionResponse:
    """The scripted transcript, else the reply's text."""
    return TranscriptionResponse(
        model=answer.call.model,
        provider=answer.call.provider,
        request_id=told_id(answer),
        text=reply.transcript if reply.transcript is not None else reply.text or "",
    )


def model_list(script: Script, provider: str) -> ModelList:
    """The models that the script's turns name."""
    named = [turn.on for turn in script.turns if not set(turn.on) & set("*?[")]
    ids = [name.partition("/")[2] for name in named if name.startswith(f"{provider}/")]
    return ModelList(
        provider=provider, data=[ModelInfo(id=identity, provider=provider) for identity in dict.fromkeys(ids)]
    )


class _Audio:
    def __init__(self, answer: Answer, reply: Reply) -> None:
        wanted = str(answer.call.params.get("response_format", "mp3"))
        self.facts: SpeechFacts = SpeechFacts(
            model=reply.model or answer.call.model,
            provider=answer.call.provider,
            media_type=AUDIO_TYPES.get(wanted, "application/octet-stream"),
            request_id=told_id(answer),
        )
        self._parts = _parts(SILENCE if reply.audio is None else reply.audio)


def _parts(audio: bytes) -> Iterator[bytes]:
    for start in range(0, len(audio), CHUNK):
        yield audio[start : start + CHUNK]


class FakeAudio(_Audio):
    """Audio, async."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        part = next(self._parts, None)
        if part is None:
            raise StopAsyncIteration
        return part

    async def aclose(self) -> None:
        """Nothing is held."""


class SyncFakeAudio(_Audio):
    """Audio, sync."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        return next(self._parts)

    def close(self) -> None:
        """Nothing is held."""


def speech(answer: Answer, reply: Reply) -> FakeAudio:
    """The scripted audio, else a quarter of a second of silence."""
    return FakeAudio(answer, reply)


def sync_speech(answer: Answer, reply: Reply) -> SyncFakeAudio:
    """As `speech`."""
    return SyncFakeAudio(answer, reply)
