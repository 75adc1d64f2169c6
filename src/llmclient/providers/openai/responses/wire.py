"""The wire of the Responses API, and the models that answer over it only.

It is taken where the configuration says so, and by itself for those models (OpenAI, models, "Responses API only").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmclient.errors import BadRequestError, ContentPolicyError, RateLimitError, ServerError
from llmclient.providers._errors import ErrorRow
from llmclient.providers._exchange import Exchange
from llmclient.providers.openai.part import CompatiblePart

if TYPE_CHECKING:
    from llmclient.providers._event_stream import AsyncEventStream, SyncEventStream
    from llmclient.providers.openai.responses.decode import ResponseEventDecoder
    from llmclient.types.messages import JSONObject
    from llmclient.types.request import ChatRequest
    from llmclient.types.response import ModelResponse

_RESPONSES_ONLY = re.compile(
    r"^(?:ft:)?(?:o\d+(?:-mini)?-(?:pro|deep-research)|gpt-\d+(?:\.\d+)?-(?:pro|codex)|gpt-daybreak|codex-mini"
    r"|computer-use)"
)

_ROWS: tuple[ErrorRow, ...] = (
    # A response that failed has no HTTP status of its own: the code has to do.
    ErrorRow(code="server_error", error=ServerError),
    ErrorRow(code="rate_limit_exceeded", error=RateLimitError),
    ErrorRow(code="vector_store_timeout", error=ServerError),
    ErrorRow(code="failed_to_download_image", error=ServerError),
    ErrorRow(code="image_content_policy_violation", error=ContentPolicyError),
    ErrorRow(code="bio_policy", error=ContentPolicyError),
    ErrorRow(code="misalignment_policy_violation", error=ContentPolicyError),
    *(
        ErrorRow(code=code, error=BadRequestError)
        for code in (
            "invalid_prompt",
            "data_residency_mismatch",
            "invalid_image",
            "invalid_image_format",
            "invalid_base64_image",
            "invalid_image_url",
            "image_too_large",
            "image_too_small",
            "image_parse_error",
            "invalid_image_mode",
            "image_file_too_large",
            "unsupported_image_media_type",
            "empty_image_file",
            "image_file_not_found",
        )
    ),
)


def needs_responses(model: str) -> bool:
    """Whether OpenAI serves this model over the Responses API only."""
    return _RESPONSES_ONLY.match(model) is not None


class ResponsesWire:
    """`POST /responses`."""

    path = "/responses"

    def __init__(self, provider: str, error_rows: Sequence[ErrorRow]) -> None:
        self.error_rows: Sequence[ErrorRow] = (*error_rows, *_ROWS)
        self._provider = provider

    def encode(self, request: ChatRequest) -> JSONObject:
        """The body to send."""
        from llmclient.providers.openai.responses.encode import encode_response

        return encode_response(request, self._provider)

    def decode(self, body: bytes) -> ModelResponse:
        """Read a whole answer."""
        from llmclient.providers.openai.responses.decode import decode_response

        return decode_response(body)

    def event_decoder(self) -> ResponseEventDecoder:
        """A decoder for one stream."""
        from llmclient.providers.openai.responses.decode import ResponseEventDecoder

        return ResponseEventDecoder()


class ResponsesPart(CompatiblePart):
    """Chat over the Responses API, whatever the configuration says."""

    async def complete_responses(self, request: ChatRequest) -> ModelResponse:
        """Send one request and read the whole answer."""
        return await self._response(request).complete()

    async def stream_responses(self, request: ChatRequest) -> AsyncEventStream:
        """Send one request and return the open stream."""
        return await self._response(request).stream()

    def complete_responses_sync(self, request: ChatRequest) -> ModelResponse:
        """Send one request and read the whole answer."""
        return self._response(request).complete_sync()

    def stream_responses_sync(self, request: ChatRequest) -> SyncEventStream:
        """Send one request and return the open stream."""
        return self._response(request).stream_sync()

    def _response(self, request: ChatRequest) -> Exchange:
        return Exchange(self.name, ResponsesWire(self.name, self.error_rows), self._clients, request)
