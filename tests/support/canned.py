"""An HTTP transport that answers with given bytes, for either httpx and either flavour, and keeps the requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType


@dataclass
class Answer:
    """What the transport answers with; `chunks` are sent one by one, an exception among them is raised."""

    chunks: Iterable[bytes | Exception] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


def sse(*frames: str | dict, **headers: str) -> Answer:
    """A stream of events: a dict becomes a data line, a string is sent as it stands."""
    chunks = [
        f"data: {json.dumps(frame)}\n\n".encode() if isinstance(frame, dict) else frame.encode() for frame in frames
    ]
    return Answer(chunks, headers={"content-type": "text/event-stream", **headers})


def answer(body: object, status: int = 200, **headers: str) -> Answer:
    """A JSON body, or text."""
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer(
        [data], status, {"content-type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    )


class Canned:
    """Hand it to `ProviderConfig(http_client=)`. Answers come in order; the last one repeats."""

    def __init__(self, *answers: Answer | Callable[[object], Answer]) -> None:
        self.answers = list(answers)
        self.requests: list = []
        self.opened = 0
        self.closed = 0

    @property
    def bodies(self) -> list[dict]:
        return [json.loads(request.content) for request in self.requests]

    def __call__(self, http: ModuleType, flavour: str) -> object:
        if flavour == "sync":
            return http.Client(transport=_sync_transport(http, self))
        return http.AsyncClient(transport=_async_transport(http, self))

    def next(self, request) -> Answer:
        self.requests.append(request)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return found(request) if callable(found) else found


def _sync_transport(http: ModuleType, canned: Canned) -> object:
    class Body(http.SyncByteStream):
        def __init__(self, chunks):
            self.chunks = chunks
            canned.opened += 1

        def __iter__(self):
            for chunk in self.chunks:
                if isinstance(chunk, Exception):
                    raise chunk
                yield chunk

        def close(self):
            canned.closed += 1

    class Transport(http.BaseTransport):
        def handle_request(self, request):
            request.read()
            found = canned.next(request)
            return http.Response(found.status, headers=found.headers, stream=Body(found.chunks))

    return Transport()


def _async_transport(http: ModuleType, canned: Canned) -> object:
    class Body(http.AsyncByteStream):
        def __init__(self, chunks):
            self.chunks = chunks
            canned.opened += 1

        async def __aiter__(self):
            for chunk in self.chunks:
                if isinstance(chunk, Exception):
                    raise chunk
                yield chunk

        async def aclose(self):
            canned.closed += 1

    class Transport(http.AsyncBaseTransport):
        async def handle_async_request(self, request):
            await request.aread()
            found = canned.next(request)
            return http.Response(found.status, headers=found.headers, stream=Body(found.chunks))

    return Transport()
