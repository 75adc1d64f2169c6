"""What the tests of Anthropic's encoder share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llmclient.providers.anthropic.encode import EncodedRequest, encode_request
from llmclient.types import ChatRequest, normalize_messages

SONNET = "claude-sonnet-4-5"


@pytest.fixture
def encode() -> Callable[..., EncodedRequest]:
    """Encode a conversation and parameters, as a call would; the limits of models are not known."""

    def encode(messages="hello", *, model=SONNET, limit=None, **params) -> EncodedRequest:
        options = {name: params.pop(name) for name in OPTIONS if name in params}
        request = ChatRequest(model=model, messages=normalize_messages(messages), params=params, **options)
        return encode_request(request, max_tokens_of=lambda _: limit)

    return encode


OPTIONS = ("stream", "extra_body", "extra_headers", "drop_unsupported")


@pytest.fixture
def body(encode) -> Callable[..., dict]:
    """As `encode`, the body only."""
    return lambda *args, **kwargs: encode(*args, **kwargs).body


@pytest.fixture
def turns(body) -> Callable[..., list]:
    """As `encode`, the turns only."""
    return lambda *args, **kwargs: body(*args, **kwargs)["messages"]
