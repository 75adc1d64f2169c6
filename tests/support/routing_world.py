"""A world of made-up deployments on virtual time, behind door 1: what each answers, who was asked when, what is open.

A step is what one request comes to. Sync calls keep their time limits themselves, as the real providers do; async ones
are held to them by the router.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from llmclient import (
    APIConnectionError,
    AuthenticationError,
    BadRequestError,
    ContentPolicyError,
    ContextWindowExceededError,
    MalformedResponseError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaExceededError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    StreamInterruptedError,
    override_providers,
)
from llmclient.testing.clock import VirtualClock
from llmclient.types import ChatRequest, Choice, ChunkChoice, Delta, Message, ModelResponse, StreamChunk, Usage

ERRORS = {
    "rate_limit": (RateLimitError, 429),
    "quota": (QuotaExceededError, 429),
    "overloaded": (OverloadedError, 529),
    "server_error": (ServerError, 500),
    "timeout": (RequestTimeoutError, 408),
    "connection": (APIConnectionError, None),
    "auth": (AuthenticationError, 401),
    "permission": (PermissionDeniedError, 403),
    "not_found": (NotFoundError, 404),
    "bad_request": (BadRequestError, 400),
    "context_window": (ContextWindowExceededError, 400),
    "content_policy": (ContentPolicyError, 400),
    "interrupted": (StreamInterruptedError, None),
    "malformed": (MalformedResponseError, None),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a request comes to: `chunks`, `first` seconds before the first and `gap` between, then `fault` or the end.

    A plain call takes all of that time and gives the joined text.
    """

    chunks: tuple[str, ...] = ("ok",)
    first: float = 0.0
    gap: float = 0.0
    fault: str | Exception | type[BaseException] | None = None
    retry_after: float | None = None
    should_retry: bool | None = None
    tool_call: bool = False
    role_first: bool = False
    tells_usage: bool = False

    @property
    def seconds(self) -> float:
        return self.first + self.gap * max(0, len(self.chunks) - 1)


def ok(text: str = "ok", **fields) -> Step:
    return Step(chunks=tuple(text.split("|")), **fields)


def fail(fault, **fields) -> Step:
    """Refused at once."""
    return Step(chunks=(), fault=fault, **fields)


def breaks(text: str, fault="interrupted", **fields) -> Step:
    """A stream that gives `text`, chunk by chunk at each "|", and then breaks."""
    return Step(chunks=tuple(text.split("|")), fault=fault, **fields)


@dataclass
class Opened:
    model: str
    request: ChatRequest
    closed: bool = False
    ended: bool = False


@dataclass
class World:
    """`steps[model]` is used up from the front; the last one stays."""

    steps: dict[str, list[Step]] = field(default_factory=dict)
    clock: VirtualClock = field(default_factory=VirtualClock)
    calls: list[tuple[float, str]] = field(default_factory=list)
    requests: list[ChatRequest] = field(default_factory=list)
    opened: list[Opened] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)

    def on(self, model: str, *steps: Step) -> World:
        self.steps[model] = list(steps)
        return self

    @property
    def models(self) -> list[str]:
        return [model for _, model in self.calls]

    @property
    def under_way(self) -> list[str]:
        """The model of each request that is being answered."""
        return self.busy + [opened.model for opened in self.opened if not (opened.closed or opened.ended)]

    async def until_asked(self, times: int) -> None:
        """Let other tasks run until so many requests have come in."""
        for _ in range(1000):
            if len(self.calls) >= times:
                return
            await asyncio.sleep(0)
        raise AssertionError(f"asked {len(self.calls)} times, not {times}")

    def begin(self, provider: str, request: ChatRequest) -> Step:
        model = f"{provider}/{request.model}"
        self.calls.append((self.clock.monotonic(), model))
        self.requests.append(request)
        queue = self.steps.setdefault(model, [ok()])
        return queue.pop(0) if len(queue) > 1 else queue[0]

    def error(self, step: Step, provider: str, model: str, partial: ModelResponse | None = None) -> BaseException:
        fault = step.fault
        if isinstance(fault, BaseException):
            return fault
        if isinstance(fault, type):
            return fault("not scripted")
        cls, status = ERRORS[fault]
        error = cls(
            f"{fault} of {model}",
            provider=provider,
            model=model,
            status_code=status,
            retry_after=step.retry_after,
            should_retry=step.should_retry,
            request_id="req-1",
        )
        error.partial = partial
        return error

    @contextmanager
    def answering(self, model: str) -> Iterator[None]:
        self.busy.append(model)
        try:
            yield
        finally:
            self.busy.remove(model)

    @contextmanager
    def in_force(self) -> Iterator[World]:
        with override_providers(lambda name, _config, _factory: Stand(name, self), clock=self.clock):
            yield self


def usage_of(text: str) -> Usage:
    return Usage(prompt_tokens=10, completion_tokens=len(text), total_tokens=10 + len(text))


def answer(request: ChatRequest, text: str) -> ModelResponse:
    return ModelResponse(
        model=request.model,
        choices=[Choice(message=Message(content=text), finish_reason="stop")],
        usage=usage_of(text),
        request_id="req-1",
    )


class Stand:
    """A provider of both flavours."""

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.world = world

    def close(self) -> None:
        pass

    async def aclose(self) -> None:
        pass

    async def complete(self, request: ChatRequest) -> ModelResponse:
        step = self.world.begin(self.name, request)
        with self.world.answering(f"{self.name}/{request.model}"):
            if step.seconds:
                await self.world.clock.async_sleep(step.seconds)
        if step.fault is not None:
            raise self.world.error(step, self.name, request.model)
        return answer(request, "".join(step.chunks))

    def complete_sync(self, request: ChatRequest) -> ModelResponse:
        step = self.world.begin(self.name, request)
        with self.world.answering(f"{self.name}/{request.model}"):
            nap(self.world.clock, request, step.seconds, {"total": request.timeouts.total}, self.name)
        if step.fault is not None:
            raise self.world.error(step, self.name, request.model)
        return answer(request, "".join(step.chunks))

    async def stream(self, request: ChatRequest) -> Stream:
        return self._open(request, Stream)

    def stream_sync(self, request: ChatRequest) -> SyncStream:
        return self._open(request, SyncStream)

    def _open(self, request: ChatRequest, kind):
        step = self.world.begin(self.name, request)
        if not step.chunks and step.fault is not None and not step.first:
            raise self.world.error(step, self.name, request.model)
        opened = Opened(f"{self.name}/{request.model}", request)
        self.world.opened.append(opened)
        return kind(self, step, request, opened)


def nap(clock: VirtualClock, request: ChatRequest, seconds: float, limits: dict[str, float | None], provider: str):
    """Sleep, or until the first of the limits, and then say so."""
    phase, limit = min(
        ((phase, limit) for phase, limit in limits.items() if limit is not None),
        key=lambda entry: round(entry[1], 6),
        default=("", None),
    )
    if limit is not None and limit <= seconds + 1e-9:  # a limit goes before what is due at the same moment
        clock.sleep(limit)
        error = RequestTimeoutError("late", provider=provider, model=request.model)
        error.phase = phase
        raise error
    if seconds:
        clock.sleep(seconds)


class _Chunks:
    def __init__(self, stand: Stand, step: Step, request: ChatRequest, opened: Opened) -> None:
        self.stand, self.step, self.request, self.opened = stand, step, request, opened
        self.began = stand.world.clock.monotonic()
        self.left = list(step.chunks)
        self.text = ""
        self.said_role = not step.role_first
        self.ended = False
        self.seen = False

    def pause_of_next(self) -> float:
        if not self.said_role:
            return 0.0
        if not self.text and not (self.left and self.left != list(self.step.chunks)):
            return self.step.first
        return self.step.gap if self.left else 0.0

    def next(self) -> StreamChunk | None:
        if not self.said_role:
            self.said_role = True
            return StreamChunk(choices=[ChunkChoice(delta=Delta(role="assistant", content=""))])
        if self.left:
            text = self.left.pop(0)
            self.text += text
            self.stand.world.answered.append(text)
            calls = (
                [{"index": 0, "id": "c1", "function": {"name": "f", "arguments": ""}}] if self.step.tool_call else None
            )
            return StreamChunk(
                choices=[ChunkChoice(delta=Delta.model_validate({"content": text, "tool_calls": calls}))],
            )
        if self.step.fault is not None:
            self.opened.ended = True
            partial = self.response if self.text else None
            raise self.stand.world.error(self.step, self.stand.name, self.request.model, partial)
        if not self.ended:
            self.ended = self.opened.ended = True
            return StreamChunk(choices=[ChunkChoice(finish_reason="stop")], usage=usage_of(self.text))
        return None

    @property
    def response(self) -> ModelResponse:
        calls = [{"id": "c1", "function": {"name": "f"}}] if self.step.tool_call and self.text else None
        message = Message.model_validate({"content": self.text, "tool_calls": calls})
        finish = "stop" if self.ended else None
        return ModelResponse(
            model=self.request.model,
            choices=[Choice(message=message, finish_reason=finish)],
            usage=usage_of(self.text) if self.ended or self.step.tells_usage else None,
            request_id="req-1",
        )


class Stream(_Chunks):
    def __aiter__(self):
        return self

    async def __anext__(self) -> StreamChunk:
        pause = self.pause_of_next()
        if pause:
            await self.stand.world.clock.async_sleep(pause)
        chunk = self.next()
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        self.opened.closed = True


class SyncStream(_Chunks):
    def __iter__(self):
        return self

    def __next__(self) -> StreamChunk:
        limits, clock = self.request.timeouts, self.stand.world.clock
        phase = "idle" if self.seen else "first_token"
        limit = limits.idle if phase == "idle" else (limits.first_token or limits.idle)
        left = None if limits.total is None else limits.total - (clock.monotonic() - self.began)
        nap(clock, self.request, self.pause_of_next(), {phase: limit, "total": left}, self.stand.name)
        chunk = self.next()
        if chunk is None:
            raise StopIteration
        self.seen = True
        return chunk

    def close(self) -> None:
        self.opened.closed = True


class Router:
    """One router under test, called sync or async by the same words."""

    def __init__(self, world: World, flavour: str, primary, **options) -> None:
        from llmclient import ModelRouter

        options.setdefault("rng", random.Random(7))  # noqa: S311 - a seed
        self.world, self.flavour = world, flavour
        self.router = ModelRouter(primary, **options)

    async def complete(self, messages="hi", **params) -> ModelResponse:
        if self.flavour == "async":
            return await self.router.complete(messages, **params)
        return self.router.sync.complete(messages, **params)

    async def read(
        self, messages="hi", *, into: list | None = None, **params
    ) -> tuple[list[StreamChunk], ModelResponse]:
        """Read a whole stream; what came before an error is in `into`."""
        chunks: list[StreamChunk] = [] if into is None else into
        if self.flavour == "async":
            async with self.router.stream(messages, **params) as stream:
                async for chunk in stream:
                    chunks.append(chunk)  # noqa: PERF401 - what came before an error is kept
            return chunks, stream.response
        with self.router.sync.stream(messages, **params) as sync_stream:
            chunks.extend(sync_stream)
        return chunks, sync_stream.response


MakeRouter = Callable[..., Router]
