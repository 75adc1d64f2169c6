"""What a replayed call costs: through our cassettes, and through stock vcrpy, by the same router from the same file.

    python -m benchmarks.cassettes

Target: 1.2 times vcrpy's own replay or less. Every call is answered from the file, nothing is sent; repeats are allowed
for both, so that one file answers as many calls as are made. The second table is the same with 100 recordings matched
on their bodies, where vcrpy compares each with each; the third is a file of 10,000 recordings.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import vcr

from benchmarks._measure import report, rounds, versions
from llmclient import ModelRouter
from llmclient.testing.cassettes import cassette
from llmclient.testing.cassettes.layout import write_interactions

URL = "https://api.openai.com/v1/chat/completions"
CALLS = 50


def question(number: int) -> list[dict[str, str]]:
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": f"What is {number} + {number}?"}]


def write(path: Path, number: int) -> Path:
    answer = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o-mini",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "4"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 1, "total_tokens": 21},
    }
    interactions = [
        {
            "request": {
                "method": "POST",
                "uri": URL,
                "headers": {"content-type": ["application/json"]},
                "body": json.dumps({"model": "gpt-4o-mini", "messages": question(each)}),
            },
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"content-type": ["application/json"]},
                "body": {"string": json.dumps(answer)},
            },
        }
        for each in range(number)
    ]
    path.write_text(write_interactions(interactions), encoding="utf-8")
    return path


def replay(open_cassette: Callable[[], object], numbers: list[int]) -> Callable[[], None]:
    """A round: the file is opened once, which is not what is compared, and every number asked through one router."""
    loop = asyncio.new_event_loop()
    router = ModelRouter("openai/gpt-4o-mini")
    context = open_cassette()

    async def ask() -> None:
        for number in numbers:
            reply = await router.complete(question(number))
            assert reply.text == "4"

    def work() -> None:
        with context():
            loop.run_until_complete(ask())

    return work


def compare(title: str, path: Path, numbers: list[int], match_on: tuple[str, ...], *, times: int) -> None:
    def ours() -> object:
        return lambda: cassette(path, mode="none", allow_playback_repeats=True)

    def stock() -> object:
        options = {"record_mode": "none", "allow_playback_repeats": True, "match_on": match_on}
        return lambda: vcr.use_cassette(str(path), **options)

    contest = {"stock vcrpy": replay(stock, numbers), "llmclient cassette": replay(ours, numbers)}
    report(title, rounds(contest, times=times, number=len(numbers)), against="stock vcrpy")


def main() -> None:
    os.environ.setdefault("OPENAI_API_KEY", "placeholder-for-replay")
    print(versions("vcrpy", "openai", "httpx2", "httpx"))
    with tempfile.TemporaryDirectory() as folder:
        one = write(Path(folder) / "one.yaml", 1)
        default = ("method", "scheme", "host", "port", "path", "query")
        compare("one recording, a call (opening the file included)", one, [0] * CALLS, default, times=11)
        compare("the same, vcrpy matching on the body too", one, [0] * CALLS, (*default, "body"), times=11)
        many = write(Path(folder) / "many.yaml", 100)
        compare("100 recordings, each asked once", many, list(range(100)), (*default, "body"), times=3)
        huge = write(Path(folder) / "huge.yaml", 10_000)
        started = time.process_time()
        replay(lambda: lambda: cassette(huge, mode="none", strict=True), list(range(10_000)))()
        print(f"\n10,000 recordings, opened and each asked once: {time.process_time() - started:.1f} s of CPU")


if __name__ == "__main__":
    main()
