"""What travels between a dialect and a door: a request as it was sent, and an answer as steps to perform.

A dialect renders, it does no I/O: an answer is a status, headers and a sequence of steps (send these bytes, wait so
long, hang, cut the connection), or the way in which no answer came at all. A door performs the steps: the in-process
transport raises what httpx would have raised, the server does it to a real socket. Both read the same values, so a
fault is written once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from llmclient.testing.faults.base import ConnectionFault

Done: TypeAlias = Callable[[BaseException | None], None]

JSON_TYPE = "application/json"
SSE_TYPE = "text/event-stream; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """A request as it was sent.

    Attributes:
        path: without the query.
        headers: names in lower case.
        provider: who is asked; at the server the path tells.
        read_timeout: seconds the client waits for the next bytes, None where it waits for ever or is not known.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    provider: str
    read_timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """These bytes go out together."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing comes for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing comes any more and the connection stays open: the client's own clock has to end it."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection breaks here."""


Step: TypeAlias = Send | Wait | Hang | Cut


@dataclass(frozen=True, slots=True, kw_only=True)
class WireResponse:
    """An answer, as steps.

    Attributes:
        headers: names in lower case; without `content-length` the body is sent in chunks. A `content-length` is sent
            as it stands, right or wrong.
        done: to be called once, when nothing more is sent, with what broke it off, if anything did.
    """

    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    steps: Sequence[Step] = ()
    done: Done | None = field(default=None, compare=False)

    def header(self, name: str) -> str | None:
        """The value of a header, None where it is not there."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The request got no answer; the fault says what happened to the connection."""

    fault: ConnectionFault
    done: Done | None = field(default=None, compare=False)


WireAnswer: TypeAlias = WireResponse | NoAnswer


def dump(value: object) -> bytes:
    """JSON as the vendors write it: compact, keys in their order, text not escaped."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def whole(
    body: bytes,
    *,
    status: int = 200,
    headers: Iterable[tuple[str, str]] = (),
    content_type: str = JSON_TYPE,
    wait: float = 0.0,
) -> WireResponse:
    """An answer in one piece, after `wait` seconds."""
    lines = (("content-type", content_type), ("content-length", str(len(body))), *headers)
    steps: list[Step] = [Wait(wait)] if wait > 0 else []
    if body:
        steps.append(Send(body))
    return WireResponse(status=status, headers=lines, steps=tuple(steps))


def streamed(steps: Iterable[Step], headers: Iterable[tuple[str, str]] = ()) -> WireResponse:
    """An event stream."""
    return WireResponse(headers=(("content-type", SSE_TYPE), *headers), steps=tuple(steps))
