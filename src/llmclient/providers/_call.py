"""One request on its way to a vendor: sent through the SDK's client, and whatever fails named as one of our errors.

Every capability goes through here, in two flavours (sync and async) that share every decision: a JSON body or a form
with files, read whole or left open to be read as it comes. No exception of httpx or of JSON escapes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NoReturn, Protocol, TypeAlias, TypeVar, cast

from llmclient._secrets import secrets_in_headers, secrets_in_url
from llmclient.clock import SystemClock
from llmclient.errors import (
    FRAME_LIMIT,
    ConfigurationError,
    LLMClientError,
    MalformedResponseError,
    ProviderError,
    RequestError,
    RequestTimeoutError,
)
from llmclient.providers._endpoint import unsendable
from llmclient.providers._errors import (
    ErrorFacts,
    ErrorRow,
    TimeoutPhase,
    classify,
    header_request_id,
    make_error,
    read_facts,
    translate,
)

if TYPE_CHECKING:
    from llmclient.protocols import Clock
    from llmclient.providers._sdk import GetArguments, HTTPResponse, PostArguments, SDKClients
    from llmclient.types.policy import Timeouts


class CallRequest(Protocol):
    """What every request of ours has, whatever it asks for."""

    @property
    def model(self) -> str:
        """The model, as the provider names it."""
        ...

    @property
    def extra_headers(self) -> Mapping[str, str]:
        """Headers of this call."""
        ...

    @property
    def timeouts(self) -> Timeouts | None:
        """Limits of this attempt."""
        ...

    @property
    def clock(self) -> Clock | None:
        """Measures the time between events."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFile:
    """A file of a form: the field it goes by, its name, its content and media type."""

    field: str
    name: str
    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A body of type `multipart/form-data`."""

    fields: Mapping[str, object]
    files: Sequence[FormFile]


Payload: TypeAlias = Mapping[str, object] | Form
"""What an encoder gives: a JSON object, or a form with files."""


class StreamError(Exception):
    """Raised by a decoder on an answer or event that reports an error; `body` is its JSON."""

    def __init__(self, body: Mapping[str, object], status_code: int | None = None) -> None:
        super().__init__("error event")
        self.body = body
        self.status_code = status_code


class AsyncBody(Protocol):
    """An open answer, async."""

    headers: Mapping[str, str]

    def aiter_bytes(self) -> AsyncIterator[bytes]:
        """The body, as it comes."""
        ...

    async def aclose(self) -> None:
        """Close the connection."""
        ...


class SyncBody(Protocol):
    """An open answer, sync."""

    headers: Mapping[str, str]

    def iter_bytes(self) -> Iterator[bytes]:
        """The body, as it comes."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


def read_limit(limits: Timeouts, *, stream: bool) -> float | None:
    """Seconds that one read from the connection may take; None where it may take for ever."""
    if not stream:
        return limits.total
    # One read may wait for the first event or for the next one: the socket gets the longer of the two, and the event
    # clock of the stream is exact.
    first = limits.first_token or limits.idle
    if first is None or limits.idle is None:
        return limits.total
    longer = max(first, limits.idle)
    return longer if limits.total is None else min(longer, limits.total)


@dataclass(slots=True, eq=False)
class WholeAnswer:
    """An answer that was read to its end."""

    headers: Mapping[str, str]
    content: bytes
    status_code: int = 200


Q_co = TypeVar("Q_co", bound=CallRequest, covariant=True)


class Call(Generic[Q_co]):
    """One request to one vendor.

    Args:
        provider: name of the provider, for errors.
        clients: its SDK clients.
        request: what is asked.
        error_rows: what the vendor's errors mean.
    """

    def __init__(self, provider: str, clients: SDKClients, request: Q_co, error_rows: Sequence[ErrorRow]) -> None:
        self.provider = provider
        self.clients = clients
        self.request = request
        self.error_rows = error_rows
        self.clock: Clock = request.clock or SystemClock()

    # --- sending ---

    async def send(self, path: str, payload: Payload | None) -> HTTPResponse:
        """Send and read the whole answer; without a payload it is a GET."""
        client = await self.clients.for_async()
        try:
            if payload is None:
                return await client.get(self.clients.url(path), **self._reading())
            return await client.post(self.clients.url(path), **self._arguments(payload))
        except Exception as error:  # noqa: BLE001 - every exception of the SDK is translated, others are raised again
            self.fail(error, payload=payload)

    def send_sync(self, path: str, payload: Payload | None) -> HTTPResponse:
        """Send and read the whole answer; without a payload it is a GET."""
        client = self.clients.for_sync()
        began = self.clock.monotonic()
        try:
            if payload is None:
                return client.get(self.clients.url(path), **self._reading())
            kind = self.clients.sdk.module.Stream
            answer = client.post(self.clients.url(path), **self._arguments(payload, stream_class=kind, whole=True))
            return self._whole(cast("SyncBody", answer), began)
        except Exception as error:  # noqa: BLE001 - every exception of the SDK is translated, others are raised again
            self.fail(error, payload=payload)

    def _whole(self, body: SyncBody, began: float) -> HTTPResponse:
        """Read an answer to its end, which a server that sends a byte now and then would put off for ever.

        A socket's own limit is one for each read; no task is there to be cancelled, as in the async flavour.
        """
        total = None if self.request.timeouts is None else self.request.timeouts.total
        pieces: list[bytes] = []
        try:
            for piece in body.iter_bytes():
                pieces.append(piece)
                if total is not None and self.clock.monotonic() - began > total:
                    raise self._late(total)
        finally:
            body.close()
        return WholeAnswer(body.headers, b"".join(pieces))

    def _late(self, total: float) -> RequestTimeoutError:
        error = RequestTimeoutError(
            f"no end of the answer within {total:.6g} s", provider=self.provider, model=self.request.model
        )
        error.phase = "total"
        return error

    async def open(self, path: str, payload: Payload) -> AsyncBody:
        """Send, and return the open answer once the vendor has accepted the request."""
        client = await self.clients.for_async()
        kind = self.clients.sdk.module.AsyncStream
        try:
            return cast(
                "AsyncBody", await client.post(self.clients.url(path), **self._arguments(payload, stream_class=kind))
            )
        except Exception as error:  # noqa: BLE001 - every exception of the SDK is translated, others are raised again
            self.fail(error, payload=payload, phase="first_token")

    def open_sync(self, path: str, payload: Payload) -> SyncBody:
        """Send, and return the open answer once the vendor has accepted the request."""
        client = self.clients.for_sync()
        kind = self.clients.sdk.module.Stream
        try:
            return cast("SyncBody", client.post(self.clients.url(path), **self._arguments(payload, stream_class=kind)))
        except Exception as error:  # noqa: BLE001 - every exception of the SDK is translated, others are raised again
            self.fail(error, payload=payload, phase="first_token")

    def _reading(self) -> GetArguments:
        return {"cast_to": self.clients.sdk.http.Response, "options": self._options()}

    def _arguments(self, payload: Payload, *, stream_class: object = None, whole: bool = False) -> PostArguments:
        options = self._options(stream=stream_class is not None and not whole)
        arguments: PostArguments = {
            "cast_to": self.clients.sdk.http.Response,
            "body": payload,
            "options": options,
            "stream": stream_class is not None,
            "stream_cls": stream_class,
        }
        if isinstance(payload, Form):
            arguments["body"] = dict(payload.fields)
            arguments["files"] = [(file.field, (file.name, file.data, file.media_type)) for file in payload.files]
            options["headers"] = {"Content-Type": "multipart/form-data", **self.request.extra_headers}
        return arguments

    def _options(self, *, stream: bool = False) -> dict[str, object]:
        options: dict[str, object] = {"max_retries": 0, "idempotency_key": ""}  # it is for retries: none is drawn
        if self.request.extra_headers:
            options["headers"] = dict(self.request.extra_headers)
        timeout = self._timeout(stream=stream)
        if timeout is not None:
            options["timeout"] = timeout
        return options

    def _timeout(self, *, stream: bool) -> object:
        limits = self.request.timeouts
        if limits is None:
            return None
        read = read_limit(limits, stream=stream)
        return self.clients.sdk.http.Timeout(limits.total, connect=limits.connect, read=read)

    # --- naming what fails ---

    def secrets(self) -> tuple[str, ...]:
        """Values that must not be shown."""
        settings = self.clients.settings
        headers = {**settings.headers, **self.request.extra_headers}
        return (settings.api_key, *secrets_in_headers(headers), *secrets_in_url(settings.base_url))

    def fail(self, error: Exception, *, payload: Payload | None = None, phase: TimeoutPhase | None = None) -> NoReturn:
        """Raise our error for one of the SDK's or of httpx, or for a request that it could not send; else as it is."""
        translated = self.translate(error, phase=phase)
        unread = translated is None and isinstance(error, (TypeError, ValueError, RecursionError))
        if unread or isinstance(translated, ConfigurationError):
            why = unsendable(payload, self.request.extra_headers)
            translated = RequestError(f"the request to {self.provider} cannot be sent: {why}") if why else translated
        raise error if translated is None else translated from error

    def translate(self, error: Exception, *, phase: TimeoutPhase | None = None) -> LLMClientError | None:
        """Our error for one of the SDK's or of httpx, None for anything else."""
        translated = translate(
            error,
            self.error_rows,
            provider=self.provider,
            model=self.request.model,
            known=self.secrets(),
            now=self.clock.now(),
        )
        if isinstance(translated, RequestTimeoutError) and translated.phase == "read" and phase is not None:
            translated.phase = phase
        return translated

    def reported(self, error: StreamError, headers: Mapping[str, str]) -> ProviderError:
        """The error that an answer or an event reports in its body."""
        facts = read_facts(error.body, status_code=error.status_code, headers=headers, now=self.clock.now())
        return self._make(classify(facts, self.error_rows), facts)

    def malformed(self, frame: bytes, why: Exception | None, headers: Mapping[str, str]) -> MalformedResponseError:
        """The error for an answer, or a part of one, that cannot be read."""
        text = frame[: FRAME_LIMIT * 4].decode("utf-8", "replace")[:FRAME_LIMIT]
        what = "an empty answer" if not frame.strip() else f"an answer that cannot be read ({why}): {text!r}"
        facts = ErrorFacts(message=what, metadata={}, body=text, request_id=header_request_id(headers))
        error = cast("MalformedResponseError", self._make(MalformedResponseError, facts))
        error.frame = str(error.body)
        return error

    def _make(self, cls: type[ProviderError], facts: ErrorFacts) -> ProviderError:
        return make_error(cls, facts, provider=self.provider, model=self.request.model, known=self.secrets())
