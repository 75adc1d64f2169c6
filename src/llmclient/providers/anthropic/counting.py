"""Counting a request at Anthropic: `POST /v1/messages/count_tokens` takes what a message call takes, and costs nothing.

Source: Anthropic API reference, count tokens in a message. The figure is what `usage` will say, within a few tokens.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from llmclient._narrow import as_mapping
from llmclient.providers.anthropic.encode import encode_request
from llmclient.providers.anthropic.errors import ERROR_ROWS
from llmclient.types.reply import Reply

if TYPE_CHECKING:
    from llmclient.providers._errors import ErrorRow
    from llmclient.types.messages import JSONObject
    from llmclient.types.request import ChatRequest

_COUNTED: Final = ("model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control")
"""What the endpoint takes of a message call."""


class CountedTokens(Reply):
    """What Anthropic counted."""

    input_tokens: int


class CountTokensWire:
    """`POST /v1/messages/count_tokens`."""

    path = "/v1/messages/count_tokens"
    error_rows: Sequence[ErrorRow] = ERROR_ROWS

    def encode(self, request: ChatRequest) -> JSONObject:
        """The body to send."""
        body = encode_request(request).body
        return {name: body[name] for name in _COUNTED if name in body}

    def decode(self, body: bytes) -> CountedTokens:
        """Read the count."""
        answer = as_mapping(json.loads(body))
        if not isinstance(answer.get("input_tokens"), int):
            message = "the answer holds no input_tokens"
            raise ValueError(message)  # noqa: TRY004 - the value is wrong, not its type
        return CountedTokens.model_validate(answer)
