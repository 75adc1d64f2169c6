"""What a middleware is: a generator function with one `yield`, around a call or around an attempt.

    @middleware
    def timed(around):
        began = around.clock.monotonic()
        reply = yield                                   # the call happens here; an error is raised here
        print(around.request.model, around.clock.monotonic() - began)

Before the `yield` it may put another request into `around.request`, or `return` an answer of its own, so that nothing
is sent. After it, it may `return` another answer; returning nothing keeps what came. The same generator serves plain
calls and streams, async and sync: it does no waiting of its own. A stream's chunks go by before the `yield` returns;
`around.each_chunk(f)` has them changed on their way.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, overload

if TYPE_CHECKING:
    from llmclient.protocols import Capability, Clock
    from llmclient.types.reply import Reply
    from llmclient.types.request import Request
    from llmclient.types.stream import StreamChunk

Level: TypeAlias = Literal["call", "attempt"]
"""Around a whole call with its retries and fallbacks, or around each attempt of it."""


@dataclass(slots=True, eq=False, kw_only=True)
class Around:
    """What a middleware sees, and what it may change.

    Attributes:
        level: "call" or "attempt".
        capability: what is asked for.
        request: the request; put another one in its place to change it. Around a call its `model` is the router's
            first choice with the provider's prefix; around an attempt it is the model as the provider names it.
        provider: who is asked; empty around a call.
        stream: whether the answer is read as a stream.
        number: the attempt, counted from 1 in each call; 0 around a call.
        tags: the call's tags.
        clock: the router's clock; measure with nothing else.
        shared: notes that the middlewares around a call leave for those around its attempts.
    """

    level: Level
    capability: Capability
    request: Request
    provider: str = ""
    stream: bool = False
    number: int = 0
    tags: tuple[str, ...] = ()
    clock: Clock
    shared: dict[str, object] = field(default_factory=dict[str, object])
    chunk_functions: list[ChunkFunction] = field(default_factory=list["ChunkFunction"], repr=False)

    def each_chunk(self, function: ChunkFunction) -> None:
        """Have every chunk of the stream go through `function`; call it before the `yield`.

        Args:
            function: takes a chunk and gives the chunks to hand on in its place; at the end of the stream it is called
                once more with None, to give what it held back.
        """
        self.chunk_functions.append(function)


ChunkFunction: TypeAlias = "Callable[[StreamChunk | None], Iterable[StreamChunk]]"
"""Changes the chunks of a stream; see `Around.each_chunk`."""

Flow: TypeAlias = "Generator[None, Reply, Reply | None]"
"""What a middleware function returns: its one `yield` gives the answer. For speech the answer is the open audio."""

MiddlewareFunction: TypeAlias = Callable[[Around], Flow]
"""A generator function with one `yield`."""


@dataclass(frozen=True, slots=True)
class Middleware:
    """A middleware function and where it stands; made by `middleware`."""

    function: MiddlewareFunction
    level: Level = "call"

    def __call__(self, around: Around) -> Flow:
        """Start it, as the function does."""
        return self.function(around)


@overload
def middleware(function: MiddlewareFunction, /) -> Middleware: ...
@overload
def middleware(*, around: Level) -> Callable[[MiddlewareFunction], Middleware]: ...
def middleware(
    function: MiddlewareFunction | None = None, /, *, around: Level = "call"
) -> Middleware | Callable[[MiddlewareFunction], Middleware]:
    """Make a generator function a middleware.

    Args:
        function: the generator function.
        around: "call" (default), or "attempt" to stand around each attempt.
    """
    if function is not None:
        return Middleware(function, around)
    return lambda given: Middleware(given, around)
