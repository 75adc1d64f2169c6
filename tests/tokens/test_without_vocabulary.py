"""Without its vocabulary files and without a network a count is an estimate, and the log says so once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import pytest

from llmclient.tokens import count_message_tokens
from llmclient.tokens.estimate import estimate_tokens
from llmclient.tokens.vocabulary import count_text

CODE = """
import asyncio, json, logging, socket, sys
def refuse(*_, **__): raise OSError("no network here")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
records = []
class Keep(logging.Handler):
    def emit(self, record): records.append(record.getMessage())
logging.getLogger("llmclient.tokens").addHandler(Keep())
from llmclient.tokens import count_message_tokens, count_tokens, acount_tokens
text = "The quick brown fox jumps over the lazy dog."
counts = [count_tokens(text, "gpt-4o"), count_tokens(text, "gpt-4"), count_tokens("", "gpt-4o"),
          count_message_tokens(text, "gpt-4o"), asyncio.run(acount_tokens(text, "claude-opus-5"))]
print(json.dumps([[c.tokens, c.method, c.tokenizer] for c in counts]))
print(json.dumps(records))
"""


@pytest.fixture(scope="module")
def offline(tmp_path_factory):
    """What a process says that has no vocabulary and no network."""
    empty = str(tmp_path_factory.mktemp("no-vocabulary"))
    environment = {**os.environ, "TIKTOKEN_CACHE_DIR": empty}
    out = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=environment)
    counts, records = out.stdout.splitlines()
    return json.loads(counts), json.loads(records)


def test_counts_are_estimates_and_say_so(offline):
    counts, _ = offline
    assert [(method, tokenizer) for _, method, tokenizer in counts] == [("estimate", "characters")] * 5
    assert counts[0][0] == pytest.approx(10, abs=2)


def test_the_log_says_once_how_to_provide_the_files(offline):
    _, records = offline
    assert len(records) == 1
    assert "TIKTOKEN_CACHE_DIR" in records[0]


CORPUS = {
    "english": "The committee will meet again on Thursday to discuss the proposed changes to the regulations. " * 5,
    "code": "def area(radius: float) -> float:\n    return math.pi * radius ** 2  # in square metres\n\n" * 5,
    "german": "Die Donaudampfschifffahrtsgesellschaft veröffentlicht ihren Jahresbericht im kommenden Frühjahr. " * 5,
    "russian": "Совет директоров обсудит предложение на следующей неделе и примет окончательное решение. " * 5,
    "chinese": "委员会将于周四再次开会、讨论拟议的法规修改。" * 5,
    "japanese": "委員会は木曜日に再び会合を開き、規制の変更案について議論します。" * 5,
    "json": json.dumps([{"id": n, "name": f"item {n}", "price": n * 1.25, "tags": ["a", "b"]} for n in range(12)]),
    "emoji": "Great job 🎉🎉 see you tomorrow 👋🏽 " * 5,
    "numbers": "1234567890 3.14159 2026-11-22 10:30:00 " * 5,
}


@pytest.mark.parametrize("name", CORPUS)
@pytest.mark.usefixtures("vocabularies")
def test_an_estimate_is_within_a_third_of_the_vocabularys_count(name):
    exact = count_text(CORPUS[name], "o200k_base")[0]
    assert estimate_tokens(CORPUS[name]) == pytest.approx(exact, rel=0.34)


@pytest.mark.parametrize("text", ["", " ", "\n", "a", "<|endoftext|>", "\ud83d", "\x00", "\u0627" * 100])
def test_any_text_has_an_estimate(text):
    assert (estimate_tokens(text) > 0) == bool(text)


@pytest.fixture
def slow_source(monkeypatch, tmp_path):
    """A network that answers when told to, and never with a vocabulary."""
    answer = threading.Event()

    def read(path: str) -> bytes:
        answer.wait()
        raise OSError(path)

    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("tiktoken.load.read_file", read)
    yield answer
    answer.set()


def test_a_vocabulary_that_does_not_come_in_time_is_done_without(slow_source, monkeypatch):
    monkeypatch.setattr("llmclient.tokens.vocabulary.LOAD_SECONDS", 0.0)
    for _ in range(2):
        assert count_text("three little words", "p50k_base") == (estimate_tokens("three little words"), False)


def test_a_vocabulary_that_cannot_be_had_is_not_asked_for_again(slow_source):
    slow_source.set()
    for _ in range(2):
        assert not count_text("three little words", "r50k_base")[1]
    count = count_message_tokens("three little words", "text-davinci-001")
    assert (count.method, count.tokenizer) == ("estimate", "characters")
