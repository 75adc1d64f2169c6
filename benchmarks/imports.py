"""What importing costs, and how long a fresh process takes to its first finished call.

    python -m benchmarks.imports [--rounds 9]

Each figure is a process of its own with compiled bytecode, wall time of the statement alone (the interpreter's own
start is not counted). Peers that are not installed are left out. The call goes to a server on the loopback interface.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile

from benchmarks._measure import report, versions
from benchmarks._server import Server

IMPORTS = {
    "llmclient": "import llmclient",
    "llmclient ModelRouter": "from llmclient import ModelRouter",
    "llmclient.testing": "import llmclient.testing",
    "openai": "import openai",
    "anthropic": "import anthropic",
    "litellm": "import litellm",
    "any_llm": "import any_llm",
}

ASK = "messages=[{{'role': 'user', 'content': 'hi'}}]"
CALLS = {
    "openai": "import openai; openai.OpenAI(api_key='none', base_url={url!r}).chat.completions.create(model='m', "
    + ASK
    + ")",
    "llmclient SyncModelRouter": "from llmclient import ProviderConfig, SyncModelRouter; "
    "SyncModelRouter('openai/m', providers={{'openai': ProviderConfig(api_key='none', base_url={url!r})}})"
    ".complete('hi')",
    "litellm": "import litellm; litellm.completion(model='openai/m', api_key='none', api_base={url!r}, " + ASK + ")",
}


def milliseconds(statement: str, environment: dict[str, str]) -> float:
    code = f"import time; t = time.perf_counter()\n{statement}\nprint((time.perf_counter() - t) * 1000)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout.split()[-1])


def contest(statements: dict[str, str], times: int, environment: dict[str, str]) -> dict[str, list[float]]:
    for statement in statements.values():
        milliseconds(statement, environment)
    seen: dict[str, list[float]] = {name: [] for name in statements}
    for _ in range(times):
        for name, statement in statements.items():
            seen[name].append(milliseconds(statement, environment))
    return seen


def installed(statement: str) -> bool:
    return (
        importlib.util.find_spec(statement.replace("from ", "import ").split()[1].rstrip(";").split(".")[0]) is not None
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    print(versions("llmclient", "openai", "anthropic", "litellm", "any-llm-sdk", "pydantic"))
    with tempfile.TemporaryDirectory() as cache, Server() as url:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPYCACHEPREFIX": cache,
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }
        imports = {name: code for name, code in IMPORTS.items() if installed(code)}
        report("import", contest(imports, args.rounds, environment), against="openai", unit="ms")
        if "litellm" in imports:
            chosen = {name: IMPORTS[name] for name in ("litellm", "llmclient ModelRouter")}
            report("import, against litellm", contest(chosen, args.rounds, environment), against="litellm", unit="ms")
        calls = {name: code.format(url=url) for name, code in CALLS.items() if installed(code)}
        report(
            "fresh process to first finished call",
            contest(calls, args.rounds, environment),
            against="openai",
            unit="ms",
        )


if __name__ == "__main__":
    main()
