"""The examples of docs/cassettes.md run, in order, against a recording of what they ask."""

from __future__ import annotations

import json
import re
from pathlib import Path

from test_matching import recordings

PAGE = Path(__file__).parents[2] / "docs" / "cassettes.md"
ANSWER = {"id": "1", "object": "chat.completion", "created": 1, "model": "gpt-5-mini"}
CHOICE = {"index": 0, "message": {"role": "assistant", "content": "2, 3, 5"}, "finish_reason": "stop"}


def test_the_examples_of_the_page_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    asked = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Name three primes."}]}
    path = recordings(tmp_path / "primes.yaml", [asked])
    text = path.read_text("utf-8")
    answer = json.dumps({**ANSWER, "choices": [CHOICE]}).replace("\n", "")
    path.write_text(re.sub(r"\{\s+\"answer\": 0\s+\}", lambda _: answer, text), encoding="utf-8")
    namespace = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), namespace)  # noqa: S102 - our own page
    assert capsys.readouterr().out == "2, 3, 5\n[]\n"
