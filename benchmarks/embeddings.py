"""100,000 embeddings of 1,536 floats: CPU of reading them into numpy, against decoding their base64 with numpy alone.

Both sides get the same bodies of 2,048 vectors each, as OpenAI sends them. The bare side is given the base64 strings
already cut out of the JSON; ours starts from the bytes of the body. Rounds are paired and the median ratio is printed.
Target: 1.2 or less. The SDK's own way, for comparison: it makes a list of Python floats of every vector.
"""

from __future__ import annotations

import base64
import json
import statistics
import sys
import time

import numpy as np

from llmclient.providers.openai.embeddings import EmbeddingsWire
from llmclient.types import EmbeddingRequest

VECTORS, DIMENSIONS, BATCH, ROUNDS = 100_000, 1536, 2048, 5


def main(vectors: int = VECTORS) -> None:
    rows = np.random.default_rng(1).random((BATCH, DIMENSIONS), dtype=np.float32)
    encoded = [base64.b64encode(row.tobytes()).decode() for row in rows]
    data = [{"object": "embedding", "index": i, "embedding": text} for i, text in enumerate(encoded)]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    body = json.dumps({"object": "list", "data": data, "model": "text-embedding-3-small", "usage": usage}).encode()
    request = EmbeddingRequest(model="text-embedding-3-small", input=["x"] * BATCH)
    batches = max(1, round(vectors / BATCH))
    assert (EmbeddingsWire(request, ()).decode(body).numpy() == rows).all()

    def bare() -> None:
        for text in encoded:
            np.frombuffer(base64.b64decode(text), dtype=np.float32)

    def ours() -> None:
        EmbeddingsWire(request, ()).decode(body).numpy()

    def as_lists() -> None:
        for entry in json.loads(body)["data"]:
            np.frombuffer(base64.b64decode(entry["embedding"]), dtype=np.float32).tolist()

    sides = {"numpy alone": bare, "llmclient, numpy()": ours, "as the SDK: lists": as_lists}
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            began = time.process_time()
            for _ in range(batches):
                side()
            times[name].append(time.process_time() - began)
    print(f"{batches * BATCH:,} vectors of {DIMENSIONS} floats, {ROUNDS} paired rounds")
    for name, taken in times.items():
        ratios = [mine / theirs for mine, theirs in zip(taken, times["numpy alone"], strict=True)]
        print(f"{name:22} {statistics.median(taken):8.3f} s CPU   ratio {statistics.median(ratios):6.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else VECTORS)
