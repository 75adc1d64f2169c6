"""What the harness costs: CPU time of one call through a router to `FakeProvider`, and of a suite of 1,000 such tests.

A call is measured as tests make it, few to a script, and as a long run makes it: there the router adds up what every
250 tries cost, which a shorter one leaves to whoever asks.

The suite is run twice by pytest in processes of its own, one after the other, as often as there are rounds: bare tests
that make no call and know no plugin, and tests that take the fixture `llm`, script a turn and make a call. What is
added is the difference within a round. Bytecode is kept, as it is on a developer's machine, and written by a round that
does not count. Printed is CPU time, which other work on the machine disturbs less than time on the wall, and the wall
beside it.

    python benchmarks/harness.py [calls] [tests] [rounds]
"""

from __future__ import annotations

import asyncio
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from llmclient import ModelRouter, __version__
from llmclient.testing import script

A_TEST = 50
"""Calls a script, where a test is meant."""

BARE = (
    "import pytest\n\n@pytest.mark.parametrize('number', range({tests}))\n"
    "def test_it(number):\n    assert number >= 0\n"
)
SCRIPTED = (
    "import pytest\nfrom llmclient import ModelRouter\n\nrouter = ModelRouter('openai/gpt-5-mini').sync\n\n"
    "@pytest.mark.parametrize('number', range({tests}))\ndef test_it(llm, number):\n"
    "    llm.on('openai/*').reply('x')\n    assert router.complete('hi').text == 'x'\n"
)


def a_call(calls: int, *, a_script: int) -> tuple[float, float]:
    """Microseconds of CPU for one call, async and sync; each script answers `a_script` calls and is then put away."""
    router = ModelRouter("openai/gpt-5-mini")
    sync = router.sync
    asynchronous = synchronous = 0.0

    async def ask() -> None:
        for _ in range(a_script):
            await router.complete("Name three primes.")

    with asyncio.Runner() as runner:
        for _ in range(calls // a_script):
            with script() as llm:
                llm.on("openai/*").reply("2, 3, 5", times=None)
                began = time.process_time()
                runner.run(ask())
                asynchronous += time.process_time() - began
            with script() as llm:
                llm.on("openai/*").reply("2, 3, 5", times=None)
                began = time.process_time()
                for _ in range(a_script):
                    sync.complete("Name three primes.")
                synchronous += time.process_time() - began
    return asynchronous / calls * 1e6, synchronous / calls * 1e6


def a_suite(cache: str, source: str, *options: str) -> tuple[float, float]:
    """Seconds of CPU, and on the wall, for a suite; its bytecode is kept in `cache`."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_suite.py").write_text(source, encoding="utf-8")
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, folder],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={
                **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
                "PYTHONPYCACHEPREFIX": cache,
                "PYTHONPATH": os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path),
            },
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return used, time.perf_counter() - began


def spread(seen: Sequence[float]) -> str:
    return f"best {min(seen):.1f}, median {statistics.median(seen):.1f}, worst {max(seen):.1f}"


def main(calls: int = 2000, tests: int = 1000, rounds: int = 5) -> None:
    print(f"llmclient {__version__}, Python {platform.python_version()}, {os.cpu_count()} cores")
    for a_script in (A_TEST, calls):
        a_call(a_script, a_script=a_script)
        seen = [a_call(calls, a_script=a_script) for _ in range(rounds)]
        for flavour, taken in zip(("async", "sync"), zip(*seen, strict=True), strict=True):
            print(f"a call through FakeProvider, {flavour}, {a_script} a script: {spread(taken)} us CPU")
    with tempfile.TemporaryDirectory() as cache:

        def pair(number: int) -> tuple[tuple[float, float], tuple[float, float]]:
            bare = a_suite(cache, BARE.format(tests=number))
            return bare, a_suite(cache, SCRIPTED.format(tests=number), "-p", "llmclient.testing")

        pair(1)
        pairs = [pair(tests) for _ in range(rounds)]
    added = [scripted[0] - bare[0] for bare, scripted in pairs]
    wall = [scripted[1] - bare[1] for bare, scripted in pairs]
    print(f"{tests} tests add to bare pytest: {spread(added)} s CPU; {spread(wall)} s on the wall")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
