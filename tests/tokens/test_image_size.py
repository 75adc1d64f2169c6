"""The size of an image, from the first bytes of its data URL."""

from __future__ import annotations

import base64
import struct

import pytest

from llmclient.tokens.image_size import image_size

pytestmark = pytest.mark.unit

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 640, 480)
VP8 = b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 10 + struct.pack("<HH", 640, 480)
VP8X = b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")
VP8L = b"RIFF\0\0\0\0WEBPVP8L" + b"\0" * 5 + (639 | 479 << 14).to_bytes(4, "little")
JPEG = (
    b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"\0" * 14  # a segment without a size
    + b"\xff\xff"  # padding before a marker
    + b"\xc0" + struct.pack(">HBHH", 17, 8, 480, 640) + b"\0" * 10
)  # fmt: skip


def url(raw: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(raw).decode()}"


@pytest.mark.parametrize("raw", [PNG, GIF, VP8, VP8X, VP8L, JPEG], ids=["png", "gif", "vp8", "vp8x", "vp8l", "jpeg"])
def test_the_formats_that_vendors_take_are_read(raw):
    assert image_size(url(raw)) == (640, 480)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/x.png",
        "data:image/png,plain",
        "data:text/plain;base64,AAAA",
        "data:image/png;base64,!",
        url(b""),
        url(b"BM bitmap"),
        url(PNG[:20]),
        url(GIF[:7]),
        url(VP8[:20]),
        url(b"RIFF\0\0\0\0WEBPVPXX"),
        url(JPEG[:24]),
        url(b"\xff\xd8\x00\x00" + b"\0" * 20),
        url(b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 0, 480)),
    ],
)
def test_anything_else_has_no_size(text):
    assert image_size(text) is None
