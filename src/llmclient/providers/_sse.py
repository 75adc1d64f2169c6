"""Server-sent events, read incrementally from bytes as they come off a connection (WHATWG HTML, section 9.2.6).

Lines end in LF, CR or CRLF, also when a read ends between CR and LF; a byte order mark before the first line is
dropped; comments are skipped; several `data` lines of one event are joined by a newline. Splitting happens on bytes,
so a character cut by a read is whole again before anybody decodes it. The reader does no I/O and never blocks.
"""

from __future__ import annotations

from typing import NamedTuple

_BOM = b"\xef\xbb\xbf"
_COLON = ord(":")


class ServerSentEvent(NamedTuple):
    """One event: its name, empty where the stream named none, and its data."""

    name: str
    data: bytes


class SSEReader:
    """Feed it bytes, get the events they complete."""

    __slots__ = ("_after_cr", "_at_start", "_data", "_name", "_pending")

    def __init__(self) -> None:
        self._pending: list[bytes] = []
        self._data: list[bytes] = []
        self._name = ""
        self._at_start = True
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Take the next bytes and return the events that are now complete."""
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk.startswith(b"\n"):
                chunk = chunk[1:]
        if b"\n" not in chunk and b"\r" not in chunk:
            if chunk:
                self._pending.append(chunk)
            return []
        if self._pending:
            self._pending.append(chunk)
            chunk = b"".join(self._pending)
            self._pending.clear()
        lines = chunk.splitlines()
        if not chunk.endswith((b"\n", b"\r")):
            self._pending.append(lines.pop())
        self._after_cr = chunk.endswith(b"\r")
        if self._at_start:
            self._at_start = False
            lines[0] = lines[0].removeprefix(_BOM)
        return self._events(lines)

    def finish(self) -> ServerSentEvent | None:
        """End of the stream: return an event whose closing blank line never came, None where nothing is pending."""
        events = self._events([b"".join(self._pending), b""])
        self._pending.clear()
        return events[0] if events else None

    def _events(self, lines: list[bytes]) -> list[ServerSentEvent]:
        events: list[ServerSentEvent] = []
        data = self._data
        for line in lines:
            if not line:
                if data:
                    events.append(ServerSentEvent(self._name, data[0] if len(data) == 1 else b"\n".join(data)))
                    data.clear()
                self._name = ""
            elif line.startswith(b"data:"):
                data.append(line[6:] if line.startswith(b"data: ") else line[5:])
            elif line.startswith(b"event:"):
                self._name = line[6:].strip().decode("utf-8", "replace")
            elif line[0] != _COLON and line == b"data":
                data.append(b"")
        return events
