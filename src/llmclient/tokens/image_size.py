"""Width and height of an image that stands in a message as a `data:` URL, from its first bytes.

Formats are those that vendors take: PNG, JPEG, GIF, WebP. Nothing is fetched, and no pixel is decoded.
"""

from __future__ import annotations

import base64
import binascii
import struct
from typing import Final, TypeAlias

Size: TypeAlias = tuple[int, int]
"""Width and height in pixels."""

_HEAD: Final = 262_144
"""Characters of base64 that are decoded: a JPEG may carry a preview before its size."""

_JPEG_MARK: Final = 0xFF
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the segments that state the size (ITU T.81, table B.1)."""


def image_size(url: str) -> Size | None:
    """The size of an image in a `data:` URL; None for another URL and for what is not understood."""
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
        return None
    try:
        raw = base64.b64decode(data[:_HEAD])
        size = _size(raw)
    except (binascii.Error, struct.error, IndexError):
        return None
    return size if size and min(size) > 0 else None


def _size(raw: bytes) -> Size | None:
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return struct.unpack(">II", raw[16:24])
    if raw[:6] in (b"GIF87a", b"GIF89a"):
        return struct.unpack("<HH", raw[6:10])
    if raw.startswith(b"RIFF") and raw[8:12] == b"WEBP":
        return _webp(raw)
    if raw.startswith(b"\xff\xd8"):
        return _jpeg(raw)
    return None


def _webp(raw: bytes) -> Size | None:
    kind = raw[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(raw[24:27], "little"), 1 + int.from_bytes(raw[27:30], "little")
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", raw[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(raw[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None


def _jpeg(raw: bytes) -> Size | None:
    place = 2
    while place + 9 <= len(raw):
        if raw[place] != _JPEG_MARK:
            return None
        marker = raw[place + 1]
        if marker == _JPEG_MARK:
            place += 1
        elif marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", raw[place + 5 : place + 9])
            return width, height
        else:
            place += 2 + int.from_bytes(raw[place + 2 : place + 4], "big")
    return None
