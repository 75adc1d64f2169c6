"""Speech: `POST /audio/speech`; the audio is handed on as it comes. Source: OpenAI API reference, audio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from llmclient.errors import APIConnectionError, LLMClientError, StreamInterruptedError
from llmclient.protocols import Capability
from llmclient.providers._call import Call
from llmclient.providers._errors import header_request_id
from llmclient.providers.openai.media_parameters import fitting
from llmclient.providers.openai.part import CompatiblePart, body_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmclient.providers._call import AsyncBody, SyncBody
    from llmclient.types.speech import SpeechFacts, SpeechRequest

_PATH = "/audio/speech"
_DEFAULT_VOICE = "alloy"


class _Audio:
    """What both flavours share: no I/O."""

    def __init__(self, call: Call[SpeechRequest], headers: Mapping[str, str]) -> None:
        from llmclient.types.speech import SpeechFacts

        self._call = call
        self._arrived = 0
        self._closed = False
        self.facts: SpeechFacts = SpeechFacts(
            model=call.request.model,
            provider=call.provider,
            media_type=headers.get("content-type", ""),
            request_id=header_request_id(headers),
        )

    def _broken(self, error: Exception) -> LLMClientError | None:
        translated = self._call.translate(error, phase="idle")
        if not isinstance(translated, APIConnectionError):
            return translated
        return StreamInterruptedError(
            f"the audio broke off after {self._arrived} bytes ({translated.message})",
            provider=self.facts.provider,
            model=self.facts.model,
            request_id=self.facts.request_id,
        )


class AsyncAudio(_Audio):
    """Audio on its way, async."""

    def __init__(self, call: Call[SpeechRequest], body: AsyncBody) -> None:
        super().__init__(call, body.headers)
        self._body = body
        self._bytes = body.aiter_bytes()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            part = None if self._closed else await anext(self._bytes, None)
        except Exception as error:
            await self.aclose()
            translated = self._broken(error)
            raise error if translated is None else translated from error
        if part is None:
            await self.aclose()
            raise StopAsyncIteration
        self._arrived += len(part)
        return part

    async def aclose(self) -> None:
        """Close the connection; harmless when called again."""
        if not self._closed:
            self._closed = True
            await self._body.aclose()


class SyncAudio(_Audio):
    """Audio on its way, sync."""

    def __init__(self, call: Call[SpeechRequest], body: SyncBody) -> None:
        super().__init__(call, body.headers)
        self._body = body
        self._bytes = body.iter_bytes()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            part = None if self._closed else next(self._bytes, None)
        except Exception as error:
            self.close()
            translated = self._broken(error)
            raise error if translated is None else translated from error
        if part is None:
            self.close()
            raise StopIteration
        self._arrived += len(part)
        return part

    def close(self) -> None:
        """Close the connection; harmless when called again."""
        if not self._closed:
            self._closed = True
            self._body.close()


class SpeechPart(CompatiblePart):
    """Speech of an OpenAI-compatible endpoint."""

    async def speak(self, request: SpeechRequest) -> AsyncAudio:
        """Send one text and return the audio as it comes."""
        call = self._speech(request)
        return AsyncAudio(call, await call.open(_PATH, _body(call.request)))

    def speak_sync(self, request: SpeechRequest) -> SyncAudio:
        """Send one text and return the audio as it comes."""
        call = self._speech(request)
        return SyncAudio(call, call.open_sync(_PATH, _body(call.request)))

    def _speech(self, request: SpeechRequest) -> Call[SpeechRequest]:
        fit = fitting(self.endpoint, request, Capability.SPEECH)
        told = replace(fit, extra_headers={"Accept": "application/octet-stream", **fit.extra_headers})
        return Call(self.name, self._clients, told, self.error_rows)


def _body(request: SpeechRequest) -> dict[str, object]:
    return {"voice": _DEFAULT_VOICE, **body_of(request, input=request.input)}
