"""`FakeProvider`: every capability, sync and async, answered by a script.

Chat is answered here. The real provider is asked what it would send (it refuses what it would refuse), and reads what
comes back; a plain reply that nothing befalls takes a shorter way. What is no chat is the real provider's altogether,
over clients that play the script.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from llmclient.errors import LLMClientError
from llmclient.testing.call import Call
from llmclient.testing.harness import Harness
from llmclient.testing.provider.real import encoded, is_plain, real_provider, stand_in
from llmclient.testing.provider.responses import respond
from llmclient.testing.reply import Reply

if TYPE_CHECKING:
    from llmclient.providers._event_stream import AsyncEventStream, SyncEventStream
    from llmclient.providers._exchange import Exchange
    from llmclient.providers._provider import ExchangeProvider
    from llmclient.providers.config import ProviderConfig
    from llmclient.providers.openai.speech import AsyncAudio, SyncAudio
    from llmclient.testing.answer import Answer
    from llmclient.testing.provider.reading import Reading
    from llmclient.testing.turns import Script
    from llmclient.types.embeddings import EmbeddingRequest, EmbeddingResponse
    from llmclient.types.images import ImageRequest, ImageResponse
    from llmclient.types.models import ModelList, ModelListRequest
    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse
    from llmclient.types.speech import SpeechRequest
    from llmclient.types.transcription import TranscriptionRequest, TranscriptionResponse

R = TypeVar("R")
_UNMADE = cast("ExchangeProvider", object())


class FakeProvider:
    """A provider that plays a script: the same answers and errors that the real one would come to, without a wire.

    Args:
        script: a `Script`, or the `Harness` (the `llm` of a test) whose script, journal and clock it shares.
        name: as which provider it answers, and whose errors it raises. Default "openai".
        config: how the real one would be reached, of which `api` counts here. Default: nothing given.
        encodes: whether the library's own provider of that name says what it would send, and refuses what it would
            refuse. Default True; False takes every request as it is, as for a name that is not the library's.
    """

    def __init__(
        self,
        script: Script | Harness,
        name: str = "openai",
        *,
        config: ProviderConfig | None = None,
        encodes: bool = True,
    ) -> None:
        self.harness: Harness = script if isinstance(script, Harness) else Harness(script)
        self.name = name
        self._config = config
        self._made: ExchangeProvider | None = _UNMADE if encodes else None

    def __repr__(self) -> str:
        return f"FakeProvider({self.name!r})"

    # --- chat ---

    async def complete(self, request: ChatRequest) -> ModelResponse:
        """Answer one call."""
        return await self._complete(request, self._exchange(request))

    async def stream(self, request: ChatRequest) -> AsyncEventStream:
        """Answer one call as a stream."""
        return await self._stream(request, self._exchange(request, stream=True))

    def complete_sync(self, request: ChatRequest) -> ModelResponse:
        """Answer one call."""
        return self._complete_sync(request, self._exchange(request))

    def stream_sync(self, request: ChatRequest) -> SyncEventStream:
        """Answer one call as a stream."""
        return self._stream_sync(request, self._exchange(request, stream=True))

    async def complete_responses(self, request: ChatRequest) -> ModelResponse:
        """Answer one call over the Responses API."""
        return await self._complete(request, self._response(request))

    async def stream_responses(self, request: ChatRequest) -> AsyncEventStream:
        """Answer one call over the Responses API as a stream."""
        return await self._stream(request, self._response(request))

    def complete_responses_sync(self, request: ChatRequest) -> ModelResponse:
        """Answer one call over the Responses API."""
        return self._complete_sync(request, self._response(request))

    def stream_responses_sync(self, request: ChatRequest) -> SyncEventStream:
        """Answer one call over the Responses API as a stream."""
        return self._stream_sync(request, self._response(request))

    # --- the rest ---

    async def embed(self, request: EmbeddingRequest) -> EmbeddingResponse:
        """Answer with vectors."""
        return cast("EmbeddingResponse", await self._asked("embed", request))

    def embed_sync(self, request: EmbeddingRequest) -> EmbeddingResponse:
        """Answer with vectors."""
        return cast("EmbeddingResponse", self._asked_sync("embed_sync", request))

    async def generate_image(self, request: ImageRequest) -> ImageResponse:
        """Answer with an image."""
        return cast("ImageResponse", await self._asked("generate_image", request))

    def generate_image_sync(self, request: ImageRequest) -> ImageResponse:
        """Answer with an image."""
        return cast("ImageResponse", self._asked_sync("generate_image_sync", request))

    async def speak(self, request: SpeechRequest) -> AsyncAudio:
        """Answer with audio."""
        return cast("AsyncAudio", await self._asked("speak", request))

    def speak_sync(self, request: SpeechRequest) -> SyncAudio:
        """Answer with audio."""
        return cast("SyncAudio", self._asked_sync("speak_sync", request))

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptionResponse:
        """Answer with a transcript."""
        return cast("TranscriptionResponse", await self._asked("transcribe", request))

    def transcribe_sync(self, request: TranscriptionRequest) -> TranscriptionResponse:
        """Answer with a transcript."""
        return cast("TranscriptionResponse", self._asked_sync("transcribe_sync", request))

    async def list_models(self, request: ModelListRequest) -> ModelList:
        """The models that the script names, and a few that the vendor has."""
        return cast("ModelList", await self._asked("list_models", request))

    def list_models_sync(self, request: ModelListRequest) -> ModelList:
        """As `list_models`."""
        return cast("ModelList", self._asked_sync("list_models_sync", request))

    async def count_tokens(self, request: ChatRequest) -> int:
        """Count a request; no turn is used, and the journal does not have it."""
        return self.count_tokens_sync(request)

    def count_tokens_sync(self, request: ChatRequest) -> int:
        """Count a request; no turn is used, and the journal does not have it."""
        if hasattr(self._real, "count_tokens_sync"):
            return cast("int", self._asked_sync("count_tokens_sync", request))
        from llmclient.testing.dialects.anthropic import tokens_of

        return tokens_of(self._chat(request, None))

    def close(self) -> None:
        """Nothing is held."""

    async def aclose(self) -> None:
        """Nothing is held."""

    # --- how a chat is answered ---

    async def _complete(self, request: ChatRequest, exchange: Exchange | None) -> ModelResponse:
        answer = await self.harness.answer_async(self._chat(request, exchange))
        reply = answer.reply
        if reply is not None and _at_once(reply) and (exchange is None or is_plain(exchange)):
            answer.finish()
            return respond(answer, reply, exchange)
        reading = _reading(answer, request, exchange)
        if not answer.call.stream:
            return await reading.complete()
        stream = await reading.stream()
        async for _ in stream:
            pass
        return reading.as_plain(stream.response)

    def _complete_sync(self, request: ChatRequest, exchange: Exchange | None) -> ModelResponse:
        answer = self.harness.answer(self._chat(request, exchange))
        reply = answer.reply
        if reply is not None and _at_once(reply) and (exchange is None or is_plain(exchange)):
            answer.finish()
            return respond(answer, reply, exchange)
        reading = _reading(answer, request, exchange)
        if not answer.call.stream:
            return reading.complete_sync()
        stream = reading.stream_sync()
        for _ in stream:
            pass
        return reading.as_plain(stream.response)

    async def _stream(self, request: ChatRequest, exchange: Exchange | None) -> AsyncEventStream:
        answer = await self.harness.answer_async(self._chat(request, exchange, stream=True))
        return await _reading(answer, request, exchange).stream()

    def _stream_sync(self, request: ChatRequest, exchange: Exchange | None) -> SyncEventStream:
        answer = self.harness.answer(self._chat(request, exchange, stream=True))
        return _reading(answer, request, exchange).stream_sync()

    def _chat(self, request: ChatRequest, exchange: Exchange | None, *, stream: bool = False) -> Call:
        params = {**request.params, **request.extra_body} if request.extra_body else request.params
        if exchange is None:
            return Call(
                provider=self.name,
                model=request.model,
                messages=request.messages,
                params=params,
                stream=stream,
                headers=request.extra_headers,
            )
        return Call(
            provider=self.name,
            model=request.model,
            messages=request.messages,
            params=params,
            body=encoded(exchange),
            stream=stream or exchange.request.stream,
            headers=request.extra_headers,
        )

    # --- the real provider ---

    @property
    def _real(self) -> ExchangeProvider | None:
        """The library's own provider of this name; None where it has none."""
        if self._made is _UNMADE:
            self._made = real_provider(self.harness, self.name, self._config)
        return self._made

    def _exchange(self, request: ChatRequest, *, stream: bool = False) -> Exchange | None:
        real = self._real
        if stream and not request.stream:
            request = replace(request, stream=True)
        return None if real is None else real._exchange(request)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - a provider's one seam between what is asked and what is sent

    def _response(self, request: ChatRequest) -> Exchange | None:
        real = self._real
        make = getattr(real, "_response", None)
        return self._exchange(request) if make is None else cast("Exchange", make(request))

    def _method(self, verb: str) -> Callable[[object], object]:
        """The verb of the real provider; of a stand-in where there is none, or where it lacks the capability."""
        found = getattr(self._real, verb, None)
        if found is None:
            found = getattr(stand_in(self.harness, self.name), verb)
        return cast("Callable[[object], object]", found)

    async def _asked(self, verb: str, request: object) -> object:
        try:
            return await cast("Awaitable[object]", self._method(verb)(request))
        except LLMClientError as error:
            self._note(error)
            raise

    def _asked_sync(self, verb: str, request: object) -> object:
        try:
            return self._method(verb)(request)
        except LLMClientError as error:
            self._note(error)
            raise

    def _note(self, error: LLMClientError) -> None:
        """Tell the journal what the provider made of the exception that it has of a call."""
        for record in reversed(self.harness.calls):
            if record.error is not None and record.error is error.__cause__:
                record.error = error
                return


def _at_once(reply: Reply) -> bool:
    """Whether it comes whole and takes no time."""
    return reply.fault is None and not reply.cut.paced and reply.finish_reason != "error"


def _reading(answer: Answer, request: ChatRequest, exchange: Exchange | None) -> Reading:
    from llmclient.testing.provider.reading import Reading

    return Reading(answer, request, exchange)
