"""One connection of the server: h11 reads requests and frames answers, and steps that misbehave go past it.

h11 keeps both sides to HTTP/1.1, which is what makes it fit here: an answer that breaks the rules (a body shorter than
it was announced, a cut inside a chunk) is made by leaving out what h11 would insist on next, and closing the socket.
A connection is served by one thread; a client that goes away ends it.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import unquote

import h11

from llmclient.testing.dialects.wire import Cut, Hang, NoAnswer, Send, Wait, WireAnswer, WireRequest, WireResponse

TIMEOUT_HEADER = "x-stainless-read-timeout"
"""Seconds for which the vendors' SDKs say they wait for the next bytes."""

_READ_SIZE = 65_536
_LINGER = 1.0
"""Real seconds to wait for a client that was refused while it was sending."""
_MOST_UNREAD = 64 * 1024 * 1024
"""Bytes that are read of what such a client sends."""
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_POLL = 0.05
"""How often, in real seconds, a hanging answer looks whether its client is still there."""


class BodyTooLargeError(Exception):
    """The request's body is longer than the server takes; the argument is the path."""


class _ClientGoneError(Exception):
    """The client closed the connection."""


Handler: TypeAlias = Callable[[WireRequest], WireAnswer]
"""Answers a request; called with `provider` empty: the path tells who is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """What a connection needs to know.

    Attributes:
        handle: answers requests.
        refuse: makes the answer to what is no proper request, from a status, a sentence and the path, where one came.
        sleep: lets time pass before the answer to a request goes on, and says whether its client is still there; it
            is given a look whether the client has closed the connection.
        max_body: bytes a request's body may have.
        marked: told of each failure that a socket cannot play, or only in real time; returns whether the client is of
            our own process and will see a cut connection as what it stands for.
        in_step: called with the bytes of body sent so far before time passes: lets a client of our own process catch
            up, and says whether it is still there.
        stopping: whether the server is shutting down.
    """

    handle: Handler
    refuse: Callable[[int, str, str], WireResponse]
    sleep: Callable[[WireRequest | None, float, Callable[[], bool]], bool]
    max_body: int
    marked: Callable[[WireRequest, NoAnswer | Hang], bool]
    in_step: Callable[[WireRequest, int], bool]
    stopping: Callable[[], bool]


class ServedConnection:
    """Serves the requests of one socket, one after the other, until either side ends it."""

    def __init__(self, sock: socket.socket, settings: ConnectionSettings) -> None:
        self._socket = sock
        self._settings = settings
        self._http = h11.Connection(h11.SERVER)
        self._bodiless = False

    def serve(self) -> None:
        """Serve until the connection ends."""
        with contextlib.suppress(_ClientGoneError, OSError):
            while self._serve_one():
                self._http.start_next_cycle()

    def _serve_one(self) -> bool:
        try:
            request = self._read_request()
        except h11.RemoteProtocolError as error:
            return self._refuse(self._settings.refuse(error.error_status_hint, str(error), ""))
        except BodyTooLargeError as error:
            sentence = f"the body is longer than {self._settings.max_body} bytes"
            return self._refuse(self._settings.refuse(413, sentence, str(error)))
        if request is None:
            return False
        answer = self._settings.handle(request)
        done = answer.done or _nothing
        try:
            alive = self._play(request, answer)
        except BaseException as error:
            done(error)
            raise
        done(None)
        return alive and self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    def _refuse(self, answer: WireResponse) -> bool:
        """Answer what is no proper request, and read on for a while: who is still sending would not see the answer."""
        self._perform(None, answer)
        self._socket.shutdown(socket.SHUT_WR)
        self._socket.settimeout(_LINGER)
        left = _MOST_UNREAD
        while left > 0 and (data := self._socket.recv(_READ_SIZE)):
            left -= len(data)
        return False

    def _play(self, request: WireRequest, answer: WireAnswer) -> bool:
        if isinstance(answer, NoAnswer):
            self._fail(request, answer)
            return False
        return self._perform(request, answer)

    # --- reading ---

    def _next_event(self) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._http.they_are_waiting_for_100_continue:
                self._write(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(self._socket.recv(_READ_SIZE))

    def _read_request(self) -> WireRequest | None:
        event = self._next_event()
        if not isinstance(event, h11.Request):
            return None
        self._bodiless = event.method == b"HEAD"
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in event.headers}
        target = _path(event.target)
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._settings.max_body:
            raise BodyTooLargeError(target)
        parts: list[bytes] = []
        size = 0
        while isinstance(data := self._next_event(), h11.Data):
            size += len(data.data)
            if size > self._settings.max_body:
                raise BodyTooLargeError(target)
            parts.append(bytes(data.data))
        timeout = headers.get(TIMEOUT_HEADER, "")
        return WireRequest(
            method=event.method.decode("ascii"),
            path=target,
            headers=headers,
            body=b"".join(parts),
            provider="",
            read_timeout=float(timeout) if timeout.replace(".", "", 1).isdigit() else None,
        )

    # --- answering ---

    def _perform(self, request: WireRequest | None, answer: WireResponse) -> bool:
        """Send an answer; False where the connection is of no use afterwards."""
        declared = answer.header("content-length")
        headers = [(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in answer.headers]
        if request is None:
            headers.append((b"connection", b"close"))
        reason = _PHRASES.get(answer.status, "").encode("ascii")
        self._write(h11.Response(status_code=answer.status, headers=headers, reason=reason))
        if self._bodiless:
            self._write(h11.EndOfMessage())
            return True
        length = int(declared) if declared is not None else None
        sent = 0
        for step in answer.steps:
            if isinstance(step, Send):
                data = step.data if length is None else step.data[: length - sent]
                sent += len(data)
                if data:
                    self._write(h11.Data(data=data))
            elif not self._pass(request, step, sent):
                return False
        if length is not None and sent < length:
            return False
        self._write(h11.EndOfMessage())
        return True

    def _pass(self, request: WireRequest | None, step: Wait | Hang | Cut, sent: int) -> bool:
        """Let time pass, or fail; False where the connection is of no use afterwards."""
        if request is not None and not self._settings.in_step(request, sent):
            return False
        limit = request.read_timeout if request is not None else None
        if isinstance(step, Wait) and (limit is None or step.seconds <= limit):
            return self._settings.sleep(request, step.seconds, self._gone)
        if request is not None:
            self._fail(request, Cut() if isinstance(step, Cut) else Hang())
        return False

    def _fail(self, request: WireRequest, failure: NoAnswer | Hang | Cut) -> None:
        """Let the client see a failure: hang until it leaves, or cut the connection."""
        if isinstance(failure, Cut):
            return
        if self._settings.marked(request, failure):
            return
        if isinstance(failure, Hang) or failure.fault.exception.endswith("Timeout"):
            self._hang()
        else:
            # A linger of zero seconds makes the kernel send RST instead of FIN.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _hang(self) -> None:
        self._socket.settimeout(_POLL)
        while not self._settings.stopping():
            with contextlib.suppress(TimeoutError):
                if not self._socket.recv(_READ_SIZE):
                    return

    def _gone(self) -> bool:
        """Whether the client has closed the connection; what it may have sent stays unread."""
        self._socket.settimeout(0)
        try:
            return not self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        finally:
            self._socket.settimeout(None)

    def _write(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._send_all(data)

    def _send_all(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise _ClientGoneError from error


def _path(target: bytes) -> str:
    """The path that is asked for, which may come with scheme and host (RFC 9112, section 3.2.2)."""
    text = target.decode("latin-1")
    if text.startswith(("http://", "https://")):
        text = "/" + text.partition("://")[2].partition("/")[2]
    return unquote(text.partition("?")[0])


def _nothing(_: BaseException | None) -> None:
    """Nobody wants to know."""
