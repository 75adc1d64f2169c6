"""What a price costs: the first lookup of a process, later ones, a calculation; and counting against bare tiktoken.

    python -m benchmarks.costs [--rounds 15]

First lookups are processes of their own with compiled bytecode: the CPU time from the first touch of `llmclient.costs`,
its imports and the read of the table included. Peers that are not installed are left out. Counting needs tiktoken's
vocabularies (`TIKTOKEN_CACHE_DIR`, or a network).
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks._measure import report, rounds, versions
from llmclient.costs import calculate_cost, context_window, get_cost_database
from llmclient.costs.levels import EMBEDDED
from llmclient.tokens import count_message_tokens, count_tokens

FIRST = {
    "context_window, after `import llmclient`": ("import llmclient", "c.context_window('openai/gpt-5-mini')"),
    "the same, after `import openai`": ("import llmclient, openai", "c.context_window('openai/gpt-5-mini')"),
    "calculate_cost, after `import openai`": (
        "import llmclient, openai",
        "c.calculate_cost('openai/gpt-5-mini', prompt_tokens=1000, completion_tokens=100)",
    ),
    "a model of the second part": ("import llmclient, openai", "c.context_window('groq/openai/gpt-oss-120b')"),
}
USAGE = {"prompt_tokens": 1000, "completion_tokens": 500, "prompt_tokens_details": {"cached_tokens": 100}}
TEXT = "The committee meets on Thursday; def area(r): return 3.14159 * r ** 2  # 平方\n"


def first_lookups(times: int) -> None:
    """Print how long the first lookup of a process takes."""
    print(f"\nfirst lookup of a process, CPU ms\n  {'':<44}{'median':>8}{'low':>8}{'high':>8}")
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
            "PYTHONPYCACHEPREFIX": folder,
            "LLMCLIENT_CACHE_DIR": folder,
        }
        for name, (before, lookup) in FIRST.items():
            if "openai" in before and importlib.util.find_spec("openai") is None:
                continue
            code = (
                f"{before}\nimport time; t = time.process_time()\nimport llmclient.costs as c\n{lookup}\n"
                "print((time.process_time() - t) * 1000)"
            )
            seen = [
                float(
                    subprocess.run(
                        [sys.executable, "-c", code], capture_output=True, check=True, env=environment
                    ).stdout
                )
                for _ in range(times + 1)
            ][1:]
            print(f"  {name:<44}{statistics.median(seen):>8.1f}{min(seen):>8.1f}{max(seen):>8.1f}")


def repeated(work: Callable[[], object], number: int) -> Callable[[], None]:
    def run() -> None:
        for _ in range(number):
            work()

    return run


def lookups(times: int) -> None:
    """Print what lookups and calculations cost once the table is read."""
    number = 2000
    find = get_cost_database().find
    contest = {
        "find a row": repeated(lambda: find("openai/gpt-4o"), number),
        "context_window": repeated(lambda: context_window("openai/gpt-4o"), number),
        "calculate_cost, two counts": repeated(
            lambda: calculate_cost("openai/gpt-4o", prompt_tokens=1000, completion_tokens=500), number
        ),
        "calculate_cost, a usage": repeated(lambda: calculate_cost("openai/gpt-4o", USAGE), number),
    }
    if importlib.util.find_spec("litellm"):
        os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
        from litellm import cost_per_token

        contest["litellm cost_per_token"] = repeated(
            lambda: cost_per_token(model="gpt-4o", prompt_tokens=1000, completion_tokens=500), number
        )
    if importlib.util.find_spec("genai_prices"):
        from genai_prices import Usage, calc_price

        tokens = Usage(input_tokens=1000, output_tokens=500)
        contest["genai-prices calc_price"] = repeated(
            lambda: calc_price(tokens, "gpt-4o", provider_id="openai"), number
        )
    report("later lookups, CPU", rounds(contest, times=times, number=number), against="calculate_cost, two counts")


def counting(times: int) -> None:
    """Print what counting costs beside bare tiktoken."""
    import tiktoken

    encoding = tiktoken.get_encoding("o200k_base")
    for size, number in ((1_000, 200), (10_000, 40), (100_000, 4), (1_000_000, 1)):
        text = (TEXT * (size // len(TEXT) + 1))[:size]
        contest = {
            "len(encode_ordinary(text))": repeated(lambda text=text: len(encoding.encode_ordinary(text)), number),
            "count_tokens(text)": repeated(lambda text=text: count_tokens(text, "gpt-4o"), number),
        }
        seen = rounds(contest, times=times, number=number)
        report(f"counting {size:,} characters, CPU", seen, against="len(encode_ordinary(text))")
    messages = [{"role": "user", "content": TEXT * 20}, {"role": "assistant", "content": TEXT * 20}] * 10
    contest = {
        "encode_ordinary of each content": repeated(
            lambda: [len(encoding.encode_ordinary(message["content"])) for message in messages], 10
        ),
        "count_message_tokens": repeated(lambda: count_message_tokens(messages, "gpt-4o"), 10),
    }
    seen = rounds(contest, times=times, number=10)
    report("counting 20 messages of 1,600 characters, CPU", seen, against="encode_ordinary of each content")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    times = parser.parse_args().rounds
    print(versions("llmclient", "tiktoken", "litellm", "genai-prices"))
    print(f"embedded table: {Path(EMBEDDED).stat().st_size:,} bytes, {len(get_cost_database().table):,} models")
    first_lookups(times)
    lookups(times)
    counting(times)


if __name__ == "__main__":
    main()
