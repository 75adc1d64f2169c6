"""Safe by default: a call that nothing scripts and nothing replays fails, in the frame of the test that made it.

Two nets. Routers are caught at the registry, where an override stands in front of every provider. The vendors' SDKs
used directly are caught where requests leave the process, see `wires.py`: one that an SDK made, or that goes to a
vendor's host, is stopped before anything is sent. What was stopped is kept as well, for code that catches everything.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, cast
from urllib.parse import urlsplit

from llmclient.testing.cassettes.scope import current_deck
from llmclient.testing.plugin.wires import Departure, ImportWatch
from llmclient.testing.unmasking import METHODS

if TYPE_CHECKING:
    from llmclient.protocols import Provider
    from llmclient.providers.config import ProviderConfig
    from llmclient.providers.registry import ProviderFactory

_LIBRARY = str(Path(__file__).parents[2])
_INSTALLED = ("site-packages", "dist-packages")
_RUNNER = f"{os.sep}pluggy{os.sep}"
_STANDARD = str(Path(json.__file__).parents[1])

VENDOR_HOSTS = frozenset({"api.openai.com", "api.anthropic.com", "openrouter.ai"})
SDK_HEADER = "x-stainless-retry-count"
"""Every request of the openai and anthropic SDKs carries it (their `_base_client.py`, `_build_headers`)."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FORM_MODEL = re.compile(rb'name="model"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]+)')
"""The model in a multipart form, such as that of a transcription (RFC 7578)."""


class UnscriptedCallError(BaseException):
    """A test asked a model, and nothing answers for it.

    No `Exception`: an SDK would take it for a broken connection and try again, and code under test that catches
    everything would hide it.

    Args:
        model: what was asked; method and path where a request names no model.
        where: file and line that asked; empty where nobody's code stands above the call, as in a task of its own.
        host: whom an SDK, or a bare HTTP client, was about to send it to; None for a router's call.
    """

    def __init__(self, model: str, where: str, *, host: str | None = None) -> None:
        super().__init__(model, where)
        self.model = model
        self.where = where
        self.host = host

    def __str__(self) -> str:
        asked = f"{self.model!r}" if self.host is None else f"{self.model!r} at {self.host}"
        how = (
            "script it with the fixture `llm` (llm.on(...).reply(...))"
            if self.host is None
            else "no router made the call, so script it with the fixture `llm_server`, whose variables lead the "
            "vendors' SDKs to a server on this machine"
        )
        return (
            f"this test called {asked} (at {self.where or 'an unknown line'}) and nothing answers for it; {how}, "
            "replay a recording with @pytest.mark.vcr, or ask the real provider with @pytest.mark.llm_live and "
            "--llm-live"
        )


def caller() -> str:
    """Where the code stands that asked: the innermost line outside the library, the SDKs and Python's own.

    Empty where there is none above the hook that runs the test: the call was made a task of its own.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - `inspect.stack` takes milliseconds
    while frame is not None and _RUNNER not in frame.f_code.co_filename:
        if is_users(frame):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def is_users(frame: FrameType) -> bool:
    """Whether the code of a frame is neither the library's, nor an installed package's, nor Python's own."""
    file = frame.f_code.co_filename
    return not (file.startswith((_LIBRARY, _STANDARD, "<")) or any(part in file for part in _INSTALLED))


class Guard:
    """Both nets, opened and closed together.

    Attributes:
        stopped: the calls that were stopped, until somebody takes them.
    """

    def __init__(self) -> None:
        self.stopped: list[UnscriptedCallError] = []
        self._stack: ExitStack | None = None
        self._watch = ImportWatch(self.check)

    @property
    def closed(self) -> bool:
        """Whether nothing gets through."""
        return self._stack is not None

    def close(self) -> None:
        """Let nothing through; harmless when called again."""
        if self._stack is None:
            from llmclient.providers.registry import override_providers

            self._stack = ExitStack()
            self._stack.enter_context(override_providers(self._override))

    def open(self) -> None:
        """Let calls through; harmless when called again."""
        if self._stack is not None:
            self._stack.close()
            self._stack = None

    def install(self) -> None:
        """Begin to watch what leaves."""
        self._watch.install()

    def uninstall(self) -> None:
        """Leave everything as it was."""
        self.open()
        self._watch.uninstall()

    def check(self, departure: Departure) -> None:
        """Stop a request to a model.

        Raises:
            UnscriptedCallError: the guard is closed, and this is one.
        """
        host = departure.host
        if not self.closed or host in LOOPBACK or current_deck() is not None:
            return
        if host in VENDOR_HOSTS or SDK_HEADER in departure.headers:
            model = _model_in(departure.body()) or f"{departure.method} {departure.path}"
            self._stop(UnscriptedCallError(model, caller(), host=host))

    def _stop(self, error: UnscriptedCallError) -> NoReturn:
        self.stopped.append(error)
        raise error

    # --- routers ---

    def _override(self, name: str, config: ProviderConfig, factory: ProviderFactory) -> Provider:
        """Let a provider refuse what nothing answers.

        One from outside the library is left alone: a test's own double, or a vendor of the user's, whose SDK the second
        net catches. So is one that a test led elsewhere by itself, with an HTTP client or an endpoint on this machine.
        """
        provider = factory(name, config)
        if not type(provider).__module__.startswith("llmclient.") or config.http_client is not None:
            return provider

        def check(request: object) -> None:
            base_url = config.base_url or os.environ.get(f"{name.upper()}_BASE_URL") or ""
            if urlsplit(base_url).hostname not in LOOPBACK and current_deck() is None:
                self._stop(UnscriptedCallError(f"{name}/{getattr(request, 'model', '?')}", caller()))

        for verb in METHODS:
            method = getattr(provider, verb, None)
            if method is not None:
                make = _checked_async if inspect.iscoroutinefunction(method) else _checked
                setattr(provider, verb, make(method, check))
        return provider


def _checked(method: Callable[[object], object], check: Callable[[object], None]) -> Callable[[object], object]:
    @functools.wraps(method)
    def checked(request: object) -> object:
        check(request)
        return method(request)

    return checked


def _checked_async(
    method: Callable[[object], Awaitable[object]], check: Callable[[object], None]
) -> Callable[[object], Awaitable[object]]:
    @functools.wraps(method)
    async def checked(request: object) -> object:
        check(request)
        return await method(request)

    return checked


def _model_in(body: object) -> str:
    """The model that a body names, in JSON or in a form; empty where it names none."""
    if isinstance(body, bytes) and (found := _FORM_MODEL.search(body)):
        return found[1].decode("utf-8", "replace")
    try:
        parsed: object = json.loads(body) if isinstance(body, bytes | str) else body
    except ValueError:
        return ""
    return str(cast("Mapping[str, object]", parsed).get("model") or "") if isinstance(parsed, Mapping) else ""
