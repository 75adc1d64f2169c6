"""100,000 embeddings of 1,536 floats: CPU of reading them into numpy, against decoding their base64 with numpy alone.

Everybody gets the same answers of 2,048 vectors each, as OpenAI sends them. The bare side is given the base64 strings
already cut out of the JSON; ours starts from the bytes of the answers. Target: 1.2 times the bare side or less.

Two contests, since fresh memory is what costs most: a batch at a time, nothing kept, decoder against numpy, with the
lists of Python floats that the SDK makes of every vector; and all of it kept in one matrix of 600 MB, from the HTTP
client through a router, against numpy filling such a matrix.
"""

from __future__ import annotations

import base64
import json
import sys

import numpy as np

from benchmarks._measure import Contest, report, rounds, versions
from llmclient import ProviderConfig, SyncModelRouter
from llmclient.providers.openai.embeddings import EmbeddingsWire
from llmclient.types import EmbeddingRequest

VECTORS, DIMENSIONS, BATCH, ROUNDS = 100_000, 1536, 2048, 7
MODEL = "text-embedding-3-small"


def main(vectors: int = VECTORS) -> None:
    batches = max(1, round(vectors / BATCH))
    total = batches * BATCH
    rows = np.random.default_rng(1).random((BATCH, DIMENSIONS), dtype=np.float32)
    encoded = [base64.b64encode(row.tobytes()).decode() for row in rows]
    data = [{"object": "embedding", "index": i, "embedding": text} for i, text in enumerate(encoded)]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    body = json.dumps({"object": "list", "data": data, "model": MODEL, "usage": usage}).encode()
    print(f"{total:,} vectors of {DIMENSIONS} floats, {ROUNDS} paired rounds ({versions('numpy', 'pydantic')})")
    for title, contest in {
        "a batch at a time, nothing kept": _batch_by_batch(encoded, body, rows, batches),
        "all in one matrix": _one_matrix(encoded, body, rows, batches),
    }.items():
        seen = rounds(contest, times=ROUNDS, number=total)
        report(f"{title}, a vector", seen, against="numpy alone")


def _batch_by_batch(encoded: list[str], body: bytes, rows: np.ndarray, batches: int) -> Contest:
    request = EmbeddingRequest(model=MODEL, input=["x"] * BATCH)
    assert (EmbeddingsWire(request, ()).decode(body).numpy() == rows).all()

    def bare() -> None:
        for _ in range(batches):
            for text in encoded:
                np.frombuffer(base64.b64decode(text), dtype=np.float32)

    def decoder() -> None:
        for _ in range(batches):
            EmbeddingsWire(request, ()).decode(body).numpy()

    def as_lists() -> None:
        for _ in range(batches):
            for entry in json.loads(body)["data"]:
                np.frombuffer(base64.b64decode(entry["embedding"]), dtype=np.float32).tolist()

    return {"numpy alone": bare, "our decoder": decoder, "as the SDK: lists": as_lists}


def _one_matrix(encoded: list[str], body: bytes, rows: np.ndarray, batches: int) -> Contest:
    texts = ["x"] * (batches * BATCH)
    router = SyncModelRouter(f"openai/{MODEL}", providers={"openai": _answered_with(body)})
    assert (router.embed(texts[:BATCH]).numpy() == rows).all()

    def bare() -> None:
        matrix = np.empty((batches * BATCH, DIMENSIONS), dtype=np.float32)
        for batch in range(batches):
            for position, text in enumerate(encoded):
                matrix[batch * BATCH + position] = np.frombuffer(base64.b64decode(text), dtype=np.float32)

    def through_the_router() -> None:
        router.embed(texts).numpy()

    return {"numpy alone": bare, "router.embed(...).numpy()": through_the_router}


def _answered_with(body: bytes) -> ProviderConfig:
    """A configuration whose HTTP client answers everything with `body`, without a network."""

    def make(http, _flavour):
        answers = http.MockTransport(
            lambda _: http.Response(200, content=body, headers={"content-type": "application/json"})
        )
        return http.Client(transport=answers)

    return ProviderConfig(api_key="none", base_url="http://127.0.0.1:9/v1", http_client=make)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else VECTORS)
