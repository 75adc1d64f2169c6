"""Transcription: `POST /audio/transcriptions`, a form with the audio. Source: OpenAI API reference, audio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmclient.protocols import Capability
from llmclient.providers._call import Form, FormFile
from llmclient.providers._exchange import PlainExchange
from llmclient.providers.openai.media_parameters import fitting
from llmclient.providers.openai.part import CompatiblePart, body_of, read_reply

if TYPE_CHECKING:
    from llmclient.providers._errors import ErrorRow
    from llmclient.types.transcription import TranscriptionRequest, TranscriptionResponse

_TEXT_FORMATS = frozenset({"text", "srt", "vtt"})
"""Formats whose answer is the text itself, no JSON."""


class TranscriptionWire:
    """`POST /audio/transcriptions`, for one request."""

    path = "/audio/transcriptions"

    def __init__(self, request: TranscriptionRequest, error_rows: Sequence[ErrorRow]) -> None:
        self.error_rows = error_rows
        self._model = request.model
        self._plain_text = request.params.get("response_format") in _TEXT_FORMATS

    def encode(self, request: TranscriptionRequest) -> Form:
        """The form to send."""
        file = request.file
        upload = FormFile(field="file", name=file.name, data=file.data, media_type=file.media_type)
        return Form(fields=body_of(request), files=[upload])

    def decode(self, body: bytes) -> TranscriptionResponse:
        """Read the transcript."""
        from llmclient.types.transcription import TranscriptionResponse

        if self._plain_text:
            reply = TranscriptionResponse(text=body.decode("utf-8"))
        else:
            reply = read_reply(TranscriptionResponse, body)
            if "text" not in reply.model_fields_set:
                raise ValueError("no text")
        reply.model = reply.model or self._model
        return reply


class TranscriptionPart(CompatiblePart):
    """Transcription of an OpenAI-compatible endpoint."""

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptionResponse:
        """Return what is said in the audio."""
        return await self._transcript(request).complete()

    def transcribe_sync(self, request: TranscriptionRequest) -> TranscriptionResponse:
        """Return what is said in the audio."""
        return self._transcript(request).complete_sync()

    def _transcript(self, request: TranscriptionRequest) -> PlainExchange[TranscriptionRequest, TranscriptionResponse]:
        request = fitting(self.endpoint, request, Capability.TRANSCRIPTION)
        return PlainExchange(self.name, TranscriptionWire(request, self.error_rows), self._clients, request)
