"""The code of docs/extending.md runs, and its counts are true."""

from __future__ import annotations

import re
from pathlib import Path

from llmclient import ModelRouter, ProviderConfig
from llmclient.types.policy import Deployment
from support.canned import Canned, answer

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text("utf-8")


def block(containing: str) -> str:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (found,) = [text for text in blocks if containing in text]
    return found


def configured(text: str):
    reply = {"id": "c", "model": "m", "choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    canned = Canned(answer({**reply, "usage": usage}))
    config = ProviderConfig(api_key="sk-test-canary-0001", base_url="http://127.0.0.1:9/v1", http_client=canned)
    return {"openai": config}


def test_the_middleware_runs(capsys) -> None:
    names: dict = {}
    exec(block("def in_english"), names)  # noqa: S102 - the page's own code
    router = ModelRouter("openai/gpt-5-mini", middleware=[names["in_english"]], providers=configured("Bonjour!"))
    assert router.sync.complete("hello").text == "Bonjour!"
    assert capsys.readouterr().out == "openai/gpt-5-mini answered in French\n"


def test_the_strategy_runs() -> None:
    names: dict = {"ModelRouter": lambda *_, **__: None}
    exec(block("def cheapest_of_the_idle").replace("[...]", "[]"), names)  # noqa: S102 - the page's own code
    pool = [Deployment("openai/gpt-5", name="pool"), Deployment("openai/gpt-5-nano", name="pool")]
    strategy = names["cheapest_of_the_idle"]
    router = ModelRouter("pool", deployments=pool, strategy=strategy, providers=configured("hi"))
    (attempt,) = router.sync.complete("hello").attempts
    assert attempt.model == "openai/gpt-5-nano"


def test_statistics_become_prometheus_text() -> None:
    """Every figure is declared, and its lines stand together, as the text format wants it."""
    router = ModelRouter("openai/gpt-4o", providers=configured("hi"))
    router.sync.complete("hello")
    router.sync.complete("hello", model="openai/gpt-4o-mini")
    router.sync.complete("hello", model='openai/a"b\\c')
    names: dict = {"router": router}
    exec(block("router.stats()"), names)  # noqa: S102 - the page's own code
    assert 'llm_tries{model="openai/gpt-4o"} 1\n' in names["text"]
    assert 'llm_prompt_tokens{model="openai/gpt-4o"} 10\n' in names["text"]
    assert 'model="openai/a\\"b\\\\c"} 1\n' in names["text"]  # as the text format has quotes and backslashes
    lines = [re.split(r"[ {]", line.removeprefix("# TYPE "))[0] for line in names["text"].splitlines()]
    assert lines == [name for name in dict.fromkeys(lines) for _ in range(4)]


def test_the_lines_are_counted() -> None:
    def lines(path: str) -> int:
        return len((ROOT / path).read_text("utf-8").splitlines())

    openai = "src/llmclient/providers/openai"
    plugin = "examples/plugin_provider/src/llmclient_cohere"
    assert f"| {lines(f'{plugin}/__init__.py')} (" in PAGE
    assert f"| {lines(f'{plugin}/dialect.py')} (" in PAGE
    assert f"{lines(f'{openai}/transcription.py')} (transcription)" in PAGE
    assert f"{lines(f'{openai}/images.py')} (images)" in PAGE
    assert f"{lines(f'{openai}/embeddings.py')} (embeddings with batches)" in PAGE
