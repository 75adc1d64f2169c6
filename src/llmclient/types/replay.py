"""A whole response as the chunks of a stream: in one, as a host that does not stream gives it, or in pieces of text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmclient.types.stream import StreamChunk

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject
    from llmclient.types.response import Choice, ModelResponse

_WORD = re.compile(r"\s*\S+\s*")


def chunks_of(response: ModelResponse) -> list[StreamChunk]:
    """A whole response as the one chunk of a stream, for a server that answers a streamed request in one piece."""
    plain = response.model_dump(exclude_none=True, exclude={"choices", "object", "provider", "request_id"})
    choices = [_delta_of(choice) for choice in response.choices]
    return [StreamChunk.model_validate({**plain, "choices": choices})]


def _delta_of(choice: Choice) -> JSONObject:
    delta = choice.message.model_dump(exclude_none=True)
    for index, call in enumerate(delta.get("tool_calls", ())):
        call["index"] = index
    for index, block in enumerate(delta.get("thinking_blocks", ())):
        block["index"] = index
    return {"index": choice.index, "delta": delta, "finish_reason": choice.finish_reason, "logprobs": choice.logprobs}


def pieces_of(response: ModelResponse) -> list[StreamChunk]:
    """A whole response as a stream would have brought it: the first answer's text word by word, then the rest."""
    (whole,) = chunks_of(response)
    text = whole.text
    words = _WORD.findall(text)
    if len(words) <= 1 or "".join(words) != text:
        return [whole]
    head = {"id": whole.id, "created": whole.created, "model": whole.model, "provider": response.provider}
    pieces = [
        StreamChunk.model_validate({**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": word}}]})
        for word in words
    ]
    whole.choices[0].delta.content = ""
    whole.provider = response.provider
    return [*pieces, whole]
