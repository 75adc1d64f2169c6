"""One open cassette at work: what is asked is answered from it, or goes to the live API and is taken down.

A transport asks `answer(asked)` and gets one of three: a `Recording` to play, a `Ticket` (send it live, and tell the
ticket what comes back, piece by piece), or None (not our business: send it, record nothing). A miss is raised.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from llmclient.testing.cassettes._vcr import (
    VCRCassette,
    VCRRequest,
    make_request,
    mark_played,
    matchers,
    mode_of,
)
from llmclient.testing.cassettes.bodies import Unpacker, unpacker
from llmclient.testing.cassettes.errors import CassetteInterruption, CassetteMissError, UnusedRecordingsError
from llmclient.testing.cassettes.explain import explain_miss, summary
from llmclient.testing.cassettes.keys import require_real_key
from llmclient.testing.cassettes.matching import DEFAULT_IGNORED, Index, KeyMaker
from llmclient.testing.cassettes.recording import (
    BLOCK,
    Asked,
    End,
    Recording,
    as_fields,
    decode_recording,
    header_value,
    write_chunks,
)
from llmclient.testing.cassettes.scrub import header_secrets, scrub_text
from llmclient.testing.cassettes.scrubbing import interaction_secrets, scrub_interaction
from llmclient.testing.cassettes.store import ORDER, ORIGIN, CassetteStore

if TYPE_CHECKING:
    from llmclient.protocols import Clock
    from llmclient.testing.cassettes.layout import Interaction

_STREAM_ENDS = (b"data: [DONE]", b"event: message_stop", b"event: response.completed", b'"type":"message_stop"')


class Deck:
    """An open cassette.

    Args:
        cassette: vcrpy's.
        store: its file.
        how_to_record: the command that records a missing request, for messages.
        ignored: JSON paths that do not matter for matching.
        clock: what replayed streams keep their recorded time on; None plays them at once.
    """

    def __init__(
        self,
        cassette: VCRCassette,
        store: CassetteStore,
        *,
        how_to_record: str,
        ignored: Sequence[str] = DEFAULT_IGNORED,
        clock: Clock | None = None,
    ) -> None:
        self.cassette = cassette
        self.store = store
        self.clock = clock
        self.path: str = str(cassette.path)
        self.how_to_record = how_to_record
        self.misses: list[CassetteInterruption] = []
        self.went_live: bool = False
        self._maker = KeyMaker(matchers(cassette), ignored)
        self._loaded = [request for request, response in cassette.data if ORIGIN in response]
        self._index = Index(self._maker, self._loaded, repeats=cassette.allow_playback_repeats)
        self._lock = threading.RLock()
        self._pending: dict[int, Ticket] = {}
        self._made = 0

    @property
    def mode(self) -> str:
        """The record mode."""
        return mode_of(self.cassette)

    @property
    def loaded(self) -> int:
        """How many recordings there were to replay when the cassette was opened."""
        return len(self._loaded)

    @property
    def may_record(self) -> bool:
        """Whether a request without a recording goes to the live API."""
        # "once" is once a run: a second test of this run, or another worker, may add to a file this run has begun.
        return not self.cassette.write_protected or (self.mode == "once" and self.store.written_by_this_run)

    def answer(self, asked: Asked) -> Recording | Ticket | None:
        """What to do about a request.

        Raises:
            CassetteMissError: there is no recording, and the mode does not allow one to be made.
            RecordingKeyMissingError: it would be recorded, but with the placeholder for a key.
        """
        request = self.cassette.filter_request(_bare(asked))
        if request is None:
            return None
        with self._lock:
            number = None if self.mode == "all" else self._take(asked, request)
            if number is not None:
                return decode_recording(mark_played(self.cassette, number)[1])
            if not self.may_record:
                raise self._miss(self.cassette.filter_request(_scrubbed(asked)) or request)
            self._made += 1
            order = self._made
            self.went_live = True
        try:
            require_real_key(asked)
        except CassetteInterruption as error:
            self.misses.append(error)
            raise
        self.store.known.update(header_secrets(asked.headers))
        ticket = Ticket(self, asked, order)
        self._pending[order] = ticket
        return ticket

    def _take(self, asked: Asked, request: VCRRequest) -> int | None:
        number = self._index.take(request)
        if number is None and self._loaded:
            # What was recorded was scrubbed: a request with a secret in it is found in the same form.
            clean = self.cassette.filter_request(_scrubbed(asked))
            number = self._index.take(clean) if clean is not None else None
        return number

    def _miss(self, request: VCRRequest) -> CassetteMissError:
        used = self._index.used
        text, nearest, differences = explain_miss(
            request,
            self._loaded,
            used,
            maker=self._maker,
            index=self._index,
            place=(self.path, self.mode, self.store.existed),
            how_to_record=self.how_to_record,
        )
        error = CassetteMissError(text, nearest=nearest, differences=differences)
        self.misses.append(error)
        return error

    def take_down(self, ticket: Ticket, response: dict[str, object]) -> None:
        """Add a finished recording to the cassette, scrubbed: vcrpy logs what it is given."""
        self._pending.pop(ticket.order, None)
        interaction = _interaction(ticket.asked, response)
        self.store.known.update(interaction_secrets(interaction))
        clean = scrub_interaction(interaction, self.store.known)
        request = make_request(
            ticket.asked.method,
            str(clean["request"]["uri"]),
            clean["request"]["body"],
            _first(clean["request"]["headers"]),
        )
        with self._lock:
            self.cassette.append(request, {**clean["response"], ORDER: ticket.order})

    def forget(self, ticket: Ticket) -> None:
        """Nothing came back for a ticket."""
        self._pending.pop(ticket.order, None)

    def flush(self) -> None:
        """Take down what is still open: streams that nobody read to their end or closed."""
        for ticket in list(self._pending.values()):
            ticket.closed()

    def own_recordings(self) -> int:
        """How many recordings the file itself held when it was opened; they come first."""
        return sum(response.get(ORIGIN) == "main" for _, response in self.cassette.data)

    def unused(self) -> list[str]:
        """A line for each of the file's own recordings that was not played."""
        lines: list[str] = []
        for number, (request, response) in enumerate(self.cassette.data):
            if response.get(ORIGIN) == "main" and self.cassette.play_counts[number] == 0:
                lines.append(f"recording {number + 1}: {summary(request)}")
        return lines

    def require_no_misses(self) -> None:
        """Raises the first miss, for a test that did not see it because the application caught it."""
        if self.misses:
            raise self.misses[0]

    def require_used(self) -> None:
        """Raises `UnusedRecordingsError` where the file holds recordings that were not played."""
        unused = self.unused()
        if unused:
            raise UnusedRecordingsError(self.path, unused)


def _bare(asked: Asked) -> VCRRequest:
    """The request for vcrpy, which logs addresses: these are scrubbed, the rest is compared as it is."""
    url = scrub_text(asked.url) if "?" in asked.url or "@" in asked.url else asked.url
    return make_request(asked.method, url, asked.body, _single(asked.headers))


def _scrubbed(asked: Asked) -> VCRRequest:
    request = scrub_interaction(_interaction(asked, {}), (), keep_headers=True)["request"]
    return make_request(asked.method, str(request["uri"]), request["body"] or b"", _single(asked.headers))


def _single(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


def _first(headers: object) -> dict[str, object]:
    return dict(as_fields(headers) or {})


def _interaction(asked: Asked, response: dict[str, object]) -> Interaction:
    headers: dict[str, list[str]] = {}
    for name, value in asked.headers:
        headers.setdefault(name, []).append(value)
    return {
        "request": {"method": asked.method, "uri": asked.url, "headers": headers, "body": asked.body},
        "response": response,
    }


class Ticket:
    """A request that is on its way to the live API, and what has come back so far."""

    def __init__(self, deck: Deck, asked: Asked, order: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self.asked = asked
        self.order = order
        self._deck = deck
        self._now = now
        self._sent = now()
        self._after = 0.0
        self._status: tuple[int, str] = (0, "")
        self._headers: list[tuple[str, str]] = []
        self._unpacker: Unpacker | None = None
        self._raw: list[bytes] = []
        self._pieces: list[tuple[float, bytes]] = []
        self._done = False

    def began(self, status: int, reason: str, headers: Sequence[tuple[str, str]]) -> None:
        """The status line and the headers are there."""
        self._after = self._now() - self._sent
        self._status = (status, reason)
        self._headers = list(headers)
        self._unpacker = unpacker(header_value(headers, "content-encoding"))

    def piece(self, data: bytes) -> None:
        """A piece of the body is there, as the wire has it."""
        self._raw.append(data)
        if self._unpacker is not None:
            try:
                data = self._unpacker.feed(data)
            except ValueError:
                self._unpacker = None
        self._pieces.append((self._now() - self._sent, data))

    def failed(self) -> None:
        """There was no answer: nothing is recorded."""
        self._done = True
        self._deck.forget(self)

    def whole(self) -> None:
        """The body is complete."""
        self._finish("whole", "")

    def cut(self, error: BaseException) -> None:
        """The connection broke within the body."""
        self._finish("cut", f"{type(error).__name__}: {error}")

    def closed(self) -> None:
        """The client closed the response before its end, or after."""
        body = b"".join(data for _, data in self._pieces)
        self._finish("whole" if any(mark in body for mark in _STREAM_ENDS) else "closed", "")

    def _finish(self, end: End, error: str) -> None:
        if self._done:
            return
        self._done = True
        if not self._status[0]:
            self._deck.forget(self)
            return
        body, headers = self._body(end)
        extra: dict[str, object] = {
            "recorded": datetime.now(tz=UTC).date().isoformat(),
            "after": round(self._after, 3),
        }
        pieces = [(at, len(data)) for at, data in self._pieces if data]
        streamed = header_value(headers, "content-type").partition(";")[0] != "application/json" or end != "whole"
        if streamed and pieces and self._unpacker is not None:
            extra["chunks"] = write_chunks(pieces)
        if end != "whole":
            extra["end"] = end
        if error:
            extra["error"] = error
        if b"\r\n" in body and body.count(b"\n") == body.count(b"\r") == body.count(b"\r\n"):
            body = body.replace(b"\r\n", b"\n")
            extra["newline"] = "crlf"
        stored: dict[str, list[str]] = {}
        for name, value in headers:
            stored.setdefault(name.lower(), []).append(value)
        status = {"code": self._status[0], "message": self._status[1]}
        response: dict[str, object] = {"status": status, "headers": stored, "body": {"string": body}, BLOCK: extra}
        self._deck.take_down(self, response)

    def _body(self, end: End) -> tuple[bytes, list[tuple[str, str]]]:
        """The unpacked body and headers without its packing; the raw ones where it cannot be unpacked."""
        codec = self._unpacker
        if codec is not None:
            try:
                rest = codec.flush() if end == "whole" else b""
            except ValueError:
                codec = self._unpacker = None
            else:
                if rest:
                    self._pieces.append((self._now() - self._sent, rest))
        if codec is None:
            return b"".join(self._raw), self._headers
        headers = [pair for pair in self._headers if pair[0].lower() != "content-encoding"]
        return b"".join(data for _, data in self._pieces), headers
