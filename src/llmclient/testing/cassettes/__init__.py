"""Cassettes: record once against the live API, replay for ever. Built on vcrpy, in its words and its file format.

    with cassette("weather.yaml", mode="once") as deck: ...

How a request finds its recording is in `matching`, how the file looks in `layout`, what never reaches it in `scrub`.
`deck` is an open cassette at work; `transports` is where requests are caught.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.testing.cassettes.deck import Deck as Deck
    from llmclient.testing.cassettes.errors import (
        AmbiguousCassetteError as AmbiguousCassetteError,
    )
    from llmclient.testing.cassettes.errors import (
        CassetteFileError as CassetteFileError,
    )
    from llmclient.testing.cassettes.errors import (
        CassetteInterruption as CassetteInterruption,
    )
    from llmclient.testing.cassettes.errors import (
        CassetteMissError as CassetteMissError,
    )
    from llmclient.testing.cassettes.errors import (
        RecordingKeyMissingError as RecordingKeyMissingError,
    )
    from llmclient.testing.cassettes.errors import (
        SecretInCassetteError as SecretInCassetteError,
    )
    from llmclient.testing.cassettes.errors import (
        StaleCassetteError as StaleCassetteError,
    )
    from llmclient.testing.cassettes.errors import (
        UnusedRecordingsError as UnusedRecordingsError,
    )
    from llmclient.testing.cassettes.session import RecordMode as RecordMode
    from llmclient.testing.cassettes.session import cassette as cassette

_ERRORS = "llmclient.testing.cassettes.errors"

__all__ = [
    "AmbiguousCassetteError",
    "CassetteFileError",
    "CassetteInterruption",
    "CassetteMissError",
    "Deck",
    "RecordMode",
    "RecordingKeyMissingError",
    "SecretInCassetteError",
    "StaleCassetteError",
    "UnusedRecordingsError",
    "cassette",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "AmbiguousCassetteError": _ERRORS,
        "CassetteFileError": _ERRORS,
        "CassetteInterruption": _ERRORS,
        "CassetteMissError": _ERRORS,
        "Deck": "llmclient.testing.cassettes.deck",
        "RecordMode": "llmclient.testing.cassettes.session",
        "RecordingKeyMissingError": _ERRORS,
        "SecretInCassetteError": _ERRORS,
        "StaleCassetteError": _ERRORS,
        "UnusedRecordingsError": _ERRORS,
        "cassette": "llmclient.testing.cassettes.session",
    },
)
