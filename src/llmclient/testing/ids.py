"""Identifiers that are the same in every run: drawn from a seed and a label, never from chance."""

from __future__ import annotations

from hashlib import blake2b

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def token(seed: str, label: str, length: int) -> str:
    """`length` letters and digits, the same for the same seed and label; at most 80."""
    number = int.from_bytes(blake2b(f"{seed}\0{label}".encode(), digest_size=60).digest())
    letters: list[str] = []
    for _ in range(length):
        number, rest = divmod(number, 62)
        letters.append(_ALPHABET[rest])
    return "".join(letters)
