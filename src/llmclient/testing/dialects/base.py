"""What every dialect does: parse, render, refuse; and the rendering of faults, which differs only in rows and headers.

A dialect is stateless: everything that varies comes with the request or with the answer.
"""

from __future__ import annotations

from email.utils import formatdate
from math import ceil
from typing import TYPE_CHECKING, Protocol

from llmclient.testing.dialects.errors import Family, error_row
from llmclient.testing.dialects.plain import render_plain
from llmclient.testing.dialects.sse import StreamForm, render_stream
from llmclient.testing.dialects.wire import (
    SSE_TYPE,
    NoAnswer,
    Send,
    WireAnswer,
    WireRequest,
    WireResponse,
    dump,
    whole,
)
from llmclient.testing.faults import body as bodies
from llmclient.testing.faults.base import BodyFault, ConnectionFault, Fault, StatusFault
from llmclient.testing.ids import token
from llmclient.testing.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmclient.testing.answer import Answer
    from llmclient.testing.call import Call, Door
    from llmclient.testing.dialects.requests import RefusedRequestError

HTML = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    b"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_METHOD_NOT_ALLOWED = 405
"""It has to say which methods are allowed (RFC 9110, section 15.5.6); all that are asked here are POST."""
_UNFINISHED = b'{"id": "chatcmpl-'


class Dialect(Protocol):
    """A vendor's wire format."""

    @property
    def family(self) -> Family:
        """Whose it is."""
        ...

    def parse(self, request: WireRequest, door: Door) -> Call:
        """Read a request.

        Raises:
            RefusedRequestError: the vendor would refuse it as it stands.
        """
        ...

    def headers(self, answer: Answer) -> list[tuple[str, str]]:
        """The vendor's own headers, in every answer."""
        ...

    def refused_headers(self, identity: str) -> list[tuple[str, str]]:
        """The vendor's own headers where a request with this id cannot be read."""
        ...

    def body(self, answer: Answer, reply: Reply) -> tuple[bytes, str]:
        """A whole answer: the body and its content type."""
        ...

    def stream_form(self, answer: Answer, reply: Reply) -> StreamForm:
        """How this reply is streamed."""
        ...

    def null_body(self, answer: Answer) -> dict[str, object]:
        """An answer whose choices, or whose content, is null."""
        ...

    def error_body(self, answer: Answer, fault: StatusFault) -> Mapping[str, object]:
        """The error body for a fault."""
        ...

    def refusal(self, error: RefusedRequestError, identity: str) -> Mapping[str, object]:
        """The error body for a request that cannot be read; `identity` is the request's id."""
        ...


def render(dialect: Dialect, answer: Answer) -> WireAnswer:
    """What goes out for an answer of the script."""
    if answer.fault is not None:
        return render_fault(dialect, answer, answer.fault)
    reply = answer.reply or Reply()
    headers = [*dialect.headers(answer), *_lower(reply.headers)]
    if answer.call.stream:
        return render_stream(reply, dialect.stream_form(answer, reply), headers)
    body, content_type = dialect.body(answer, reply)

    def error(fault: StatusFault) -> Mapping[str, object]:
        return dialect.error_body(answer, fault)

    return render_plain(reply, body, headers, error, content_type=content_type)


def render_refusal(dialect: Dialect, error: RefusedRequestError) -> WireResponse:
    """What goes out for a request that cannot be read; telling the client not to try again."""
    identity = f"req_{token('refused', error.message, 24)}"
    headers = [("x-should-retry", "false"), *dialect.refused_headers(identity)]
    if error.status == _METHOD_NOT_ALLOWED:
        headers.append(("allow", "POST"))
    return whole(dump(dialect.refusal(error, identity)), status=error.status, headers=headers)


def request_id(answer: Answer) -> str:
    """The vendor's id of the request."""
    return f"req_{answer.token('request')}"


def render_fault(dialect: Dialect, answer: Answer, fault: Fault) -> WireAnswer:
    """What goes out in place of a reply."""
    if isinstance(fault, ConnectionFault):
        return NoAnswer(fault=fault)
    if isinstance(fault, StatusFault):
        return _status(dialect, answer, fault)
    if isinstance(fault, BodyFault):
        return _body(dialect, answer, fault)
    raise TypeError(f"{fault} is no fault that comes in place of a reply")


def _status(dialect: Dialect, answer: Answer, fault: StatusFault) -> WireResponse:
    row = error_row(dialect.family, fault, model=answer.call.model)
    body = dialect.error_body(answer, fault)
    headers = [*dialect.headers(answer), *_retry_headers(fault, answer.clock.now()), *_lower(fault.headers)]
    return whole(dump(body), status=row.status, headers=headers)


def _retry_headers(fault: StatusFault, now: float) -> list[tuple[str, str]]:
    headers: list[tuple[str, str]] = []
    seconds = fault.retry_after
    if seconds is not None and fault.form == "milliseconds":
        headers.append(("retry-after-ms", f"{seconds * 1000:g}"))
    elif seconds is not None and fault.form == "date":
        headers.append(("retry-after", formatdate(ceil(now + seconds), usegmt=True)))
    elif seconds is not None:
        headers.append(("retry-after", f"{seconds:g}"))
    if fault.should_retry is not None:
        headers.append(("x-should-retry", "true" if fault.should_retry else "false"))
    return headers


def _body(dialect: Dialect, answer: Answer, fault: BodyFault) -> WireResponse:
    headers = dialect.headers(answer)
    if isinstance(fault, bodies.HTMLBadGateway):
        return whole(HTML, status=502, headers=headers, content_type="text/html")
    if isinstance(fault, bodies.ErrorBody):
        return whole(dump(dialect.error_body(answer, fault.fault)), headers=headers)
    if isinstance(fault, bodies.NullChoices):
        return whole(dump(dialect.null_body(answer)), headers=headers)
    content = b"" if isinstance(fault, bodies.EmptyBody) else _UNFINISHED
    if not answer.call.stream:
        return whole(content, headers=headers)
    frame = b"data: " + content + b"\n\n" if content else b""
    if dialect.family == "anthropic" and frame:
        frame = b"event: message_start\n" + frame
    return WireResponse(headers=(("content-type", SSE_TYPE), *headers), steps=(Send(frame),) if frame else ())


def _lower(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in headers.items()]
