"""The texts, images and files of a message, out of every shape that people write.

OpenAI's parts are understood, and Anthropic's blocks where they say the same in other words. What is not understood
counts as its JSON text: too much rather than nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from llmclient._narrow import as_mapping, as_text, is_list, is_mapping

_THOUGHTS: Final = frozenset({"thinking", "redacted_thinking"})
"""Blocks of earlier turns that the vendor drops before it counts (Anthropic, extended thinking)."""


@dataclass(slots=True)
class Image:
    """An image: its URL, and OpenAI's word for how closely it is looked at."""

    url: str
    detail: str = "auto"


@dataclass(slots=True)
class Content:
    """What a message says.

    Attributes:
        texts: all texts, in order.
        images: all images.
        files: how many documents.
        audio_bytes: bytes of sound.
        cited: whether documents are to be cited (Anthropic, citations).
        guessed: whether something was not understood.
    """

    texts: list[str] = field(default_factory=list[str])
    images: list[Image] = field(default_factory=list[Image])
    files: int = 0
    audio_bytes: int = 0
    cited: bool = False
    guessed: bool = False

    @property
    def plain(self) -> bool:
        """Whether there is nothing but text."""
        return not (self.images or self.files or self.audio_bytes or self.cited or self.guessed)


def read_content(content: object, into: Content | None = None) -> Content:
    """Collect what a message's `content` holds."""
    found = into if into is not None else Content()
    if isinstance(content, str):
        found.texts.append(content)
    elif is_list(content):
        for part in content:
            _read_part(part, found)
    return found


def _read_part(part: object, found: Content) -> None:
    if isinstance(part, str):
        found.texts.append(part)
        return
    block = as_mapping(part)
    kind = as_text(block.get("type")) or ""
    text = as_text(block.get("text")) or as_text(block.get("refusal"))
    if text is not None:
        found.texts.append(text)
    elif kind in ("image_url", "image", "input_image"):
        found.images.append(_image(block))
    elif kind in ("document", "search_result"):
        _read_document(block, found)
    elif kind in ("file", "input_file"):
        found.files += 1
    elif kind == "input_audio":
        found.audio_bytes += len(as_text(as_mapping(block.get("input_audio")).get("data")) or "") * 3 // 4
    elif kind == "tool_result":
        read_content(block.get("content"), found)
    elif kind == "tool_use":
        found.texts.extend((str(block.get("name", "")), json.dumps(block.get("input"), ensure_ascii=False)))
    elif kind not in _THOUGHTS and block and kind != "text":
        found.texts.append(json.dumps(block, ensure_ascii=False, default=str))
        found.guessed = True


def _read_document(block: Mapping[str, object], found: Content) -> None:
    """A document of Anthropic's whose text stands in it, or a file."""
    found.cited = found.cited or as_mapping(block.get("citations")).get("enabled") is True
    found.texts.extend(text for name in ("title", "context") if (text := as_text(block.get(name))))
    source = as_mapping(block.get("source"))
    inline = block.get("content") or source.get("content") or (source.get("type") == "text" and source.get("data"))
    if inline:
        read_content(inline, found)
    else:
        found.files += 1


def _image(block: Mapping[str, object]) -> Image:
    source = block.get("image_url")
    if isinstance(source, str):
        return Image(source)
    if is_mapping(source):
        return Image(as_text(source.get("url")) or "", as_text(source.get("detail")) or "auto")
    inline = as_mapping(block.get("source"))
    if "data" in inline:
        return Image(f"data:{inline.get('media_type')};base64,{inline['data']}")
    return Image(as_text(inline.get("url")) or "")
