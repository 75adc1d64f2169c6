"""Bodies as people read them, and as the wire has them.

A text stays text: vcrpy reads `body.string` and nothing else, so what is made readable is its layout. JSON is laid out
over lines, its tokens untouched; an event stream has an event a line as it is; compressed bodies are unpacked; what is
no text stays bytes (`!!binary`). `FORMS` says what was changed and has to be put back on replay.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Protocol

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\[[^\[\]{}"]*\]|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}")
_INDENT = "  "

YAML_TEXT = re.compile("^[\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*$")
"""What a YAML block can hold as it is. U+0085, U+2028 and U+2029 are line ends to YAML, and have to be escaped."""


def is_json(text: str) -> bool:
    """Whether `text` is one JSON object or array."""
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def lay_out_json(text: str) -> str:
    """JSON over several lines. Numbers, key order and duplicate keys stay; a flat list stays on its line."""
    lines: list[str] = []
    line = ""
    depth = 0
    before = ""
    for match in _TOKEN.finditer(text):
        part = match[0]
        if part in ("}", "]"):
            depth -= 1
            if before in ("{", "["):
                line += part
            else:
                lines.append(line)
                line = _INDENT * depth + part
        else:
            if before in ("{", "["):
                lines.append(line)
                line = _INDENT * depth
            line += {":": ": "}.get(part) or _readable(part)
            if part == ",":
                lines.append(line)
                line = _INDENT * depth
            elif part in ("{", "["):
                depth += 1
        before = part
    return "\n".join((*lines, line))


def _readable(token: str) -> str:
    if token[0] == "[" and len(token) > 1:
        return "[" + ", ".join(part.strip() for part in token[1:-1].split(",")) + "]" if token[1:-1].strip() else "[]"
    if token.startswith('"'):
        if _ESCAPE.search(token):
            plain = json.dumps(json.loads(token, strict=False), ensure_ascii=False)
            token = plain if YAML_TEXT.match(plain) else token
        if not YAML_TEXT.match(token):
            token = "".join(char if YAML_TEXT.match(char) else json.dumps(char)[1:-1] for char in token)
    return token


def compact_json(text: str) -> str:
    """The inverse of `lay_out_json`: no blank outside of strings."""
    tokens = (match[0] for match in _TOKEN.finditer(text))
    return "".join(token if token.startswith('"') else re.sub(r"\s+", "", token) for token in tokens)


# --- content encodings ----------------------------------------------------------------------------------------------


class Unpacker(Protocol):
    """Takes a body apart as it arrives; raises `ValueError` where the body is not what its header says."""

    def feed(self, data: bytes) -> bytes:
        """Unpack the next bytes; may hold some back."""
        ...

    def flush(self) -> bytes:
        """What was held back."""
        ...


class _Zlib:
    def __init__(self, window: int) -> None:
        self._inner = zlib.decompressobj(window)

    def feed(self, data: bytes) -> bytes:
        try:
            return self._inner.decompress(data)
        except zlib.error as error:
            raise ValueError(str(error)) from error

    def flush(self) -> bytes:
        return self._inner.flush()


class _Deflate(_Zlib):
    """Some servers mean zlib by deflate, some a bare stream: the first bytes tell (RFC 9110, 8.4.1.2)."""

    def __init__(self) -> None:
        super().__init__(zlib.MAX_WBITS)
        self._begun = False

    def feed(self, data: bytes) -> bytes:
        try:
            unpacked = super().feed(data)
        except ValueError:
            if self._begun:
                raise
            self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
            unpacked = super().feed(data)
        self._begun = True
        return unpacked


class _Plain:
    def feed(self, data: bytes) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


class _Whole:
    """For codecs of packages that may be missing, whose incremental interfaces differ: unpacks at the end."""

    def __init__(self, package: str, error: str, decode: Callable[[ModuleType, bytes], bytes]) -> None:
        self._module = import_module(package)
        self._error: type[Exception] = getattr(self._module, error)
        self._decode = decode
        self._held: list[bytes] = []

    def feed(self, data: bytes) -> bytes:
        self._held.append(data)
        return b""

    def flush(self) -> bytes:
        try:
            return self._decode(self._module, b"".join(self._held))
        except self._error as error:
            raise ValueError(str(error)) from error


def _brotli(module: ModuleType, data: bytes) -> bytes:
    unpacked: bytes = module.decompress(data)
    return unpacked


def _zstandard(module: ModuleType, data: bytes) -> bytes:
    unpacked: bytes = module.ZstdDecompressor().decompressobj().decompress(data)
    return unpacked


_UNPACKERS: dict[str, Callable[[], Unpacker]] = {
    "": _Plain,
    "identity": _Plain,
    "gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "x-gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "deflate": _Deflate,
    "br": lambda: _Whole("brotli", "error", _brotli),
    "zstd": lambda: _Whole("zstandard", "ZstdError", _zstandard),
}


def unpacker(encoding: str) -> Unpacker | None:
    """What takes a `content-encoding` apart; None where nothing here knows it."""
    make = _UNPACKERS.get(encoding.strip().lower())
    try:
        return make() if make is not None else None
    except ImportError:
        return None


def unpack(encoding: str, body: bytes) -> bytes | None:
    """The unpacked body, or None where it cannot be unpacked (unknown encoding, or not what the header says)."""
    codec = unpacker(encoding)
    if codec is None:
        return None
    try:
        return codec.feed(body) + codec.flush()
    except ValueError:
        return None
