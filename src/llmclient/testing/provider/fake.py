"""`FakeProvider`: every capability, sync and async, answered by a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from llmclient.protocols import Capability
from llmclient.testing.call import Call
from llmclient.testing.faults.stream import ErrorEvent, MalformedFrame
from llmclient.testing.harness import Harness
from llmclient.testing.provider import media
from llmclient.testing.provider.responses import respond
from llmclient.testing.reply import Reply

if TYPE_CHECKING:
    from llmclient.providers._event_stream import AsyncEventStream, SyncEventStream
    from llmclient.testing.answer import Answer
    from llmclient.testing.provider.reading import Reading
    from llmclient.testing.turns import Script
    from llmclient.types.embeddings import EmbeddingRequest, EmbeddingResponse
    from llmclient.types.images import ImageRequest, ImageResponse
    from llmclient.types.models import ModelList, ModelListRequest
    from llmclient.types.request import ChatRequest, Request
    from llmclient.types.response import ModelResponse
    from llmclient.types.speech import SpeechRequest
    from llmclient.types.transcription import TranscriptionRequest, TranscriptionResponse

_UNREADABLE = (ErrorEvent, MalformedFrame)
"""What arrives whole, and is no answer."""


class FakeProvider:
    """A provider that plays a script: the same answers and errors that the real one would come to, without a wire.

    Args:
        script: a `Script`, or the `Harness` (the `llm` of a test) whose script, journal and clock it shares.
        name: as which provider it answers, and whose errors it raises. Default "openai".
    """

    def __init__(self, script: Script | Harness, name: str = "openai") -> None:
        self.harness: Harness = script if isinstance(script, Harness) else Harness(script)
        self.name = name

    def __repr__(self) -> str:
        return f"FakeProvider({self.name!r})"

    # --- chat ---

    async def complete(self, request: ChatRequest) -> ModelResponse:
        """Answer one call."""
        answer = await self.harness.answer_async(self._chat(request))
        reply = answer.reply
        if reply is None or not _at_once(reply):
            return await _reading(answer, request).complete()
        answer.finish()
        return respond(answer, reply)

    async def stream(self, request: ChatRequest) -> AsyncEventStream:
        """Answer one call as a stream."""
        return await _reading(await self.harness.answer_async(self._chat(request, stream=True)), request).stream()

    def complete_sync(self, request: ChatRequest) -> ModelResponse:
        """Answer one call."""
        answer = self.harness.answer(self._chat(request))
        reply = answer.reply
        if reply is None or not _at_once(reply):
            return _reading(answer, request).complete_sync()
        answer.finish()
        return respond(answer, reply)

    def stream_sync(self, request: ChatRequest) -> SyncEventStream:
        """Answer one call as a stream."""
        return _reading(self.harness.answer(self._chat(request, stream=True)), request).stream_sync()

    complete_responses = complete
    stream_responses = stream
    complete_responses_sync = complete_sync
    stream_responses_sync = stream_sync

    # --- the rest ---

    async def embed(self, request: EmbeddingRequest) -> EmbeddingResponse:
        """Answer with vectors."""
        answer = await self.harness.answer_async(self._call(request, Capability.EMBEDDINGS, input=list(request.input)))
        return media.embeddings(answer, await self._plain(answer, request))

    def embed_sync(self, request: EmbeddingRequest) -> EmbeddingResponse:
        """Answer with vectors."""
        answer = self.harness.answer(self._call(request, Capability.EMBEDDINGS, input=list(request.input)))
        return media.embeddings(answer, self._plain_sync(answer, request))

    async def generate_image(self, request: ImageRequest) -> ImageResponse:
        """Answer with an image."""
        answer = await self.harness.answer_async(self._call(request, Capability.IMAGES, prompt=request.prompt))
        return media.images(answer, await self._plain(answer, request))

    def generate_image_sync(self, request: ImageRequest) -> ImageResponse:
        """Answer with an image."""
        answer = self.harness.answer(self._call(request, Capability.IMAGES, prompt=request.prompt))
        return media.images(answer, self._plain_sync(answer, request))

    async def speak(self, request: SpeechRequest) -> media.FakeAudio:
        """Answer with audio."""
        answer = await self.harness.answer_async(self._call(request, Capability.SPEECH, input=request.input))
        return media.speech(answer, await self._plain(answer, request))

    def speak_sync(self, request: SpeechRequest) -> media.SyncFakeAudio:
        """Answer with audio."""
        answer = self.harness.answer(self._call(request, Capability.SPEECH, input=request.input))
        return media.sync_speech(answer, self._plain_sync(answer, request))

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptionResponse:
        """Answer with a transcript."""
        answer = await self.harness.answer_async(self._call(request, Capability.TRANSCRIPTION))
        return media.transcript(answer, await self._plain(answer, request))

    def transcribe_sync(self, request: TranscriptionRequest) -> TranscriptionResponse:
        """Answer with a transcript."""
        answer = self.harness.answer(self._call(request, Capability.TRANSCRIPTION))
        return media.transcript(answer, self._plain_sync(answer, request))

    async def list_models(self, request: ModelListRequest) -> ModelList:
        """The models that the script names."""
        return self.list_models_sync(request)

    def list_models_sync(self, request: ModelListRequest) -> ModelList:  # noqa: ARG002 - the protocol's signature
        """The models that the script names."""
        return media.model_list(self.harness.script, self.name)

    async def count_tokens(self, request: ChatRequest) -> int:
        """Count a request; no turn is used, and the journal does not have it."""
        return self.count_tokens_sync(request)

    def count_tokens_sync(self, request: ChatRequest) -> int:
        """Count a request; no turn is used, and the journal does not have it."""
        from llmclient.testing.dialects.anthropic import tokens_of

        return tokens_of(self._chat(request))

    def close(self) -> None:
        """Nothing is held."""

    async def aclose(self) -> None:
        """Nothing is held."""

    # --- how an answer comes about ---

    def _chat(self, request: ChatRequest, *, stream: bool = False) -> Call:
        params = {**request.params, **request.extra_body} if request.extra_body else request.params
        return Call(
            provider=self.name,
            model=request.model,
            messages=request.messages,
            params=params,
            stream=stream,
            headers=request.extra_headers,
        )

    def _call(self, request: Request, capability: Capability, **given: object) -> Call:
        params: Mapping[str, object] = {**request.params, **given, **request.extra_body}
        headers = request.extra_headers
        return Call(provider=self.name, model=request.model, capability=capability, params=params, headers=headers)

    async def _plain(self, answer: Answer, request: Request) -> Reply:
        """The reply of what is no chat, after what its fault does to it."""
        reply = answer.reply
        if reply is not None and _at_once(reply):
            answer.finish()
            return reply
        reading = _reading(answer, request)
        return _readable(reading, await reading.whole(), reply)

    def _plain_sync(self, answer: Answer, request: Request) -> Reply:
        reply = answer.reply
        if reply is not None and _at_once(reply):
            answer.finish()
            return reply
        reading = _reading(answer, request)
        return _readable(reading, reading.whole_sync(), reply)


def _at_once(reply: Reply) -> bool:
    """Whether it comes whole and takes no time."""
    return reply.fault is None and not reply.cut.paced and reply.finish_reason != "error"


def _reading(answer: Answer, request: Request) -> Reading:
    from llmclient.testing.provider.reading import Reading

    return Reading(answer, request)


def _readable(reading: Reading, body: bytes, reply: Reply | None) -> Reply:
    """The reply, where its bytes are those of an answer; else what reading them comes to."""
    if reply is not None and not isinstance(reply.fault, _UNREADABLE):
        return reply
    reading.decode(body, {})
    raise reading.malformed(body, None, {})
