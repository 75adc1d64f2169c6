"""`FakeServer`: listens on loopback, knows which dialect a path means, and plays a script to whoever asks.

    /v1/…                 OpenAI: chat/completions, responses, embeddings, images, audio, models
    /v1/messages          Anthropic, with /v1/messages/count_tokens
    /api/v1/…             OpenRouter
    /<provider>/v1/…      any other provider, such as a gateway, under its own name

The server runs in threads of its own, one for each connection, so that it works beneath any event loop or none. It
binds loopback unless told otherwise, refuses bodies above a limit, and opens no file.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Self

from llmclient.testing.dialects.base import render_refusal
from llmclient.testing.dialects.errors import family_of
from llmclient.testing.dialects.requests import RefusedRequestError
from llmclient.testing.dialects.wire import WireAnswer, WireRequest, WireResponse, dump, whole
from llmclient.testing.harness import Harness
from llmclient.testing.player import DIALECTS, WirePlayer
from llmclient.testing.server.connection import ConnectionSettings, ServedConnection
from llmclient.testing.server.pace import Pace
from llmclient.testing.turns import NoTurnError, Script

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from llmclient.testing.dialects.wire import Done, Hang, NoAnswer
    from llmclient.testing.journal import Calls
    from llmclient.testing.turns import Turn

DEFAULT_MAX_BODY = 32 * 1024 * 1024
"""Bytes of a request's body that are taken: what Anthropic takes (API reference, "Errors", 413)."""

CALL_HEADER = "x-llmclient-call"
"""A client of our own process numbers its requests, so that a failure can be told to it as what it stands for."""

_BACKLOG = 128
_PATIENCE = 5.0
"""Seconds to wait, when the server stops, for each connection to end."""


def provider_of(request: WireRequest) -> tuple[str, str]:
    """`(provider, the path as that provider knows it)`, by the path."""
    path = request.path
    if path.startswith("/api/v1/"):
        return "openrouter", path
    if path.startswith(("/v1/messages", "/v1/complete")):
        return "anthropic", path
    if path.startswith("/v1/"):
        # Both vendors list models there; only Anthropic's clients send a version.
        return ("anthropic" if "anthropic-version" in request.headers else "openai"), path
    name, _, rest = path.lstrip("/").partition("/")
    return (name, f"/{rest}") if rest.startswith("v1/") else ("openai", path)


class FakeServer:
    """A server that plays a script, on the time of its harness: virtual, so that the delays of a script take none.

    Args:
        source: what is played: a script file, a `Script`, turns, or the `llm` of a test with its journal and clock.
            Default: an empty script.
        host: the address to bind. Default 127.0.0.1, which no other machine can reach.
        port: 0, the default, takes a free one.
        max_body: bytes a request's body may have. Default 32 MiB.
        on_failure: told of exceptions that a script raises; default: the server answers 500 with their text.
    """

    def __init__(
        self,
        source: Harness | Script | Sequence[Turn] | str | Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        max_body: int = DEFAULT_MAX_BODY,
        on_failure: Callable[[BaseException], None] | None = None,
    ) -> None:
        self.harness: Harness = _harness(source)
        self._address = (host, port)
        self._max_body = max_body
        self._on_failure = on_failure
        self._listener: socket.socket | None = None
        self._threads: set[threading.Thread] = set()
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._acceptor: threading.Thread | None = None
        self._stopping = threading.Event()
        self._failures: dict[str, NoAnswer | Hang] = {}
        self._script_errors: dict[str, Exception] = {}
        self._paces: dict[str, Pace] = {}

    # --- life ---

    def start(self) -> Self:
        """Bind the port and serve, in the background."""
        if self._listener is not None:
            return self
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        listener = socket.create_server(self._address, family=family, backlog=_BACKLOG)
        self._listener = listener
        self._stopping.clear()
        self._acceptor = self._spawn(self._accept, listener)
        return self

    def stop(self) -> None:
        """Stop listening and end every connection; harmless when called again."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        self._stopping.set()
        # Closing alone does not wake a thread that waits in accept().
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        if self._acceptor is not None:
            self._acceptor.join(_PATIENCE)  # who was accepted last is among the sockets then
        with self._lock:
            open_sockets, threads = list(self._sockets), list(self._threads)
        for pace in list(self._paces.values()):
            pace.leave()
        for sock in open_sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(_PATIENCE)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- addresses ---

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._listener is None:
            raise RuntimeError("the server is not running; use it in a `with` block or call start()")
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """`http://host:port`, without a path."""
        host = self._address[0]
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def base_url(self, provider: str = "openai") -> str:
        """The `base_url` that a client of that provider takes."""
        paths = {"openai": "/v1", "anthropic": "", "openrouter": "/api/v1"}
        return self.url + paths.get(provider, f"/{provider}/v1")

    @property
    def environment(self) -> dict[str, str]:
        """Variables that lead the three vendors' clients here, in this process or another, with keys that are none."""
        return {
            "OPENAI_BASE_URL": self.base_url("openai"),
            "OPENAI_API_KEY": "sk-fake",
            "ANTHROPIC_BASE_URL": self.base_url("anthropic"),
            "ANTHROPIC_API_KEY": "sk-fake",
            "OPENROUTER_BASE_URL": self.base_url("openrouter"),
            "OPENROUTER_API_KEY": "sk-fake",
        }

    @property
    def calls(self) -> Calls:
        """The journal."""
        return self.harness.calls

    # --- serving ---

    def _spawn(self, work: Callable[[socket.socket], None], sock: socket.socket) -> threading.Thread:
        thread = threading.Thread(target=self._run, args=(work, sock), name="llmclient-fake-server", daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()
        return thread

    def _run(self, work: Callable[[socket.socket], None], sock: socket.socket) -> None:
        try:
            work(sock)
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())
                self._sockets.discard(sock)

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._sockets.add(sock)
            self._spawn(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        settings = ConnectionSettings(
            handle=self._handle,
            refuse=_refuse,
            sleep=self._pause,
            max_body=self._max_body,
            marked=self._mark,
            in_step=self._in_step,
            stopping=self._stopping.is_set,
        )
        with sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ServedConnection(sock, settings).serve()

    def _handle(self, request: WireRequest) -> WireAnswer:
        if request.path in ("/", "/health"):
            return whole(dump({"status": "ok"}))
        provider, path = provider_of(request)
        # RFC 9110, section 9.3.2: HEAD is answered as GET, and the connection leaves the body out.
        method = "GET" if request.method == "HEAD" else request.method
        named = replace(request, provider=provider, path=path, method=method)
        number = request.headers.get(CALL_HEADER)
        try:
            answer = self.player(request.headers).answer(named)
            return answer if number is None else replace(answer, done=partial(self._done, number, answer.done))
        except RefusedRequestError as error:
            return render_refusal(DIALECTS[family_of(provider)], error)
        except Exception as error:  # noqa: BLE001 - whatever a script raises is told to the client, and to the test
            return self._failed(named, error)

    def player(self, headers: Mapping[str, str]) -> WirePlayer:
        """Who answers a request with these headers."""
        del headers
        return WirePlayer(self.harness, "server")

    def _failed(self, request: WireRequest, error: Exception) -> WireResponse:
        number = request.headers.get(CALL_HEADER)
        if number is not None:
            self._script_errors[number] = error
        elif self._on_failure is not None:
            self._on_failure(error)
        # 501 tells a script that is at its end from a fault that it plays; no client should try again.
        status = 501 if isinstance(error, NoTurnError) else 500
        refusal = RefusedRequestError(status, f"{type(error).__name__}: {error}", code="script_error")
        return render_refusal(DIALECTS[family_of(request.provider)], refusal)

    def _mark(self, request: WireRequest, failure: NoAnswer | Hang) -> bool:
        number = request.headers.get(CALL_HEADER)
        if number is None:
            return False
        self._failures[number] = failure
        return True

    def pace(self, number: str) -> Pace:
        """Where a client of our own process tells how far it has read the answer to the request with this number."""
        made = self._paces[number] = Pace(self.harness.clock)
        return made

    def _done(self, number: str, done: Done | None, error: BaseException | None) -> None:
        self._paces.pop(number, None)
        if done is not None:
            done(error)

    def _in_step(self, request: WireRequest, sent: int) -> bool:
        pace = self._paces.get(request.headers.get(CALL_HEADER, ""))
        return pace is None or pace.wait(sent)

    def _pause(self, request: WireRequest | None, seconds: float, gone: Callable[[], bool]) -> bool:
        """Let time pass amid an answer; False where its client was lost meanwhile."""
        del gone  # virtual time takes none
        pace = None if request is None else self._paces.get(request.headers.get(CALL_HEADER, ""))
        if pace is not None:
            return pace.sleep(seconds)
        self.harness.clock.sleep(seconds)
        return True

    def failure(self, number: str) -> NoAnswer | Hang | None:
        """What a cut connection stands for, for the request a client of our own process numbered so; told once."""
        return self._failures.pop(number, None)

    def script_error(self, number: str) -> Exception | None:
        """What the script raised instead of answering the request with this number; told once."""
        return self._script_errors.pop(number, None)


def _harness(source: Harness | Script | Sequence[Turn] | str | Path | None) -> Harness:
    if isinstance(source, Harness):
        return source
    if isinstance(source, str | os.PathLike):
        from llmclient.testing.files.load import load_script

        return Harness(load_script(source))
    script = source if isinstance(source, Script) else Script()
    if source is not None and not isinstance(source, Script):
        script.add(*source)
    return Harness(script)


def _refuse(status: int, message: str, path: str) -> WireResponse:
    provider, _ = provider_of(WireRequest(method="", path=path, provider=""))
    return render_refusal(DIALECTS[family_of(provider)], RefusedRequestError(status, message))
