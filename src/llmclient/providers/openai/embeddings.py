"""Embeddings: `POST /embeddings`, in batches that the endpoint takes, put together in the order of the texts.

Batches are planned by a generator that both flavours run, so that no decision is made twice. A batch that came before
a failure is kept in the request: a retry goes on where the last try stopped, and pays for nothing twice.
Source: OpenAI API reference, embeddings: at most 2,048 inputs and 300,000 tokens a request.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from llmclient.protocols import Capability
from llmclient.providers._exchange import PlainExchange
from llmclient.providers.openai.media_parameters import fitting
from llmclient.providers.openai.part import CompatiblePart, body_of, read_reply

if TYPE_CHECKING:
    from llmclient.providers._errors import ErrorRow
    from llmclient.types.embeddings import EmbeddingRequest, EmbeddingResponse
    from llmclient.types.messages import JSONObject

MOST_INPUTS = 2048
MOST_TOKENS = 300_000
_BYTES_PER_TOKEN = 3
"""A cautious guess (English has more than four): a batch may be smaller than it could be, never too large."""

Plan: TypeAlias = "Generator[EmbeddingRequest, EmbeddingResponse, EmbeddingResponse]"
"""Gives the requests to send, takes their answers, returns the whole."""


class EmbeddingsWire:
    """`POST /embeddings`, for one request."""

    path = "/embeddings"

    def __init__(self, request: EmbeddingRequest, error_rows: Sequence[ErrorRow]) -> None:
        self.error_rows = error_rows
        self._expected = len(request.input)

    def encode(self, request: EmbeddingRequest) -> dict[str, object]:
        """The body to send."""
        format_ = request.params.get("encoding_format", "base64")
        return body_of(request, input=list(request.input)) | {"encoding_format": format_}

    def decode(self, body: bytes) -> EmbeddingResponse:
        """Read the vectors, in the order of the texts."""
        from llmclient.types.embeddings import EmbeddingResponse

        reply = EmbeddingResponse.unread(body)
        if reply is None:
            reply = read_reply(EmbeddingResponse, body)
            reply.data.sort(key=lambda entry: entry.index)
        if len(reply) != self._expected:
            raise ValueError(f"{len(reply)} vectors for {self._expected} texts")
        return reply


class EmbeddingsPart(CompatiblePart):
    """Embeddings of an OpenAI-compatible endpoint."""

    async def embed(self, request: EmbeddingRequest) -> EmbeddingResponse:
        """Return a vector for each text, in order."""
        plan = plan_batches(self.name, fitting(self.endpoint, request, Capability.EMBEDDINGS))
        try:
            batch = next(plan)
            while True:
                batch = plan.send(await self._embedding(batch).complete())
        except StopIteration as end:
            return whole(end)

    def embed_sync(self, request: EmbeddingRequest) -> EmbeddingResponse:
        """Return a vector for each text, in order."""
        plan = plan_batches(self.name, fitting(self.endpoint, request, Capability.EMBEDDINGS))
        try:
            batch = next(plan)
            while True:
                batch = plan.send(self._embedding(batch).complete_sync())
        except StopIteration as end:
            return whole(end)

    def _embedding(self, batch: EmbeddingRequest) -> PlainExchange[EmbeddingRequest, EmbeddingResponse]:
        return PlainExchange(self.name, EmbeddingsWire(batch, self.error_rows), self._clients, batch)


def whole(end: StopIteration) -> EmbeddingResponse:
    """What a plan returned."""
    result: EmbeddingResponse = end.value
    return result


def plan_batches(provider: str, request: EmbeddingRequest) -> Plan:
    """Ask for every batch that is not there yet; return all of them as one answer."""
    replies: list[EmbeddingResponse] = []
    for number, texts in enumerate(batches(request.input)):
        key = (provider, request.model, number)
        reply = request.done.get(key)
        if reply is None:
            reply = request.done[key] = yield replace(request, input=texts)
        replies.append(reply)
    return _join(replies) if len(replies) != 1 else replies[0]


def batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut texts into runs that fit one request."""
    start = tokens = 0
    for position, text in enumerate(texts):
        size = len(text.encode()) // _BYTES_PER_TOKEN + 1
        if position > start and (position - start >= MOST_INPUTS or tokens + size > MOST_TOKENS):
            yield texts[start:position]
            start, tokens = position, 0
        tokens += size
    yield texts[start:]


def _join(replies: Sequence[EmbeddingResponse]) -> EmbeddingResponse:
    from llmclient.types.embeddings import EmbeddingResponse
    from llmclient.types.response import Usage

    usages = [reply.usage for reply in replies if reply.usage is not None]
    joined = EmbeddingResponse.joined(replies)
    charged = [usage.cost for usage in usages if usage.cost is not None]
    joined.usage = Usage(
        prompt_tokens=sum(usage.prompt_tokens for usage in usages),
        total_tokens=sum(usage.total_tokens for usage in usages),
        cost=sum(charged) if charged else None,
    )
    # Megabytes of JSON for thousands of texts: parsed when somebody asks.
    joined.attach(raw=partial(_raw_batches, replies))
    return joined


def _raw_batches(replies: Sequence[EmbeddingResponse]) -> JSONObject:
    return {"batches": [reply.raw_response for reply in replies]}
