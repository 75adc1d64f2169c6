"""tiktoken's encoders: loaded at the first count, in a thread, and done without where that fails.

tiktoken reads its vocabularies from `TIKTOKEN_CACHE_DIR` or asks a network for them, without a time limit of its own.
So they are loaded beside the caller, who waits `LOAD_SECONDS` at most; a vocabulary that comes later is used from then
on. One that cannot be had is not asked for again until `TIKTOKEN_CACHE_DIR` changes, and a warning in the log says so
once.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

from llmclient.tokens.estimate import estimate_tokens

if TYPE_CHECKING:
    from tiktoken import Encoding

LOAD_SECONDS: Final = 10.0
"""Seconds the first count of a vocabulary waits for it."""

CHUNK: Final = 100_000
"""Characters that are encoded at once: tiktoken's time for a single word without a break is not linear."""


class _Load:
    """One attempt to get a vocabulary."""

    __slots__ = ("done", "given_up")

    def __init__(self) -> None:
        self.done = threading.Event()
        self.given_up = False


_encoders: Final[dict[str, Encoding]] = {}
_loads: Final[dict[tuple[str, str | None], _Load]] = {}
_lock: Final = threading.Lock()
_warned: Final = threading.Event()


def encoder(name: str) -> Encoding | None:
    """The encoder of a vocabulary, None where it cannot be had (in time)."""
    found = _encoders.get(name)
    return found if found is not None else _wait_for(name)


def _wait_for(name: str) -> Encoding | None:
    key = (name, os.environ.get("TIKTOKEN_CACHE_DIR"))
    with _lock:
        load = _loads.get(key)
        if load is None:
            load = _loads[key] = _Load()
            threading.Thread(target=_fetch, args=(name, load), name=f"llmclient-tokens-{name}", daemon=True).start()
    if not load.given_up:
        load.given_up = not load.done.wait(LOAD_SECONDS)
    found = _encoders.get(name)
    if found is None and not _warned.is_set():
        _warned.set()
        _warn(name)
    return found


def _fetch(name: str, load: _Load) -> None:
    import logging

    try:
        from tiktoken import get_encoding

        _encoders[name] = get_encoding(name)
    except Exception as error:
        logging.getLogger("llmclient.tokens").debug("tiktoken's vocabulary %r is not to be had", name, exc_info=error)
    finally:
        load.done.set()


def _warn(name: str) -> None:
    import logging

    logging.getLogger("llmclient.tokens").warning(
        "tokens are estimated: tiktoken's vocabulary %r is neither on this machine nor to be had from the network; "
        "set TIKTOKEN_CACHE_DIR to a directory that has its file, or allow its download once",
        name,
    )


def count_text(text: str, name: str) -> tuple[int, bool]:
    """Tokens of a text in a vocabulary, and whether they were counted rather than estimated. Never raises.

    Special tokens such as "<|endoftext|>" are counted as the plain text they are to a model that is sent them.
    """
    encoding = _encoders.get(name) or _wait_for(name)
    if encoding is None:
        return estimate_tokens(text), False
    if len(text) <= CHUNK:
        return len(encoding.encode_ordinary(text)), True
    return _count_long(text, encoding)


def _count_long(text: str, encoding: Encoding) -> tuple[int, bool]:
    """Count in pieces, cut where the vocabulary's own splitting cuts, else anywhere, which makes it an estimate."""
    total, start, exact = 0, 0, True
    while len(text) - start > CHUNK:
        cut = _boundary(text, start + CHUNK // 2, start + CHUNK)
        if not cut:
            cut, exact = start + CHUNK, False
        total += len(encoding.encode_ordinary(text[start:cut]))
        start = cut
    return total + len(encoding.encode_ordinary(text[start:])), exact


def _boundary(text: str, start: int, end: int) -> int:
    """The last place in a stretch where every vocabulary begins a new token, 0 where there is none.

    That is after a line break before a letter or digit, and before a space between two letters of ASCII.
    """
    place = text.rfind("\n", start, end)
    while place > start:
        if text[place + 1].isalnum():
            return place + 1
        place = text.rfind("\n", start, place)
    place = text.rfind(" ", start, end)
    while place > start:
        before, after = text[place - 1], text[place + 1]
        if before.isascii() and before.isalpha() and after.isascii() and after.isalpha():
            return place
        place = text.rfind(" ", start, place)
    return 0
