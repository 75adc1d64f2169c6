"""Counting a text: the right vocabulary for every name, exactly, in linear time, and never an exception."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmclient.tokens import TokenCount, acount_tokens, count_tokens
from llmclient.tokens.encodings import bare_name, vocabulary_of
from llmclient.tokens.vocabulary import CHUNK, count_text

pytestmark = pytest.mark.usefixtures("vocabularies")


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4o", "o200k_base"),
        ("openai/gpt-4o", "o200k_base"),
        ("openrouter/openai/gpt-4o:nitro", "o200k_base"),
        ("azure/eu/gpt-4o-mini", "o200k_base"),
        ("ft:gpt-4o-mini-2024-07-18:acme::abc", "o200k_base"),
        ("ft:gpt-3.5-turbo-0125:acme:name:id", "cl100k_base"),
        ("gpt-4o-2099-12-31", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("gpt-4-turbo-2024-04-09", "cl100k_base"),
        ("gpt-4.1-nano", "o200k_base"),
        ("gpt-4.5-preview", "o200k_base"),
        ("gpt-35-turbo", "cl100k_base"),
        ("GPT-5.6-sol", "o200k_base"),
        ("gpt-7-not-yet", "o200k_base"),
        ("o1-pro", "o200k_base"),
        ("openai/o3", "o200k_base"),
        ("o5-mini-2027-01-01", "o200k_base"),
        ("o4-mini-deep-research", "o200k_base"),
        ("chatgpt-4o-latest", "o200k_base"),
        ("text-embedding-3-small", "cl100k_base"),
        ("davinci-002", "cl100k_base"),
        ("gpt-oss-120b", "o200k_harmony"),
    ],
)
def test_openai_names_find_their_vocabulary_and_are_exact(model, encoding):
    vocabulary = vocabulary_of(model)
    assert (vocabulary.encoding, vocabulary.exact) == (encoding, True)


def test_names_agree_with_tiktoken_where_it_knows_them():
    from tiktoken.model import MODEL_TO_ENCODING

    old = {"p50k_edit", "gpt2"}
    for model, encoding in MODEL_TO_ENCODING.items():
        vocabulary = vocabulary_of(model)
        if vocabulary.family == "openai" and encoding not in old:
            assert vocabulary.encoding == encoding, model


@pytest.mark.parametrize(
    "model", ["claude-opus-5", "anthropic/claude-haiku-4-5", "qwen/qwen3", "meta-llama/llama-4", "x"]
)
def test_other_vendors_get_an_estimate(model):
    assert count_tokens("The quick brown fox", model).method == "estimate"


@pytest.mark.parametrize(
    "model", ["bedrock/us.anthropic.claude-opus-5-v1:0", "anthropic.claude-opus-5", "x/Claude-Opus-5"]
)
def test_claude_is_claude_wherever_it_is_served(model):
    assert vocabulary_of(model) == vocabulary_of("claude-opus-5")


def test_a_fine_tuned_name_is_its_base():
    assert bare_name("openai/ft:gpt-4o-2024-08-06:acme:x:y") == "gpt-4o-2024-08-06"


def test_a_text_counts_what_tiktoken_counts():
    count = count_tokens("Hello, world!", "openai/gpt-4o")
    assert count == TokenCount(tokens=4, method="exact", tokenizer="o200k_base")
    assert (int(count), count.exact, count_tokens("", "gpt-4o").tokens) == (4, True, 0)


@pytest.mark.parametrize("text", ["<|endoftext|>", "a<|im_start|>b<|fim_prefix|>", "<|endofprompt|>" * 40])
@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4", "claude-opus-5"])
def test_special_tokens_are_plain_text(text, model):
    assert count_tokens(text, model).tokens > text.count("<|")


def test_text_that_is_no_valid_unicode_counts():
    assert count_tokens("half a pair: \ud83d.", "gpt-4o").tokens > 3


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_counts_as_tiktoken_does(text):
    from tiktoken import get_encoding

    expected = len(get_encoding("cl100k_base").encode(text, disallowed_special=()))
    assert count_tokens(text, "gpt-4").tokens == expected


PROSE = "The model's answer — naïve, 42 times over — said:\n    def f(x):\n        return x**2  # 平方\n\n"


@pytest.mark.parametrize("encoding", ["o200k_base", "cl100k_base"])
def test_a_long_text_in_pieces_counts_exactly_what_it_counts_whole(encoding):
    from tiktoken import get_encoding

    text = PROSE * (3 * CHUNK // len(PROSE))
    assert count_text(text, encoding) == (len(get_encoding(encoding).encode_ordinary(text)), True)


def test_lines_without_a_space_between_letters_are_cut_at_their_ends():
    from tiktoken import get_encoding

    text = "一二三四五六七八九十、十一。\n" * (CHUNK // 6)
    assert count_text(text, "o200k_base") == (len(get_encoding("o200k_base").encode_ordinary(text)), True)


@pytest.mark.parametrize("unit", ["a", " ", "\n", "^", " \n\t", "🙂", "x\n "])
def test_ten_megabytes_without_a_place_to_cut_are_counted_in_pieces(unit):
    """Half a megabyte shows it: a piece is a tenth of that, and each is counted on its own."""
    text = unit * (5 * CHUNK // len(unit))
    pieces = [len(text[start : start + CHUNK]) for start in range(0, len(text), CHUNK)]
    tokens, exact = count_text(text, "cl100k_base")
    assert not exact
    whole = count_text(text[:CHUNK], "cl100k_base")[0]
    assert abs(tokens - whole * sum(pieces) / CHUNK) <= 0.02 * tokens + len(pieces)


async def test_counting_beside_an_event_loop_does_not_hold_it_up():
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    count = await acount_tokens(PROSE * 2000, "gpt-4o")
    ticking.cancel()
    assert count == count_tokens(PROSE * 2000, "gpt-4o")
    assert ticks > 1


async def test_a_conversation_is_counted_beside_an_event_loop_too():
    assert (await acount_tokens(model="gpt-4o", messages="Hello, how are you?")).tokens == 13
    assert (await acount_tokens(None, "gpt-4o")).tokens == 0
