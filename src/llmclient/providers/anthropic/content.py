"""Parts of a message, from OpenAI's shapes to Anthropic's content blocks.

A part of a type that OpenAI does not have is taken for a block of Anthropic's own (a `document`, a `search_result`, a
`container_upload`) and passed as it is. What Anthropic cannot take at all is an error, never left out; the one
exception is text of white space only, which says nothing and which the API rejects (fact 14).
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote_to_bytes

from llmclient._narrow import is_mapping
from llmclient.errors import InvalidMessageError, UnsupportedCapabilityError
from llmclient.providers.anthropic._json import object_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmclient.types.messages import JSONObject

IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_ALIASES = {"image/jpg": "image/jpeg"}
_HEARING = ("openai",)
_DATA_URL = re.compile(r"data:(?P<type>[^;,]*)(?P<parameters>(?:;[^;,]*)*),(?P<data>.*)", re.DOTALL)


def content_blocks(content: object, position: int) -> list[JSONObject]:
    """The blocks of a message's content: text, a list of parts, or None.

    Raises:
        InvalidMessageError: a part cannot be read.
        UnsupportedCapabilityError: a part is of a kind that Anthropic cannot take, such as audio.
    """
    if content is None:
        return []
    if isinstance(content, str):
        return [text_block(content)] if content.strip() else []
    if is_mapping(content) or not isinstance(content, Sequence):
        raise InvalidMessageError(position, f"content is text or a list of parts, not {type(content).__name__}")
    blocks = (_block(part, position) for part in cast("Sequence[object]", content))
    return [block for block in blocks if block.get("type") != "text" or text_of(block.get("text")).strip()]


def text_block(text: str) -> JSONObject:
    """A block of text."""
    return {"type": "text", "text": text}


def mark_cached(blocks: list[JSONObject], control: object) -> None:
    """Put a message's own `cache_control` on its last block; thinking blocks take none."""
    if control is None or not blocks or text_of(blocks[-1].get("type")).endswith("thinking"):
        return
    blocks[-1] = {**blocks[-1], "cache_control": control}


def _block(part: object, position: int) -> JSONObject:
    if not is_mapping(part):
        raise InvalidMessageError(position, f"a part of content is an object with a type, not {part!r}")
    fields = object_of(part)
    kind = fields.get("type")
    if not isinstance(kind, str):
        raise InvalidMessageError(position, f"a part of content has no type; its keys are {sorted(fields)}")
    convert = _PARTS.get(kind)
    if convert is None:
        return dict(fields)
    block = convert(fields, position)
    if fields.get("cache_control") is not None:
        block["cache_control"] = fields["cache_control"]
    return block


def _text(part: JSONObject, _position: int) -> JSONObject:
    block = text_block(text_of(part.get("text")))
    if part.get("citations") is not None:
        block["citations"] = part["citations"]
    return block


def _refusal(part: JSONObject, _position: int) -> JSONObject:
    return text_block(text_of(part.get("refusal")))


def _image(part: JSONObject, position: int) -> JSONObject:
    image = part.get("image_url")
    url = image if isinstance(image, str) else text_of(object_of(image).get("url"))
    if not url.startswith("data:"):
        return {"type": "image", "source": _address(url, "image_url", position)}
    return _image_block(*_split(url, "image_url", position))


def _image_block(media_type: str, data: bytes | str) -> JSONObject:
    media_type = _ALIASES.get(media_type, media_type)
    if media_type not in IMAGE_TYPES:
        raise UnsupportedCapabilityError("anthropic", f"images of type {media_type!r}; send jpeg, png, gif or webp")
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": _base64(data)}}


def _file(part: JSONObject, position: int) -> JSONObject:
    file = object_of(part.get("file"))
    block: JSONObject
    data, file_id = text_of(file.get("file_data")), file.get("file_id")
    if data.startswith("data:"):
        block = _document(*_split(data, "file_data", position))
    elif data:
        block = {"type": "document", "source": _address(data, "file_data", position)}
    elif file_id is not None:
        block = {"type": "document", "source": {"type": "file", "file_id": file_id}}
    else:
        raise InvalidMessageError(position, "a file has file_data (a data: URL) or file_id")
    if file.get("filename") is not None and block["type"] == "document":
        block["title"] = file["filename"]
    return block


def _document(media_type: str, data: bytes | str) -> JSONObject:
    if media_type == "application/pdf":
        source: JSONObject = {"type": "base64", "media_type": media_type, "data": _base64(data)}
    elif media_type == "text/plain":
        content = b64decode(data) if isinstance(data, str) else data
        source = {"type": "text", "media_type": media_type, "data": content.decode("utf-8", "replace")}
    elif media_type.startswith("image/"):
        return _image_block(media_type, data)
    else:
        raise UnsupportedCapabilityError("anthropic", f"files of type {media_type!r}; send PDF, plain text or an image")
    return {"type": "document", "source": source}


def _audio(_part: JSONObject, _position: int) -> JSONObject:
    raise UnsupportedCapabilityError("anthropic", "audio in messages", _HEARING)


_PARTS: dict[str, Callable[[JSONObject, int], JSONObject]] = {
    "text": _text,
    "refusal": _refusal,
    "image_url": _image,
    "file": _file,
    "input_audio": _audio,
}


def _address(url: str, field: str, position: int) -> JSONObject:
    if not url.startswith(("http://", "https://")):
        raise InvalidMessageError(position, f"{field} is neither an http(s) address nor a data: URL: {url[:80]!r}")
    return {"type": "url", "url": url}


def _split(url: str, field: str, position: int) -> tuple[str, bytes | str]:
    """Media type and data of a data: URL (RFC 2397): base64 stays text, anything else is decoded to bytes."""
    match = _DATA_URL.fullmatch(url)
    if match is None:
        raise InvalidMessageError(position, f"{field} is no whole data: URL: {url[:80]!r}")
    media_type = match["type"].lower() or "text/plain"
    if match["parameters"].lower().endswith(";base64"):
        return media_type, match["data"]
    return media_type, unquote_to_bytes(match["data"])


def _base64(data: bytes | str) -> str:
    return data if isinstance(data, str) else b64encode(data).decode("ascii")
