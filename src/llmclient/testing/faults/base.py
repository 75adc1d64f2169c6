"""What a fault is: a frozen value that says which thing goes wrong, with the facts a door needs to play it.

    Fault
    ├── StatusFault        an HTTP error status with the vendor's body and headers        faults/status.py
    ├── ConnectionFault    no answer at all: name resolution, refusal, reset, TLS, time   faults/connection.py
    ├── BodyFault          an answer with status 200 (or an HTML page) that is none       faults/body.py
    └── StreamFault        an answer that goes wrong while it is given                    faults/stream.py

The first three come in place of a reply. A `StreamFault` damages one, and so stands in `Reply.fault`; failing with one
alone damages a reply of a few words. A fault's class says what the real thing looks like, where that is documented,
and as which of our errors it surfaces; what a vendor writes into the body stands in `dialects/errors.py`, a row each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar, Literal, TypeAlias, get_args

from llmclient.errors import ProviderError

RetryAfterForm: TypeAlias = Literal["seconds", "milliseconds", "date"]
"""How the waiting time is written: `retry-after: 2`, `retry-after-ms: 2000`, or `retry-after` with an HTTP date."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong. Equal faults are interchangeable; their `name` is what a script file calls them."""

    error: ClassVar[type[ProviderError]] = ProviderError
    """As which of our errors the real provider surfaces it."""

    def __post_init__(self) -> None:
        """Counts and seconds are 0 or more.

        Raises:
            ValueError: one is below.
        """
        for name, value in vars(self).items():
            if isinstance(value, int | float) and value < 0:
                raise ValueError(f"{type(self).__name__}({name}={value!r}): give a number from 0")

    @classmethod
    def name(cls) -> str:
        """The class's name in snake_case, as script files write it."""
        return _SNAKE.sub("_", cls.__name__).lower()

    def __str__(self) -> str:
        given = ", ".join(
            f"{spec.name}={getattr(self, spec.name)!r}"
            for spec in fields(self)
            if getattr(self, spec.name) != spec.default and getattr(self, spec.name) not in (None, {})
        )
        return f"{type(self).__name__}({given})"


_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class StatusFault(Fault):
    """An HTTP error status, with the body and the headers of the vendor that was asked.

    Args:
        retry_after: virtual seconds the vendor asks to wait; None leaves the header out.
        message: the vendor's words. Default: those of its row in `dialects/errors.py`.
        code: the vendor's error code. Default: its row's.
        form: how `retry_after` is written. Default "seconds".
        should_retry: the header `x-should-retry`; None leaves it out.
        headers: further response headers.
    """

    retry_after: float | None = None
    message: str | None = field(default=None, kw_only=True)
    code: str | None = field(default=None, kw_only=True)
    form: RetryAfterForm = field(default="seconds", kw_only=True)
    should_retry: bool | None = field(default=None, kw_only=True)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], kw_only=True, hash=False)

    def __post_init__(self) -> None:
        """The form is one there is.

        Raises:
            ValueError: it is none, or the seconds are below 0.
        """
        super().__post_init__()
        if self.form not in get_args(RetryAfterForm):
            known = ", ".join(get_args(RetryAfterForm))
            raise ValueError(f"{type(self).__name__}(form={self.form!r}): give one of {known}")


@dataclass(frozen=True)
class ConnectionFault(Fault):
    """No answer came.

    Attributes:
        text: the words of the error that the system or the HTTP library raises.
        exception: name of the httpx (and httpx2) exception that the SDKs see at a transport.
    """

    text: ClassVar[str] = ""
    exception: ClassVar[str] = "ConnectError"


@dataclass(frozen=True)
class BodyFault(Fault):
    """An answer that is none."""


@dataclass(frozen=True)
class StreamFault(Fault):
    """An answer that goes wrong while it is given.

    A fault that only concerns the frames of a stream leaves a plain answer as it is, and its docstring says so. Where
    chunks are counted, they are the pieces by which something of the answer arrives (`pieces.CONTENT`), from 1.
    """
