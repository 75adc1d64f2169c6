"""LiteLLM's `main`: the calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.compat.litellm._completion import acompletion as acompletion
    from llmclient.compat.litellm._completion import completion as completion
    from llmclient.compat.litellm._join import stream_chunk_builder as stream_chunk_builder
    from llmclient.compat.litellm._media import aembedding as aembedding
    from llmclient.compat.litellm._media import aimage_generation as aimage_generation
    from llmclient.compat.litellm._media import aspeech as aspeech
    from llmclient.compat.litellm._media import atranscription as atranscription
    from llmclient.compat.litellm._media import embedding as embedding
    from llmclient.compat.litellm._media import image_generation as image_generation
    from llmclient.compat.litellm._media import speech as speech
    from llmclient.compat.litellm._media import transcription as transcription
    from llmclient.compat.litellm._responses import ModelResponse as ModelResponse

__all__ = [
    "ModelResponse",
    "acompletion",
    "aembedding",
    "aimage_generation",
    "aspeech",
    "atranscription",
    "completion",
    "embedding",
    "image_generation",
    "speech",
    "stream_chunk_builder",
    "transcription",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "ModelResponse": "llmclient.compat.litellm._responses",
        "acompletion": "llmclient.compat.litellm._completion",
        "aembedding": "llmclient.compat.litellm._media",
        "aimage_generation": "llmclient.compat.litellm._media",
        "aspeech": "llmclient.compat.litellm._media",
        "atranscription": "llmclient.compat.litellm._media",
        "completion": "llmclient.compat.litellm._completion",
        "embedding": "llmclient.compat.litellm._media",
        "image_generation": "llmclient.compat.litellm._media",
        "speech": "llmclient.compat.litellm._media",
        "stream_chunk_builder": "llmclient.compat.litellm._join",
        "transcription": "llmclient.compat.litellm._media",
    },
)
