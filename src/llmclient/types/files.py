"""Files that go up with a call: from a path, bytes, or an open file, read once so that a retry sends the same bytes."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Protocol, TypeAlias


class ReadableFile(Protocol):
    """An open binary file."""

    def read(self) -> bytes:
        """The rest of it."""
        ...


FileSource: TypeAlias = str | PathLike[str] | bytes | ReadableFile
"""A path, the content itself, or an open binary file."""


@dataclass(frozen=True, slots=True)
class UploadFile:
    """A file's name, content and media type."""

    name: str
    data: bytes
    media_type: str

    def __repr__(self) -> str:
        return f"UploadFile({self.name!r}, {len(self.data)} bytes, {self.media_type!r})"


def read_file(source: FileSource | UploadFile, *, default_name: str) -> UploadFile:
    """Return the file with its content.

    Args:
        source: a path, bytes, an open binary file, or an `UploadFile`.
        default_name: what bytes, and a file without a name, are called; its ending tells the media type.

    Raises:
        OSError: the path cannot be read.
        TypeError: it is none of these, or a file opened as text.
    """
    if isinstance(source, UploadFile):
        return source
    if isinstance(source, str | PathLike):
        name, data = Path(fspath(source)).name, Path(source).read_bytes()
    elif isinstance(source, bytes | bytearray | memoryview):
        name, data = default_name, bytes(source)
    elif callable(getattr(source, "read", None)):
        data = source.read()
        given = getattr(source, "name", None)
        name = Path(given).name if isinstance(given, str) else default_name
    else:
        raise TypeError(f"a file is a path, bytes or an open binary file, not {type(source).__name__}")
    if not isinstance(data, bytes):  # pyright: ignore[reportUnnecessaryIsInstance] - what a caller's file gives
        raise TypeError(f"file {name!r} was opened as text; open it with mode 'rb'")
    return UploadFile(name, data, mimetypes.guess_type(name)[0] or "application/octet-stream")
