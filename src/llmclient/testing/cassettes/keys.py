"""Keys: a placeholder for replay, a real one for recording.

The tables say which variable a host's key comes from. While a cassette is only replayed, variables that are not set
get a placeholder, because SDKs and router refuse to start without a key; a request that would go out with it is
stopped, with the name of the variable to set.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llmclient.providers.gateways import GATEWAYS
from llmclient.testing.cassettes.errors import RecordingKeyMissingError
from llmclient.testing.cassettes.scrub import PLACEHOLDER

if TYPE_CHECKING:
    from llmclient.testing.cassettes.recording import Asked

_VENDORS = {
    "api.openai.com": "OPENAI_API_KEY",
    "api.anthropic.com": "ANTHROPIC_API_KEY",
    "openrouter.ai": "OPENROUTER_API_KEY",
}

KEY_VARIABLES: dict[str, str] = _VENDORS | {
    _host: gateway.key_variable
    for gateway in GATEWAYS.values()
    if gateway.requires_key and (_host := urlsplit(gateway.base_url).hostname)
}
"""The variable of each host's key."""


@contextlib.contextmanager
def placeholder_keys() -> Generator[None, None, None]:
    """Set every key variable that is not set to a placeholder, and take it back."""
    missing = sorted(name for name in set(KEY_VARIABLES.values()) if not os.environ.get(name))
    before = {name: os.environ.get(name) for name in missing}
    os.environ.update(dict.fromkeys(missing, PLACEHOLDER))
    try:
        yield
    finally:
        for name in missing:
            if os.environ.get(name) != PLACEHOLDER:
                continue
            previous = before[name]
            if previous is None:
                del os.environ[name]
            else:
                os.environ[name] = previous


def key_variable(url: str) -> str:
    """The variable of the key for a URL: by its host, by the `*_BASE_URL` that leads there, else by its path."""
    parts = urlsplit(url)
    if parts.hostname in KEY_VARIABLES:
        return KEY_VARIABLES[parts.hostname]
    for name, value in sorted(os.environ.items()):
        if name.endswith("_BASE_URL") and urlsplit(value).netloc == parts.netloc:
            return f"{name.removesuffix('_BASE_URL')}_API_KEY"
    return "ANTHROPIC_API_KEY" if parts.path.endswith("/messages") else "OPENAI_API_KEY"


def require_real_key(asked: Asked) -> None:
    """Stop a live request that carries the placeholder.

    Raises:
        RecordingKeyMissingError: it does; the error names the variable.
    """
    if PLACEHOLDER in asked.url or any(PLACEHOLDER in value for _, value in asked.headers):
        raise RecordingKeyMissingError(urlsplit(asked.url).hostname or asked.url, key_variable(asked.url))
