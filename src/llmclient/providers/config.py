"""How a provider is reached: key, endpoint, HTTP client, time limit, headers.

A configuration is frozen and comparable (equal ones share a client), and never shows its key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Literal, TypeAlias

from llmclient._secrets import masked_repr
from llmclient.errors import ConfigurationError

Flavour: TypeAlias = Literal["sync", "async"]
"""Which of the two kinds of HTTP client is meant."""

HTTPClientFactory: TypeAlias = Callable[[ModuleType, Flavour], object]
"""Makes an HTTP client: called with the httpx module that the SDK speaks (`httpx` or `httpx2`) and the flavour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """How to reach a provider. What is not given comes from the environment when a client is first needed.

    Args:
        api_key: default the provider's variable, such as OPENAI_API_KEY.
        base_url: default the provider's variable, such as OPENAI_BASE_URL, else the vendor's own endpoint.
        http_client: an `httpx.Client` or `httpx.AsyncClient` (of `httpx2` with openai 3 and anthropic 2) of yours,
            which you close; or a function `(httpx_module, "sync" | "async") -> client` that is called when one is
            needed, whose clients this library closes. Default: the SDK's own client.
        timeout: seconds for each phase of a request where the call sets no `Timeouts`, above 0; None takes the SDK's
            (600).
        headers: sent with every request.
        organization: OpenAI's organization id; default OPENAI_ORG_ID for the provider "openai", else none.
        project: OpenAI's project id; default OPENAI_PROJECT_ID for the provider "openai", else none.
        api: which of OpenAI's two chat APIs is spoken, for endpoints that have both: "chat" or "responses". Default:
            chat completions, and responses for OpenAI's models that answer nowhere else.
        requires_key: False for an endpoint that asks for none, such as a local server. Default: as the provider does.

    Raises:
        ConfigurationError: `timeout` is not above 0.
    """

    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    http_client: object | HTTPClientFactory | None = None
    timeout: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False, repr=False)
    organization: str | None = None
    project: str | None = None
    api: Literal["chat", "responses"] | None = None
    requires_key: bool | None = None

    def __post_init__(self) -> None:
        if self.timeout is not None and self.timeout <= 0:
            message = f"ProviderConfig(timeout={self.timeout!r}) leaves no time; give seconds above 0, or None"
            raise ConfigurationError(message)

    def __repr__(self) -> str:
        return masked_repr(self)
