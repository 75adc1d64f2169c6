"""What a request needs of a model, how large it is, and whether a deployment can take it.

Facts about models come from the price table; what it does not know fits. Sizes are estimates, made only where a limit,
a budget or a context window asks for one: a character of text is a quarter of a token, and an answer without a limit is
taken for 500 tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from llmclient.errors import ContextWindowExceededError, LLMClientError, UnsupportedCapabilityError

if TYPE_CHECKING:
    from llmclient.routing.core import Endpoint

ANSWER = 500
"""Tokens that an answer without `max_tokens` is taken for."""

IMAGE = 1000
"""Tokens that an image is taken for."""

SMALL = 1000
"""Tokens of a prompt that fits into any window."""

_PARTS: Mapping[str, str] = {"image_url": "vision", "input_audio": "audio_input", "file": "pdf"}
"""Content parts and the feature they need."""


class Needs:
    """What one request needs. Everything is worked out when it is first asked for."""

    __slots__ = ("_features", "_messages", "_params", "_size")

    def __init__(self, messages: Sequence[Mapping[str, object]], params: Mapping[str, object]) -> None:
        self._messages = messages
        self._params = params
        self._features: frozenset[str] | None = None
        self._size: tuple[int, int] | None = None

    @property
    def features(self) -> frozenset[str]:
        """Names of the features, as the price table has them."""
        if self._features is None:
            self._features = frozenset(_features(self._messages, self._params))
        return self._features

    @property
    def prompt_tokens(self) -> int:
        """About how many tokens the prompt has."""
        return self._sizes()[0]

    @property
    def completion_tokens(self) -> int:
        """About how many tokens the answer may have."""
        return self._sizes()[1]

    @property
    def tokens(self) -> int:
        """Both together."""
        return sum(self._sizes())

    def _sizes(self) -> tuple[int, int]:
        if self._size is None:
            limit = self._params.get("max_completion_tokens") or self._params.get("max_tokens")
            prompt = sum(_size(message) for message in self._messages) + _size(self._params.get("tools"))
            self._size = (prompt, limit if isinstance(limit, int) else ANSWER)
        return self._size


def misfit(endpoint: Endpoint, needs: Needs) -> LLMClientError | None:
    """Return why `endpoint` cannot take the request, as the error that asking it would give; None where it can."""
    if not needs.features and needs.prompt_tokens <= SMALL:
        return None
    from llmclient.costs import context_window, supports

    model = endpoint.deployment.model
    for feature in sorted(needs.features):
        if supports(model, feature) is False:
            return UnsupportedCapabilityError(endpoint.provider_name, f"{feature} with {endpoint.model!r}")
    window = context_window(model)
    if window is not None and needs.prompt_tokens > window:
        return ContextWindowExceededError(
            f"about {needs.prompt_tokens} tokens do not fit into the window of {window}",
            provider=endpoint.provider_name,
            model=endpoint.model,
        )
    return None


def _features(messages: Sequence[Mapping[str, object]], params: Mapping[str, object]) -> list[str]:
    found: list[str] = []
    if params.get("tools"):
        found.append("tools")
    wanted = params.get("response_format")
    if isinstance(wanted, type) or _type_of(wanted) == "json_schema":
        found.append("json_schema")
    for message in messages:
        content = message.get("content")
        if isinstance(content, list | tuple):
            kinds = [_type_of(part) for part in cast("Sequence[object]", content)]
            found.extend(_PARTS[kind] for kind in kinds if kind in _PARTS)
    return found


def _type_of(value: object) -> str:
    if not isinstance(value, Mapping):
        return ""
    kind = cast("Mapping[str, object]", value).get("type")
    return kind if isinstance(kind, str) else ""


def _size(value: object) -> int:
    if isinstance(value, str):
        return len(value) // 4 + 1
    if isinstance(value, Mapping):
        part = cast("Mapping[str, object]", value)
        if part.get("type") in _PARTS:
            return IMAGE
        return 4 + sum(_size(inner) for inner in part.values())
    if isinstance(value, list | tuple):
        return sum(_size(inner) for inner in cast("Sequence[object]", value))
    return 0
