"""Fetching LiteLLM's public price map. Only `refresh_cost_data`, the commands, and `LLMCLIENT_PRICES=auto` come here.

What comes back is not trusted: https throughout (a redirect to anything else is refused), ten seconds in all, a limit
on the size whatever the headers say. The content is judged by `llmclient.costs.schema`.
"""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from ipaddress import ip_address
from typing import IO, TYPE_CHECKING, Final, TypeAlias, cast
from urllib.parse import urlsplit

from llmclient.clock import SystemClock
from llmclient.errors import LLMClientError

if TYPE_CHECKING:
    from http.client import HTTPMessage

    from llmclient.protocols import Clock

PUBLIC_URL: Final = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
"""Where LiteLLM publishes its map."""

SECONDS: Final = 10.0
"""Time for a whole fetch."""

SIZE_LIMIT: Final = 32 * 1024 * 1024
"""Bytes a map may have; it has 3 MB today."""

_CHUNK: Final = 64 * 1024
_MARK_LIMIT: Final = 1024


class RemotePricesError(LLMClientError):
    """The public price map could not be fetched, or is not fit to replace the prices in use. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a source answered.

    Attributes:
        body: the map, empty where it has not changed.
        etag: the source's version mark, empty where it gives none.
        unchanged: whether the source says that the caller's version still holds.
    """

    body: bytes = b""
    etag: str = ""
    unchanged: bool = False


Fetcher: TypeAlias = Callable[[str, str], Fetched]
"""Fetches a URL, given the version mark the caller has. Raises `RemotePricesError`."""


class _OnlyHTTPS(urllib.request.HTTPRedirectHandler):
    max_redirections = 5

    def redirect_request(  # noqa: PLR0917 - the signature is urllib's
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme != "https":
            fp.close()
            message = f"{req.full_url} redirects to {newurl}, which is not https"
            raise RemotePricesError(message)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(url: str = PUBLIC_URL, etag: str = "", *, clock: Clock | None = None) -> Fetched:
    """Fetch a price map.

    The work is done by a thread, which is left to itself after ten seconds: names that are looked up, redirects and
    headers that drip have no time limit of their own in the standard library.

    Args:
        url: https; or http on a loopback address, for tests and mirrors on the same machine.
        etag: version mark of what the caller has; the source may then answer that it has not changed.
        clock: measures the ten seconds of reading. Default: the machine's.

    Raises:
        RemotePricesError: it cannot be had, or is too large.
    """
    _check_url(url)
    outcome: Future[Fetched] = Future()

    def run() -> None:
        try:
            outcome.set_result(_fetch(url, etag, clock or SystemClock()))
        except Exception as error:  # noqa: BLE001 - raised again where the outcome is waited for
            outcome.set_exception(error)

    threading.Thread(target=run, name="llmclient-prices-fetch", daemon=True).start()
    try:
        return outcome.result(SECONDS)
    except TimeoutError as error:
        message = f"{url} took longer than {SECONDS:g} seconds"
        raise RemotePricesError(message) from error


def _fetch(url: str, etag: str, clock: Clock) -> Fetched:
    headers = {"Accept": "application/json", "User-Agent": "llmclient"}
    if etag:
        headers["If-None-Match"] = etag
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme was checked
    opener = urllib.request.build_opener(_OnlyHTTPS)
    try:
        with cast("HTTPResponse", opener.open(request, timeout=SECONDS)) as response:
            return Fetched(body=_read(response, clock), etag=_mark(response.headers.get("ETag", "")))
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 304:  # noqa: PLR2004 - HTTP's "not modified"
                return Fetched(etag=etag, unchanged=True)
            message = f"{url} answered {error.code}"
        raise RemotePricesError(message) from error
    except (OSError, HTTPException, ValueError) as error:
        message = f"cannot fetch {url}: {error}"
        raise RemotePricesError(message) from error


def _mark(etag: str) -> str:
    """A version mark that can be sent back; one that cannot is none."""
    return etag if etag.isascii() and etag.isprintable() and len(etag) <= _MARK_LIMIT else ""


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        return
    message = f"prices are fetched over https only, not from {url!r}"
    raise RemotePricesError(message)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _read(response: HTTPResponse, clock: Clock) -> bytes:
    deadline = clock.monotonic() + SECONDS
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read1(_CHUNK):
        size += len(chunk)
        if size > SIZE_LIMIT:
            message = f"the price map is larger than {SIZE_LIMIT} bytes"
            raise RemotePricesError(message)
        if clock.monotonic() > deadline:
            message = f"the price map took longer than {SECONDS:g} seconds"
            raise RemotePricesError(message)
        chunks.append(chunk)
    length = response.headers.get("Content-Length")
    if length is not None and length.isdigit() and int(length) != size:
        message = f"the price map was cut: {size} of {length} bytes"
        raise RemotePricesError(message)
    return b"".join(chunks)
