"""Identifiers that are the same in every run: drawn from a seed and a label, never from chance."""

from __future__ import annotations

from binascii import b2a_base64
from hashlib import blake2b

_WITHOUT_SIGNS = bytes.maketrans(b"+/", b"aZ")


def token(seed: str, label: str, length: int) -> str:
    """`length` letters and digits, the same for the same seed and label; at most 80."""
    digest = blake2b(f"{seed}\0{label}".encode(), digest_size=60).digest()
    return b2a_base64(digest, newline=False).translate(_WITHOUT_SIGNS)[:length].decode("ascii")
