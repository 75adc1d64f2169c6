"""The recorded embeddings read as the official SDK reads them."""

from __future__ import annotations

import openai
import pytest
from openai.types import CreateEmbeddingResponse

from llmclient import ProviderConfig, get_provider
from llmclient.types import EmbeddingRequest
from support.canned import Answer, Canned
from support.recorded import needs_recordings, recordings

pytestmark = [needs_recordings, pytest.mark.recorded]

LINES = [pytest.param(line, id=line.id) for line in recordings("embeddings")]


def asked(line) -> EmbeddingRequest:
    return EmbeddingRequest(model=line.request["model"], input=line.request["input"])


def provider_for(line):
    canned = Canned(Answer([line.body], line.status, line.headers))
    return get_provider(
        "custom", ProviderConfig(api_key="sk-canary-0001", base_url="http://127.0.0.1:9/v1", http_client=canned)
    )


@pytest.mark.parametrize("line", LINES)
async def test_vectors_read_as_the_sdk_reads_them(line) -> None:
    pytest.importorskip("numpy")  # the SDK decodes base64 with it
    http = __import__(openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])
    canned = Canned(Answer([line.body], line.status, line.headers))
    client = openai.OpenAI(api_key="x", base_url="http://127.0.0.1:9/v1", http_client=canned(http, "sync"))
    theirs: CreateEmbeddingResponse = client.embeddings.create(model=line.request["model"], input=line.request["input"])
    ours = provider_for(line).embed_sync(asked(line))
    assert [vector.tolist() for vector in ours] == [entry.embedding for entry in theirs.data]
    assert ours.numpy().tolist() == [entry.embedding for entry in theirs.data]
    assert ours.model == theirs.model
    provider = provider_for(line)
    again = await provider.embed(asked(line))
    await provider.aclose()
    assert again.model_dump() == ours.model_dump()
