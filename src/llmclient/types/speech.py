"""Speech: text in, audio out as it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, TypedDict

from llmclient.types.request import Request

if TYPE_CHECKING:
    from llmclient.protocols import AudioStream, SyncAudioStream
    from llmclient.types.cost import Cost
    from llmclient.types.policy import Attempt, RetryPolicy, Timeouts


class SpeechParams(TypedDict, total=False):
    """The keyword arguments of `speak`, all optional. Anything not listed is sent as it is given.

    `voice` is a name of the provider's, "alloy" by default; `speed` goes from 0.25 to 4.0.
    """

    voice: str
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]
    speed: float
    instructions: str
    extra_body: Mapping[str, object]
    extra_headers: Mapping[str, str]
    drop_unsupported: bool
    timeouts: Timeouts
    retry: RetryPolicy
    model: str
    tags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRequest(Request):
    """One call for speech; `input` is the text to speak."""

    input: str


@dataclass(slots=True, kw_only=True)
class SpeechFacts:
    """What is known of speech beside the audio.

    Attributes:
        model: the model that was asked.
        provider: who answers.
        media_type: such as "audio/mpeg".
        request_id: the provider's id for its support.
        attempts: every try, the successful one last.
        cost: what it cost in US dollars, None where no price is known.
    """

    model: str = ""
    provider: str = ""
    media_type: str = ""
    request_id: str | None = None
    attempts: tuple[Attempt, ...] = ()
    cost: Cost | None = None


class _Speech:
    def __init__(self, facts: SpeechFacts) -> None:
        self._facts = facts
        self._parts: list[bytes] = []

    @property
    def facts(self) -> SpeechFacts:
        """What is known beside the audio: model, provider, media type, attempts, cost."""
        return self._facts

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every try, the successful one last."""
        return self._facts.attempts

    @property
    def cost(self) -> Cost | None:
        """What it cost in US dollars, None where no price is known."""
        return self._facts.cost


class Speech(_Speech):
    """Audio that is on its way. Iterate over it, or take the whole with `read` or `save`."""

    def __init__(self, stream: AudioStream) -> None:
        super().__init__(stream.facts)
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        part = await anext(self._stream)
        self._parts.append(part)
        return part

    async def read(self) -> bytes:
        """Wait for the rest and return the whole audio. Raises `StreamInterruptedError` where it broke off."""
        async for _ in self:
            pass
        return b"".join(self._parts)

    async def save(self, path: str | Path) -> Path:
        """Write the whole audio to `path` and return it."""
        target = Path(path)
        target.write_bytes(await self.read())  # noqa: ASYNC240 - a small file, written once
        return target

    async def aclose(self) -> None:
        """Close the connection; harmless when called again."""
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class SyncSpeech(_Speech):
    """As `Speech`, for sync code."""

    def __init__(self, stream: SyncAudioStream) -> None:
        super().__init__(stream.facts)
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        part = next(self._stream)
        self._parts.append(part)
        return part

    def read(self) -> bytes:
        """Wait for the rest and return the whole audio. Raises `StreamInterruptedError` where it broke off."""
        for _ in self:
            pass
        return b"".join(self._parts)

    def save(self, path: str | Path) -> Path:
        """Write the whole audio to `path` and return it."""
        target = Path(path)
        target.write_bytes(self.read())
        return target

    def close(self) -> None:
        """Close the connection; harmless when called again."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
