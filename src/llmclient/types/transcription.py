"""Transcription: audio in, text out, with segments and words where the model gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

from llmclient.types.messages import JSONObject
from llmclient.types.reply import Reply, WireModel
from llmclient.types.request import Request

if TYPE_CHECKING:
    from llmclient.types.files import UploadFile
    from llmclient.types.policy import RetryPolicy, Timeouts


class TranscriptionParams(TypedDict, total=False):
    """The keyword arguments of `transcribe`, all optional. Anything not listed is sent as it is given.

    Segments and words come with `response_format="verbose_json"`, words only when asked for by
    `timestamp_granularities=["word"]`.
    """

    language: str
    prompt: str
    response_format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"]
    temperature: float
    timestamp_granularities: Sequence[Literal["word", "segment"]]
    include: Sequence[str]
    chunking_strategy: str | Mapping[str, object]
    known_speaker_names: Sequence[str]
    known_speaker_references: Sequence[str]
    extra_body: Mapping[str, object]
    extra_headers: Mapping[str, str]
    drop_unsupported: bool
    timeouts: Timeouts
    retry: RetryPolicy
    model: str
    tags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionRequest(Request):
    """One call for a transcript; `file` is the audio."""

    file: UploadFile


class TranscriptionSegment(WireModel):
    """A stretch of speech, in seconds from the start."""

    id: int | str | None = None
    start: float = 0.0
    end: float = 0.0
    text: str = ""
    speaker: str | None = None


class TranscriptionWord(WireModel):
    """A word, in seconds from the start."""

    word: str
    start: float = 0.0
    end: float = 0.0


class TranscriptionResponse(Reply):
    """A transcript.

    Attributes:
        text: all of it; the subtitles themselves where srt or vtt was asked for.
        language: as the model heard it.
        duration: seconds of audio.
        segments: None where they were not asked for; likewise `words`.
        usage: tokens, or seconds, as the provider counts.
    """

    text: str = ""
    language: str | None = None
    duration: float | None = None
    segments: list[TranscriptionSegment] | None = None
    words: list[TranscriptionWord] | None = None
    usage: JSONObject | None = None
