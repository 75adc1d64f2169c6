"""Parameters beside chat that have no place: a row for each, by model, with the reason that the caller is told.

OpenAI ignores some of them and rejects others; neither is left to chance: each is an error here, or a logged drop under
`drop_unsupported`. Rows without `everywhere` speak of OpenAI's own models; other hosts judge for themselves.
Source: OpenAI API reference, the parameters of each endpoint and the models they are for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from llmclient.protocols import Capability
from llmclient.providers._parameters import leave_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmclient.providers._endpoint import Endpoint
    from llmclient.types.request import Request

    Q = TypeVar("Q", bound=Request)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One parameter.

    Attributes:
        names: what it is called, one or several.
        why: what is told.
        models: the models that have no place for it, by the beginning of their names. Default: all.
        unless: values that ask for what comes anyway; they are left out without a word.
        only: the values that have no place. Default: all.
        everywhere: whether it holds for every host, because it is this library that has no place.
    """

    names: Sequence[str]
    why: str
    models: str = ""
    unless: Sequence[object] = ()
    only: Sequence[object] = ()
    everywhere: bool = False

    def speaks_of(self, model: str, value: object, *, own: bool) -> bool:
        """Whether this value of the parameter has no place at this model."""
        held = re.match(self.models, model) is not None and (own or self.everywhere)
        return held and (not self.only or value in self.only)


_GPT_IMAGE = r"(?:chatgpt-|gpt-)"
_DALL_E = "dall-e"

ROWS: Mapping[Capability, Sequence[Row]] = {
    Capability.EMBEDDINGS: (
        Row(names=["dimensions"], models="text-embedding-ada", why="its vectors are of one length", unless=[1536]),
        Row(names=["input_type", "truncate", "output_dtype"], why="other hosts have it"),
    ),
    Capability.IMAGES: (
        Row(names=["stream", "partial_images"], why="images are read whole", unless=[False, 0], everywhere=True),
        Row(
            names=["response_format"],
            models=_GPT_IMAGE,
            why="it answers with bytes always; leave it out, or host them yourself",
            unless=["b64_json"],
        ),
        Row(names=["style"], models=rf"{_GPT_IMAGE}|dall-e-2", why="describe the style in the prompt"),
        Row(
            names=["background", "moderation", "output_format", "output_compression", "input_fidelity"],
            models=_DALL_E,
            why="GPT image models have it",
            unless=["auto", "png"],
        ),
    ),
    Capability.SPEECH: (
        Row(
            names=["stream_format"],
            why="audio is handed on as it comes, without events around it",
            unless=["audio"],
            everywhere=True,
        ),
        Row(names=["instructions"], models=r"tts-1(?:-|$)", why="it speaks as it does; gpt-4o-mini-tts takes them"),
    ),
    Capability.TRANSCRIPTION: (
        Row(names=["stream"], why="transcripts are read whole", unless=[False], everywhere=True),
        Row(names=["include", "chunking_strategy"], models="whisper-1", why="gpt-4o-transcribe has it"),
        Row(names=["timestamp_granularities"], models=r"gpt-", why="whisper-1 tells times, with verbose_json"),
        Row(
            names=["response_format"],
            models=r"gpt-(?!.*diarize)",
            why="it answers in json; whisper-1 has the others",
            only=["srt", "vtt", "verbose_json", "diarized_json"],
        ),
        Row(names=["prompt", "include"], models=r"gpt-.*diarize", why="gpt-4o-transcribe has it"),
        Row(
            names=["known_speaker_names", "known_speaker_references"],
            models=r"whisper-1|gpt-(?!.*diarize)",
            why="gpt-4o-transcribe-diarize tells who speaks",
        ),
    ),
}


def fitting(endpoint: Endpoint, request: Q, capability: Capability) -> Q:
    """The request without what has no place.

    Raises:
        UnsupportedParameterError: it has something that has no place, and `drop_unsupported` is off.
    """
    own = "strict_parameters" in endpoint.quirks
    params = dict(request.params)
    for row in ROWS[capability]:
        for name in row.names:
            value = params.get(name)
            if value is not None and row.speaks_of(request.model, value, own=own):
                if value not in row.unless:
                    leave_out(endpoint.name, request, name, row.why)
                del params[name]
    return request if len(params) == len(request.params) else replace(request, params=params)
