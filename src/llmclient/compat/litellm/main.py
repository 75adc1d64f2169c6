"""LiteLLM's `main`: the calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import lazy_exports

if TYPE_CHECKING:
    from llmclient.compat.litellm._completion import acompletion as acompletion
    from llmclient.compat.litellm._completion import completion as completion
    from llmclient.compat.litellm._join import stream_chunk_builder as stream_chunk_builder
    from llmclient.compat.litellm._responses import ModelResponse as ModelResponse

__all__ = [
    "ModelResponse",
    "acompletion",
    "completion",
    "stream_chunk_builder",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "ModelResponse": "llmclient.compat.litellm._responses",
        "acompletion": "llmclient.compat.litellm._completion",
        "completion": "llmclient.compat.litellm._completion",
        "stream_chunk_builder": "llmclient.compat.litellm._join",
    },
)
