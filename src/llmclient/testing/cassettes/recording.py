"""One request and its answer, as a cassette holds them, and the way from and to vcrpy's own shape.

vcrpy's shape is a request object and a dict `{status, headers, body: {string}}`. What vcrpy has no place for stands in
the dict beside these, under `x_llmclient`, where stock vcrpy carries it along without looking:

    x_llmclient:
      recorded: "2026-11-22"               day of the recording
      after: 0.312                         seconds from the request to the response's headers
      chunks: "0.330:310 0.355:120"        when each piece arrived, seconds from the request, and its length in bytes
      end: cut                             left out for a whole answer; `cut` by the server, `closed` by the client
      error: "RemoteProtocolError: …"      what the client's transport raised, for a cut
      newline: crlf                        the stream's lines ended in CR LF
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from llmclient.testing.cassettes.bodies import unpack

BLOCK = "x_llmclient"
End = Literal["whole", "cut", "closed"]

_FRAMING = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})


def as_fields(value: object) -> Mapping[str, object] | None:
    """A JSON object as such, None for anything else."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else None


def as_items(value: object) -> list[object]:
    """The items of a JSON array, none for anything else; the only place that narrows one."""
    return cast("list[object]", value) if isinstance(value, list) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it leaves the client."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recorded answer, unpacked and ready to be played.

    Attributes:
        headers: as they are replayed, without those that described the framing on the wire.
        after: seconds from the request to the headers.
        chunks: seconds from the request and length of each piece of `body`; empty where the body came in one piece.
        end: how the body ended.
        error: name of the transport's error and its text, for a cut.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    after: float = 0.0
    chunks: tuple[tuple[float, int], ...] = ()
    end: End = "whole"
    error: str = ""


def header_list(headers: object) -> list[tuple[str, str]]:
    """Headers in any of the shapes that vcrpy has written over the years, as pairs."""
    pairs: list[tuple[str, str]] = []
    if isinstance(headers, Mapping):
        for name, values in cast("Mapping[object, object]", headers).items():
            several = cast("Sequence[object]", values) if isinstance(values, (list, tuple)) else (values,)
            pairs.extend((str(name), _text(value)) for value in several)
    elif isinstance(headers, (list, tuple)):
        pairs.extend((_text(pair[0]), _text(pair[1])) for pair in cast("Sequence[Sequence[object]]", headers))
    return pairs


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def header_value(headers: Sequence[tuple[str, str]], name: str) -> str:
    """The first value of a header, empty where it is not there."""
    return next((value for key, value in headers if key.lower() == name), "")


def response_body(response: Mapping[str, object]) -> bytes:
    """The stored bytes of vcrpy's response, in the shape of today and in that of the httpx stub before vcrpy 5."""
    body = response.get("body", response.get("content", b""))
    if isinstance(body, Mapping):
        body = cast("Mapping[str, object]", body).get("string", b"")
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, (bytes, bytearray)) else b""


def block(response: Mapping[str, object]) -> Mapping[str, object]:
    """Our own block of a response, empty where stock vcrpy recorded it."""
    found = response.get(BLOCK)
    return cast("Mapping[str, object]", found) if isinstance(found, Mapping) else {}


def decode_recording(response: Mapping[str, object]) -> Recording:
    """Read vcrpy's response."""
    status, reason = _status(response)
    headers = header_list(response.get("headers"))
    body = response_body(response)
    extra = block(response)
    if extra.get("newline") == "crlf":
        body = body.replace(b"\n", b"\r\n")
    encoding = header_value(headers, "content-encoding")
    unpacked = unpack(encoding, body)
    if unpacked is not None:
        body = unpacked
    dropped = _FRAMING if unpacked is not None or not _looks_packed(encoding, body) else _FRAMING - {"content-encoding"}
    end = str(extra.get("end", "whole"))
    return Recording(
        status=status,
        reason=reason,
        headers=tuple((name, value) for name, value in headers if name.lower() not in dropped),
        body=body,
        after=_seconds(extra.get("after")),
        chunks=parse_chunks(str(extra.get("chunks", "")), len(body)),
        end=cast("End", end) if end in ("cut", "closed") else "whole",
        error=str(extra.get("error", "")),
    )


def _looks_packed(encoding: str, body: bytes) -> bool:
    # aiohttp unpacks before vcrpy sees the body and leaves the header: the header alone proves nothing.
    return encoding.lower() not in ("gzip", "x-gzip") or body[:2] == b"\x1f\x8b"


def _status(response: Mapping[str, object]) -> tuple[int, str]:
    status = response.get("status")
    if isinstance(status, Mapping):
        fields = cast("Mapping[str, object]", status)
        return int(cast("int", fields.get("code", 200))), str(fields.get("message") or "")
    return int(cast("int", response.get("status_code", 200))), ""


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def parse_chunks(text: str, length: int) -> tuple[tuple[float, int], ...]:
    """Read the `chunks` field; a list that does not add up to the body (edited by hand) is no list."""
    try:
        chunks = tuple((float(at), int(size)) for at, _, size in (part.partition(":") for part in text.split()))
    except ValueError:
        return ()
    return chunks if sum(size for _, size in chunks) == length else ()


def write_chunks(chunks: Sequence[tuple[float, int]]) -> str:
    """The `chunks` field of a list of times and lengths."""
    return " ".join(f"{at:.3f}:{size}" for at, size in chunks)
