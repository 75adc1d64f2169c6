"""What OpenAI answers besides chat: embeddings, images, speech, transcriptions and the list of models.

Whatever a script leaves out has a default that is the same in every run: an embedding is a unit vector that follows
from its input, an image is the smallest PNG, speech is a quarter of a second of silence.
Source: OpenAI API reference.
"""

from __future__ import annotations

import base64
import math
import struct
from hashlib import blake2b
from typing import TYPE_CHECKING

from llmclient.protocols import Capability
from llmclient.testing.dialects.requests import sequence
from llmclient.testing.dialects.wire import JSON_TYPE, dump

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llmclient.testing.answer import Answer
    from llmclient.testing.reply import Reply

DIMENSIONS: Mapping[str, int] = {
    "text-embedding-3-large": 3072,
    "text-embedding-3-small": 1536,
    "text-embedding-ada-002": 1536,
}
DEFAULT_DIMENSION = 1536

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
"""One transparent pixel."""

_RATE = 8000
SILENCE = (
    b"RIFF"
    + struct.pack("<I", 36 + _RATE // 2)
    + b"WAVEfmt "
    + struct.pack("<IHHIIHH", 16, 1, 1, _RATE, _RATE * 2, 2, 16)
    + b"data"
    + struct.pack("<I", _RATE // 2)
    + bytes(_RATE // 2)
)
"""A quarter of a second of silence, as WAV."""

AUDIO_TYPES: Mapping[str, str] = {
    "mp3": "audio/mpeg",
    "opus": "audio/opus",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}


def unit_vector(text: str, model: str, dimension: int) -> list[float]:
    """A vector of length 1 that follows from the text and the model, in numbers that a 32-bit float holds exactly."""
    numbers: list[float] = []
    block = 0
    while len(numbers) < dimension:
        digest = blake2b(f"{model}\0{block}\0{text}".encode()).digest()
        numbers += [value / 32768 for value in struct.unpack("<32h", digest)]
        block += 1
    numbers = numbers[:dimension]
    length = math.sqrt(sum(value * value for value in numbers)) or 1.0
    return list(struct.unpack(f"<{dimension}f", struct.pack(f"<{dimension}f", *(v / length for v in numbers))))


def embedding_inputs(given: object) -> list[str]:
    """The inputs of a request as texts: one text, several, or token numbers."""
    if isinstance(given, str):
        return [given]
    items = sequence(given)
    if items and all(isinstance(item, int) for item in items):
        return [" ".join(map(str, items))]
    return [item if isinstance(item, str) else " ".join(map(str, sequence(item))) for item in items]


def vectors(answer: Answer, reply: Reply) -> list[Sequence[float]]:
    """A vector for each input: the script's, else unit vectors."""
    params, model = answer.call.params, answer.call.model
    inputs = embedding_inputs(params.get("input"))
    if reply.embeddings is not None:
        given = reply.embeddings
        return [given[index % len(given)] for index in range(len(inputs))] if given else []
    asked = params.get("dimensions")
    dimension = asked if isinstance(asked, int) else reply.dimension
    if dimension is None:
        dimension = DIMENSIONS.get(model.rpartition("/")[2], DEFAULT_DIMENSION)
    return [unit_vector(text, model, dimension) for text in inputs]


def _embeddings(answer: Answer, reply: Reply) -> tuple[bytes, str]:
    as_text = answer.call.params.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _base64(vector) if as_text else list(vector)}
        for index, vector in enumerate(vectors(answer, reply))
    ]
    used = answer.usage["prompt_tokens"]
    usage = {"prompt_tokens": used, "total_tokens": used}
    body = {"object": "list", "data": data, "model": reply.model or answer.call.model, "usage": usage}
    return dump(body), JSON_TYPE


def _base64(vector: Sequence[float]) -> str:
    """Little-endian 32-bit floats, which the SDKs ask for by default."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _images(answer: Answer, reply: Reply) -> tuple[bytes, str]:
    count = answer.call.params.get("n")
    images = reply.images or (PNG,) * (count if isinstance(count, int) else 1)
    data: list[dict[str, object]] = []
    for image in images:
        where = {"url": image} if isinstance(image, str) else {"b64_json": base64.b64encode(image).decode()}
        data.append(dict(where))
    used = answer.usage
    usage = {
        "total_tokens": used["total_tokens"],
        "input_tokens": used["prompt_tokens"],
        "output_tokens": used["completion_tokens"],
        "input_tokens_details": {"text_tokens": used["prompt_tokens"], "image_tokens": 0},
    }
    return dump({"created": answer.created, "data": data, "usage": usage}), JSON_TYPE


def _speech(answer: Answer, reply: Reply) -> tuple[bytes, str]:
    wanted = str(answer.call.params.get("response_format", "mp3"))
    return SILENCE if reply.audio is None else reply.audio, AUDIO_TYPES.get(wanted, "application/octet-stream")


def _transcription(answer: Answer, reply: Reply) -> tuple[bytes, str]:
    text = reply.transcript if reply.transcript is not None else reply.text or ""
    wanted = answer.call.params.get("response_format", "json")
    if wanted in ("text", "srt", "vtt"):
        return f"{text}\n".encode(), "text/plain; charset=utf-8"
    if wanted == "verbose_json":
        told: dict[str, object] = {
            "task": "transcribe",
            "language": answer.call.params.get("language", "english"),
            "duration": 1.0,
            "text": text,
            "segments": [],
        }
        return dump(told), JSON_TYPE
    used = answer.usage
    usage = {
        "type": "tokens",
        "total_tokens": used["total_tokens"],
        "input_tokens": used["prompt_tokens"],
        "output_tokens": used["completion_tokens"],
    }
    return dump({"text": text, "usage": usage}), JSON_TYPE


_BODIES: Mapping[Capability, Callable[[Answer, Reply], tuple[bytes, str]]] = {
    Capability.EMBEDDINGS: _embeddings,
    Capability.IMAGES: _images,
    Capability.SPEECH: _speech,
    Capability.TRANSCRIPTION: _transcription,
}


def endpoint_body(answer: Answer, reply: Reply) -> tuple[bytes, str]:
    """The body and its content type."""
    return _BODIES[answer.call.capability](answer, reply)


def model_object(name: str) -> dict[str, object]:
    """One entry of the list of models."""
    return {"id": name, "object": "model", "created": 1735689600, "owned_by": "llmclient"}


def models_body(names: Sequence[str], asked: str) -> bytes | None:
    """The list of models, or the one that is asked for; None where there is no such model."""
    if asked:
        return dump(model_object(asked)) if asked in names else None
    return dump({"object": "list", "data": [model_object(name) for name in names]})
