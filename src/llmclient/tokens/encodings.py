"""Which vocabulary counts for a model, by its name.

Names lose their provider's prefix ("openai/", "openrouter/openai/"), the frame of a fine-tuned one
("ft:gpt-4o:acme::id"), and are compared in lower case by their beginning, the longest first. OpenAI's vocabularies are
public: those counts are exact. Since GPT-4o every model of OpenAI's uses o200k_base, so a name newer than this table
does too. For others the nearest public vocabulary gives an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

Family: TypeAlias = Literal["openai", "anthropic", "other"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How texts of a model are counted.

    Attributes:
        encoding: tiktoken's name of the vocabulary.
        family: whose rules hold for messages, tools and images.
        exact: whether the model uses this very vocabulary.
        factor: tokens of the model for each of the vocabulary's.
    """

    encoding: str
    family: Family
    exact: bool = False
    factor: float = 1.0

    def framed(self, model: str) -> bool:
        """Whether the documented frame of messages holds for a model to the token, as recorded traffic has it."""
        name = bare_name(model)
        return name.startswith(_FRAMED) and not any(word in name for word in _OTHERWISE_FRAMED)


_FRAMED: Final = ("gpt-3.5", "gpt-4", "chatgpt-4o")
_OTHERWISE_FRAMED: Final = ("search", "audio", "realtime", "transcribe", "tts")
_O200K: Final = Vocabulary("o200k_base", "openai", exact=True)
_CL100K: Final = Vocabulary("cl100k_base", "openai", exact=True)
_P50K: Final = Vocabulary("p50k_base", "openai", exact=True)
_R50K: Final = Vocabulary("r50k_base", "openai", exact=True)
_CLAUDE: Final = Vocabulary("o200k_base", "anthropic", factor=1.02)
_CLAUDE_NEW: Final = Vocabulary("o200k_base", "anthropic", factor=1.38)
_FROM_CL100K: Final = Vocabulary("cl100k_base", "other")
_UNKNOWN: Final = Vocabulary("o200k_base", "other")

_STARTS: Final[tuple[tuple[str, Vocabulary], ...]] = (
    ("gpt-oss", Vocabulary("o200k_harmony", "openai", exact=True)),
    ("gpt-4o", _O200K),
    ("gpt-4.", _O200K),  # 4.1 and 4.5
    ("gpt-4", _CL100K),
    ("gpt-3.5", _CL100K),
    ("gpt-35", _CL100K),
    ("gpt-", _O200K),  # 5 and whatever comes after
    ("chatgpt-", _O200K),
    ("chat-latest", _O200K),
    *((f"o{digit}", _O200K) for digit in range(1, 10)),
    ("codex-", _O200K),
    ("computer-use-preview", _O200K),
    ("text-embedding-", _CL100K),
    ("davinci-002", _CL100K),
    ("babbage-002", _CL100K),
    ("text-davinci-003", _P50K),
    ("text-davinci-002", _P50K),
    ("text-davinci", _R50K),
    ("claude-opus-4-7", _CLAUDE_NEW),
    ("claude-opus-4-8", _CLAUDE_NEW),
    ("claude-opus-4.7", _CLAUDE_NEW),
    ("claude-opus-4.8", _CLAUDE_NEW),
    ("claude-opus-5", _CLAUDE_NEW),
    ("claude-sonnet-5", _CLAUDE_NEW),
    ("claude-haiku-5", _CLAUDE_NEW),
    ("claude-fable", _CLAUDE_NEW),
    ("claude-mythos", _CLAUDE_NEW),
    ("claude", _CLAUDE),
    # Llama 3's vocabulary is cl100k_base's and 28,000 more (The Llama 3 Herd of Models, 3.2); Qwen's starts from
    # cl100k_base too (Qwen Technical Report, 2.2).
    ("llama-3", _FROM_CL100K),
    ("llama-4", _FROM_CL100K),
    ("llama3", _FROM_CL100K),
    ("meta-llama", _FROM_CL100K),
    ("qwen", _FROM_CL100K),
)


def bare_name(model: str) -> str:
    """The model's own name: without provider (also "us.anthropic."), fine-tuning frame or variant, in lower case."""
    name = model.rsplit("/", 1)[-1].lower().rpartition("anthropic.")[2]
    if name.startswith("ft:"):
        name = name.split(":", 2)[1]
    return name.partition(":")[0]


@lru_cache(maxsize=1024)
def vocabulary_of(model: str) -> Vocabulary:
    """How texts of a model are counted; any name has an answer."""
    name = bare_name(model)
    for start, vocabulary in _STARTS:
        if name.startswith(start):
            return vocabulary
    return _UNKNOWN
