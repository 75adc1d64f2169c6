"""The dialect of a vendor from outside: a base that leaves to a subclass only what its vendor writes.

A package names its dialect in the entry point group `llmclient.dialects`, under the name of its provider:

    [project.entry-points."llmclient.dialects"]
    cohere = "llmclient_cohere.dialect:CohereDialect"

From then on scripts play that vendor at the transport and the server door too, with every fault. A subclass says how a
whole answer, an event of a stream and an error look; the rest (statuses, damaged streams, pacing) is the harness's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, ClassVar, cast

from llmclient.testing.answer import Answer
from llmclient.testing.call import Call, Door
from llmclient.testing.dialects.errors import ErrorRow, Family, error_row
from llmclient.testing.dialects.requests import JSONMapping, RefusedRequestError, mappings, read_object
from llmclient.testing.dialects.sse import Frame, FrameKind, StreamForm, data_frame, event_frame
from llmclient.testing.dialects.wire import JSON_TYPE, WireRequest, dump
from llmclient.testing.pieces import CONTENT, Piece
from llmclient.testing.reply import Reply

if TYPE_CHECKING:
    from llmclient.testing.dialects.base import Dialect
    from llmclient.testing.faults.base import StatusFault

__all__ = ["Answer", "ErrorRow", "Piece", "Reply", "VendorDialect", "outside_dialect"]

ENTRY_POINT_GROUP = "llmclient.dialects"
_NOT_PARAMETERS = frozenset({"model", "messages", "stream"})


class VendorDialect(ABC):
    """A chat API of JSON requests and server-sent events."""

    family: Family = "openai"
    """Whose statuses and messages its faults have, where `error` does not say otherwise."""

    path: ClassVar[str] = "/chat"
    """How the path of a chat request ends."""

    end: ClassVar[bytes] = b""
    """What a stream ends with after its last event, such as `b"data: [DONE]\\n\\n"`."""

    named_events: ClassVar[bool] = True
    """Whether an event's `type` stands in an `event:` line too."""

    # --- what a vendor has of its own ---

    @abstractmethod
    def whole(self, answer: Answer, reply: Reply) -> Mapping[str, object]:
        """The JSON of a whole answer."""

    @abstractmethod
    def events(self, answer: Answer, reply: Reply, piece: Piece) -> Iterable[Mapping[str, object]]:
        """The events of a stream that one piece of the reply becomes; none where the vendor has no place for it."""

    @abstractmethod
    def error(self, row: ErrorRow) -> Mapping[str, object]:
        """The JSON of an error: `row` has the status and a message."""

    def messages(self, body: JSONMapping) -> Sequence[JSONMapping]:
        """The conversation of a request in OpenAI's shape. Default: what stands under `messages`."""
        return mappings(body.get("messages"))

    def params(self, body: JSONMapping) -> JSONMapping:
        """The parameters of a request by OpenAI's names. Default: as they stand."""
        return {name: value for name, value in body.items() if name not in _NOT_PARAMETERS}

    # --- what every dialect does ---

    def parse(self, request: WireRequest, door: Door) -> Call:
        """Read a request."""
        if request.method != "POST" or not request.path.rstrip("/").endswith(self.path):
            raise RefusedRequestError(404, f"no such path: {request.method} {request.path}")
        body = read_object(request.body, "the body is no JSON object")
        return Call(
            provider=request.provider,
            model=str(body.get("model", "")),
            messages=self.messages(body),
            params=self.params(body),
            stream=body.get("stream") is True,
            door=door,
            headers=request.headers,
            body=body,
        )

    def headers(self, answer: Answer) -> list[tuple[str, str]]:
        """The vendor's own headers, in every answer. Default: none."""
        del answer
        return []

    def body(self, answer: Answer, reply: Reply) -> tuple[bytes, str]:
        """A whole answer."""
        return dump(self.whole(answer, reply)), JSON_TYPE

    def stream_form(self, answer: Answer, reply: Reply) -> StreamForm:
        """How this reply is streamed."""

        def frames(pieces: Sequence[Piece]) -> list[Frame]:
            made = [frame for piece in pieces for frame in self._frames(answer, reply, piece)]
            ended = bool(pieces) and pieces[-1].kind == "finish" and self.end
            return [*made, Frame(self.end, "end")] if ended else made

        def error(fault: StatusFault) -> bytes:
            return self._frame(self.error_body(answer, fault), "other", 0.0).raw

        return StreamForm(frames=frames, error=error)

    def _frames(self, answer: Answer, reply: Reply, piece: Piece) -> Iterable[Frame]:
        wait = piece.delay
        for event in self.events(answer, reply, piece):
            yield self._frame(event, "content" if piece.kind in CONTENT else "other", wait)
            wait = 0.0

    def _frame(self, event: Mapping[str, object], kind: FrameKind, wait: float) -> Frame:
        name = event.get("type")
        if self.named_events and isinstance(name, str):
            return event_frame(name, event, kind, wait)
        return data_frame(event, kind, wait)

    def error_body(self, answer: Answer, fault: StatusFault) -> Mapping[str, object]:
        """The error body for a fault."""
        return self.error(error_row(self.family, fault, model=answer.call.model))

    def null_body(self, answer: Answer) -> dict[str, object]:
        """An answer whose every field is null."""
        del answer
        return {"message": None, "choices": None, "content": None}

    def refused_headers(self, identity: str) -> list[tuple[str, str]]:
        """The vendor's own headers where a request cannot be read. Default: none."""
        del identity
        return []

    def refusal(self, error: RefusedRequestError, identity: str) -> Mapping[str, object]:
        """The error body for a request that cannot be read."""
        del identity
        return self.error(ErrorRow(error.status, "", error.code, error.message))


@cache
def outside_dialect(provider: str) -> Dialect | None:
    """The dialect that an installed package brings for a provider; None where there is none."""
    from importlib.metadata import entry_points

    for entry in entry_points(group=ENTRY_POINT_GROUP, name=provider):
        make = cast("type[VendorDialect]", entry.load())
        return make()
    return None
