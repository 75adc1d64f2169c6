"""What a cassette has to complain about.

Two kinds. What is raised beneath an SDK (a miss, a missing key) derives from `BaseException`: the SDKs catch every
`Exception` of their transport, retry it and report a connection error, and so does much application code; pytest's own
`Failed` takes the same way out. What is raised when a cassette is opened or saved is an ordinary `LLMClientError`.
Every text is scrubbed on the way in.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmclient.errors import ConfigurationError, LLMClientError
from llmclient.testing.cassettes.scrub import scrub_text


class CassetteInterruption(BaseException):
    """Root of what must pass through an SDK unharmed: neither retried nor reported as a connection error."""

    def __init__(self, message: str) -> None:
        self.message: str = scrub_text(message)
        super().__init__(self.message)


class CassetteMissError(CassetteInterruption):
    """A request was made that the cassette has no recording for.

    Attributes:
        nearest: position of the most similar recording, counted from 1; None where there is none.
        differences: how the request differs from it, a line each.
    """

    def __init__(self, message: str, *, nearest: int | None = None, differences: Sequence[str] = ()) -> None:
        self.nearest = nearest
        self.differences: tuple[str, ...] = tuple(scrub_text(line) for line in differences)
        super().__init__(message)


class RecordingKeyMissingError(CassetteInterruption):
    """A request would have gone to the live API with the placeholder that replay sets."""

    def __init__(self, host: str, variable: str) -> None:
        self.variable = variable
        super().__init__(f"recording from {host} needs a real key, and there is none: set {variable}")


class AmbiguousCassetteError(CassetteInterruption):
    """A thread without a cassette of its own made a request while several cassettes are open."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(
            f"{len(paths)} cassettes are open ({', '.join(paths)}) and this thread has none of its own; "
            "start it with contextvars.copy_context().run, or open the cassette inside it"
        )


class CassetteFileError(ConfigurationError, ValueError):
    """A cassette cannot be read.

    Attributes:
        path: the file.
        line: the line, counted from 1; None where the whole file is meant.
    """

    def __init__(self, path: str, problem: str, *, line: int | None = None) -> None:
        self.path = path
        self.line = line
        place = f"{path}:{line}" if line is not None else path
        super().__init__(f"{place}: {problem}; restore the file, or delete it and record again")


class SecretInCassetteError(LLMClientError, AssertionError):
    """A secret would have reached the disk; the file was not written."""

    def __init__(self, path: str, findings: Sequence[str]) -> None:
        self.path = path
        self.findings: tuple[str, ...] = tuple(findings)
        listed = "".join(f"\n  {finding}" for finding in self.findings)
        super().__init__(f"{path} was not written, because it would hold secrets:{listed}")


class UnusedRecordingsError(LLMClientError, AssertionError):
    """A test passed without using everything that its cassette holds."""

    def __init__(self, path: str, recordings: Sequence[str]) -> None:
        self.path = path
        self.recordings: tuple[str, ...] = tuple(recordings)
        listed = "".join(f"\n  {recording}" for recording in self.recordings)
        super().__init__(
            f"{path} holds recordings that were not used ({len(self.recordings)}); "
            f"record again with --record-mode=rewrite, or remove them:{listed}"
        )


class StaleCassetteError(LLMClientError, AssertionError):
    """A cassette is older than the plugin's `llm_cassette_max_age`."""

    def __init__(self, path: str, *, age_days: int, limit_days: int) -> None:
        self.path = path
        super().__init__(
            f"{path} was recorded {age_days} days ago, the limit is {limit_days}; record it again with "
            "--record-mode=rewrite, or see what changed with `llmclient cassettes verify`"
        )
