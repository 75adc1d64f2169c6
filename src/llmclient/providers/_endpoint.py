"""Where a provider is and which variables configure it, as data; how that becomes the settings of a client.

What cannot be sent (a key or a header with other characters, a body that is no JSON) is told here, before or after the
SDK tried.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from llmclient.errors import ConfigurationError, MissingAPIKeyError
from llmclient.providers._sdk import ClientSettings

if TYPE_CHECKING:
    from llmclient.protocols import Capability
    from llmclient.providers.config import ProviderConfig

Quirk: TypeAlias = Literal[
    "cache_control",  # takes Anthropic's `cache_control` on parts and tools
    "developer_as_system",  # does not know the role `developer`
    "format_by_prompt",  # knows neither JSON schemas nor a forced tool: is told in the prompt what shape the answer has
    "format_by_tool",  # knows no JSON schemas in `response_format`; a forced tool does the same
    "max_tokens_only",  # does not know `max_completion_tokens`
    "no_stream_usage",  # rejects `stream_options`; usage comes by itself or not at all
    "reasoning_history",  # wants `reasoning_content` and `reasoning_details` of earlier turns back
    "reasoning_object",  # takes `reasoning: {effort}` instead of `reasoning_effort`, and xhigh instead of max
    "strict_parameters",  # OpenAI itself: rejects parameters that only other hosts have
]
"""What an OpenAI-compatible endpoint does differently; the encoder knows each by name."""

NO_KEY = "no-key-needed"
"""Sent where an endpoint asks for no key: the SDK insists on one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint.

    Attributes:
        name: the provider's name.
        base_url: empty where the user must give one.
        key_variable: the environment variable of the key.
        url_variable: the environment variable that overrides `base_url`.
        requires_key: whether a call without a key is refused before it is sent.
        quirks: what the endpoint does differently from OpenAI.
        capabilities: what it has beside chat.
    """

    name: str
    base_url: str
    key_variable: str
    url_variable: str
    requires_key: bool = True
    quirks: frozenset[Quirk] = field(default_factory=frozenset["Quirk"])
    capabilities: frozenset[Capability] = field(default_factory=frozenset["Capability"])


def resolve(
    endpoint: Endpoint, config: ProviderConfig, attributes: Mapping[str, object] | None = None
) -> ClientSettings:
    """Fill in from the environment what the configuration leaves open.

    Raises:
        MissingAPIKeyError: there is no key and the endpoint asks for one.
        ConfigurationError: there is no base URL, or the key or a header cannot be sent.
    """
    problem = _problem(endpoint, config)
    if problem is not None:
        raise problem  # from here, where no variable holds the key
    base_url = config.base_url or os.environ.get(endpoint.url_variable) or endpoint.base_url
    return ClientSettings(
        api_key=config.api_key or os.environ.get(endpoint.key_variable) or NO_KEY,
        base_url=base_url,
        http_client=config.http_client,
        timeout=config.timeout,
        headers=config.headers,
        attributes=attributes or {},
    )


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header (RFC 9110, section 5.6.2)."""
_VALUE = re.compile(r"(?:[^\x00\s]+(?:[ \t]+[^\x00\s]+)*)?")
"""The value of a header, as h11 takes it (its `_abnf.py`)."""


def _problem(endpoint: Endpoint, config: ProviderConfig) -> ConfigurationError | None:
    key = config.api_key or os.environ.get(endpoint.key_variable)
    requires_key = endpoint.requires_key if config.requires_key is None else config.requires_key
    if not key and requires_key:
        return MissingAPIKeyError(endpoint.name, endpoint.key_variable)
    if not (config.base_url or os.environ.get(endpoint.url_variable) or endpoint.base_url):
        return ConfigurationError(
            f"no endpoint for provider {endpoint.name!r}; pass base_url= or set {endpoint.url_variable}"
        )
    if key and not _can_be_sent(key):
        return ConfigurationError(
            f"the API key for provider {endpoint.name!r} begins or ends with white space, or holds characters beyond "
            f"ASCII; check api_key= and {endpoint.key_variable}"
        )
    wrong = next((name for name, value in config.headers.items() if not _is_header(name, value)), None)
    if wrong is not None:
        return ConfigurationError(
            f"header {wrong!r} of provider {endpoint.name!r} cannot be sent: a name is letters, digits and dashes, a "
            "value printable ASCII; check headers="
        )
    return None


def unsendable(payload: object, headers: Mapping[str, str]) -> str:
    """Why a request cannot be sent; empty where nothing is wrong with it."""
    wrong = next((name for name, value in headers.items() if not _is_header(name, value)), None)
    if wrong is not None:
        return f"header {wrong!r} has a name or a value that no header can have; check extra_headers="
    if isinstance(payload, Mapping):
        try:
            json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            return f"a parameter or a message is no JSON ({error})"
    return ""


def _is_header(name: object, value: object) -> bool:
    if not isinstance(name, str) or not isinstance(value, str):
        return False
    return bool(_TOKEN.fullmatch(name)) and value.isascii() and bool(_VALUE.fullmatch(value))


def _can_be_sent(value: str) -> bool:
    return value.isascii() and value.isprintable() and value == value.strip()
