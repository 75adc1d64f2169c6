"""Many requests at once: `router.map(...)`.

Requests are read as places become free, so that an endless iterable does no harm. Errors are values. A checkpoint is a
file of JSON lines, one for each answered request, appended in one write; a line that was cut off by a crash is ignored.
Its key is the meaning of the request, so that the same request later in another order finds its answer.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from llmclient.errors import LLMClientError

if TYPE_CHECKING:
    from pathlib import Path

    from llmclient.routing.router import ModelRouter
    from llmclient.routing.sync_router import SyncModelRouter
    from llmclient.types.messages import ChatParams, Messages
    from llmclient.types.response import ModelResponse

MapRequest: TypeAlias = "Messages | Mapping[str, object]"
"""A conversation, or `{"messages": ..., **params}` for parameters of its own."""

Progress: TypeAlias = "bool | Callable[[int, int | None], object]"
"""Whether to draw a bar on a terminal (on stderr), or a function that is called with (done, total or None)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapResult:
    """What one request of `router.map` came to.

    Attributes:
        index: position of the request, from 0.
        reply: the answer, None where the call failed.
        error: what it failed with, None where it was answered.
        restored: whether the answer comes from the checkpoint: nobody was asked, nothing paid.
    """

    index: int
    reply: ModelResponse | None = None
    error: LLMClientError | None = None
    restored: bool = False


class _Job:
    """One request with what the whole run adds to it."""

    __slots__ = ("index", "key", "messages", "params")

    def __init__(self, index: int, request: MapRequest, params: Mapping[str, object]) -> None:
        self.index: int = index
        if isinstance(request, Mapping):
            own = dict(request)
            self.messages = cast("Messages", own.pop("messages"))
            self.params: ChatParams = cast("ChatParams", {**params, **own})
        else:
            self.messages = request
            self.params = cast("ChatParams", dict(params))
        self.key: str = ""


class Checkpoint:
    """Answers by the meaning of their request, in a file that is only appended to."""

    def __init__(self, path: str | Path, *, model: str) -> None:
        self._model = model
        self._lines: dict[str, str] = {}
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "a+b", buffering=0)
        self._file.seek(0)
        content = self._file.read() or b""
        for line in content.split(b"\n"):
            entry = _entry_of(line)
            if entry is not None:
                self._lines[entry[0]] = entry[1]
        if content and not content.endswith(b"\n"):
            self._file.write(b"\n")  # so that a line cut off by a crash does not swallow the next

    def restore(self, job: _Job) -> ModelResponse | None:
        """Return the answer that `job` got before, None where it got none."""
        from llmclient.types.response import ModelResponse

        job.key = self._key(job)
        line = self._lines.get(job.key)
        return None if line is None else ModelResponse.model_validate_json(line)

    def keep(self, job: _Job, reply: ModelResponse) -> None:
        """Write an answer down."""
        line = json.dumps({"key": job.key, "reply": reply.model_dump(mode="json", exclude_unset=True)})
        self._file.write(line.encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _key(self, job: _Job) -> str:
        import hashlib

        from llmclient.types.history import normalize_messages

        meaning = [self._model, normalize_messages(job.messages), job.params]
        text = json.dumps(meaning, sort_keys=True, default=_plain, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _entry_of(line: bytes) -> tuple[str, str] | None:
    try:
        entry = json.loads(line)
        return str(entry["key"]), json.dumps(entry["reply"])
    except (ValueError, KeyError, TypeError):
        return None


def _plain(value: object) -> object:
    """A stable text for what is no JSON: classes by name, models by content."""
    dump = getattr(value, "model_dump", None)
    if callable(dump) and not isinstance(value, type):
        return dump(mode="json")
    return f"{value.__module__}.{value.__qualname__}" if isinstance(value, type) else repr(value)


class _Bar:
    """Tells how far a run is."""

    def __init__(self, progress: Progress, total: int | None) -> None:
        self._tell = progress if callable(progress) else (self._draw if progress and sys.stderr.isatty() else None)
        self._total = total
        self._done = 0

    def step(self) -> None:
        self._done += 1
        if self._tell is not None:
            self._tell(self._done, self._total)

    def _draw(self, done: int, total: int | None) -> None:
        share = "" if not total else f" [{'#' * (30 * done // total):30}] {100 * done // total}%"
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r{done}{f'/{total}' if total else ''}{share}{end}")
        sys.stderr.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The settings of one `map`."""

    concurrency: int
    ordered: bool
    progress: Progress
    checkpoint: str | Path | None
    model: str
    params: Mapping[str, object]

    def __post_init__(self) -> None:
        if self.concurrency < 1:
            raise ValueError(f"map(concurrency={self.concurrency!r}): give at least 1")


class _Work:
    """What is to do, what is restored and kept, and in which order results go out; the same for both flavours."""

    def __init__(self, run: Run, requests: Iterable[MapRequest]) -> None:
        self._run = run
        self._jobs = (_Job(index, request, run.params) for index, request in enumerate(requests))
        self._checkpoint = None if run.checkpoint is None else Checkpoint(run.checkpoint, model=run.model)
        self._bar = _Bar(run.progress, len(requests) if isinstance(requests, list | tuple) else None)
        self._waiting: dict[int, MapResult] = {}
        self._following = 0

    def begin(self, under_way: int) -> Iterator[_Job]:
        """The jobs that may begin now."""
        free = self._run.concurrency - under_way - len(self._waiting)
        return itertools.islice(self._jobs, max(0, free))

    def restored(self, job: _Job) -> MapResult | None:
        """The answer of an earlier run."""
        reply = None if self._checkpoint is None else self._checkpoint.restore(job)
        return None if reply is None else MapResult(index=job.index, reply=reply, restored=True)

    def answered(self, job: _Job, reply: ModelResponse) -> MapResult:
        """An answer came."""
        if self._checkpoint is not None:
            self._checkpoint.keep(job, reply)
        return MapResult(index=job.index, reply=reply)

    def arrived(self, results: Iterable[MapResult]) -> Iterator[MapResult]:
        """What goes out now that `results` are there."""
        for result in sorted(results, key=lambda result: result.index):
            self._bar.step()
            if not self._run.ordered:
                yield result
                continue
            self._waiting[result.index] = result
            while self._following in self._waiting:
                self._following += 1
                yield self._waiting.pop(self._following - 1)

    def close(self) -> None:
        """Close the checkpoint."""
        if self._checkpoint is not None:
            self._checkpoint.close()


async def map_async(router: ModelRouter, requests: Iterable[MapRequest], run: Run) -> AsyncIterator[MapResult]:
    """Ask all, at most `concurrency` at once; leaving the iterator cancels what is under way."""
    import asyncio

    work = _Work(run, requests)

    async def ask(job: _Job) -> MapResult:
        try:
            return work.restored(job) or work.answered(job, await router.complete(job.messages, **job.params))
        except LLMClientError as error:
            return MapResult(index=job.index, error=error)

    tasks: set[asyncio.Task[MapResult]] = set()
    done: set[asyncio.Task[MapResult]] = set()
    try:
        while True:
            tasks.update(asyncio.ensure_future(ask(job)) for job in work.begin(len(tasks)))
            if not tasks:
                return
            done, tasks = await asyncio.wait(tasks, return_when="FIRST_COMPLETED")
            for result in work.arrived([task.result() for task in done]):
                yield result
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *done, return_exceptions=True)  # of several that failed, one is raised
        work.close()


def map_sync(router: SyncModelRouter, requests: Iterable[MapRequest], run: Run) -> Iterator[MapResult]:
    """Ask all, in `concurrency` threads; leaving the iterator waits for what is under way and begins nothing more."""
    from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

    work = _Work(run, requests)

    def ask(job: _Job) -> MapResult:
        try:
            return work.restored(job) or work.answered(job, router.complete(job.messages, **job.params))
        except LLMClientError as error:
            return MapResult(index=job.index, error=error)

    futures: set[Future[MapResult]] = set()
    pool = ThreadPoolExecutor(run.concurrency, thread_name_prefix="llmclient-map")
    try:
        while True:
            futures.update(pool.submit(ask, job) for job in work.begin(len(futures)))
            if not futures:
                return
            done, futures = wait(futures, return_when=FIRST_COMPLETED)
            yield from work.arrived([future.result() for future in done])
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        work.close()
