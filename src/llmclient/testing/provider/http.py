"""What stands at the provider door where a real provider has an SDK: the steps of an answer, performed without a wire.

The module itself is handed to the transport's `Performance` in place of httpx, and has of it what an answer can meet:
the exceptions, under the names by which providers know them.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Mapping
from types import ModuleType, SimpleNamespace
from typing import Self

from llmclient.protocols import Clock
from llmclient.testing.dialects.wire import NoAnswer, Step, WireAnswer, WireResponse
from llmclient.testing.transport import Body, Performance
from llmclient.types.policy import Timeouts

HTTP: ModuleType = sys.modules[__name__]
_GZIP = 47
"""`zlib`'s window bits for a gzip or zlib header, whichever comes."""
_REFUSED = 400
"""The first status that is an error (RFC 9110 section 15)."""


class TransportError(Exception):
    """The connection, or what came over it, failed."""

    def __init__(self, text: str, *, request: object = None) -> None:
        super().__init__(text)
        self.request = request


class ConnectError(TransportError):
    """No connection came about."""


class ReadError(TransportError):
    """The connection broke before an answer began."""


class RemoteProtocolError(TransportError):
    """The answer broke off."""


class TimeoutException(TransportError):  # noqa: N818 - httpx's own word
    """Something took too long."""


class ConnectTimeout(TimeoutException):
    """The connection took too long."""


class ReadTimeout(TimeoutException):
    """The answer took too long."""


class DecodingError(TransportError):
    """The content is not encoded as the answer says."""


class StatusError(Exception):
    """An answer with an error status, as the SDKs raise it."""

    def __init__(self, status_code: int, body: bytes, headers: Mapping[str, str]) -> None:
        text = body.decode("utf-8", "replace")
        super().__init__(text)
        self.status_code: int = status_code
        self.response: SimpleNamespace = SimpleNamespace(status_code=status_code, headers=headers, text=text)


def performance(clock: Clock, timeouts: Timeouts | None, read: float | None) -> Performance:
    """What performs one answer, with the patience of the request's limits."""
    limits = {} if timeouts is None else {"connect": timeouts.connect, "read": read}
    return Performance(HTTP, SimpleNamespace(extensions={"timeout": limits}), clock)


class OpenBody(Body):
    """An open answer, read by either flavour: it performs the steps and unpacks what it says is packed."""

    def __init__(self, performance: Performance, response: WireResponse) -> None:
        super().__init__(performance, response)
        self.headers: Mapping[str, str] = dict(response.headers)
        self._left = iter(self._steps)
        self._unpacker = zlib.decompressobj(_GZIP) if self.headers.get("content-encoding") == "gzip" else None

    def iter_bytes(self) -> Self:
        """The body, as it comes."""
        return self

    def aiter_bytes(self) -> Self:
        """The body, as it comes."""
        return self

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        for step in self._left:
            seconds, over = self._performance.waits(step)
            if seconds > 0:
                self._performance.clock.sleep(seconds)
            if data := self._arrived(step, over):
                return data
        self._close()
        raise StopIteration

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        for step in self._left:
            seconds, over = self._performance.waits(step)
            if seconds > 0:
                await self._performance.clock.async_sleep(seconds)
            if data := self._arrived(step, over):
                return data
        self._close()
        raise StopAsyncIteration

    def _arrived(self, step: Step, over: Exception | None) -> bytes:
        try:
            data = self._send(step, over)
            return data if self._unpacker is None else self._unpacker.decompress(data)
        except zlib.error as error:
            broken = DecodingError(str(error))
            self._end(broken)
            raise broken from error
        except Exception as error:
            self._end(error)
            raise

    def _close(self) -> None:
        try:
            self._check_length()
        except Exception as error:
            self._end(error)
            raise
        self._end(None)


async def accepted(performance: Performance, wire: WireAnswer) -> OpenBody:
    """The open body of an answer, where there is one and its status is no error.

    Raises:
        TransportError: no answer came.
        StatusError: it has an error status.
    """
    if isinstance(wire, NoAnswer):
        seconds, error = performance.unreached(wire)
        if seconds > 0:
            await performance.clock.async_sleep(seconds)
        raise error
    body = OpenBody(performance, wire)
    if wire.status >= _REFUSED:
        raise StatusError(wire.status, b"".join([data async for data in body]), body.headers)
    return body


def accepted_sync(performance: Performance, wire: WireAnswer) -> OpenBody:
    """As `accepted`."""
    if isinstance(wire, NoAnswer):
        seconds, error = performance.unreached(wire)
        if seconds > 0:
            performance.clock.sleep(seconds)
        raise error
    body = OpenBody(performance, wire)
    if wire.status >= _REFUSED:
        raise StatusError(wire.status, b"".join(body), body.headers)
    return body
