"""Listing of models: `GET /v1/models`, one page of the largest size. Source: Anthropic API reference, list models."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic_core import from_json

from llmclient._narrow import is_mapping
from llmclient.providers.anthropic._json import object_of, objects_of, text_of
from llmclient.providers.anthropic.decode import reported_error
from llmclient.providers.anthropic.errors import ERROR_ROWS
from llmclient.types.models import ModelList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmclient.providers._errors import ErrorRow
    from llmclient.types.messages import JSONObject
    from llmclient.types.models import ModelListRequest


class ModelsWire:
    """`GET /v1/models`."""

    path = "/v1/models?limit=1000"
    error_rows: Sequence[ErrorRow] = ERROR_ROWS

    def __init__(self, provider: str) -> None:
        self._provider = provider

    def encode(self, request: ModelListRequest) -> None:
        """Nothing to send."""

    def decode(self, body: bytes) -> ModelList:
        """Read the models.

        Raises:
            StreamError: the body reports an error.
            ValueError: the body is no list of models.
        """
        payload: object = from_json(body)
        page = object_of(payload)
        if is_mapping(page.get("error")):
            raise reported_error(page)
        if not isinstance(page.get("data"), list):
            raise ValueError("no list of models")  # noqa: TRY004 - the body is wrong
        return ModelList.model_validate({**page, "data": [self._entry(entry) for entry in objects_of(page["data"])]})

    def _entry(self, entry: JSONObject) -> JSONObject:
        told = {
            "provider": self._provider,
            "created": _seconds(text_of(entry.get("created_at"))),
            "context_window": entry.get("max_input_tokens"),
            "max_output_tokens": entry.get("max_tokens"),
        }
        return {**entry, **{name: value for name, value in told.items() if value is not None}}


def _seconds(moment: str) -> int | None:
    """Seconds since the epoch of an RFC 3339 date, None where it is none."""
    try:
        return int(datetime.fromisoformat(moment).timestamp())
    except ValueError:
        return None
