"""Joins the chunks of a stream into the response that a plain call would have given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmclient._narrow import is_mapping
from llmclient.compat.litellm._responses import ModelResponse, ModelResponseStream
from llmclient.providers._accumulate import ResponseAccumulator
from llmclient.types.response import Usage as CoreUsage
from llmclient.types.stream import StreamChunk

if TYPE_CHECKING:
    from llmclient.types.response import ModelResponse as CoreResponse


def stream_chunk_builder(
    chunks: Sequence[object] | None,
    messages: Sequence[object] | None = None,
    start_time: object = None,  # noqa: ARG001 - LiteLLM's signature
    end_time: object = None,  # noqa: ARG001 - the same
) -> ModelResponse | None:
    """Return the whole response: text, reasoning, tool calls, citations and usage.

    Args:
        chunks: what the stream gave, in order; dictionaries are taken too.
        messages: the conversation; where the stream told no usage, its tokens are counted from it.
        start_time: accepted, without effect.
        end_time: accepted, without effect.

    Returns:
        The response; its finish reason is None where the stream was cut off. None where there are no chunks.
    """
    if not chunks:
        return None
    joined = ResponseAccumulator(None)
    for chunk in chunks:
        joined.add(_read(chunk))
    whole = joined.response()
    response = ModelResponse.of(whole)
    if whole.usage is None:
        _estimate_usage(response, whole, messages)
    return response


def _read(chunk: object) -> StreamChunk:
    if isinstance(chunk, ModelResponse):  # as people build chunks by hand: ModelResponse(stream=True, ...)
        chunk = {name: getattr(chunk, name) for name in ("id", "created", "model", "choices", "usage")}
    if is_mapping(chunk):
        chunk = ModelResponseStream(**chunk)
    if not isinstance(chunk, StreamChunk):
        raise TypeError(f"a chunk of a stream is a ModelResponseStream or a dict, not {type(chunk).__name__}")
    if not isinstance(chunk, ModelResponseStream):
        return chunk
    usage = None if chunk.usage is None else CoreUsage.model_validate(chunk.usage.model_dump())
    return chunk.model_copy(
        update={"usage": usage, "model": chunk.model or "", "provider": "", "served_by": chunk.provider}
    )


def _estimate_usage(response: ModelResponse, whole: CoreResponse, messages: Sequence[object] | None) -> None:
    from llmclient.compat.litellm._counting import token_counter
    from llmclient.compat.litellm._usage import Usage

    prompt = token_counter(model=whole.model, messages=messages) if messages else 0
    completion = token_counter(model=whole.model, text=whole.text + whole.reasoning)
    response.usage = Usage(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion)
