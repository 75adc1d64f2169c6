"""`FakeProvider`: every capability, sync and async, answered by a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from llmclient.errors import ProviderError
from llmclient.protocols import Capability
from llmclient.testing.answer import Answer
from llmclient.testing.call import Call
from llmclient.testing.faults.base import StreamFault
from llmclient.testing.faults.connection import ConnectTimeout, ReadTimeout
from llmclient.testing.faults.stream import (
    BrokenGzip,
    Disconnect,
    DisconnectAfterBytes,
    DisconnectInCharacter,
    DisconnectInFrame,
    ErrorEvent,
    MalformedFrame,
    WrongContentLength,
)
from llmclient.testing.harness import Harness
from llmclient.testing.pieces import duration
from llmclient.testing.provider import media
from llmclient.testing.provider.errors import UNFINISHED, broken, error_for, malformed, reported_error, too_late
from llmclient.testing.provider.responses import respond
from llmclient.testing.provider.streams import CUT_WORDS, FakeStream, SyncFakeStream, open_stream, open_sync_stream
from llmclient.testing.reply import Reply
from llmclient.testing.turns import Script

if TYPE_CHECKING:
    from llmclient.types.embeddings import EmbeddingRequest, EmbeddingResponse
    from llmclient.types.images import ImageRequest, ImageResponse
    from llmclient.types.models import ModelList, ModelListRequest
    from llmclient.types.request import ChatRequest, Request
    from llmclient.types.response import ModelResponse
    from llmclient.types.speech import SpeechRequest
    from llmclient.types.transcription import TranscriptionRequest, TranscriptionResponse

_SHORT_WORDS = "RemoteProtocolError: peer closed connection without sending complete message body"


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
        reply = await self._plain(answer, request)
        return self._whole(answer, reply)

    async def stream(self, request: ChatRequest) -> FakeStream:
        """Answer one call as a stream."""
        answer = await self.harness.answer_async(self._chat(request, stream=True))
        return open_stream(answer, await self._accepted(answer, request), request.timeouts)

    def complete_sync(self, request: ChatRequest) -> ModelResponse:
        """Answer one call."""
        answer = self.harness.answer(self._chat(request))
        reply = self._plain_sync(answer, request)
        return self._whole(answer, reply)

    def stream_sync(self, request: ChatRequest) -> SyncFakeStream:
        """Answer one call as a stream."""
        answer = self.harness.answer(self._chat(request, stream=True))
        return open_sync_stream(answer, self._accepted_sync(answer, request), request.timeouts)

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

    async def _accepted(self, answer: Answer, request: Request) -> Reply:
        """The reply, where no fault comes in its place."""
        if answer.fault is None and answer.reply is not None:
            return answer.reply
        wait = _patience(answer, request)
        if wait:
            await answer.clock.async_sleep(wait)
        raise self._refused(answer)

    def _accepted_sync(self, answer: Answer, request: Request) -> Reply:
        if answer.fault is None and answer.reply is not None:
            return answer.reply
        wait = _patience(answer, request)
        if wait:
            answer.clock.sleep(wait)
        raise self._refused(answer)

    async def _plain(self, answer: Answer, request: Request) -> Reply:
        """The reply of a plain call, after what its fault does to one."""
        reply = await self._accepted(answer, request)
        if reply.fault is not None or reply.cut.paced:
            wait, error = _damage(answer, reply, request)
            if wait:
                await answer.clock.async_sleep(wait)
            self._check(answer, error)
        answer.finish()
        return reply

    def _plain_sync(self, answer: Answer, request: Request) -> Reply:
        reply = self._accepted_sync(answer, request)
        if reply.fault is not None or reply.cut.paced:
            wait, error = _damage(answer, reply, request)
            if wait:
                answer.clock.sleep(wait)
            self._check(answer, error)
        answer.finish()
        return reply

    @staticmethod
    def _whole(answer: Answer, reply: Reply) -> ModelResponse:
        return respond(answer, reply, finish=reply.finish)

    @staticmethod
    def _check(answer: Answer, error: ProviderError | None) -> None:
        if error is not None:
            answer.finish(error)
            raise error

    @staticmethod
    def _refused(answer: Answer) -> ProviderError:
        if answer.fault is None:
            raise TypeError("an answer holds a reply or a fault")
        error = error_for(answer, answer.fault)
        answer.finish(error)
        return error


def _patience(answer: Answer, request: Request) -> float:
    """Seconds that pass before a fault is known: a timeout takes as long as the call's limit."""
    limits = request.timeouts
    if limits is None:
        return 0.0
    if isinstance(answer.fault, ConnectTimeout):
        return limits.connect or 0.0
    if isinstance(answer.fault, ReadTimeout):
        wait = (limits.first_token or limits.idle) if answer.call.stream else limits.total
        return wait or 0.0
    return 0.0


_DAMAGED: tuple[tuple[type[StreamFault], Callable[[Answer], ProviderError]], ...] = (
    (Disconnect, lambda answer: broken(answer, CUT_WORDS)),
    (DisconnectAfterBytes, lambda answer: broken(answer, CUT_WORDS)),
    (DisconnectInFrame, lambda answer: broken(answer, CUT_WORDS)),
    (DisconnectInCharacter, lambda answer: broken(answer, CUT_WORDS)),
    (WrongContentLength, lambda answer: broken(answer, _SHORT_WORDS)),
    (MalformedFrame, lambda answer: malformed(answer, UNFINISHED)),
    (BrokenGzip, lambda answer: malformed(answer, "damaged", "Error -3 while decompressing data")),
)
"""What a whole answer comes to when its bytes are damaged."""


def _damage(answer: Answer, reply: Reply, request: Request) -> tuple[float, ProviderError | None]:
    """What becomes of a whole answer: seconds of waiting, as long as its stream would take, and the error."""
    fault = reply.fault
    if isinstance(fault, ErrorEvent):
        return 0.0, reported_error(answer, fault.fault)
    damage = next((error for kind, error in _DAMAGED if isinstance(fault, kind)), None)
    if damage is not None:
        return 0.0, damage(answer)
    seconds = duration(reply)
    limit = request.timeouts.total if request.timeouts is not None else None
    if limit is not None and seconds > limit:
        return limit, too_late(answer, "read", limit)
    return seconds, None
